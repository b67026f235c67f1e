import Backfill
import CommandLineSupport

/// The footer as lines for people.
struct MetaText: MetaReport {
  private var out: [UInt8] = []
  private var pageIndex = 0

  private mutating func line(_ indent: Int, _ text: String) {
    out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
    // Names and notes come from the file and may hold control characters.
    for scalar in text.unicodeScalars {
      if scalar.properties.generalCategory == .control {
        out.append(text: "\\u{\(String(scalar.value, radix: 16))}")
      } else {
        out.append(text: String(scalar))
      }
    }
    out.append(UInt8(ascii: "\n"))
  }

  mutating func begin(_ metadata: FileMetadata, size: Int) {
    line(0, "file: \(metadata.rowCount) rows, \(metadata.rowGroups.count) row groups, \(formatBytes(Int64(size)))")
    line(0, "columns: \(metadata.schema.fields.count) fields, \(metadata.schema.leaves.count) leaves")
    line(0, "format version: \(metadata.version)")
    line(0, "created by: \(metadata.createdBy ?? "(not stated)")")
    if let encryption = metadata.encryption {
      line(0, "encryption: some columns are encrypted with \(encryption.algorithm)")
    }
    for pair in metadata.keyValues {
      let value = pair.value ?? "(no value)"
      let shown = value.count > 100 ? "\(value.prefix(100))... (\(value.utf8.count) bytes)" : value
      line(0, "note: \(pair.key) = \(shown)")
    }
  }

  mutating func begin(_ group: RowGroup, index: Int) {
    line(0, "row group \(index): \(group.rowCount) rows, \(formatBytes(group.totalByteSize)) uncompressed")
    for column in group.sortingColumns {
      let order = column.isDescending ? "descending" : "ascending"
      line(1, "sorted by leaf \(column.leaf), \(order), nulls \(column.nullsFirst ? "first" : "last")")
    }
  }

  mutating func begin(_ chunk: ColumnChunk, leaf: LeafColumn) {
    pageIndex = 0
    if chunk.isEncrypted, chunk.type == nil {
      line(1, "\(leaf.dottedPath): encrypted with \(chunk.encryption?.keyName ?? "a key")")
      return
    }
    let encodings = chunk.encodings.map(\.description).joined(separator: ",")
    line(1, "\(leaf.dottedPath): \(leaf.type.name) \(chunk.codec) [\(encodings)]")
    let sizes = "\(formatBytes(chunk.compressedSize)) of \(formatBytes(chunk.uncompressedSize))"
    line(2, "values: \(chunk.valueCount), size: \(sizes), pages from: \(chunk.firstPageOffset)")
    if let statistics = chunk.statistics { line(2, text(statistics, leaf)) }
    if let sizes = chunk.sizeStatistics { line(2, text(sizes)) }
    for pair in chunk.keyValues { line(2, "note: \(pair.key) = \(shortened(pair.value ?? "(no value)"))") }
    let indexes = [
      place("column index", chunk.columnIndex), place("offset index", chunk.offsetIndex),
      place("bloom filter", chunk.bloomFilter),
    ].compactMap { $0 }
    if !indexes.isEmpty { line(2, indexes.joined(separator: ", ")) }
  }

  private func text(_ statistics: Statistics, _ leaf: LeafColumn) -> String {
    var parts: [String] = []
    if let nulls = statistics.nullCount { parts.append("nulls: \(nulls)") }
    if let nans = statistics.nanCount { parts.append("NaN: \(nans)") }
    if let distinct = statistics.distinctCount { parts.append("distinct: \(distinct)") }
    let isDeprecated = statistics.minValue == nil && statistics.maxValue == nil
    if let low = leaf.boundText(statistics.minValue ?? statistics.min) { parts.append("min: \(shortened(low))") }
    if let high = leaf.boundText(statistics.maxValue ?? statistics.max) { parts.append("max: \(shortened(high))") }
    if isDeprecated, statistics.min != nil || statistics.max != nil { parts.append("(deprecated bounds)") }
    return parts.isEmpty ? "statistics: empty" : parts.joined(separator: ", ")
  }

  private func text(_ sizes: SizeStatistics) -> String {
    var parts: [String] = []
    if let bytes = sizes.unencodedByteArrayBytes { parts.append("values: \(formatBytes(bytes))") }
    if let levels = sizes.repetitionLevelHistogram, !levels.isEmpty { parts.append("repetition levels: \(levels)") }
    if let levels = sizes.definitionLevelHistogram, !levels.isEmpty { parts.append("definition levels: \(levels)") }
    return parts.isEmpty ? "size statistics: empty" : "in memory: \(parts.joined(separator: ", "))"
  }

  mutating func indexes(_ indexes: PageIndexes, leaf: LeafColumn) {
    if let bounds = indexes.bounds {
      line(2, "bounds of pages: \(bounds.boundaryOrder)")
      for page in 0..<bounds.pageCount {
        var parts = [bounds.nullPages[page] ? "nulls alone" : ""]
        if !bounds.nullPages[page] {
          let low = leaf.boundText(bounds.minValues[page]) ?? "?"
          let high = leaf.boundText(bounds.maxValues[page]) ?? "?"
          parts = ["min: \(shortened(low))", "max: \(shortened(high))"]
        }
        if let nulls = bounds.nullCounts?[page] { parts.append("nulls: \(nulls)") }
        if let first = indexes.offsets?.pages, page < first.count { parts.append("first row: \(first[page].firstRow)") }
        line(3, "page \(page): \(parts.joined(separator: ", "))")
      }
    }
  }

  private func shortened(_ text: String) -> String {
    text.count > 64 ? "\(text.prefix(64))..." : text
  }

  private func place(_ name: String, _ location: IndexLocation?) -> String? {
    location.map { "\(name) at \($0.offset)\($0.length.map { " (\($0) bytes)" } ?? "")" }
  }

  mutating func page(_ page: PageDescription) {
    var parts = ["page \(pageIndex): \(page.kind.name) at \(page.offset)"]
    if let count = page.valueCount { parts.append("\(count) values") }
    if let nulls = page.nullCount { parts.append("\(nulls) nulls") }
    if let rows = page.rowCount { parts.append("\(rows) rows") }
    if let encoding = page.encoding { parts.append(encoding.description) }
    parts.append("\(page.compressedSize) of \(page.uncompressedSize) bytes")
    if page.checksum != nil { parts.append("CRC") }
    line(2, parts.joined(separator: ", "))
    pageIndex += 1
  }

  mutating func endChunk() {}
  mutating func endGroup() {}
  mutating func end() {}

  mutating func take() -> [UInt8] {
    defer { out.removeAll(keepingCapacity: true) }
    return out
  }
}

extension ColumnEncryption {
  /// Which key the values are encrypted with.
  var keyName: String {
    switch self {
    case .footerKey: "the footer key"
    case .columnKey: "a key of its own"
    case .unknown: "an unknown key"
    }
  }
}
