import ArgumentParser
import CommandLineSupport

@main
struct MilvusBackfillProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "milvus-backfill",
    abstract: "Add columns to a Milvus collection on object storage by joining new values with its segments.",
    discussion: """
      EXAMPLES
        milvus-backfill inspect --root /data/milvus --collection-id 4706 --schema schema.json
        milvus-backfill plan --root /data/milvus --collection-id 4706 --schema schema.json --parquet new.parquet
        milvus-backfill run --root /data/milvus --collection-id 4706 --schema schema.json --parquet new.parquet \\
          --column-mapping key:id,score:score --mode coalesce --output-result result.json
        milvus-backfill dump --root /data/milvus --collection-id 4706 --schema schema.json --segment 4709 --canonical

      EXIT CODES
        0 done, 1 finished with failures, 2 wrong configuration or input, 3 store or machine at fault, 130 interrupted
      """,
    subcommands: [RunCommand.self, PlanCommand.self, InspectCommand.self, DumpCommand.self]
  )

  static func main() async {
    await Program.main(self)
  }
}
