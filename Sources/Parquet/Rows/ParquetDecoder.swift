public import ByteBuffers

/// Decodes the rows of a Parquet file into `Decodable` values.
///
/// Keys are matched with the names of fields. Only the fields that a type asks for are read. A property that is Optional
/// is nil where the column holds null, or where there is no such column; one that is not is an error there.
///
/// | property | columns |
/// |---|---|
/// | `Bool` | BOOLEAN |
/// | integers | integers that fit; DECIMAL without a fraction; DATE, TIME and TIMESTAMP as they are stored |
/// | `Float`, `Double` | FLOAT, DOUBLE, FLOAT16, DECIMAL; integers that are exact |
/// | `String` | BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY in UTF-8; UUID |
/// | enumerations with raw values | those of the raw value |
/// | `[UInt8]` | BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY, INT96; lists of integers |
/// | ``ParquetTimestamp`` | TIMESTAMP, INT96 |
/// | ``ParquetDate``, ``ParquetTime``, ``ParquetInterval`` | DATE, TIME, INTERVAL |
/// | ``ParquetDecimal``, ``ParquetUUID`` | DECIMAL and integers; UUID and text of one |
/// | structures | groups |
/// | arrays | lists of any form; maps as arrays of structures with `key` and `value` |
/// | dictionaries | maps; of equal keys the last entry counts |
///
/// `Date`, `Data`, `UUID`, `Decimal` and `URL` need the product `ParquetFoundation`. Errors are `DecodingError`, whose
/// coding path begins with the row, and ``ParquetError`` for the file.
///
/// Which fields a type asks for shows only when it decodes a row. So a file without rows has none of any type, whether
/// the type would fit its fields or not; ``ParquetFileReader/metadata`` has the schema for those who want to know.
///
/// The decoder that a type's `init(from:)` is given must not be kept beyond it. The same row may be decoded more than
/// once, as long as it asks for fields that no row before it asked for.
public struct ParquetDecoder: Sendable {
  /// How keys are matched with fields.
  public enum KeyDecodingStrategy: Sendable {
    /// A key is the field's name.
    case useDefaultKeys
    /// A field `trip_id` has the key `tripId`.
    case convertFromSnakeCase
    /// The key is computed from the names of the field and of those around it, which come first.
    case custom(@Sendable ([any CodingKey]) -> any CodingKey)
  }

  /// How keys are matched with fields.
  public var keyDecodingStrategy = KeyDecodingStrategy.useDefaultKeys
  /// What types see in their decoder's `userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]
  /// The most rows that are read at a time; fewer where rows are large.
  public var batchRows = 4096
  /// How files are read.
  public var codec: any ParquetCodec

  /// Creates a decoder.
  ///
  /// - Parameter codec: how files are read.
  public init(codec: any ParquetCodec = NativeParquetCodec()) {
    self.codec = codec
  }

  /// Decodes all rows of a file.
  ///
  /// - Parameters:
  ///   - type: an array of the row's type.
  ///   - source: the file.
  ///   - selection: which rows; where it names fields, the others count as missing.
  /// - Returns: the rows in the file's order.
  /// - Throws: `DecodingError` or ``ParquetError``.
  public func decode<T: Decodable>(
    _ type: [T].Type,
    from source: any RandomAccessSource,
    selection: RowSelection = RowSelection()
  ) async throws -> [T] {
    let reader = try await codec.openReader(source)
    let batches = RowBatches<T>(self, reader, selection)
    defer { batches.tearDown() }
    var rows: [T] = []
    while try await batches.load() {
      while let row = try await batches.next() { rows.append(row) }
    }
    return rows
  }

  /// Decodes all rows of a file in memory.
  ///
  /// - Parameters:
  ///   - type: an array of the row's type.
  ///   - bytes: the file.
  ///   - selection: which rows; where it names fields, the others count as missing.
  /// - Returns: the rows in the file's order.
  /// - Throws: `DecodingError` or ``ParquetError``.
  public func decode<T: Decodable>(
    _ type: [T].Type,
    from bytes: [UInt8],
    selection: RowSelection = RowSelection()
  ) async throws -> [T] {
    try await decode(type, from: MemorySource(Bytes(bytes)), selection: selection)
  }

  /// The rows of an opened file, decoded as they are asked for.
  ///
  /// - Parameters:
  ///   - type: the row's type.
  ///   - reader: the file.
  ///   - selection: which rows; where it names fields, the others count as missing.
  /// - Returns: a sequence of which one batch is in memory at a time.
  public func rows<T: Decodable>(
    _ type: T.Type,
    from reader: any ParquetFileReader,
    selection: RowSelection = RowSelection()
  ) -> ParquetRows<T> {
    ParquetRows(decoder: self, reader: reader, selection: selection)
  }

  /// The rows of a file, decoded as they are asked for.
  ///
  /// - Parameters:
  ///   - type: the row's type.
  ///   - source: the file.
  ///   - selection: which rows; where it names fields, the others count as missing.
  /// - Returns: a sequence of which one batch is in memory at a time.
  /// - Throws: ``ParquetError`` when the file cannot be opened.
  public func rows<T: Decodable>(
    _ type: T.Type,
    from source: any RandomAccessSource,
    selection: RowSelection = RowSelection()
  ) async throws -> ParquetRows<T> {
    rows(type, from: try await codec.openReader(source), selection: selection)
  }
}
