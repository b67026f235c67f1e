import ArgumentParser
import Backfill
import CommandLineSupport

struct PlanCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what run would do with the same flags; write nothing.",
    discussion: """
      EXAMPLE
        milvus-backfill plan --root milvus --collection-id 47 --schema s.json \\
          --parquet new.parquet --json
      """
  )

  @OptionGroup var collection: CollectionOptions
  @OptionGroup var join: JoinOptions
  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    var reader = ConfigurationReader()
    try collection.apply(to: &reader)
    try join.apply(to: &reader)
    let plan = try await MilvusBackfill.plan(try reader.finish()).get()
    if console.options.json {
      try console.write(plan.json)
    } else {
      try console.print(plan.summary)
    }
    return .done
  }
}
