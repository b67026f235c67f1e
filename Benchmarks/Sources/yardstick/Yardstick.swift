import ArgumentParser

@main
struct Yardstick: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "yardstick",
    abstract: "Measures the library on whole jobs, on files that other engines can be measured on too.",
    discussion: """
      Every run prints one line of JSON: case, wall and CPU seconds, peak memory, bytes; a job also seconds by phase.

      EXAMPLES
        python3 Tools/gen.py --out data --scale ci
        swift run -c release yardstick columns --data data --out out
        swift run -c release yardstick job --data data --out out --mode coalesce
        python3 Tools/bench_job.py --engine own --data data/job --out out --mode coalesce
      """,
    subcommands: [ColumnsCommand.self, JobCommand.self, MemoryCommand.self, TinyCommand.self, S3Command.self]
  )
}
