import ArgumentParser
import CommandLineSupport

/// Looks into Parquet files, verifies and rewrites them.
@main
struct Parquet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet",
    abstract: "Look into Parquet files, verify them and write them anew.",
    discussion: """
      FILE is a plain path or a location such as file:///data/trips.parquet.

      Examples:
        parquet schema trips.parquet
        parquet meta trips.parquet --pages
        parquet cat trips.parquet --columns id,fare --limit 10
        parquet cat trips.parquet --format csv > trips.csv
        parquet verify trips.parquet
        parquet copy trips.parquet small.parquet --codec zstd --level 9

      Exit codes: 0 done, 1 faults found, 2 wrong command line or unreadable
      file, 3 storage error, 130 interrupted.
      """,
    subcommands: [SchemaCommand.self, MetaCommand.self, CatCommand.self, VerifyCommand.self, CopyCommand.self]
  )

  static func main() async {
    await Program.main(Parquet.self)
  }
}
