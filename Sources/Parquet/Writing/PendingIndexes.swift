internal import ByteBuffers

/// Page indexes of complete row groups, encoded, until the file ends.
///
///     column index of each chunk that has one | offset index of each chunk that has one
struct PendingIndexes {
  private struct Entry {
    var group: Int
    var leaf: Int
    var bytes: Bytes
  }

  private var columnIndexes: [Entry] = []
  private var offsetIndexes: [Entry] = []

  /// Keeps the indexes of a chunk.
  mutating func add(_ chunk: WrittenChunk, group: Int, leaf: Int, at offset: Int64) {
    guard var places = chunk.offsetIndex else { return }
    for page in places.pages.indices { places.pages[page].offset += offset }
    offsetIndexes.append(Entry(group: group, leaf: leaf, bytes: PendingIndexes.compact(places.encoded())))
    guard let bounds = chunk.columnIndex else { return }
    columnIndexes.append(Entry(group: group, leaf: leaf, bytes: PendingIndexes.compact(bounds.encoded())))
  }

  /// A copy without the room to grow that an encoder's buffer has.
  private static func compact(_ bytes: Bytes) -> Bytes {
    bytes.withUnsafeBytes { Bytes(copying: $0) }
  }

  /// Writes all indexes and notes in the chunks where they are.
  func write(to output: inout FileOutput, groups: inout [WrittenRowGroup]) async throws(ParquetError) {
    var run = ByteWriter()
    for (entries, location) in [(columnIndexes, \ColumnChunk.columnIndex), (offsetIndexes, \ColumnChunk.offsetIndex)] {
      for entry in entries {
        let place = IndexLocation(offset: output.offset + Int64(run.count), length: Int32(clamping: entry.bytes.count))
        groups[entry.group].group.columns[entry.leaf][keyPath: location] = place
        run.append(entry.bytes)
        if run.count >= FileOutput.runBytes { try await output.put(run.take()) }
      }
    }
    if run.count > 0 { try await output.put(run.take()) }
  }
}
