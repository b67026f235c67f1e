import Backfill
import CommandLineSupport

/// Columns for people; widths come from the first rows, and long cells are cut.
struct TablePrinter: RowPrinter {
  private static let rowsForWidths = 200
  private static let widest = 40

  private let names: [String]
  private let renderers: [CellRenderer]
  private let alignsRight: [Bool]
  private let screen: Int?
  private var waiting: [[String]] = []
  private var widths: [Int]?

  /// - Parameter columns: columns of the screen; nil when there is none, and lines may be as long as they need.
  init(_ fields: [FieldShape], columns: Int?) {
    names = fields.map { TablePrinter.oneLine($0.name) }
    renderers = fields.map { CellRenderer($0, .text) }
    alignsRight = fields.map { field in
      guard case .values(let leaf) = field.kind else { return false }
      switch CellKind(leaf) {
      case .signed, .unsigned, .float16, .float, .double, .decimal: return true
      default: return false
      }
    }
    screen = columns
  }

  mutating func write(_ batch: ColumnBatch, to console: Console) throws {
    for row in 0..<batch.rowCount {
      let cells = try zip(renderers, batch.columns).map { renderer, column in
        var cell: [UInt8] = []
        try renderer.append(column, row: row, to: &cell)
        // What is cut anyway need not be looked at; 4 bytes make a character at most here.
        return TablePrinter.oneLine(String(decoding: cell.prefix(4 * TablePrinter.widest + 4), as: UTF8.self))
      }
      if widths == nil {
        waiting.append(cells)
        if waiting.count == TablePrinter.rowsForWidths { try begin(console) }
      } else {
        try print(cells, console)
      }
    }
  }

  mutating func finish(_ console: Console) throws {
    if widths == nil { try begin(console) }
  }

  private mutating func begin(_ console: Console) throws {
    widths = names.indices.map { index in
      let longest = waiting.reduce(names[index].count) { max($0, $1[index].count) }
      return min(longest, TablePrinter.widest)
    }
    try print(names, console)
    try print((widths ?? []).map { String(repeating: "-", count: $0) }, console)
    for cells in waiting { try print(cells, console) }
    waiting.removeAll()
  }

  private func print(_ cells: [String], _ console: Console) throws {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let width = widths?[index] ?? 0
      let shown = cell.count > TablePrinter.widest ? cell.prefix(TablePrinter.widest - 1) + "…" : cell[...]
      let padding = String(repeating: " ", count: max(0, width - shown.count))
      line += index > 0 ? "  " : ""
      line += alignsRight[index] ? padding + shown : shown + padding
    }
    while line.hasSuffix(" ") { line.removeLast() }
    if let screen, line.count > screen { line = line.prefix(max(1, screen - 1)) + "…" }
    try console.print(line)
  }

  private static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
    var line = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": line += "\\n"
      case "\t": line += "\\t"
      case "\r": line += "\\r"
      case _ where scalar.properties.generalCategory == .control: line += "\\u{\(String(scalar.value, radix: 16))}"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
