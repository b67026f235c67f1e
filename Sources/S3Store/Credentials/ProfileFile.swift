/// The profiles of a file, `~/.aws/credentials` or `~/.aws/config`.
///
///     # a comment
///     [default]
///     aws_access_key_id = AKIA…        ; a comment after a blank
///     region=eu-west-1
///     [profile x]                      the config file's form of [x]
///     s3 =
///       addressing_style = path        lines with a blank in front belong to the setting above, and are passed over
struct ProfileFile: Equatable {
  enum Kind: Equatable {
    case credentials
    /// Has profiles under `[default]` and `[profile name]`, and sections of other kinds.
    case config
  }

  /// What is wrong, with the number of the line; never what is there.
  struct Failure: Error, Equatable {
    let message: String
  }

  /// Settings by profile, their names in lower case.
  private(set) var profiles: [String: [String: String]] = [:]

  /// No profiles.
  init() {}

  /// Reads a file.
  init(_ content: [UInt8], kind: Kind) throws(Failure) {
    guard let text = String(validating: content, as: UTF8.self) else { throw Failure(message: "it is not UTF-8 text") }
    var profile: String?
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let isIndented = line.first == " " || line.first == "\t"
      let line = Self.trimmed(line)
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("[") {
        guard let end = line.firstIndex(of: "]") else { throw Failure(message: "line \(index + 1) is no [section]") }
        profile = Self.profile(Self.trimmed(line[line.index(after: line.startIndex)..<end]), kind)
        if let profile, profiles[profile] == nil { profiles[profile] = [:] }
        continue
      }
      guard let profile, !isIndented else { continue }
      guard let mark = line.firstIndex(of: "=") else {
        throw Failure(message: "line \(index + 1) is no setting, as it has no =")
      }
      let value = Self.withoutComment(Self.trimmed(line[line.index(after: mark)...]))
      profiles[profile]?[Self.trimmed(line[..<mark]).lowercased()] = String(value)
    }
  }

  /// The profile that a section is; nil for a section of another kind.
  private static func profile(_ section: Substring, _ kind: Kind) -> String? {
    guard kind == .config, section != "default" else { return String(section) }
    guard section.hasPrefix("profile"), section.dropFirst(7).first.map({ " \t".contains($0) }) == true else {
      return nil
    }
    let name = trimmed(section.dropFirst(7))
    for quote in ["\"", "'"] where name.count > 1 && name.hasPrefix(quote) && name.hasSuffix(quote) {
      return String(name.dropFirst().dropLast())
    }
    return String(name)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// A value up to a `#` or `;` with a blank in front.
  private static func withoutComment(_ value: Substring) -> Substring {
    var before: Character = " "
    for index in value.indices {
      if before.isWhitespace, value[index] == "#" || value[index] == ";" { return trimmed(value[..<index]) }
      before = value[index]
    }
    return value
  }
}
