import ArgumentParser
import ObjectStores

struct ColumnsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "columns",
    abstract: "Reads and writes files of one column each, from a warm page cache, with every value in memory.",
    discussion: """
      Reads DATA/columns/NAME.CODEC.parquet as Tools/gen.py makes them. Reading ends with the whole column in memory; \
      writing begins there and ends with a file in OUT, compressed as the file that was read, in row groups of 2^20 \
      rows. Files of special encodings are only read. One run more than asked for is made first, and not told of.

      EXAMPLES
        yardstick columns --data data --out out
        yardstick columns --data data --out out --ops read --only i64_rand.zstd --runs 5
      """
  )

  @Option(help: "Folder that has columns/ in it.")
  var data: String

  @Option(help: "Folder for the files that are written; those of earlier runs are replaced.")
  var out: String

  @Option(help: "read, write or both, joined by a comma.")
  var ops = "read,write"

  @Option(help: "Only files whose names begin with this.")
  var only = ""

  @Option(help: "Row groups read, or written, at the same time.")
  var threads = 1

  @Option(help: "Times each case is run.")
  var runs = 3

  func validate() throws {
    for (flag, value) in [("--runs", runs), ("--threads", threads)] where value < 1 {
      throw ValidationError("\(flag) is \(value); it must be at least 1.")
    }
    guard operations.allSatisfy({ ["read", "write"].contains($0) }) else {
      throw ValidationError("--ops is '\(ops)'; it must be read, write or read,write.")
    }
  }

  private var operations: [Substring] { ops.split(separator: ",") }

  func run() async throws {
    let store = try LocalStore(root: data + "/columns")
    let target = try LocalStore(root: out)
    for file in try await ColumnFile.all(in: store) where "\(file.name).\(file.codec)".hasPrefix(only) {
      for operation in operations where operation == "read" || file.isWritten {
        if operation == "read" { try await read(file, store) } else { try await write(file, store, target) }
      }
    }
  }

  private func read(_ file: ColumnFile, _ store: LocalStore) async throws {
    for run in 0...runs {
      let stopwatch = Stopwatch()
      let values = try await file.read(from: store, threads: threads)
      let figures = stopwatch.figures()
      if run > 0 { print(line("read", file, values, figures)) }
    }
  }

  private func write(_ file: ColumnFile, _ store: LocalStore, _ target: LocalStore) async throws {
    let values = try await file.read(from: store, threads: 1)
    for run in 0...runs {
      // Making room for the new file is not measured.
      _ = try await target.delete([file.written])
      let stopwatch = Stopwatch()
      let bytes = try await file.write(values, to: target, threads: threads)
      let figures = stopwatch.figures()
      if run > 0 { print(line("write", file, values, figures + [#""file_bytes": \#(bytes)"#])) }
    }
  }

  private func line(_ operation: String, _ file: ColumnFile, _ values: ColumnFile.Values, _ more: [String]) -> String {
    let members = [#""case": "\#(operation) \#(file.name).\#(file.codec)""#] + more
    let sizes = [#""rows": \#(values.rowCount)"#, #""bytes": \#(values.byteCount)"#]
    return "{\((members + sizes).joined(separator: ", "))}"
  }
}
