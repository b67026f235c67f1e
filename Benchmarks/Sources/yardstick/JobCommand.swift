public import ArgumentParser
public import MilvusStorage
import Parquet

struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Joins new columns to the rows of every segment and writes one Parquet file per segment and field.",
    discussion: """
      Reads DATA/job as Tools/gen.py makes it: seg/NNN/0.parquet (pk, old_s, old_i) and new.parquet (pk, s, i, vec). \
      Writes OUT/NNN/{s,i,vec}.parquet. old_s and old_i are the existing values of s and i; vec has none. Files are not \
      forced to disk. Peak memory is that of the process, so it holds for all runs up to then.

      EXAMPLES
        yardstick job --data data --out out
        yardstick job --data data --out out --mode replace --threads 1 --runs 3
        yardstick job --data data --out out --codec auto --batch-size 8192
      """
  )

  @Option(help: "Folder that has job/ in it.")
  var data: String

  @Option(help: "Folder for the output; files of earlier runs are replaced.")
  var out: String

  @Option(help: "Segments processed at a time.")
  var threads = 2

  @Option(help: "Times the job is run.")
  var runs = 1

  @Option(help: "coalesce, overwrite or replace.")
  var mode = JoinMode.coalesce

  @Option(help: "zstd:LEVEL, none, or auto (vectors none, the rest zstd:3).")
  var codec = ColumnCodec.zstd(level: 3)

  @Option(help: "Rows joined at a time.")
  var batchSize = 1024

  func validate() throws {
    for (flag, value) in [("--threads", threads), ("--runs", runs), ("--batch-size", batchSize)] where value < 1 {
      throw ValidationError("\(flag) is \(value); it must be at least 1.")
    }
  }

  func run() async throws {
    let job = JoinJob(data: data, out: out, threads: threads, mode: mode, codec: codec, batchSize: batchSize)
    for _ in 0..<runs {
      let stopwatch = Stopwatch()
      let outcome = try await job.run()
      print(stopwatch.line(of: outcome, job: job))
    }
  }
}

extension JoinMode: @retroactive ExpressibleByArgument {}

/// Compression of the output.
enum ColumnCodec: Hashable, ExpressibleByArgument {
  case automatic
  case none
  case zstd(level: Int)

  init?(argument: String) {
    switch argument {
    case "auto": self = .automatic
    case "none": self = .none
    default:
      guard argument.hasPrefix("zstd:"), let level = Int(argument.dropFirst(5)), 1...22 ~= level else { return nil }
      self = .zstd(level: level)
    }
  }

  var defaultValueDescription: String {
    switch self {
    case .automatic: "auto"
    case .none: "none"
    case .zstd(let level): "zstd:\(level)"
    }
  }

  func properties(of field: FieldSchema) -> WriterProperties {
    var properties = WriterProperties()
    switch self {
    case .automatic where field.dataType.isVector: properties.defaults.codec = .uncompressed
    case .automatic: break
    case .none: properties.defaults.codec = .uncompressed
    case .zstd(let level): properties.defaults.level = level
    }
    return properties
  }
}
