internal import ByteBuffers

/// Finds the rows of some columns for which a predicate is true.
struct PredicateEvaluator {
  /// Columns of the leaves that are tested, by leaf.
  let columns: [Int: Column]
  let count: Int

  /// One byte a row, 1 where the predicate is true.
  func rows(_ predicate: BoundPredicate) -> [UInt8] {
    switch predicate {
    case .test(let test):
      guard let column = columns[test.leaf.index] else { return [UInt8](repeating: 0, count: count) }
      return [UInt8](unsafeUninitializedCapacity: count) { flags, filled in
        if let base = flags.baseAddress, count > 0 { evaluate(test, column, into: base) }
        filled = count
      }
    case .all(let parts):
      var result = [UInt8](repeating: 1, count: count)
      for part in parts { combine(&result, rows(part)) { $0 & $1 } }
      return result
    case .any(let parts):
      var result = [UInt8](repeating: 0, count: count)
      for part in parts { combine(&result, rows(part)) { $0 | $1 } }
      return result
    }
  }

  @inline(__always)
  private func combine(_ left: inout [UInt8], _ right: [UInt8], _ operation: (UInt8, UInt8) -> UInt8) {
    left.withUnsafeMutableBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        for index in 0..<min(left.count, right.count) { left[index] = operation(left[index], right[index]) }
      }
    }
  }

  /// Appends the rows whose flag is set; flag by flag they are the rows of `ranges`.
  static func append(_ flags: [UInt8], of ranges: [Range<Int>], to result: inout [Range<Int>]) {
    flags.withUnsafeBufferPointer { flags in
      var base = 0
      for range in ranges {
        var at = 0
        while at < range.count {
          while at < range.count, flags[base &+ at] == 0 { at &+= 1 }
          let start = at
          while at < range.count, flags[base &+ at] != 0 { at &+= 1 }
          RowRanges.append(range.lowerBound + start..<range.lowerBound + at, to: &result)
        }
        base += range.count
      }
    }
  }

  // MARK: - One test

  private func evaluate(_ test: LeafTest, _ column: Column, into flags: UnsafeMutablePointer<UInt8>) {
    if case .isNull = test.test {
      flags.initialize(repeating: test.isNegated ? 1 : 0, count: count)
      guard let validity = column.validity else { return }
      for row in 0..<count where !validity.isValid(row) { flags[row] ^= 1 }
      return
    }
    evaluateValues(test, column, into: flags)
    if test.isNegated {
      for row in 0..<count { flags[row] ^= 1 }
    }
    if let validity = column.validity {
      let bits = validity.bits.base.assumingMemoryBound(to: UInt8.self)
      for row in 0..<count { flags[row] &= (bits[row >> 3] &>> UInt8(truncatingIfNeeded: row & 7)) & 1 }
    }
  }

  /// Whether each slot's value is in the set; slots of nulls hold zeros, and are left out afterwards.
  private func evaluateValues(_ test: LeafTest, _ column: Column, into flags: UnsafeMutablePointer<UInt8>) {
    switch (column.storage, test.test) {
    case (.fixed(let bytes, let width), .integers(let set)):
      evaluateIntegers(test.domain, set, bytes.base, width, into: flags)
    case (.fixed(let bytes, let width), .reals(let set)):
      evaluateReals(test.domain, set, bytes.base, width, into: flags)
    case (.fixed(let bytes, let width), .bytes(let set)):
      BytesKernel(set).evaluate(bytes.base, width: width, count, into: flags)
    case (.variable(let offsets, let data), .bytes(let set)):
      let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
      BytesKernel(set).evaluate(data.base, offsets: bounds, count, into: flags)
    case (.variable(let offsets, let data), .integers(let set)):
      let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
      for row in 0..<count {
        let start = Int(bounds[row])
        flags[row] = set.contains(bigEndianInteger(data.base + start, Int(bounds[row + 1]) - start)) ? 1 : 0
      }
    default: flags.initialize(repeating: 0, count: count)
    }
  }

  private func evaluateIntegers(
    _ domain: ValueDomain,
    _ set: IntervalSet<Int128>,
    _ values: UnsafeRawPointer,
    _ width: Int,
    into flags: UnsafeMutablePointer<UInt8>
  ) {
    switch domain {
    case .boolean: markIntegers(values.assumingMemoryBound(to: UInt8.self), count, set, into: flags)
    case .signed(4): markIntegers(values.assumingMemoryBound(to: Int32.self), count, set, into: flags)
    case .signed: markIntegers(values.assumingMemoryBound(to: Int64.self), count, set, into: flags)
    case .unsigned(4): markIntegers(values.assumingMemoryBound(to: UInt32.self), count, set, into: flags)
    case .unsigned: markIntegers(values.assumingMemoryBound(to: UInt64.self), count, set, into: flags)
    case .int96:
      for row in 0..<count { flags[row] = set.contains(int96Nanoseconds(values + row * width)) ? 1 : 0 }
    case .decimalBytes:
      for row in 0..<count { flags[row] = set.contains(bigEndianInteger(values + row * width, width)) ? 1 : 0 }
    case .half, .float, .double, .bytes: flags.initialize(repeating: 0, count: count)
    }
  }

  private func evaluateReals(
    _ domain: ValueDomain,
    _ set: IntervalSet<Double>,
    _ values: UnsafeRawPointer,
    _ width: Int,
    into flags: UnsafeMutablePointer<UInt8>
  ) {
    switch domain {
    case .half:
      let halves = values.assumingMemoryBound(to: UInt16.self)
      for row in 0..<count {
        let value = halfValue(halves[row])
        flags[row] = value == value && set.contains(value) ? 1 : 0
      }
    case .float: markReals(values.assumingMemoryBound(to: Float.self), count, set, into: flags)
    case .double: markReals(values.assumingMemoryBound(to: Double.self), count, set, into: flags)
    default: flags.initialize(repeating: 0, count: count)
    }
  }
}
