@preconcurrency internal import Glibc

/// The environment of this process.
enum ProcessEnvironment {
  /// All variables, now.
  static var current: [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if let mark = text.firstIndex(of: "=") {
        variables[String(text[..<mark])] = String(text[text.index(after: mark)...])
      }
      next += 1
    }
    return variables
  }
}

extension [String: String] {
  /// The value of a variable; nil for an empty one.
  func nonEmpty(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// Whether a variable says true.
  func isTrue(_ name: String) -> Bool { self[name]?.lowercased() == "true" }
}
