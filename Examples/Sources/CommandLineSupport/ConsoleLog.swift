internal import Logging

/// What libraries log, as messages of the program.
struct ConsoleLog: LogHandler {
  private let console: Console
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level

  private init(_ console: Console) {
    self.console = console
    logLevel = ConsoleLog.level(console.options.verbose)
  }

  /// Makes all loggers of the process talk through a console; called once.
  static func begin(_ console: Console) {
    LoggingSystem.bootstrap { _ in ConsoleLog(console) }
  }

  /// Without `-v` nothing: errors tell what matters.
  private static func level(_ verbosity: Int) -> Logger.Level {
    switch verbosity {
    case ..<1: .critical
    case 1: .info
    case 2: .debug
    default: .trace
    }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    let sorted = fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
    console.log("\(event.level)", "\(event.message)", sorted)
  }
}
