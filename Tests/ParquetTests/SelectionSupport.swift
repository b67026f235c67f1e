import ByteBuffers
import Foundation
import Parquet
import Synchronization
import Testing

/// A source that counts what is asked of it.
final class CountingSource: RandomAccessSource {
  private let below: MemorySource
  private let counts = Mutex((bytes: 0, calls: 0))
  let isLocal: Bool

  init(_ bytes: [UInt8], name: String = "counted", isLocal: Bool = false) {
    below = MemorySource(Bytes(bytes), name: name)
    self.isLocal = isLocal
  }

  var name: String { below.name }
  var size: Int { below.size }
  var bytesRead: Int { counts.withLock { $0.bytes } }
  var calls: Int { counts.withLock { $0.calls } }

  func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    counts.withLock {
      $0.bytes += ranges.reduce(0) { $0 + $1.count }
      $0.calls += 1
    }
    return try await below.read(ranges)
  }
}

/// Reads with all combinations of what rows may be left out by.
enum SelectionOptions {
  static let all: [ReaderOptions] = (0..<8).map { bits in
    var options = ReaderOptions()
    options.usesStatistics = bits & 1 == 1
    options.usesBloomFilters = bits & 2 == 2
    options.usesPageIndex = bits & 4 == 4
    return options
  }
}

/// Files of pyarrow with page indexes.
enum SelectionFiles {
  static func make(seed: UInt64) throws -> [(name: String, bytes: [UInt8])] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("selection-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = Surroundings.testFolder.appendingPathComponent("Fixtures/make_selection.py").path
    try Surroundings.run(try #require(Surroundings.python), [script, folder.path, "\(seed)"])
    return try Surroundings.files(folder, endings: [".parquet"]).map { name in
      (name, try Surroundings.bytes(folder.appendingPathComponent(name)))
    }
  }
}

/// Decides what is true of a row by plain code that knows nothing of the reader: the truth of the tests.
struct RowFilter {
  let schema: ParquetSchema
  let table: CanonicalTable

  /// The rows of the table that satisfy a predicate.
  func rows(_ predicate: RowPredicate) -> [Int] {
    table.rows.indices.filter { truth(predicate, $0) == true }
  }

  /// Nil is unknown.
  private func truth(_ predicate: RowPredicate, _ row: Int) -> Bool? {
    switch predicate {
    case .comparison(let column, let comparison, let value):
      guard let cell = cell(column, row) else { return nil }
      return RowFilter.compare(cell, comparison, value)
    case .isIn(let column, let values):
      guard let cell = cell(column, row) else { return nil }
      return values.contains { RowFilter.compare(cell, .equal, $0) }
    case .isNull(let column): return cell(column, row) == nil
    case .isNotNull(let column): return cell(column, row) != nil
    case .not(let part): return truth(part, row).map { !$0 }
    case .and(let parts):
      let truths = parts.map { truth($0, row) }
      return truths.contains(false) ? false : truths.contains(nil) ? nil : true
    case .or(let parts):
      let truths = parts.map { truth($0, row) }
      return truths.contains(true) ? true : truths.contains(nil) ? nil : false
    }
  }

  /// The cell of a column, nil when it is null.
  func cell(_ path: [String], _ row: Int) -> CanonicalValue? {
    guard let field = table.columns.firstIndex(of: path[0]) else { return nil }
    var value = table.rows[row][field]
    for name in path.dropFirst() {
      guard case .structure(let names, let values) = value, let index = names.firstIndex(of: name) else { return nil }
      value = values[index]
    }
    return value == .null ? nil : value
  }

  static func compare(_ cell: CanonicalValue, _ comparison: RowPredicate.Comparison, _ value: PredicateValue) -> Bool {
    // An order that is nil is that of NaN.
    guard let order = order(cell, value) else { return comparison == .notEqual }
    switch comparison {
    case .equal: return order == 0
    case .notEqual: return order != 0
    case .less: return order < 0
    case .lessOrEqual: return order <= 0
    case .greater: return order > 0
    case .greaterOrEqual: return order >= 0
    }
  }

