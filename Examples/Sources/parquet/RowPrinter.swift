import Backfill
import CommandLineSupport

/// Prints rows, batch by batch.
protocol RowPrinter {
  mutating func write(_ batch: ColumnBatch, to console: Console) throws
  mutating func finish(_ console: Console) throws
}

/// One JSON object for all rows; the count stands behind them, since it is known only then.
struct CanonicalPrinter: RowPrinter {
  private let renderers: [CellRenderer]
  private var out: [UInt8] = []
  private var rowCount = 0

  init(_ fields: [FieldShape]) {
    renderers = fields.map { CellRenderer($0, .canonical) }
    out.append(text: "{\"columns\":[")
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append(jsonString: field.name)
    }
    out.append(text: "],\"rows\":[")
  }

  mutating func write(_ batch: ColumnBatch, to console: Console) throws {
    // Rows without any cell are only counted.
    guard !renderers.isEmpty else {
      rowCount += batch.rowCount
      return
    }
    for row in 0..<batch.rowCount {
      out.append(text: rowCount == 0 ? "\n[" : ",\n[")
      for (index, column) in batch.columns.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        try renderers[index].append(column, row: row, to: &out)
      }
      out.append(UInt8(ascii: "]"))
      rowCount += 1
    }
    try console.write(out)
    out.removeAll(keepingCapacity: true)
  }

  mutating func finish(_ console: Console) throws {
    out.append(text: "\n],\"nrows\":\(rowCount)}\n")
    try console.write(out)
  }
}

/// One JSON object a row.
struct LinesPrinter: RowPrinter {
  private let renderers: [CellRenderer]
  private let keys: [[UInt8]]
  private var out: [UInt8] = []

  init(_ fields: [FieldShape]) {
    renderers = fields.map { CellRenderer($0, .json) }
    keys = fields.enumerated().map { index, field in
      var key: [UInt8] = index > 0 ? [UInt8(ascii: ",")] : []
      key.append(jsonString: field.name)
      key.append(UInt8(ascii: ":"))
      return key
    }
  }

  mutating func write(_ batch: ColumnBatch, to console: Console) throws {
    for row in 0..<batch.rowCount {
      out.append(UInt8(ascii: "{"))
      for (index, column) in batch.columns.enumerated() {
        out.append(contentsOf: keys[index])
        try renderers[index].append(column, row: row, to: &out)
      }
      out.append(text: "}\n")
    }
    try console.write(out)
    out.removeAll(keepingCapacity: true)
  }

  func finish(_ console: Console) throws {}
}

/// RFC 4180; a null is an empty field, an empty text a quoted one.
struct CSVPrinter: RowPrinter {
  private let renderers: [CellRenderer]
  private var out: [UInt8] = []

  init(_ fields: [FieldShape]) {
    renderers = fields.map { CellRenderer($0, .text) }
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      append(field: Array(field.name.utf8))
    }
    out.append(UInt8(ascii: "\n"))
  }

  mutating func write(_ batch: ColumnBatch, to console: Console) throws {
    var cell: [UInt8] = []
    for row in 0..<batch.rowCount {
      for (index, column) in batch.columns.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        guard column.isValid(row) else { continue }
        cell.removeAll(keepingCapacity: true)
        try renderers[index].append(column, row: row, to: &cell)
        append(field: cell)
      }
      out.append(UInt8(ascii: "\n"))
    }
    try console.write(out)
    out.removeAll(keepingCapacity: true)
  }

  func finish(_ console: Console) throws {
    try console.write(out)
  }

  private mutating func append(field: [UInt8]) {
    let needsQuotes = field.isEmpty || field.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
    guard needsQuotes else {
      out.append(contentsOf: field)
      return
    }
    out.append(0x22)
    for byte in field {
      if byte == 0x22 { out.append(0x22) }
      out.append(byte)
    }
    out.append(0x22)
  }
}
