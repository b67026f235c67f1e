import ArgumentParser
import ObjectStores
import Parquet

struct TinyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tiny",
    abstract: "Opens many small files: their footers, then all of their values.",
    discussion: """
      Reads DATA/tiny/*.parquet as Tools/gen.py makes them, one after the other, from a warm page cache. The names are \
      known beforehand; a file is opened, read and closed. One run more than asked for is made first, and not told of.

      EXAMPLES
        yardstick tiny --data data
        yardstick tiny --data data --runs 5
      """
  )

  @Option(help: "Folder that has tiny/ in it.")
  var data: String

  @Option(help: "Times each case is run.")
  var runs = 3

  func validate() throws {
    guard runs > 0 else { throw ValidationError("--runs is \(runs); it must be at least 1.") }
  }

  func run() async throws {
    let store = try LocalStore(root: data + "/tiny")
    var keys: [ObjectKey] = []
    for try await object in store.objects(prefix: "") { keys.append(object.key) }
    try await measure("footer", keys) { key in try await footer(key, store) }
    try await measure("read", keys) { key in try await read(key, store) }
  }

  private func measure(_ name: String, _ keys: [ObjectKey], _ body: (ObjectKey) async throws -> Int) async throws {
    for run in 0...runs {
      let stopwatch = Stopwatch()
      var bytes = 0
      for key in keys { bytes += try await body(key) }
      let figures = stopwatch.figures()
      guard run > 0 else { continue }
      let members = [#""case": "\#(name)""#] + figures + [#""files": \#(keys.count)"#, #""bytes": \#(bytes)"#]
      print("{\(members.joined(separator: ", "))}")
    }
  }

  /// Reads the footer and returns the file's length.
  private func footer(_ key: ObjectKey, _ store: LocalStore) async throws -> Int {
    let source = try await ObjectSource(key, in: store)
    let reader = try await NativeParquetCodec().openReader(source)
    return reader.metadata.rowCount > 0 ? source.size : 0
  }

  /// Reads all values and returns the bytes that they take.
  private func read(_ key: ObjectKey, _ store: LocalStore) async throws -> Int {
    let reader = try await NativeParquetCodec().openReader(try await ObjectSource(key, in: store))
    let rows = try reader.rows(RowSelection())
    var bytes = 0
    while let batch = try await rows.next(limit: 1 << 20) { bytes += batch.columns.reduce(0) { $0 + $1.byteCount } }
    return bytes
  }
}
