import ArgumentParser
import Backfill
import CommandLineSupport
import Synchronization

struct RunCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Join new values with the segments and write their column files.",
    discussion: """
      Nothing is written before everything was checked. Run the same command again
      to resume after an interruption; a run that was complete is checked and
      changes nothing.

      EXAMPLES
        milvus-backfill run --root milvus --collection-id 47 --schema s.json \\
          --parquet new.parquet
        milvus-backfill run --root milvus --collection-id 47 --schema s.json \\
          --parquet corrections/ --mode overwrite \\
          --output-root restored --complete-tree
      """
  )

  @OptionGroup var collection: CollectionOptions
  @OptionGroup var join: JoinOptions
  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    var reader = ConfigurationReader()
    try collection.apply(to: &reader)
    try join.apply(to: &reader)
    let configuration = try reader.finish()
    let display = ProgressDisplay(console)
    let outcome = await MilvusBackfill.run(configuration) { display.show($0) }
    display.finish()
    switch outcome {
    case .success(let result):
      for warning in result.warnings { console.warn(warning) }
      if console.options.json {
        try console.write(result.json)
      } else {
        try console.print(result.summary)
        if console.options.verbose > 0 { try console.print(result.segmentSummary) }
      }
      return result.allSegmentsSuccessful ? .done : .partial
    case .failure(let error):
      if error.code == .cancelled {
        console.warn("interrupted; run the same command again to resume")
        return .interrupted
      }
      throw error
    }
  }
}

/// Shows the phases of a run, each with a progress line.
final class ProgressDisplay: Sendable {
  private struct State {
    var phase: BackfillProgress.Phase?
    var line: ProgressLine?
  }

  private let console: Console
  private let state = Mutex(State())

  init(_ console: Console) {
    self.console = console
  }

  func show(_ progress: BackfillProgress) {
    let line = state.withLock { state -> ProgressLine? in
      if state.phase != progress.phase {
        state.line?.finish()
        state.phase = progress.phase
        state.line =
          progress.phase == .planning
          ? nil : console.progress(progress.phase.rawValue, total: progress.rowsTotal, unit: .items("rows"))
      }
      return state.line
    }
    line?.update(progress.rowsDone)
  }

  func finish() {
    state.withLock { $0.line?.finish() }
  }
}
