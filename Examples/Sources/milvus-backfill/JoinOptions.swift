import ArgumentParser
import Backfill
import CommandLineSupport
import S3Store

/// What is joined, how, and where it goes.
struct JoinOptions: ParsableArguments {
  @Option(help: "Location of new values: a Parquet file or a folder of them; may be repeated.")
  var parquet: [String] = []

  @Option(help: "coalesce (fill gaps), overwrite (correct values) or replace (start anew); default coalesce.")
  var mode: String?

  @Option(help: "Input columns and the fields they fill, the key among them: source:target,source:target.")
  var columnMapping: String?

  @Option(help: "Field that is joined on; default the primary key.")
  var joinKey: String?

  @Option(help: "Id of the primary key field, checked against the schema.")
  var pkField: String?

  @Option(help: "Location of a separate tree for the output; needed for fields that already have data.")
  var outputRoot: String?

  @Flag(help: "Copy everything else into the separate tree too, so that it can be restored.")
  var completeTree = false

  @Option(help: "milvus, or connector (one Parquet file a segment, as the Spark connector writes); default milvus.")
  var layout: String?

  @Option(help: "Key below the root where layout connector writes; default the segment's folder.")
  var customOutputPath: String?

  @Option(help: "Location where the result document goes, besides the journal.")
  var outputResult: String?

  @Option(help: "auto (vectors none, the rest zstd:3), none, zstd or zstd:LEVEL; default auto.")
  var compression: String?

  @Option(help: "Rows handed to a writer at a time; default 1024.")
  var batchSize: String?

  @Option(help: "Memory to stay under, such as 2GiB; default half of the machine's.")
  var memoryBudget: String?

  @Option(help: "Segments processed at a time; default the number of cores.")
  var parallelism: String?

  @Option(help: "error, or lastWins; default error.")
  var onDuplicateKey: String?

  @Option(help: "What happens to a null in a field that cannot hold one: error, or default; default error.")
  var onNull: String?

  @Option(help: "Resume this plan and no other.")
  var resume: String?

  @OptionGroup(title: "S3 of the new values") var source: SourceOptions

  func apply(to reader: inout ConfigurationReader) throws {
    if let settings = source.settings {
      var resolver = reader.configuration.resolver
      resolver.registerS3(try settings.template())
      reader.configuration.inputResolver = resolver
    }
    reader.configuration.input = parquet
    reader.configuration.mode = reader.choice(mode, "--mode", default: .coalesce)
    reader.configuration.columnMapping = reader.mapping(columnMapping)
    reader.configuration.joinKey = joinKey
    reader.configuration.pkFieldToRead = reader.integer(pkField, "--pk-field")
    reader.configuration.outputRoot = outputRoot
    reader.configuration.completeTree = completeTree
    reader.configuration.layout = reader.choice(layout, "--layout", default: .milvus)
    reader.configuration.customOutputPath = customOutputPath
    reader.configuration.outputResult = outputResult
    reader.configuration.compression = reader.compression(compression)
    reader.configuration.batchSize = reader.integer(batchSize, "--batch-size").map { Int(clamping: $0) } ?? 1024
    reader.configuration.memoryBudget = reader.bytes(memoryBudget, "--memory-budget")
    reader.configuration.parallelism = reader.integer(parallelism, "--parallelism").map { Int(clamping: $0) }
    reader.configuration.onDuplicateKey = reader.choice(onDuplicateKey, "--on-duplicate-key", default: .error)
    reader.configuration.onNull = reader.choice(onNull, "--on-null", default: .error)
    reader.configuration.resume = resume
  }
}
