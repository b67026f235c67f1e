internal import ByteBuffers

/// Reads the column of one top-level field, batch by batch.
protocol FieldReader: AnyObject {
  /// The next `limit` rows; fewer at the end.
  func read(_ limit: Int) async throws(ParquetError) -> Column
}

/// A field with one value, or null, a row.
final class FlatFieldReader: FieldReader {
  private let cursor: LeafCursor
  private let limits: ReaderLimits
  private var rowsLeft: Int64

  init(_ reader: NativeParquetReader, leaf: LeafColumn, rowGroups: [Int]) {
    cursor = LeafCursor(reader, leaf: leaf, rowGroups: rowGroups)
    limits = reader.options.limits
    rowsLeft = rowGroups.reduce(0) { $0 &+ reader.metadata.rowGroups[$1].rowCount }
  }

  func read(_ limit: Int) async throws(ParquetError) -> Column {
    // Asking for a row more than is left makes the cursor check the chunks of row groups without rows.
    let wanted = Int(clamping: min(Int64(limit), max(1, rowsLeft)))
    let builder: ColumnBuilder
    do {
      builder = try ColumnBuilder(cursor.leaf.layout, capacity: wanted, byteLimit: limits.batchBytes)
    } catch {
      throw cursor.located(error)
    }
    while builder.count < wanted, try await cursor.advance() {
      guard var page = cursor.page else { break }
      let take = min(page.entriesLeft, wanted - builder.count)
      do {
        try decode(take, from: &page, into: builder)
      } catch {
        throw cursor.located(error)
      }
      page.entriesLeft -= take
      cursor.page = page
    }
    rowsLeft -= Int64(builder.count)
    return builder.finish()
  }

  private func decode(_ count: Int, from page: inout OpenPage, into builder: ColumnBuilder) throws(ParquetError) {
    guard page.definitionLevels != nil else {
      try page.values.decode(count, into: builder)
      builder.advanceValid(count)
      return
    }
    let valid = try page.decodeValidity(count, into: builder)
    if valid > 0 { try page.values.decode(valid, into: builder) }
    builder.spread(count, valid: valid)
  }
}

extension OpenPage {
  fileprivate mutating func decodeValidity(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) -> Int {
    guard var levels = definitionLevels else { return count }
    defer { definitionLevels = levels }
    return try builder.decodeValidity(count, from: &levels)
  }
}
