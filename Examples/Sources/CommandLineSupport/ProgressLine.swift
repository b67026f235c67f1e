internal import Synchronization

/// How far long work has come: a bar with rate and time left on a terminal, else a line every few seconds.
public final class ProgressLine: Sendable {
  /// What is counted.
  public enum Unit: Sendable {
    /// Bytes, shown in binary multiples.
    case bytes
    /// Things with a name in the plural.
    case items(String)
  }

  private struct State {
    var completed: Int64 = 0
    var lastShown: ContinuousClock.Instant
    var isDrawn = false
  }

  private let label: String
  private let total: Int64?
  private let unit: Unit
  private let isShown: Bool
  private let format: CommonOptions.LogFormat
  private let onTerminal: Bool
  private let start = ContinuousClock.now
  private let state: Mutex<State>

  init(_ label: String, total: Int64?, unit: Unit, isShown: Bool, format: CommonOptions.LogFormat) {
    self.label = label
    self.total = total
    self.unit = unit
    self.isShown = isShown
    self.format = format
    onTerminal = format == .text && FileDescriptor.error.isTerminal
    state = Mutex(State(lastShown: start))
  }

  /// Counts work that was done.
  ///
  /// - Parameter added: how much more.
  public func advance(by added: Int64) {
    change { $0 += added }
  }

  /// States how much was done in all.
  ///
  /// - Parameter completed: how much.
  public func update(_ completed: Int64) {
    change { $0 = completed }
  }

  /// Takes the bar away.
  public func finish() {
    state.withLock { state in
      guard state.isDrawn else { return }
      state.isDrawn = false
      try? FileDescriptor.error.write(Array("\r\u{1b}[K".utf8))
    }
  }

  private func change(_ body: (inout Int64) -> Void) {
    guard isShown else { return }
    state.withLock { state in
      body(&state.completed)
      let now = ContinuousClock.now
      guard now - state.lastShown >= (onTerminal ? .milliseconds(100) : .seconds(5)) else { return }
      state.lastShown = now
      state.isDrawn = onTerminal
      let line = line(state.completed, elapsed: now - start)
      try? FileDescriptor.error.write(line)
    }
  }

  private func line(_ completed: Int64, elapsed: Duration) -> [UInt8] {
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let rate = seconds > 0 ? Double(completed) / seconds : 0
    let left = total.flatMap { rate > 0 ? Double(max(0, $0 - completed)) / rate : nil }
    if format == .json { return json(completed, rate: rate, left: left) }
    var parts = [
      total.map { "\(amount(completed)) of \(amount($0))" } ?? amount(completed), "\(amount(Int64(rate)))/s",
    ]
    if let left { parts.append("\(clock(left)) left") }
    let text = parts.joined(separator: ", ")
    guard onTerminal else { return Array("\(label): \(text)\n".utf8) }
    return Array("\r\(label) \(bar(completed, room: label.count + text.count + 4))\(text)\u{1b}[K".utf8)
  }

  private func json(_ completed: Int64, rate: Double, left: Double?) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("level", "info")
    writer.field("progress", label)
    writer.field("completed", completed)
    writer.field("total", total)
    writer.field("perSecond", rate)
    writer.field("secondsLeft", left)
    writer.endObject()
    return writer.take() + [UInt8(ascii: "\n")]
  }

  private func bar(_ completed: Int64, room: Int) -> String {
    let width = min(30, FileDescriptor.error.columns - room)
    guard let total, total > 0, width >= 5 else { return "" }
    let filled = Int(Double(width) * min(1, max(0, Double(completed) / Double(total))))
    return "[\(String(repeating: "=", count: filled))\(String(repeating: " ", count: width - filled))] "
  }

  private func amount(_ count: Int64) -> String {
    switch unit {
    case .bytes: formatBytes(count)
    case .items(let name): "\(count) \(name)"
    }
  }

  private func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999))
    let minutes = whole / 60 % 60
    let rest = "\(minutes < 10 ? "0" : "")\(minutes):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    return whole < 3600 ? rest : "\(whole / 3600):\(rest)"
  }
}

/// A number of bytes in binary multiples, with one digit behind the point.
///
/// - Parameter count: bytes.
/// - Returns: for example `1.5 MiB`.
public func formatBytes(_ count: Int64) -> String {
  var value = Double(count)
  var unit = 0
  let names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  while value >= 1024, unit < names.count - 1 {
    value /= 1024
    unit += 1
  }
  return unit == 0 ? "\(count) B" : "\(Double(Int64((value * 10).rounded())) / 10) \(names[unit])"
}
