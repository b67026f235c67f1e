import ByteBuffers

@testable import Parquet

/// Values sections, written bit by bit as the specification says, and what decoders make of them.
enum EncodedValues {
  static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
  }

  static func zigzag(_ value: Int64) -> [UInt8] {
    varint(value >= 0 ? UInt64(value) * 2 : UInt64(-(value + 1)) * 2 + 1)
  }

  /// Numbers of `width` bits each, least significant bit first.
  static func packed(_ numbers: [UInt64], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (numbers.count * width + 7) / 8)
    for (index, number) in numbers.enumerated() {
      for bit in 0..<width where number >> UInt64(bit) & 1 == 1 {
        bytes[(index * width + bit) / 8] |= 1 << UInt8((index * width + bit) % 8)
      }
    }
    return bytes
  }

  /// A sequence in DELTA_BINARY_PACKED; `spare` is added to every miniblock's width.
  static func deltas(
    _ values: [Int64],
    bits: Int = 64,
    block: Int = 128,
    miniblocks: Int = 4,
    spare: Int = 0
  ) -> [UInt8] {
    var out = varint(UInt64(block)) + varint(UInt64(miniblocks)) + varint(UInt64(values.count))
    out += zigzag(values.first ?? 0)
    func wrap(_ value: Int64) -> Int64 { bits == 32 ? Int64(Int32(truncatingIfNeeded: value)) : value }
    let all = zip(values.dropFirst(), values).map { wrap($0 &- $1) }
    for start in stride(from: 0, to: all.count, by: block) {
      let part = all[start..<min(start + block, all.count)]
      let least = part.min() ?? 0
      out += zigzag(least)
      let above = part.map { UInt64(bitPattern: $0 &- least) }
      let size = block / miniblocks
      var widths: [UInt8] = []
      var data: [UInt8] = []
      for first in stride(from: 0, to: block, by: size) {
        guard first < above.count else {
          // Any width will do where there is no data.
          widths.append(0xee)
          continue
        }
        let mini = Array(above[first..<min(first + size, above.count)])
        let width = min(64, 64 - (mini.max() ?? 0).leadingZeroBitCount + spare)
        widths.append(UInt8(width))
        data += packed(mini + [UInt64](repeating: 0, count: size - mini.count), width: width)
      }
      out += widths + data
    }
    return out
  }

  /// Values in PLAIN form.
  static func plain(_ values: [[UInt8]], width: Int?) -> [UInt8] {
    values.flatMap { value in
      width == nil ? packed([UInt64(value.count)], width: 32) + value : value
    }
  }

  static func deltaLength(_ values: [[UInt8]]) -> [UInt8] {
    deltas(values.map { Int64($0.count) }, bits: 32) + values.flatMap { $0 }
  }

  static func deltaBytes(_ values: [[UInt8]]) -> [UInt8] {
    let before = [[]] + values.dropLast()
    let prefixes = zip(before, values).map { left, right in zip(left, right).prefix { $0 == $1 }.count }
    return deltas(prefixes.map(Int64.init), bits: 32)
      + deltaLength(zip(values, prefixes).map { Array($0.dropFirst($1)) })
  }

  /// First bytes, second bytes, and so on.
  static func streams(_ values: [[UInt8]], width: Int) -> [UInt8] {
    (0..<width).flatMap { byte in values.map { $0[byte] } }
  }

  /// Integers as values of 4 or 8 bytes.
  static func integers(_ values: [Int64], width: Int) -> [[UInt8]] {
    values.map { packed([UInt64(bitPattern: $0)], width: 8 * width) }
  }

  /// What an encoder appends for a section in PLAIN form, which gets eight bytes behind it.
  static func encoded(_ plain: [UInt8], _ body: (UnsafeRawPointer, inout ByteWriter) -> Void) -> [UInt8] {
    let held = Bytes(plain + [UInt8](repeating: 0xa5, count: 8))
    // Something stands before every section.
    var out = ByteWriter()
    out.append([1, 2, 3] as [UInt8])
    withExtendedLifetime(held) { body(held.base, &out) }
    return Array(out.take().array.dropFirst(3))
  }
}

extension ValueDecoder {
  /// The next values, in one builder.
  func values(_ count: Int, _ layout: ColumnBuilder.Layout, byteLimit: Int = 1 << 26) throws(ParquetError) -> [[UInt8]]
  {
    let builder = try ColumnBuilder(layout, capacity: count, byteLimit: byteLimit)
    try decode(count, into: builder)
    builder.advanceValid(count)
    let column = builder.finish()
    return (0..<count).map { column.bytes(at: $0).array }
  }

  /// All values, in batches of random sizes, each behind others of its builder; some batches are stepped over.
  ///
  /// - Returns: the values, nil for what was stepped over.
  func allValues(
    _ count: Int,
    _ layout: ColumnBuilder.Layout,
    skipping: Bool,
    _ generator: inout SeededGenerator
  ) throws(ParquetError) -> [[UInt8]?] {
    var got: [[UInt8]?] = []
    let most = [1, 5, 40, 3000].randomElement(using: &generator) ?? 1
    while got.count < count {
      let left = count - got.count
      if skipping, Bool.random(using: &generator) {
        let step = min(left, Int.random(in: 0...most, using: &generator))
        try skip(step)
        got += [[UInt8]?](repeating: nil, count: step)
        continue
      }
      let builder = try ColumnBuilder(layout, capacity: 8, byteLimit: 1 << 26)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let step = min(count - got.count - builder.count, Int.random(in: 0...most, using: &generator))
        try builder.reserve(step)
        try decode(step, into: builder)
        builder.advanceValid(step)
      }
      let column = builder.finish()
      got += (0..<column.count).map { column.bytes(at: $0).array }
    }
    return got
  }
}