  private static func order(_ cell: CanonicalValue, _ value: PredicateValue) -> Int? {
    switch (cell, value) {
    case (.boolean(let left), .boolean(let right)): return (left ? 1 : 0) - (right ? 1 : 0)
    case (.whole(let left), .int(let right)): return sign(left, Int128(right))
    case (.whole(let left), .unsigned(let right)): return sign(left, Int128(right))
    case (.whole(let left), .double(let right)): return right.isNaN ? nil : sign(Double(left), right)
    case (.whole(let left), .decimal(let right, let scale)): return sign(left * power(scale), right)
    case (.real(let left), .int(let right)): return sign(left, Double(right))
    case (.real(let left), .double(let right)): return right.isNaN ? nil : sign(left, right)
    case (.text(let text), _): return textOrder(text, value)
    default: return nil
    }
  }

  private static func textOrder(_ text: String, _ value: PredicateValue) -> Int? {
    let special: [String: Double] = ["NaN": .nan, "inf": .infinity, "-inf": -.infinity, "-0.0": -0.0]
    switch value {
    case .int, .unsigned, .double:
      if text.hasPrefix("dec:") {
        guard case .int(let number) = value else { return nil }
        return decimalOrder(text, Int128(number), 0)
      }
      guard let own = special[text], !own.isNaN else { return nil }
      if case .double(let other) = value { return other.isNaN ? nil : sign(own, other) }
      if case .int(let other) = value { return sign(own, Double(other)) }
      return nil
    case .decimal(let unscaled, let scale): return decimalOrder(text, unscaled, scale)
    case .date(let days): return Int(text.dropFirst(5)).map { sign($0, Int(days)) }
    case .time(let nanoseconds): return Int64(text.dropFirst(5)).map { sign($0, nanoseconds) }
    case .timestamp(let nanoseconds): return Int128(text.dropFirst(3)).map { sign($0, nanoseconds) }
    case .string(let other): return bytesOrder(Array(text.utf8), Array(other.utf8))
    case .bytes(let other): return bytesOrder(bytes(text), other)
    case .boolean: return nil
    }
  }

  /// The bytes behind a text, which is in hexadecimal digits when they are not UTF-8.
  static func bytes(_ text: String) -> [UInt8] {
    guard text.hasPrefix("0x") else { return Array(text.utf8) }
    let digits = Array(text.utf8.dropFirst(2))
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
    }
  }

  /// Unscaled value and scale of `dec:12.3`.
  static func decimal(_ text: String) -> (unscaled: Int128, scale: Int32)? {
    let digits = text.dropFirst(4)
    let scale = digits.split(separator: ".").count == 2 ? Int32(digits.split(separator: ".")[1].count) : 0
    return Int128(digits.filter { $0 != "." }).map { ($0, scale) }
  }

  private static func decimalOrder(_ text: String, _ other: Int128, _ otherScale: Int32) -> Int? {
    guard let (unscaled, scale) = decimal(text) else { return nil }
    return sign(unscaled * power(otherScale), other * power(scale))
  }

  private static func bytesOrder(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
  }

  private static func power(_ exponent: Int32) -> Int128 {
    (0..<exponent).reduce(1) { product, _ in product * 10 }
  }

  private static func sign<T: Comparable>(_ left: T, _ right: T) -> Int {
    left < right ? -1 : left == right ? 0 : 1
  }
}

/// Makes predicates about the values of a table.
struct RandomPredicates {
  let filter: RowFilter
  var generator: SeededGenerator

  init(_ filter: RowFilter, seed: UInt64) {
    self.filter = filter
    generator = SeededGenerator(seed)
  }

  /// Leaves that are in no list.
  private var leaves: [LeafColumn] { filter.schema.leaves.filter { $0.maxRepetitionLevel == 0 } }

  mutating func next(depth: Int = 2) -> RowPredicate {
    switch depth > 0 ? Int.random(in: 0..<6, using: &generator) : 5 {
    case 0: return .and((0..<Int.random(in: 0...3, using: &generator)).map { _ in next(depth: depth - 1) })
    case 1: return .or((0..<Int.random(in: 0...3, using: &generator)).map { _ in next(depth: depth - 1) })
    case 2: return .not(next(depth: depth - 1))
    default: return test()
    }
  }

