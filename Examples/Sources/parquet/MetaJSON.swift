import Backfill
import CommandLineSupport

/// The footer as one JSON object.
struct MetaJSON: MetaReport {
  private var writer = JSONWriter(isPretty: true)
  private var hasBegunPages = false

  mutating func begin(_ metadata: FileMetadata, size: Int) {
    writer.beginObject()
    writer.field("rows", metadata.rowCount)
    writer.field("bytes", size)
    writer.field("version", metadata.version)
    writer.field("createdBy", metadata.createdBy)
    writer.field("encrypted", metadata.isEncrypted)
    writer.field("encryption", metadata.encryption?.algorithm.description)
    writer.key("notes")
    writer.beginArray()
    for pair in metadata.keyValues {
      writer.beginObject()
      writer.field("key", pair.key)
      writer.field("value", pair.value)
      writer.endObject()
    }
    writer.endArray()
    writer.key("rowGroups")
    writer.beginArray()
  }

  mutating func begin(_ group: RowGroup, index: Int) {
    writer.beginObject()
    writer.field("rows", group.rowCount)
    writer.field("uncompressedBytes", group.totalByteSize)
    writer.key("sortedBy")
    writer.beginArray()
    for column in group.sortingColumns {
      writer.beginObject()
      writer.field("leaf", column.leaf)
      writer.field("descending", column.isDescending)
      writer.field("nullsFirst", column.nullsFirst)
      writer.endObject()
    }
    writer.endArray()
    writer.key("columns")
    writer.beginArray()
  }

  mutating func begin(_ chunk: ColumnChunk, leaf: LeafColumn) {
    writer.beginObject()
    writer.key("path")
    writer.beginArray()
    for name in leaf.path { writer.value(name) }
    writer.endArray()
    writer.field("encrypted", chunk.isEncrypted)
    writer.field("file", chunk.filePath)
    if chunk.type != nil {
      writer.field("type", leaf.type.name)
      writer.field("codec", chunk.codec.description)
      writer.key("encodings")
      writer.beginArray()
      for encoding in chunk.encodings { writer.value(encoding.description) }
      writer.endArray()
      writer.field("values", chunk.valueCount)
      writer.field("compressedBytes", chunk.compressedSize)
      writer.field("uncompressedBytes", chunk.uncompressedSize)
      writer.field("dataPageOffset", chunk.dataPageOffset)
      writer.field("dictionaryPageOffset", chunk.dictionaryPageOffset)
    }
    if let statistics = chunk.statistics { write(statistics, leaf) }
    if let sizes = chunk.sizeStatistics { write(sizes) }
    if !chunk.keyValues.isEmpty {
      writer.key("notes")
      writer.beginArray()
      for pair in chunk.keyValues {
        writer.beginObject()
        writer.field("key", pair.key)
        writer.field("value", pair.value)
        writer.endObject()
      }
      writer.endArray()
    }
    write("columnIndex", chunk.columnIndex)
    write("offsetIndex", chunk.offsetIndex)
    write("bloomFilter", chunk.bloomFilter)
    hasBegunPages = false
  }

  /// Pages stand behind the indexes, which are told later than the chunk.
  private mutating func beginPages() {
    guard !hasBegunPages else { return }
    hasBegunPages = true
    writer.key("pages")
    writer.beginArray()
  }

  private mutating func write(_ sizes: SizeStatistics) {
    writer.key("sizeStatistics")
    writer.beginObject()
    writer.field("byteArrayBytes", sizes.unencodedByteArrayBytes)
    write("repetitionLevels", sizes.repetitionLevelHistogram)
    write("definitionLevels", sizes.definitionLevelHistogram)
    writer.endObject()
  }

  private mutating func write(_ name: String, _ numbers: [Int64]?) {
    guard let numbers else { return }
    writer.key(name)
    writer.beginArray()
    for number in numbers { writer.value(number) }
    writer.endArray()
  }

  mutating func indexes(_ indexes: PageIndexes, leaf: LeafColumn) {
    if let bounds = indexes.bounds { write(bounds, leaf) }
    guard let offsets = indexes.offsets else { return }
    writer.key("pageLocations")
    writer.beginArray()
    for page in offsets.pages {
      writer.beginObject()
      writer.field("offset", page.offset)
      writer.field("bytes", page.compressedSize)
      writer.field("firstRow", page.firstRow)
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func write(_ bounds: ColumnIndex, _ leaf: LeafColumn) {
    writer.key("pageBounds")
    writer.beginObject()
    writer.field("order", "\(bounds.boundaryOrder)")
    writer.key("pages")
    writer.beginArray()
    for page in 0..<bounds.pageCount {
      writer.beginObject()
      writer.field("isNull", bounds.nullPages[page])
      if !bounds.nullPages[page] {
        writer.field("min", leaf.boundText(bounds.minValues[page]))
        writer.field("max", leaf.boundText(bounds.maxValues[page]))
      }
      writer.field("nulls", bounds.nullCounts?[page])
      writer.field("nans", bounds.nanCounts?[page])
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }

  private mutating func write(_ statistics: Statistics, _ leaf: LeafColumn) {
    writer.key("statistics")
    writer.beginObject()
    writer.field("nulls", statistics.nullCount)
    writer.field("nans", statistics.nanCount)
    writer.field("distinct", statistics.distinctCount)
    writer.field("min", leaf.boundText(statistics.minValue))
    writer.field("max", leaf.boundText(statistics.maxValue))
    writer.field("minIsExact", statistics.isMinValueExact)
    writer.field("maxIsExact", statistics.isMaxValueExact)
    writer.field("deprecatedMin", leaf.boundText(statistics.min))
    writer.field("deprecatedMax", leaf.boundText(statistics.max))
    writer.endObject()
  }

  private mutating func write(_ name: String, _ location: IndexLocation?) {
    guard let location else { return }
    writer.key(name)
    writer.beginObject()
    writer.field("offset", location.offset)
    writer.field("length", location.length)
    writer.endObject()
  }

  mutating func page(_ page: PageDescription) {
    beginPages()
    writer.beginObject()
    writer.field("type", page.kind.name)
    writer.field("offset", page.offset)
    writer.field("headerBytes", page.headerSize)
    writer.field("compressedBytes", page.compressedSize)
    writer.field("uncompressedBytes", page.uncompressedSize)
    writer.field("values", page.valueCount)
    writer.field("nulls", page.nullCount)
    writer.field("rows", page.rowCount)
    writer.field("encoding", page.encoding?.description)
    writer.field("isCompressed", page.isCompressed)
    writer.field("crc", page.checksum)
    writer.endObject()
  }

  mutating func endChunk() {
    beginPages()
    writer.endArray()
    writer.endObject()
  }

  mutating func endGroup() {
    writer.endArray()
    writer.endObject()
  }

  mutating func end() {
    writer.endArray()
    writer.endObject()
  }

  mutating func take() -> [UInt8] { writer.take() }
}
