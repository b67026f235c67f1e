internal import ByteBuffers

/// Compares the statistics of a chunk with its values.
struct StatisticsVerification {
  private let statistics: Statistics
  private let leaf: LeafColumn
  private let order: ValueOrder
  private let log: VerificationLog

  init(_ statistics: Statistics, _ leaf: LeafColumn, _ order: ValueOrder, _ log: VerificationLog) {
    self.statistics = statistics
    self.leaf = leaf
    self.order = order
    self.log = log
  }

  func check(_ total: PageTally, _ place: Place) {
    log.counts.statistics += 1
    if let stated = statistics.nullCount, stated != total.nulls, stated != total.nulls - total.slotless {
      log.fault("The statistics state \(stated) nulls; there are \(total.nulls).", place)
    }
    if let stated = statistics.nanCount, total.extremes.order.hasNaN, stated != total.extremes.nanCount {
      log.fault("The statistics state \(stated) NaN values; there are \(total.extremes.nanCount).", place)
    }
    if let stated = statistics.distinctCount, stated < 0 || stated > total.values {
      log.fault("The statistics state \(stated) distinct values of \(total.values).", place)
    }
    if order != .none {
      if statistics.minValue != nil || statistics.maxValue != nil { log.counts.bounds += 1 }
      let bounds = BoundsVerification(total.extremes, log)
      bounds.check(lower: statistics.minValue, isExact: statistics.isMinValueExact, "statistics", place)
      bounds.check(upper: statistics.maxValue, isExact: statistics.isMaxValueExact, "statistics", place)
    }
    // The deprecated pair is good for signed numbers alone; readers ignore it elsewhere.
    if ValueOrder(deprecated: leaf) != .none, total.extremes.order != .none {
      let bounds = BoundsVerification(total.extremes, log)
      bounds.check(lower: statistics.min, isExact: nil, "deprecated statistics", place)
      bounds.check(upper: statistics.max, isExact: nil, "deprecated statistics", place)
    }
  }
}

/// Compares bounds with the extremes of the values that they are about.
struct BoundsVerification {
  private let extremes: ValueExtremes
  private let log: VerificationLog

  init(_ extremes: ValueExtremes, _ log: VerificationLog) {
    self.extremes = extremes
    self.log = log
  }

  func check(lower bound: Bytes?, isExact: Bool?, _ source: String, _ place: Place) {
    guard let bound, isUsable(bound, "lower", source, place) else { return }
    tell(extremes.relation(lower: bound), "lower", isExact, bound, source, place)
  }

  func check(upper bound: Bytes?, isExact: Bool?, _ source: String, _ place: Place) {
    guard let bound, isUsable(bound, "upper", source, place) else { return }
    tell(extremes.relation(upper: bound), "upper", isExact, bound, source, place)
  }

  private func isUsable(_ bound: Bytes, _ side: String, _ source: String, _ place: Place) -> Bool {
    let order = extremes.order
    if order.isUsable(bound) { return !extremes.isEmpty }
    if let width = order.width, bound.count != width {
      log.fault("The \(side) bound of the \(source) has \(bound.count) bytes; values have \(width).", place)
    } else if !extremes.isEmpty {
      log.remark("The \(side) bound of the \(source) is NaN, so the bounds say nothing.", place)
    }
    return false
  }

  private func tell(
    _ relation: ValueExtremes.Relation,
    _ side: String,
    _ isExact: Bool?,
    _ bound: Bytes,
    _ source: String,
    _ place: Place
  ) {
    switch relation {
    case .equal: break
    case .looser:
      guard isExact == true else { return }
      log.fault("The \(side) bound of the \(source), \(shown(bound)), is said to be exact; no value has it.", place)
    case .violated:
      log.fault("A value lies outside of the \(side) bound of the \(source), \(shown(bound)).", place)
    }
  }

  /// A bound for a message: a number, or bytes in hexadecimal.
  private func shown(_ bound: Bytes) -> String {
    switch extremes.order {
    case .boolean: return bound.base.load(as: UInt8.self) == 0 ? "false" : "true"
    case .int32, .int64, .uint32: return extremes.order.key(bound.base).map { "\($0)" } ?? ""
    case .uint64: return "\(bound.base.loadUnaligned(as: UInt64.self))"
    case .float: return "\(Float(bitPattern: bound.base.loadUnaligned(as: UInt32.self)))"
    case .double: return "\(Double(bitPattern: bound.base.loadUnaligned(as: UInt64.self)))"
    case .none, .float16, .int96, .bytes, .decimal:
      let digits = bound[0..<min(bound.count, 32)].array.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      return "0x\(digits.joined())\(bound.count > 32 ? "…" : "")"
    }
  }
}
