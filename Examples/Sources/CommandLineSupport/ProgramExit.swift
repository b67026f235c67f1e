/// What a program tells the shell.
public enum ProgramExit: Int32, Sendable {
  /// Everything was done.
  case done = 0
  /// Finished, but a part failed.
  case partial = 1
  /// The command line, the configuration or the input is wrong.
  case usage = 2
  /// A store, a server or the machine failed.
  case environment = 3
  /// The user interrupted.
  case interrupted = 130
}
