internal import Synchronization

/// How the program talks: results on standard output, everything else on standard error.
public final class Console: Sendable {
  /// The flags that the user gave.
  public let options: CommonOptions
  private let program: String
  private let buffer = Mutex<[UInt8]>([])
  private static let flushBytes = 64 << 10

  init(program: String, options: CommonOptions) {
    self.program = program
    self.options = options
  }

  /// Whether results go to a person's screen.
  public var isTerminal: Bool { FileDescriptor.output.isTerminal }

  /// Columns of the screen.
  public var columns: Int { FileDescriptor.output.columns }

  /// Appends bytes to standard output, which is buffered.
  ///
  /// - Parameter bytes: what to write.
  public func write(_ bytes: [UInt8]) throws {
    try buffer.withLock { buffer in
      buffer.append(contentsOf: bytes)
      guard buffer.count >= Console.flushBytes else { return }
      defer { buffer.removeAll(keepingCapacity: true) }
      try FileDescriptor.output.write(buffer)
    }
  }

  /// Appends a text and a line end to standard output.
  ///
  /// - Parameter text: what to write.
  public func print(_ text: String) throws {
    try write(Array(text.utf8) + [UInt8(ascii: "\n")])
  }

  /// Writes out what is buffered; a program's end does it too.
  public func flush() throws {
    try buffer.withLock { buffer in
      defer { buffer.removeAll(keepingCapacity: true) }
      try FileDescriptor.output.write(buffer)
    }
  }

  /// Tells the user something on standard error; not with `--quiet`.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - fields: names and values that belong to it.
  public func note(_ text: String, _ fields: [(name: String, value: String)] = []) {
    guard !options.quiet else { return }
    log("info", text, fields)
  }

  /// Tells the user about a thing that may be wrong, on standard error.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - fields: names and values that belong to it.
  public func warn(_ text: String, _ fields: [(name: String, value: String)] = []) {
    log("warning", text, fields)
  }

  /// Tells details on standard error; only with `-v`.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - fields: names and values that belong to it.
  public func detail(_ text: String, _ fields: [(name: String, value: String)] = []) {
    guard options.verbose > 0 else { return }
    log("debug", text, fields)
  }

  /// Begins a progress line on standard error; it shows nothing with `--quiet`.
  ///
  /// - Parameters:
  ///   - label: what is going on.
  ///   - total: how much there is to do; nil when nobody knows.
  ///   - unit: what is counted.
  /// - Returns: the line.
  public func progress(_ label: String, total: Int64?, unit: ProgressLine.Unit) -> ProgressLine {
    ProgressLine(label, total: total, unit: unit, isShown: !options.quiet, format: options.logFormat)
  }

  func log(_ level: String, _ text: String, _ fields: [(name: String, value: String)]) {
    var line: [UInt8]
    switch options.logFormat {
    case .text:
      let marked = level == "warning" ? "warning: \(text)" : text
      let places = fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
      line = Array("\(program): \(marked)\(places.isEmpty ? "" : " (\(places))")".utf8)
    case .json:
      var writer = JSONWriter()
      writer.beginObject()
      writer.field("level", level)
      writer.field("message", text)
      for field in fields { writer.field(field.name, field.value) }
      writer.endObject()
      line = writer.take()
    }
    line.append(UInt8(ascii: "\n"))
    // Nothing can be told when standard error is gone.
    try? FileDescriptor.error.write(line)
  }

  func report(_ failure: ProgramFailure) {
    let text = options.json ? failure.json : failure.paragraph(program: program)
    try? FileDescriptor.error.write(text)
  }
}
