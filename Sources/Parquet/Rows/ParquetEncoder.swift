public import ByteBuffers

/// Encodes `Encodable` values as the rows of a Parquet file.
///
/// Without a schema, the fields are inferred from the rows: the types say what a column holds and whether it is
/// optional, nil or not. Only a structure of which no row has a value stays unknown, and is an error;
/// so is a file without rows.
///
/// | property | column |
/// |---|---|
/// | `Bool`, `Float`, `Double` | BOOLEAN, FLOAT, DOUBLE |
/// | `Int`, `Int64`, `Int32` | INT64, INT64, INT32 |
/// | other integers of up to 64 bits | INT32 or INT64 with the annotation INTEGER |
/// | `Int128`, `UInt128` | DECIMAL(38,0) |
/// | `String` | BYTE_ARRAY (STRING) |
/// | enumerations with raw values | the same as the raw value |
/// | `[UInt8]` | BYTE_ARRAY |
/// | ``ParquetTimestamp``, ``ParquetTime`` | INT64, in microseconds, adjusted to UTC |
/// | ``ParquetDate``, ``ParquetInterval``, ``ParquetUUID`` | DATE, INTERVAL, UUID |
/// | ``ParquetDecimal`` | DECIMAL(38,9) |
/// | structures, arrays, dictionaries | groups, lists, maps |
/// | Optional | the same, OPTIONAL |
///
/// With a schema, keys are matched with its fields, values are checked against their types, and optional fields that a
/// row says nothing of are null. `Date`, `Data`, `UUID`, `Decimal` and `URL` need the product `ParquetFoundation`.
public struct ParquetEncoder: Sendable {
  /// How keys become names of fields.
  public enum KeyEncodingStrategy: Sendable {
    /// A key is the field's name.
    case useDefaultKeys
    /// The key `tripId` becomes the field `trip_id`.
    case convertToSnakeCase
    /// The name is computed from the key.
    case custom(@Sendable ([any CodingKey]) -> any CodingKey)
  }

  /// The fields of the file; nil to infer them.
  public var schema: ParquetSchema?
  /// How keys become names of fields.
  public var keyEncodingStrategy = KeyEncodingStrategy.useDefaultKeys
  /// What types see in their encoder's `userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]
  /// Encodings, compression, sizes and notes.
  public var properties = WriterProperties()
  /// How files are written.
  public var codec: any ParquetCodec

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - schema: the fields of the file; nil to infer them.
  ///   - codec: how files are written.
  public init(schema: ParquetSchema? = nil, codec: any ParquetCodec = NativeParquetCodec()) {
    self.schema = schema
    self.codec = codec
  }

  /// Writes a file.
  ///
  /// - Parameters:
  ///   - rows: its rows.
  ///   - sink: where the bytes go.
  /// - Returns: what was written.
  /// - Throws: `EncodingError` or ``ParquetError``.
  @discardableResult
  public func encode<T: Encodable>(_ rows: [T], to sink: any ByteSink) async throws -> WrittenFile {
    var known = self
    known.schema = try schema ?? inferredSchema(of: rows)
    let writer = known.writer(of: T.self, to: sink)
    try await writer.append(contentsOf: rows)
    return try await writer.close()
  }

  /// Makes a file in memory.
  ///
  /// - Parameter rows: its rows.
  /// - Returns: the file.
  /// - Throws: `EncodingError` or ``ParquetError``.
  public func encode<T: Encodable>(_ rows: [T]) async throws -> [UInt8] {
    let sink = MemorySink()
    try await encode(rows, to: sink)
    return await sink.contents.array
  }

  /// Begins a file that rows are appended to.
  ///
  /// - Parameters:
  ///   - type: the row's type.
  ///   - sink: where the bytes go.
  /// - Returns: a writer with one owner.
  public func writer<T: Encodable>(of type: T.Type, to sink: any ByteSink) -> ParquetRowWriter<T> {
    ParquetRowWriter(self, sink)
  }

  /// The schema that rows are written with where none is given.
  ///
  /// - Parameter rows: rows of the file.
  /// - Returns: one field for each key.
  /// - Throws: `EncodingError` or ``ParquetError`` that names what stays unknown.
  public func inferredSchema<T: Encodable>(of rows: [T]) throws -> ParquetSchema {
    guard !rows.isEmpty else {
      throw ParquetError(
        .invalidArgument,
        "There is no row to infer the schema of \(T.self) from. Give ParquetEncoder a schema."
      )
    }
    return try FieldRecorder.field(ofAll: rows, EncodingRun(self)).schema(of: T.self)
  }
}
