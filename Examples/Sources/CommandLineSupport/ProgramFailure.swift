internal import Backfill

/// An error as a program reports it: one paragraph and an exit code.
public struct ProgramFailure: Error, Sendable {
  /// What the program exits with.
  public var exit: ProgramExit
  /// A short name of the kind, for `--json`.
  public var code: String
  /// What was wrong and what to do next.
  public var message: String
  /// Places, for `--json`: names and values.
  public var details: [(name: String, value: String)]

  /// Creates a failure.
  ///
  /// - Parameters:
  ///   - exit: what the program exits with.
  ///   - code: a short name of the kind.
  ///   - message: what was wrong and what to do next.
  ///   - details: names and values of places.
  public init(
    _ exit: ProgramExit,
    code: String,
    _ message: String,
    details: [(name: String, value: String)] = []
  ) {
    self.exit = exit
    self.code = code
    self.message = message
    self.details = details
  }

  /// A mistake on the command line.
  ///
  /// - Parameter message: what was wrong and what to do next.
  /// - Returns: a failure that exits with 2.
  public static func usage(_ message: String) -> ProgramFailure {
    ProgramFailure(.usage, code: "usage", message)
  }

  /// Maps an error of the library, or of a command, onto an exit code.
  ///
  /// - Parameters:
  ///   - error: what was thrown.
  ///   - location: the location that the user named, where the error does not know it.
  public init(_ error: any Error, location: String? = nil) {
    switch error {
    case let known as ProgramFailure: self = known
    case let backfill as BackfillError: self.init(backfill)
    case let parquet as ParquetError: self.init(parquet, location: location)
    case let store as ObjectStoreError: self.init(store, location: location)
    case is CancellationError: self = .interrupted
    default: self.init(.partial, code: "unexpected", "\(error)")
    }
  }

  private static let interrupted = ProgramFailure(.interrupted, code: "cancelled", "Interrupted.")

  private init(_ error: BackfillError) {
    let exit: ProgramExit =
      switch error.remedy {
      case _ where error.code == .cancelled: .interrupted
      case .caller: .usage
      case .environment: .environment
      case .library: .partial
      }
    self.init(exit, code: error.code.rawValue, error.description)
    add("path", error.path)
    add("segment", error.segment.map { "\($0)" })
    add("field", error.field)
    add("offset", error.offset.map { "\($0)" })
  }

  private init(_ error: ParquetError, location: String?) {
    if let store = error.underlying as? ObjectStoreError {
      self.init(store, location: location ?? error.file)
      return
    }
    var placed = error
    placed.file = location ?? error.file
    self.init(
      error.code == .storage ? .environment : .usage,
      code: error.code.rawValue,
      placed.description
    )
    add("path", placed.file)
    add("rowGroup", error.rowGroup.map { "\($0)" })
    add("column", error.column)
    add("offset", error.offset.map { "\($0)" })
  }

  private init(_ error: ObjectStoreError, location: String?) {
    let callers: [ObjectStoreError.Code] = [.notFound, .invalidKey, .configuration, .unsupported]
    let exit: ProgramExit =
      switch error.code {
      case .cancelled: .interrupted
      case _ where callers.contains(error.code): .usage
      default: .environment
      }
    let place = location ?? error.key?.text
    let isNamed = place.map { error.message.contains($0) } ?? true
    self.init(exit, code: error.code.rawValue, isNamed ? error.message : "\(error.message) (\(place ?? ""))")
    add("path", place)
  }

  private mutating func add(_ name: String, _ value: String?) {
    if let value { details.append((name, value)) }
  }

  /// The failure as one JSON object and a line end.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("error")
    writer.beginObject()
    writer.field("code", code)
    writer.field("message", message)
    writer.field("exitCode", Int(exit.rawValue))
    for detail in details { writer.field(detail.name, detail.value) }
    writer.endObject()
    writer.endObject()
    return writer.take() + [UInt8(ascii: "\n")]
  }

  /// The failure as one paragraph.
  func paragraph(program: String) -> [UInt8] {
    Array("\(program): \(message)\n".utf8)
  }
}
