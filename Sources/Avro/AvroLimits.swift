/// What reading Avro data may take at most, whatever the data says.
///
/// A decoded value takes some 32 bytes beside the bytes of texts, so that ``values`` bounds memory together with
/// ``blockBytes``, out of which all texts come.
public struct AvroLimits: Sendable {
  /// Bytes of a schema's JSON.
  public var schemaBytes = 4 << 20
  /// Types and fields of a schema.
  public var schemaTypes = 100_000
  /// Nesting of types in a schema's JSON.
  public var schemaDepth = 64

  /// Nesting of records, arrays, maps and unions in a value, and of the types that lead from one schema to another.
  public var depth = 128
  /// Values in one record of a file, or in one datum, all levels counted, also those that are skipped.
  public var values = 4 << 20
  /// Bytes of one text, of one `bytes` and of one `fixed`.
  public var valueBytes = 64 << 20

  /// Bytes of the header of an object container file: its metadata with the schema.
  public var headerBytes = 16 << 20
  /// Bytes of a block of an object container file, as it is stored.
  public var blockBytes = 256 << 20
  /// Bytes of a block when it is decompressed.
  public var decompressedBytes = 256 << 20
  /// Records that are delivered at once from an object container file.
  public var records = 4 << 20

  /// Limits that fit data of up to some hundred megabytes.
  public init() {}
}
