import ArgumentParser
import CommandLineSupport

/// Looks into Parquet files.
@main
struct Parquet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet",
    abstract: "Look into Parquet files.",
    discussion: """
      FILE is a plain path or a location such as file:///data/trips.parquet.

      Examples:
        parquet schema trips.parquet
        parquet meta trips.parquet --pages
        parquet cat trips.parquet --columns id,fare --limit 10
        parquet cat trips.parquet --format csv > trips.csv

      Exit codes: 0 done, 2 wrong command line or unreadable file, 3 storage error, 130 interrupted.
      """,
    subcommands: [SchemaCommand.self, MetaCommand.self, CatCommand.self]
  )

  static func main() async {
    await Program.main(Parquet.self)
  }
}
