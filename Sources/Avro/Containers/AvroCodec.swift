/// How the blocks of an object container file are compressed; open, since files may name any.
public struct AvroCodec: RawRepresentable, Hashable, Sendable {
  /// The name in the file's metadata.
  public let rawValue: String

  /// Names a codec.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// Not at all.
  public static let null = AvroCodec(rawValue: "null")
  /// DEFLATE of RFC 1951, without a header.
  public static let deflate = AvroCodec(rawValue: "deflate")

  static let known: [AvroCodec] = [.null, .deflate]
}
