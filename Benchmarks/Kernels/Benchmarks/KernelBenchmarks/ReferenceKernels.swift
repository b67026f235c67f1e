/// The kernels once more, slow and obvious: straight from the specification, value by value and bit by bit.
///
/// Tests hold the fast ones against these; the benchmarks show what the difference is.
/// Source: Parquet specification, Encodings.md.
enum ReferenceKernels {
  /// One bit of bytes whose least significant bit comes first.
  static func bit(_ bytes: [UInt8], _ index: Int) -> Bool {
    (bytes[index / 8] >> UInt8(index % 8)) & 1 == 1
  }

  /// Bits as bytes, the least significant bit first.
  static func bytes(_ bits: [Bool]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (index, bit) in bits.enumerated() where bit { bytes[index / 8] |= 1 << UInt8(index % 8) }
    return bytes
  }

  /// Values of `width` bits each, the first of which is number `first` of the bytes.
  static func unpack(_ bytes: [UInt8], first: Int, width: Int, count: Int) -> [UInt64] {
    var values: [UInt64] = []
    for index in first..<first + count {
      var value: UInt64 = 0
      for place in 0..<width where bit(bytes, index * width + place) { value |= 1 << UInt64(place) }
      values.append(value)
    }
    return values
  }

  /// Runs of one-bit values, as long as whole ones are there and the values are not more than `most`; and where the
  /// first run begins that is not.
  static func bitRuns(_ bytes: [UInt8], most: Int) -> (values: [Bool], end: Int) {
    var values: [Bool] = []
    var end = 0
    while values.count < most {
      var at = end
      var header = 0
      repeat {
        guard at < bytes.count, at < end + 2 else { return (values, end) }
        header += Int(bytes[at] & 0x7f) << ((at - end) * 7)
        at += 1
      } while bytes[at - 1] >= 0x80
      let isPacked = header % 2 == 1
      let size = isPacked ? header / 2 : 1
      let count = isPacked ? header / 2 * 8 : header / 2
      guard at + size <= bytes.count, values.count + count <= most, isPacked || bytes[at] <= 1 else { break }
      values += (0..<count).map { isPacked ? bit(bytes, at * 8 + $0) : bytes[at] == 1 }
      end = at + size
    }
    return (values, end)
  }

  /// Each value is the one before it, plus the least delta, plus what is packed, and wraps at `bits` bits.
  static func sumDeltas(
    _ bytes: [UInt8],
    first: Int,
    width: Int,
    least: UInt64,
    after last: UInt64,
    count: Int,
    bits: Int
  ) -> [UInt64] {
    var sum = last
    var sums: [UInt64] = []
    for delta in unpack(bytes, first: first, width: width, count: count) {
      sum = sum &+ least &+ delta
      sums.append(bits == 64 ? sum : sum % (1 << UInt64(bits)))
    }
    return sums
  }

  /// Length-prefixed values one behind the other, with their offsets; nil when a length runs past the end.
  static func plainBytes(_ page: [UInt8], count: Int) -> (offsets: [Int32], bytes: [UInt8])? {
    var at = 0
    var offsets: [Int32] = [0]
    var bytes: [UInt8] = []
    for _ in 0..<count {
      guard at + 4 <= page.count else { return nil }
      let length =
        Int(page[at]) + Int(page[at + 1]) * 0x100 + Int(page[at + 2]) * 0x1_0000 + Int(page[at + 3]) * 0x100_0000
      at += 4
      guard at + length <= page.count else { return nil }
      for index in at..<at + length { bytes.append(page[index]) }
      at += length
      offsets.append(Int32(bytes.count))
    }
    return (offsets, bytes)
  }

  /// The values of `width` bytes that the indices name.
  static func gather(_ values: [UInt8], width: Int, _ indices: [UInt32]) -> [UInt8] {
    var gathered: [UInt8] = []
    for index in indices {
      for byte in 0..<width { gathered.append(values[Int(index) * width + byte]) }
    }
    return gathered
  }

  /// The byte arrays that the indices name, with their offsets.
  static func gather(_ values: [[UInt8]], _ indices: [UInt32]) -> (offsets: [Int32], bytes: [UInt8]) {
    var offsets: [Int32] = [0]
    var bytes: [UInt8] = []
    for index in indices {
      bytes += values[Int(index)]
      offsets.append(Int32(bytes.count))
    }
    return (offsets, bytes)
  }

  /// Every value in its slot, and zeros in those of nulls.
  static func spread(_ dense: [UInt8], width: Int, _ isValid: [Bool]) -> [UInt8] {
    var slots: [UInt8] = []
    var next = 0
    for flag in isValid {
      for byte in 0..<width { slots.append(flag ? dense[next * width + byte] : 0) }
      next += flag ? 1 : 0
    }
    return slots
  }

  /// Offsets of dense values, repeated so that a null is empty.
  static func spread(offsets dense: [Int32], _ isValid: [Bool]) -> [Int32] {
    var offsets = [dense[0]]
    var next = 0
    for flag in isValid {
      next += flag ? 1 : 0
      offsets.append(dense[next])
    }
    return offsets
  }

  /// For each slot of a leaf whether it holds a value; entries below the slots' level have none.
  static func slotFlags(_ definitions: [UInt8], slotLevel: UInt8, maximum: UInt8) -> [UInt8] {
    var flags: [UInt8] = []
    for definition in definitions where definition >= slotLevel { flags.append(definition == maximum ? 1 : 0) }
    return flags
  }

  /// BYTE_STREAM_SPLIT: stream k holds byte k of every value.
  static func split(_ values: [UInt8], width: Int) -> [UInt8] {
    var streams: [UInt8] = []
    for byte in 0..<width {
      for value in 0..<values.count / width { streams.append(values[value * width + byte]) }
    }
    return streams
  }

  /// The values again.
  static func join(_ streams: [UInt8], width: Int) -> [UInt8] {
    let count = streams.count / width
    var values: [UInt8] = []
    for value in 0..<count {
      for byte in 0..<width { values.append(streams[byte * count + value]) }
    }
    return values
  }
}
