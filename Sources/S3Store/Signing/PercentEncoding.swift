/// Bytes as they stand in a path or a query, in the one form that signatures are made of.
///
/// Kept are `A-Z a-z 0-9 - . _ ~`, and in a path the slash; every other byte is `%` and two upper-case hex digits. A
/// server encodes what it decoded by the same rule and compares: there is no second form that would do.
enum PercentEncoding {
  /// One bit for each byte below 128 that is kept.
  private struct Kept {
    var low: UInt64 = 0
    var high: UInt64 = 0

    init(_ characters: StaticString) {
      characters.withUTF8Buffer { bytes in
        for byte in bytes {
          if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }
      }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
      guard byte < 128 else { return false }
      return ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
    }
  }

  private static let inPath = Kept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
  private static let inQuery = Kept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  /// A key as it stands in a path; its slashes stay.
  static func path(_ bytes: [UInt8]) -> String { encode(bytes, inPath) }

  /// A name or a value as it stands in a query; its slashes are encoded.
  static func query(_ bytes: [UInt8]) -> String { encode(bytes, inQuery) }

  /// The UTF-8 form of a name or a value as it stands in a query.
  static func query(_ text: String) -> String { encode(Array(text.utf8), inQuery) }

  private static func encode(_ bytes: [UInt8], _ kept: Kept) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 3) { target in
      var end = 0
      for byte in bytes {
        if kept.contains(byte) {
          target[end] = byte
          end += 1
        } else {
          target[end] = UInt8(ascii: "%")
          target[end + 1] = Hex.upperCase(byte >> 4)
          target[end + 2] = Hex.upperCase(byte & 15)
          end += 3
        }
      }
      return end
    }
  }
}

/// Digits of base 16.
enum Hex {
  /// The digit of a value below 16.
  @inline(__always)
  static func lowerCase(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

  /// The digit of a value below 16.
  @inline(__always)
  static func upperCase(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }

  /// Two lower-case digits for each byte.
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    append(bytes, to: &digits)
    return String(decoding: digits, as: UTF8.self)
  }

  /// Appends two lower-case digits for each byte.
  static func append(_ bytes: some Sequence<UInt8>, to digits: inout [UInt8]) {
    for byte in bytes {
      digits.append(lowerCase(byte >> 4))
      digits.append(lowerCase(byte & 15))
    }
  }
}
