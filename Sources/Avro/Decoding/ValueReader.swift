internal import ByteBuffers

/// Reads values by a plan.
///
///     record         its fields in order, nothing between
///     enum           int index
///     union          long index of the branch, value
///     array, map     { long count [count < 0: long size in bytes] items }* 0; an entry of a map is string, value
struct ValueReader: ~Escapable {
  private var input: BinaryReader
  private let plan: ReadPlan
  private let deepest: Int
  /// Values that may still be read.
  private var budget: Int
  private let values: Int

  /// Elements that memory is reserved for before they were read; a value in memory is much larger than in the data.
  private static let trustedCount = 256

  @_lifetime(copy span)
  init(_ span: RawSpan, of whole: Bytes, from offset: Int, plan: ReadPlan, limits: AvroLimits) throws(AvroError) {
    input = try BinaryReader(span, of: whole, from: offset, longestValue: limits.valueBytes)
    self.plan = plan
    deepest = limits.depth
    budget = limits.values
    values = limits.values
  }

  var offset: Int { input.offset }

  /// Reads the value that the plan is for.
  @_lifetime(self: copy self)
  mutating func next() throws(AvroError) -> AvroValue {
    budget = values
    return try value(plan.root, depth: 0)
  }

  // MARK: - Reading

  @_lifetime(self: copy self)
  private mutating func value(_ step: Int, depth: Int) throws(AvroError) -> AvroValue {
    try spend(depth)
    switch plan.steps[step] {
    case .null: return .null
    case .boolean: return .boolean(try input.boolean())
    case .int: return .int(try input.int())
    case .long: return .long(try input.long())
    case .float: return .float(try input.float())
    case .double: return .double(try input.double())
    case .bytes: return .bytes(try input.bytes())
    case .string: return .string(try input.string())
    case .fixed(let size): return .fixed(try input.fixed(size))
    case .enumeration(let step): return .enumeration(try symbol(step))
    case .array(let item, let minimum): return .array(try array(item, minimum, depth: depth + 1))
    case .map(let value, let minimum): return .map(try map(value, minimum, depth: depth + 1))
    case .record(let step): return .record(try record(step, depth: depth + 1))
    case .union(let branches): return try branch(branches[try choice(branches.count)], depth: depth)
    case .branch(let step): return try branch(step, depth: depth)
    case .refused(let step):
      var error = step.error
      error.offset = input.offset
      throw error
    case let promoted: return try self.promoted(promoted)
    }
  }

  @_lifetime(self: copy self)
  private mutating func promoted(_ step: ReadStep) throws(AvroError) -> AvroValue {
    switch step {
    case .intAsLong: return .long(Int64(try input.int()))
    case .intAsFloat: return .float(Float(try input.int()))
    case .intAsDouble: return .double(Double(try input.int()))
    case .longAsFloat: return .float(Float(try input.long()))
    case .longAsDouble: return .double(Double(try input.long()))
    case .floatAsDouble: return .double(Double(try input.float()))
    case .bytesAsString: return .string(try input.string())
    case .stringAsBytes: return .bytes(try input.bytes())
    default: return .null
    }
  }

  /// Counts a value, and refuses one that is nested too deeply.
  @_lifetime(self: copy self)
  private mutating func spend(_ depth: Int) throws(AvroError) {
    budget -= 1
    guard budget >= 0 else { throw tooMany() }
    guard depth <= deepest else {
      throw AvroError(.limitExceeded, "Values are nested deeper than \(deepest) levels (depth).", offset: offset)
    }
  }

  private func tooMany() -> AvroError {
    AvroError(.limitExceeded, "There are more than \(values) values in one (values).", offset: offset)
  }

  @_lifetime(self: copy self)
  private mutating func choice(_ count: Int) throws(AvroError) -> Int {
    let at = offset
    let index = try input.long()
    guard index >= 0, index < Int64(count) else {
      throw .corrupt("Branch \(index) of a union that has \(count).", offset: at)
    }
    return Int(index)
  }

  @_lifetime(self: copy self)
  private mutating func branch(_ branch: BranchStep, depth: Int) throws(AvroError) -> AvroValue {
    let value = try self.value(branch.step, depth: depth + 1)
    return branch.target.map { .union($0, value) } ?? value
  }

  @_lifetime(self: copy self)
  private mutating func symbol(_ step: EnumerationStep) throws(AvroError) -> String {
    let at = offset
    let index = try input.int()
    guard index >= 0, index < step.symbols.count else {
      throw .corrupt("Symbol \(index) of the enum \(step.name), which has \(step.symbols.count).", offset: at)
    }
    let symbol = step.symbols[Int(index)]
    guard let read = symbol.read else {
      throw AvroError(
        .schemaMismatch,
        "The symbol '\(symbol.written)' is none of the enum \(step.name), which has no default.",
        offset: at
      )
    }
    return read
  }

