/// How the values of a page are laid out; open, so that unknown encodings can be reported by number.
///
/// Source: parquet.thrift, `enum Encoding`.
public struct Encoding: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number in the file.
  public let rawValue: Int32

  /// Takes a number from a file.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Values one after the other.
  public static let plain = Encoding(rawValue: 0)
  /// Older name of ``rleDictionary``.
  public static let plainDictionary = Encoding(rawValue: 2)
  /// Run lengths and bit-packed groups.
  public static let rle = Encoding(rawValue: 3)
  /// Older form of levels.
  public static let bitPacked = Encoding(rawValue: 4)
  /// Differences, bit-packed.
  public static let deltaBinaryPacked = Encoding(rawValue: 5)
  /// Lengths as differences, then the bytes.
  public static let deltaLengthByteArray = Encoding(rawValue: 6)
  /// Shared prefixes as differences, then the suffixes.
  public static let deltaByteArray = Encoding(rawValue: 7)
  /// Indices into the dictionary page.
  public static let rleDictionary = Encoding(rawValue: 8)
  /// First bytes of all values, then second bytes, and so on.
  public static let byteStreamSplit = Encoding(rawValue: 9)

  /// The name in the format's own notation.
  public var description: String {
    switch rawValue {
    case 0: "PLAIN"
    case 2: "PLAIN_DICTIONARY"
    case 3: "RLE"
    case 4: "BIT_PACKED"
    case 5: "DELTA_BINARY_PACKED"
    case 6: "DELTA_LENGTH_BYTE_ARRAY"
    case 7: "DELTA_BYTE_ARRAY"
    case 8: "RLE_DICTIONARY"
    case 9: "BYTE_STREAM_SPLIT"
    default: "ENCODING_\(rawValue)"
    }
  }
}
