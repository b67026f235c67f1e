internal import Logging
internal import ObjectStores

/// What the store tells the logger that it was given; nothing, at next to no cost, where there is none or it does not
/// want to know.
///
/// Of keys only the last four characters of the public half are told; headers and queries, which hold signatures and
/// tokens, are not.
struct S3Log: Sendable {
  private let logger: Logger?

  /// Takes a logger.
  ///
  /// - Parameters:
  ///   - logger: nil for none.
  ///   - bucket: what the entries are about.
  init(_ logger: Logger?, bucket: String) {
    var logger = logger
    logger?[metadataKey: "bucket"] = "\(bucket)"
    self.logger = logger
  }

  private init() {
    logger = nil
  }

  /// Tells nothing.
  static let silent = S3Log()

  /// The logger, if it wants to know.
  func logger(_ level: Logger.Level) -> Logger? {
    guard let logger, logger.logLevel <= level else { return nil }
    return logger
  }
}

extension Duration {
  /// In milliseconds, as text.
  var inMilliseconds: String {
    let micros = components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    let fraction = String(abs(micros) % 1000)
    return "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
  }
}