  @_lifetime(self: copy self)
  private mutating func record(_ step: RecordStep, depth: Int) throws(AvroError) -> AvroRecord {
    var values = step.defaults
    if step.isPlain { values.reserveCapacity(step.fields.count) }
    for field in step.fields {
      do throws(AvroError) {
        guard let target = field.target else {
          try skip(field.step, depth: depth)
          continue
        }
        let value = try self.value(field.step, depth: depth)
        if step.isPlain { values.append(value) } else { values[target] = value }
      } catch {
        throw error.inside(field.name)
      }
    }
    return AvroRecord(step.schema, step.shape, values)
  }

  @_lifetime(self: copy self)
  private mutating func array(_ item: Int, _ minimum: Int, depth: Int) throws(AvroError) -> [AvroValue] {
    var result: [AvroValue] = []
    while let block = try nextBlock(minimum) {
      if result.isEmpty { result.reserveCapacity(min(block.count, ValueReader.trustedCount)) }
      for _ in 0..<block.count {
        do throws(AvroError) {
          result.append(try value(item, depth: depth))
        } catch {
          throw error.inside(AvroError.step(result.count))
        }
      }
      try end(block)
    }
    return result
  }

  @_lifetime(self: copy self)
  private mutating func map(_ step: Int, _ minimum: Int, depth: Int) throws(AvroError) -> AvroMap {
    var result = AvroMap()
    while let block = try nextBlock(minimum) {
      for _ in 0..<block.count {
        let key = try input.string()
        do throws(AvroError) {
          result.entries.append(AvroMap.Entry(key, try value(step, depth: depth)))
        } catch {
          throw error.inside(AvroError.step(key: key))
        }
      }
      try end(block)
    }
    return result
  }

  // MARK: - Blocks of arrays and maps

  private struct Block {
    let count: Int
    /// Where the items end, if the block says so.
    let end: Int?
  }

  /// Reads the head of a block whose items take at least `minimum` bytes each; nil for the end.
  @_lifetime(self: copy self)
  private mutating func nextBlock(_ minimum: Int) throws(AvroError) -> Block? {
    let at = offset
    let count = try input.long()
    guard count != 0 else { return nil }
    var end: Int?
    if count < 0 {
      let size = try input.long()
      guard size >= 0 else { throw .corrupt("A block of \(size) bytes.", offset: at) }
      guard size <= Int64(input.remaining) else {
        throw AvroError(.truncated, "A block of \(size) bytes where \(input.remaining) are left.", offset: at)
      }
      end = offset + Int(size)
    }
    let room = end.map { $0 - offset } ?? input.remaining
    if minimum > 0, count.magnitude > UInt64(room / minimum) {
      throw AvroError(.truncated, "A block of \(count.magnitude) items in \(room) bytes.", offset: at)
    }
    // Items without bytes are bounded by nothing else.
    guard count.magnitude <= UInt64(max(budget, 0)) else { throw tooMany() }
    return Block(count: Int(count.magnitude), end: end)
  }

  private func end(_ block: Block) throws(AvroError) {
    if let end = block.end, end != offset {
      throw .corrupt("The items of a block end at \(offset), and it says that they end at \(end).", offset: offset)
    }
  }

  // MARK: - Skipping

  /// Steps over a value of one of the writer's types.
  @_lifetime(self: copy self)
  private mutating func skip(_ type: Int, depth: Int) throws(AvroError) {
    try spend(depth)
    switch plan.writer.types[type].shape {
    case .null: break
    case .boolean: _ = try input.boolean()
    case .int, .enumeration: _ = try input.int()
    case .long: _ = try input.long()
    case .float: try input.skip(4)
    case .double: try input.skip(8)
    case .bytes, .string: _ = try input.lengthPrefixed()
    case .fixed(let fixed): try input.skip(fixed.size)
    case .array(let items): try skipBlocks(items, isMap: false, depth: depth + 1)
    case .map(let values): try skipBlocks(values, isMap: true, depth: depth + 1)
    case .union(let branches): try skip(branches[try choice(branches.count)], depth: depth + 1)
    case .record(let record):
      for field in record.fields {
        do throws(AvroError) {
          try skip(field.type, depth: depth + 1)
        } catch {
          throw error.inside(field.name)
        }
      }
    }
  }

  @_lifetime(self: copy self)
  private mutating func skipBlocks(_ type: Int, isMap: Bool, depth: Int) throws(AvroError) {
    while let block = try nextBlock(plan.writer.minimumSizes[type] + (isMap ? 1 : 0)) {
      if let end = block.end {
        try input.skip(end - offset)
        continue
      }
      for _ in 0..<block.count {
        if isMap { _ = try input.lengthPrefixed() }
        try skip(type, depth: depth)
      }
    }
  }
}
