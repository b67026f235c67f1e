import ByteBuffers

/// Avro's binary encoding, written as the specification says and knowing nothing of the library.
enum HandBytes {
  static func long(_ value: Int64) -> [UInt8] {
    var rest = value < 0 ? UInt64(-(value + 1)) * 2 + 1 : UInt64(value) * 2
    var bytes: [UInt8] = []
    while rest >= 128 {
      bytes.append(UInt8(rest % 128) + 128)
      rest /= 128
    }
    return bytes + [UInt8(rest)]
  }

  static func text(_ text: String) -> [UInt8] { long(Int64(text.utf8.count)) + Array(text.utf8) }

  static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }
}
