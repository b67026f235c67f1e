public import ByteBuffers
public import Parquet

/// Reads delete files of all three generations.
///
/// | generation | told by | payload |
/// |---|---|---|
/// | single column | a container without a version | one text column: `{"pk":1,"ts":2,"pkType":5}`, or `1,2` in the oldest |
/// | multi-field | a container of version `MULTI_FIELD` | columns `pk` and `ts` |
/// | bare | begins with `PAR1` | columns with field ids 0 and 1 and empty names |
public struct DeltaLog: Sendable {
  private let source: any RandomAccessSource
  private let codec: any ParquetCodec
  private let keyType: DataType

  /// Rows that are decoded at a time.
  private static let batchRows = 8192

  /// Takes a file; nothing is read yet.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - keyType: type of the collection's primary key, Int64 or VarChar.
  ///   - codec: reads the payload.
  public init(_ source: any RandomAccessSource, keyType: DataType, codec: any ParquetCodec) {
    self.source = source
    self.codec = codec
    self.keyType = keyType
  }

  /// Calls `body` with every delete, in the order of the file.
  ///
  /// - Parameter body: takes a delete.
  /// - Throws: ``BackfillError/Code/dataRead`` with path and offset or row.
  public func forEach(_ body: (DeleteEntry) -> Void) async throws(BackfillError) {
    var window = BinlogWindow(source)
    let start = try await window.read(0..<min(4, source.size))
    if start.array == Array("PAR1".utf8) {
      try await readColumns(source, offset: 0, body)
      return
    }
    let binlog = try await Binlog(opening: source)
    for event in binlog.events {
      guard event.kind == .delete else {
        throw error("A delete file holds an event of type \(event.kind.rawValue); 2 was expected.")
      }
      let payload = binlog.payload(of: event)
      if binlog.descriptor.version == "MULTI_FIELD" {
        try await readColumns(payload, offset: payload.offset, body)
      } else {
        try await readTexts(payload, offset: payload.offset, body)
      }
    }
  }

  private func error(_ message: String) -> BackfillError {
    BackfillError(.dataRead, message, path: source.name)
  }

  /// Opens a payload and hands out its rows, batch after batch.
  private func readBatches(
    _ payload: any RandomAccessSource,
    offset: Int,
    fields: (ParquetSchema) throws(BackfillError) -> [Int],
    _ body: (ColumnBatch) throws(BackfillError) -> Void
  ) async throws(BackfillError) {
    do {
      let file = try await codec.openReader(payload)
      let wanted = try fields(file.metadata.schema)
      let rows = try file.rows(RowSelection(fields: wanted))
      while let batch = try await rows.next(limit: DeltaLog.batchRows) { try body(batch) }
    } catch {
      throw BackfillError.payload(error, at: offset, path: source.name)
    }
  }

  /// The second and third generation: a column of keys and a column of timestamps.
  private func readColumns(
    _ payload: any RandomAccessSource,
    offset: Int,
    _ body: (DeleteEntry) -> Void
  ) async throws(BackfillError) {
    try await readBatches(payload, offset: offset) { (schema) throws(BackfillError) in
      // Names may be empty, both of them: ids come first, then names, then places.
      let key = schema.fieldIndex(id: 0) ?? schema.fieldIndex(named: "pk") ?? 0
      let timestamp = schema.fieldIndex(id: 1) ?? schema.fieldIndex(named: "ts") ?? 1
      guard schema.fields.count >= 2, key != timestamp else {
        throw error("A delete file must have a column of keys and a column of timestamps.")
      }
      let wanted: PhysicalType = keyType == .int64 ? .int64 : .byteArray
      for (index, type) in [(key, wanted), (timestamp, PhysicalType.int64)] {
        guard case .values(type, _) = schema.fields[index].content, schema.fields[index].repetition != .repeated else {
          throw error("Column \(index) of a delete file must be \(type.name).")
        }
      }
      return [key, timestamp]
    } _: { (batch) throws(BackfillError) in
      for row in 0..<batch.rowCount {
        guard batch.columns.allSatisfy({ $0.isValid(row) }) else { throw error("A delete has no key or no timestamp.") }
        let stamp = batch.columns[1].bytes(at: row).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        let key = batch.columns[0].bytes(at: row)
        body(DeleteEntry(key: PrimaryKey(key, isInteger: keyType == .int64), timestamp: UInt64(littleEndian: stamp)))
      }
    }
  }

  /// The first generation: one text a delete.
  private func readTexts(
    _ payload: any RandomAccessSource,
    offset: Int,
    _ body: (DeleteEntry) -> Void
  ) async throws(BackfillError) {
    var row = 0
    try await readBatches(payload, offset: offset) { (schema) throws(BackfillError) in
      guard let first = schema.fields.first, case .values(.byteArray, _) = first.content, first.repetition != .repeated
      else { throw error("A delete file must have a column of texts.") }
      return [0]
    } _: { (batch) throws(BackfillError) in
      for index in 0..<batch.rowCount {
        guard batch.columns[0].isValid(index) else { throw error("Row \(row) of the deletes is null.") }
        let text = batch.columns[0].bytes(at: index)
        guard let entry = DeleteTextParser.parse(text), entry.key.isInteger == (keyType == .int64) else {
          throw error("Row \(row) of the deletes is not the key (\(keyType)) and timestamp of a delete.")
        }
        body(entry)
        row += 1
      }
    }
  }
}

extension PrimaryKey {
  /// Takes the bytes of a cell: 8 bytes of a number, or text.
  init(_ cell: Bytes, isInteger: Bool) {
    self = cell.withUnsafeBytes { bytes in
      isInteger ? .integer(Int64(littleEndian: bytes.loadUnaligned(as: Int64.self))) : .text(Array(bytes))
    }
  }

  /// Whether it is the value of an Int64 key.
  public var isInteger: Bool {
    if case .integer = self { return true }
    return false
  }
}

extension BackfillError {
  /// Turns an error of a Parquet file inside a container into one whose offset counts from the container's start.
  static func payload(_ error: any Error, at base: Int, path: String) -> BackfillError {
    var located = BackfillError.wrapping(error, as: .dataRead, path: path)
    if error is ParquetError { located.offset = located.offset.map { $0 &+ base } ?? base }
    return located
  }
}
