public import ArgumentParser

/// The flags that every command takes.
public struct CommonOptions: ParsableArguments, Sendable {
  /// How messages on standard error look.
  public enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Lines for people.
    case text
    /// One JSON object a line.
    case json
  }

  /// Results and errors are JSON.
  @Flag(help: "Write results and errors as JSON.")
  public var json = false

  /// No progress and no notes.
  @Flag(name: .shortAndLong, help: "Show no progress and no notes; warnings and errors stay.")
  public var quiet = false

  /// How often `-v` was given.
  @Flag(
    name: .shortAndLong,
    help:
      "Tell more about what is going on; of S3 where keys came from, -vv what was repeated and why, -vvv each request."
  )
  public var verbose: Int

  /// How messages look.
  @Option(help: "Form of messages on standard error: text or json.")
  public var logFormat = LogFormat.text

  /// Creates the defaults.
  public init() {}
}
