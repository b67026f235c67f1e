import ArgumentParser
import CommandLineSupport

@main
struct MilvusBackfillProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "milvus-backfill",
    abstract: "Add columns to a Milvus collection on object storage by joining new values with its segments.",
    discussion: """
      EXAMPLES
        milvus-backfill inspect --root milvus --collection-id 47 --schema s.json
        milvus-backfill plan --root milvus --collection-id 47 --schema s.json \\
          --parquet new.parquet
        milvus-backfill run --root milvus --collection-id 47 --schema s.json \\
          --parquet new.parquet --column-mapping key:id,score:score \\
          --mode coalesce --output-result result.json
        milvus-backfill dump --root milvus --collection-id 47 --schema s.json \\
          --segment 4709 --canonical

      EXIT CODES
        0 done                              3 store or machine at fault
        1 finished with failures          130 interrupted
        2 wrong configuration or input
      """,
    subcommands: [RunCommand.self, PlanCommand.self, InspectCommand.self, DumpCommand.self]
  )

  static func main() async {
    await Program.main(self)
  }
}
