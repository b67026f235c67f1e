import Foundation
import Testing

@testable import Parquet

/// What pyarrow, duckdb and a dump of the page headers say about a file.
struct IndependentReport {
  let json: [String: Any]

  var rows: Int { json["rows"] as? Int ?? -1 }
  var createdBy: String { json["createdBy"] as? String ?? "" }
  var keyValues: [String: String] { json["keyValues"] as? [String: String] ?? [:] }
  var types: [String: String] { json["types"] as? [String: String] ?? [:] }
  var fieldIDs: [String: Int] { json["fieldIDs"] as? [String: Int] ?? [:] }
  var statistics: [[String: Any]] { json["statistics"] as? [[String: Any]] ?? [] }
  var structure: [String: Any] { json["structure"] as? [String: Any] ?? [:] }
  var schema: [[String: Any]] { structure["schema"] as? [[String: Any]] ?? [] }
  var rowGroups: [[String: Any]] { structure["row_groups"] as? [[String: Any]] ?? [] }

  /// Chunks of one leaf, one a row group.
  func chunks(_ leaf: Int) -> [[String: Any]] {
    rowGroups.compactMap { ($0["columns"] as? [[String: Any]])?[leaf] }
  }

  /// Pages of one leaf, as for instance `DATA_V1 PLAIN 3`.
  func pages(_ leaf: Int) -> [String] {
    chunks(leaf).flatMap { $0["pages"] as? [[String: Any]] ?? [] }.map { page in
      "\(page["t"] ?? "") \(page["enc"] ?? "") \(page["n"] ?? "")"
    }
  }

  /// Rows as read by `reader`, by field; nil where it was not asked.
  func column(_ name: String, of reader: String) -> [Datum]? {
    (json[reader] as? [String: [Any]])?[name]?.map(IndependentReport.datum)
  }

  private static func datum(_ json: Any) -> Datum {
    if let list = json as? [Any] { return .list(list.map(datum)) }
    guard let text = json as? String else { return .null }
    let digits = Array(text.utf8)
    return .value(
      stride(from: 0, to: digits.count, by: 2).map { at in
        UInt8(String(decoding: digits[at..<at + 2], as: UTF8.self), radix: 16) ?? 0
      }
    )
  }
}

/// Readers that share no code with this library, run in a process of their own.
enum IndependentReaders {
  static let python = ProcessInfo.processInfo.environment["BACKFILL_PYTHON"] ?? "python3"

  /// Whether the readers are there; what is missing is said where a test is left out.
  static let areAvailable = (try? run(["-c", "import pyarrow.parquet, duckdb, numpy"])) != nil

  static let missing: Comment =
    "SKIPPED: no Python with pyarrow, duckdb and numpy. Install them and name the interpreter in BACKFILL_PYTHON."

  /// Reads files, all in one process.
  static func read(_ files: [[UInt8]]) throws -> [IndependentReport] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "parquet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var arguments = ["-B", URL(filePath: #filePath).appending(path: "../../Tools/read_parquet.py").standardized.path]
    for (index, bytes) in files.enumerated() {
      let path = folder.appending(path: "\(index).parquet")
      try Data(bytes).write(to: path)
      arguments.append(path.path)
    }
    let parsed = try JSONSerialization.jsonObject(with: try run(arguments)) as? [[String: Any]]
    return try #require(parsed).map(IndependentReport.init)
  }

  /// Writes a table, has it read and compares every value.
  ///
  /// - Returns: what the readers say.
  @discardableResult
  static func check(
    _ table: TestTable,
    _ properties: WriterProperties = WriterProperties(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> IndependentReport {
    try await check([(table, properties)], sourceLocation: sourceLocation)[0]
  }

  /// Writes tables, has them read and compares every value.
  @discardableResult
  static func check(
    _ cases: [(TestTable, WriterProperties)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [IndependentReport] {
    var files: [[UInt8]] = []
    for (table, properties) in cases { files.append(try await table.write(properties).bytes) }
    let reports = try read(files)
    for (index, report) in reports.enumerated() {
      let table = cases[index].0
      #expect(report.rows == table.rowCount, "case \(index)", sourceLocation: sourceLocation)
      for field in table.fields {
        for reader in ["pyarrow", "duckdb"] {
          guard let found = report.column(field.node.name, of: reader) else {
            #expect(reader == "duckdb", "no column \(field.node.name)", sourceLocation: sourceLocation)
            continue
          }
          let same = found == field.rows
          #expect(same, "case \(index), \(reader), field \(field.node.name)", sourceLocation: sourceLocation)
        }
      }
    }
    return reports
  }

  private static func run(_ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python] + arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ReaderFailure(description: String(decoding: complaint, as: UTF8.self))
    }
    return data
  }
}

/// A reader refused a file.
struct ReaderFailure: Error, CustomStringConvertible {
  let description: String
}
