/// How page bodies are compressed; open, so that unknown codecs can be reported by number.
///
/// Source: parquet.thrift, `enum CompressionCodec`.
public struct CompressionCodec: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number in the file.
  public let rawValue: Int32

  /// Takes a number from a file.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not compressed.
  public static let uncompressed = CompressionCodec(rawValue: 0)
  /// Raw Snappy blocks.
  public static let snappy = CompressionCodec(rawValue: 1)
  /// Members of RFC 1952.
  public static let gzip = CompressionCodec(rawValue: 2)
  /// LZO, which nobody supports.
  public static let lzo = CompressionCodec(rawValue: 3)
  /// Brotli streams.
  public static let brotli = CompressionCodec(rawValue: 4)
  /// LZ4 in Hadoop's framing, which not every reader knows; deprecated in favour of ``lz4Raw``.
  public static let lz4 = CompressionCodec(rawValue: 5)
  /// Zstandard frames.
  public static let zstd = CompressionCodec(rawValue: 6)
  /// Bare LZ4 blocks.
  public static let lz4Raw = CompressionCodec(rawValue: 7)

  /// The name in the format's own notation.
  public var description: String {
    switch rawValue {
    case 0: "UNCOMPRESSED"
    case 1: "SNAPPY"
    case 2: "GZIP"
    case 3: "LZO"
    case 4: "BROTLI"
    case 5: "LZ4"
    case 6: "ZSTD"
    case 7: "LZ4_RAW"
    default: "CODEC_\(rawValue)"
    }
  }
}
