public import ArgumentParser
internal import Dispatch
internal import Glibc

/// A command that does something.
public protocol ProgramCommand: ParsableCommand, Sendable {
  /// The flags that every command takes.
  var common: CommonOptions { get }

  /// Does the work; what it throws is reported by ``Program/main(_:)``.
  ///
  /// - Parameter console: where results and notes go.
  /// - Returns: what the program exits with.
  func perform(_ console: Console) async throws -> ProgramExit
}

/// The one place where a program parses its command line, runs a command and ends.
public enum Program {
  /// Runs a program and ends the process.
  ///
  /// - Parameter root: the command that the others are subcommands of.
  public static func main(_ root: any ParsableCommand.Type) async -> Never {
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    let exit: ProgramExit
    do {
      var command = try root.parseAsRoot(arguments)
      if let work = command as? any ProgramCommand {
        exit = await run(work, name: name(of: root))
      } else {
        try command.run()
        exit = .done
      }
    } catch {
      exit = report(error, root, arguments)
    }
    Glibc.exit(exit.rawValue)
  }

  private static func name(of root: any ParsableCommand.Type) -> String {
    root.configuration.commandName ?? "program"
  }

  /// Help is a success; anything else that the parser throws is a usage error.
  private static func report(
    _ error: any Error,
    _ root: any ParsableCommand.Type,
    _ arguments: [String]
  ) -> ProgramExit {
    if root.exitCode(for: error) == .success {
      try? FileDescriptor.output.write(Array((root.fullMessage(for: error) + "\n").utf8))
      return .done
    }
    let program = name(of: root)
    var options = CommonOptions.defaults
    options.json = arguments.contains("--json")
    let failure = ProgramFailure.usage("\(sentence(root.message(for: error))) See '\(program) --help'.")
    Console(program: program, options: options).report(failure)
    return failure.exit
  }

  /// The parser's messages end in a full stop or not, and some have several lines.
  private static func sentence(_ message: String) -> String {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.hasSuffix(".") || line.hasSuffix(")") ? line : line + "."
  }

  private static func run(_ command: any ProgramCommand, name: String) async -> ProgramExit {
    let console = Console(program: name, options: command.common)
    ConsoleLog.begin(console)
    let task = Task {
      let exit = try await command.perform(console)
      try console.flush()
      return exit
    }
    let interrupt = onInterrupt { task.cancel() }
    defer { interrupt.cancel() }
    do {
      return try await task.value
    } catch is BrokenPipe {
      return .done
    } catch {
      // What was printed before the failure stays in order with it.
      try? console.flush()
      var failure = ProgramFailure(error)
      if task.isCancelled { failure.exit = .interrupted }
      console.report(failure)
      return failure.exit
    }
  }

  /// Calls `body` on the first Ctrl-C; the second ends the process at once.
  private static func onInterrupt(_ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: DispatchQueue(label: "interrupt"))
    source.setEventHandler {
      signal(SIGINT, SIG_DFL)
      body()
    }
    source.resume()
    return source
  }
}

extension CommonOptions {
  /// What holds when nothing was given: the property wrappers of an unparsed value cannot be read.
  static var defaults: CommonOptions {
    (try? CommonOptions.parse([])) ?? CommonOptions()
  }
}