  private mutating func test() -> RowPredicate {
    guard let leaf = leaves.randomElement(using: &generator) else { return .and([]) }
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: return .isNull(column: leaf.path)
    case 1: return .isNotNull(column: leaf.path)
    case 2, 3:
      let values = (0..<Int.random(in: 0...4, using: &generator)).compactMap { _ in value(leaf) }
      return .isIn(column: leaf.path, values)
    default:
      let comparisons = RowPredicate.Comparison.allCases
      let hasOrder = leaf.node.logicalType != .interval
      guard let value = value(leaf), let comparison = comparisons.randomElement(using: &generator) else {
        return .isNull(column: leaf.path)
      }
      return .comparison(column: leaf.path, hasOrder ? comparison : .notEqual, value)
    }
  }

  /// A value of the column, or one near it.
  private mutating func value(_ leaf: LeafColumn) -> PredicateValue? {
    let rows = filter.table.rows.indices
    guard !rows.isEmpty else { return nil }
    let tried = (0..<5).map { _ in Int.random(in: rows, using: &generator) }
    let cell = tried.lazy.compactMap { [filter] in filter.cell(leaf.path, $0) }.first
    let shift = [0, 0, 1, -1, 1000].randomElement(using: &generator) ?? 0
    guard let seen = cell ?? fallback(leaf) else { return nil }
    switch (leaf.type, leaf.node.logicalType, seen) {
    case (.boolean, _, .boolean(let flag)): return .boolean(flag)
    case (_, .date, .text(let text)): return Int32(text.dropFirst(5)).map { .date(days: $0 + Int32(shift)) }
    case (_, .time, .text(let text)): return Int64(text.dropFirst(5)).map { .time(nanoseconds: $0 + Int64(shift)) }
    case (.int64, .timestamp, .text(let text)), (.int96, _, .text(let text)):
      return Int128(text.dropFirst(3)).map { .timestamp(nanoseconds: $0 + Int128(shift)) }
    case (_, .decimal, .text(let text)):
      return RowFilter.decimal(text).map { .decimal(unscaled: $0.unscaled + Int128(shift), scale: $0.scale) }
    case (.float, _, _), (.double, _, _), (_, .float16, _): return real(seen, shift)
    case (.byteArray, .string?, .text(let text)): return .string(shift > 0 ? text + "a" : text)
    case (.byteArray, _, .text(let text)), (.fixedLengthByteArray, _, .text(let text)):
      return .bytes(RowFilter.bytes(text) + (shift > 0 ? [0] : []))
    case (_, _, .whole(let number)): return whole(number, shift)
    default: return nil
    }
  }

  /// For columns of nulls alone.
  private func fallback(_ leaf: LeafColumn) -> CanonicalValue? {
    switch (leaf.type, leaf.node.logicalType) {
    case (.int32, nil), (.int64, nil), (.int32, .integer), (.int64, .integer): .whole(5)
    case (.float, _), (.double, _): .real(5)
    default: nil
    }
  }

  private mutating func real(_ cell: CanonicalValue, _ shift: Int) -> PredicateValue {
    switch cell {
    case .whole(let number): return .double(Double(number) + Double(shift) / 2)
    case .real(let number): return .double(number + Double(shift) / 2)
    case .text("inf"): return .double(.infinity)
    case .text("-inf"): return .double(-.infinity)
    case .text("NaN"): return Bool.random(using: &generator) ? .double(.nan) : .int(0)
    default: return .double(0)
    }
  }

  private mutating func whole(_ number: Int128, _ shift: Int) -> PredicateValue {
    if let small = Int32(exactly: number), Int.random(in: 0..<4, using: &generator) == 0 {
      return .double(Double(small) + 0.5)
    }
    if let signed = Int64(exactly: number) { return .int(signed &+ Int64(shift)) }
    return .unsigned(UInt64(exactly: number) ?? 0)
  }
}
