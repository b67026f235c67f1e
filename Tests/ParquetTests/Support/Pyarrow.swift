import Foundation
import Testing

/// pyarrow as the writer and as the reader of a file, told what to do in a few lines of Python.
enum Pyarrow {
  private static let imports = """
    import sys, uuid
    import pyarrow as pa, pyarrow.parquet as pq
    from datetime import date, time
    from decimal import Decimal
    path = sys.argv[1]

    """

  /// Writes a table.
  ///
  /// - Parameters:
  ///   - script: sets `table`.
  ///   - options: more arguments of `write_table`.
  /// - Returns: the file.
  static func file(_ script: String, _ options: String = "") throws -> [UInt8] {
    try file(writtenBy: script + "\npq.write_table(table, path, \(options))")
  }

  /// Lets a script write a file.
  ///
  /// - Parameter script: writes to `path`.
  /// - Returns: the file.
  static func file(writtenBy script: String) throws -> [UInt8] {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(at: path) }
    try run(script, path)
    return try Surroundings.bytes(path)
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - expressions: of `table`, and of `schema`, which is that of the file.
  ///   - script: what is run before them.
  /// - Returns: the lines that are printed: one for each expression, behind those of the script.
  static func read(_ file: [UInt8], _ expressions: [String], after script: String = "") throws -> [String] {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(file).write(to: path)
    let opening = "file = pq.ParquetFile(path)\ntable, schema = file.read(), file.schema"
    let lines = [opening, script] + expressions.map { "print(\($0))" }
    let output = try run(lines.joined(separator: "\n"), path)
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Reads a file and compares what is said of each of its columns.
  static func check(
    _ file: [UInt8],
    _ columns: [PyarrowColumn],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    // Times as text: as Python objects they are shown in another way by each version.
    let functions = """
      def leaves(name):
          leaves = [schema.column(index) for index in range(len(schema))]
          return [str(leaf.logical_type) for leaf in leaves if leaf.path.split('.')[0] == name]
      def values(name):
          column = table[name]
          return (column.cast(pa.string()) if pa.types.is_temporal(column.type) else column).to_pylist()
      print(table.column_names)
      """
    let questions = columns.flatMap { column in
      ["table.schema.field('\(column.name)')", "leaves('\(column.name)')", "values('\(column.name)')"]
    }
    let said = try read(file, questions, after: functions)
    try #require(said.count == 1 + questions.count, sourceLocation: sourceLocation)
    let names = columns.map { "'\($0.name)'" }.joined(separator: ", ")
    #expect(said[0] == "[\(names)]", sourceLocation: sourceLocation)
    for (index, column) in columns.enumerated() {
      let logical = column.logical.map { "'\($0)'" }.joined(separator: ", ")
      #expect(said[1 + 3 * index] == "pyarrow.Field<\(column.name): \(column.type)>", sourceLocation: sourceLocation)
      #expect(said[2 + 3 * index] == "[\(logical)]", "\(column.name)", sourceLocation: sourceLocation)
      #expect(said[3 + 3 * index] == "[\(column.values)]", "\(column.name)", sourceLocation: sourceLocation)
    }
  }

  private static func temporaryPath() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("pyarrow-\(UUID().uuidString).parquet")
  }

  @discardableResult
  private static func run(_ script: String, _ path: URL) throws -> [UInt8] {
    guard let python = Surroundings.python else { throw Surroundings.ProgramFailed(status: -1) }
    return try Surroundings.run(python, ["-c", imports + script, path.path])
  }
}

/// What pyarrow is to say of a column.
struct PyarrowColumn {
  let name: String
  /// Type and nullability in Arrow.
  let type: String
  /// The annotations of its leaves in the file.
  let logical: [String]
  /// Its rows.
  let values: String

  init(_ name: String, _ type: String, _ logical: String..., values: String) {
    self.name = name
    self.type = type
    self.logical = logical
    self.values = values
  }
}
