import Logging
import Synchronization

/// Keeps what is logged, at any level.
final class CollectingLog: Sendable {
  struct Entry: Sendable {
    let level: Logger.Level
    let message: String
    let metadata: [String: String]

    var text: String { "\(level) \(message) \(metadata)" }
  }

  private let kept = Mutex<[Entry]>([])

  var entries: [Entry] { kept.withLock { $0 } }

  /// The entries of a level that begin so.
  func entries(_ level: Logger.Level, _ beginning: String = "") -> [Entry] {
    entries.filter { $0.level == level && $0.message.hasPrefix(beginning) }
  }

  func logger(_ level: Logger.Level = .trace) -> Logger {
    var logger = Logger(label: "test") { _ in Handler(log: self) }
    logger.logLevel = level
    return logger
  }

  private struct Handler: LogHandler {
    let log: CollectingLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
      log.kept.withLock { $0.append(Entry(level: event.level, message: "\(event.message)", metadata: fields)) }
    }
  }
}
