import Backfill
import CommandLineSupport

/// Turns what the user typed into a configuration and notes every mistake, so that all are told at once.
struct ConfigurationReader {
  var configuration = BackfillConfiguration()
  private(set) var problems: [String] = []

  /// The configuration, or one error with all mistakes.
  func finish() throws(BackfillError) -> BackfillConfiguration {
    let all = problems + configuration.problems()
    guard all.isEmpty else { throw BackfillError(.engineConfiguration, all.joined(separator: "\n")) }
    return configuration
  }

  /// The configuration of commands that only look at a collection.
  func finishCollection() throws(BackfillError) -> BackfillConfiguration {
    guard problems.isEmpty else { throw BackfillError(.engineConfiguration, problems.joined(separator: "\n")) }
    return configuration
  }

  mutating func integer(_ text: String?, _ flag: String) -> Int64? {
    guard let text else { return nil }
    if let value = Int64(text) { return value }
    problems.append("\(flag) is '\(text)'; a whole number is needed.")
    return nil
  }

  mutating func choice<T: RawRepresentable & CaseIterable>(
    _ text: String?,
    _ flag: String,
    default standard: T
  ) -> T where T.RawValue == String {
    guard let text else { return standard }
    if let value = T(rawValue: text) { return value }
    let known = T.allCases.map(\.rawValue).joined(separator: ", ")
    problems.append("\(flag) is '\(text)'; it must be one of: \(known).")
    return standard
  }

  /// `source:target,source:target`.
  mutating func mapping(_ text: String?) -> [ColumnMapping] {
    guard let text else { return [] }
    var pairs: [ColumnMapping] = []
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let names = pair.split(separator: ":", omittingEmptySubsequences: false)
      guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else {
        problems.append("--column-mapping has '\(pair)'; write source:target,source:target.")
        continue
      }
      pairs.append(ColumnMapping(String(names[0]), to: String(names[1])))
    }
    return pairs
  }

  /// Bytes with an optional unit: `512MiB`, `2GiB`, `1000000`.
  mutating func bytes(_ text: String?, _ flag: String) -> Int64? {
    guard let text else { return nil }
    let units: [(suffix: String, size: Int64)] = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("kB", 1000), ("MB", 1_000_000),
      ("GB", 1_000_000_000), ("B", 1),
    ]
    let unit = units.first { text.hasSuffix($0.suffix) }
    let number = Int64(text.dropLast(unit?.suffix.count ?? 0))
    let (value, overflow) = (number ?? -1).multipliedReportingOverflow(by: unit?.size ?? 1)
    guard number != nil, value > 0, !overflow else {
      problems.append("\(flag) is '\(text)'; write bytes, such as 512MiB or 2GiB.")
      return nil
    }
    return value
  }

  /// `auto`, `none`, `zstd` or `zstd:LEVEL`.
  mutating func compression(_ text: String?) -> OutputCompression {
    switch text {
    case nil, "auto": return .automatic
    case "none": return .none
    case "zstd": return .zstd(level: 3)
    case .some(let other):
      if other.hasPrefix("zstd:"), let level = Int(other.dropFirst(5)) { return .zstd(level: level) }
      problems.append(
        "--compression is '\(other)'; it must be auto, none, zstd or zstd:LEVEL (servers read no other codec in StorageV1)."
      )
      return .automatic
    }
  }
}
