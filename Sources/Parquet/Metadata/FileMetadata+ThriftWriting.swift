internal import ByteBuffers

/// How many pages of a kind a chunk has: readers see from it whether all data pages use the dictionary.
///
/// Source: parquet.thrift, `struct PageEncodingStats`.
struct PageEncodingCount: Equatable {
  /// 0 for data pages v1, 2 for the dictionary page, 3 for data pages v2.
  var pageType: Int32
  var encoding: Encoding
  var count: Int32
}

/// A row group with what only a writer knows of it.
struct WrittenRowGroup {
  var group: RowGroup
  /// Page counts of each chunk.
  var pageCounts: [[PageEncodingCount]]
}

/// Encodes a footer: schema, row groups, notes and one column order a leaf.
///
/// Source: parquet.thrift, `struct FileMetaData`.
struct FooterEncoder {
  let schema: ParquetSchema
  let keyValues: [KeyValue]
  let createdBy: String

  func encode(_ groups: [WrittenRowGroup], rowCount: Int64) -> Bytes {
    var writer = CompactWriter()
    writer.field(1, Int32(2))
    schema.encode(into: &writer)
    writer.field(3, rowCount)
    writer.list(4, of: .structure, count: groups.count)
    for group in groups { encode(group, into: &writer) }
    if !keyValues.isEmpty {
      writer.list(5, of: .structure, count: keyValues.count)
      for pair in keyValues {
        writer.beginElement()
        writer.field(1, pair.key)
        writer.field(2, pair.value)
        writer.endStructure()
      }
    }
    writer.field(6, createdBy)
    // Union ColumnOrder with its member 1, the order that the type defines: without it bounds may not be trusted.
    writer.list(7, of: .structure, count: schema.leaves.count)
    for _ in schema.leaves {
      writer.beginElement()
      writer.beginStructure(1)
      writer.endStructure()
      writer.endStructure()
    }
    writer.endMessage()
    return writer.take()
  }

  private func encode(_ written: WrittenRowGroup, into writer: inout CompactWriter) {
    let group = written.group
    writer.beginElement()
    writer.list(1, of: .structure, count: group.columns.count)
    for (leaf, chunk) in zip(schema.leaves, group.columns) {
      writer.beginElement()
      // The deprecated offset of metadata behind the chunk, which is required and means nothing.
      writer.field(2, Int64(0))
      writer.beginStructure(3)
      encode(chunk, leaf, written.pageCounts[leaf.index], into: &writer)
      writer.endStructure()
      writer.endStructure()
    }
    writer.field(2, group.totalByteSize)
    writer.field(3, group.rowCount)
    writer.field(5, group.columns.first?.firstPageOffset)
    writer.field(6, group.columns.reduce(0) { $0 + $1.compressedSize })
    writer.endStructure()
  }

  private func encode(
    _ chunk: ColumnChunk,
    _ leaf: LeafColumn,
    _ counts: [PageEncodingCount],
    into writer: inout CompactWriter
  ) {
    writer.field(1, leaf.type.rawValue)
    writer.list(2, of: .int32, count: chunk.encodings.count)
    for encoding in chunk.encodings { writer.element(encoding.rawValue) }
    writer.list(3, of: .binary, count: leaf.path.count)
    for name in leaf.path { writer.element(name) }
    writer.field(4, chunk.codec.rawValue)
    writer.field(5, chunk.valueCount)
    writer.field(6, chunk.uncompressedSize)
    writer.field(7, chunk.compressedSize)
    writer.field(9, chunk.dataPageOffset)
    writer.field(11, chunk.dictionaryPageOffset)
    if let statistics = chunk.statistics {
      writer.beginStructure(12)
      statistics.encode(into: &writer)
      writer.endStructure()
    }
    writer.list(13, of: .structure, count: counts.count)
    for count in counts {
      writer.beginElement()
      writer.field(1, count.pageType)
      writer.field(2, count.encoding.rawValue)
      writer.field(3, count.count)
      writer.endStructure()
    }
  }
}

extension Statistics {
  /// Encodes what is there.
  ///
  /// Source: parquet.thrift, `struct Statistics`.
  func encode(into writer: inout CompactWriter) {
    writer.field(1, max)
    writer.field(2, min)
    writer.field(3, nullCount)
    writer.field(4, distinctCount)
    writer.field(5, maxValue)
    writer.field(6, minValue)
    writer.field(7, isMaxValueExact)
    writer.field(8, isMinValueExact)
    writer.field(9, nanCount)
  }
}
