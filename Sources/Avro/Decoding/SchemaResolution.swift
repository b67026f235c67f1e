/// Works out how values of the writer's schema are read as values of the reader's (specification, "Schema Resolution").
///
///     names       records, enums and fixed match by the last part of their names, or when the reader's has the writer's as alias
///     record      fields by name, then by alias; others of the writer are skipped, others of the reader get defaults
///     enum        symbols by name; one that the reader lacks becomes its default
///     numbers     int to long, float, double; long to float, double; float to double
///     bytes       to string, and back
///     unions      each branch of the writer by itself; of the reader's the first that is the same type, else the first that matches
struct SchemaResolution {
  private let writer: SchemaTable
  private let reader: SchemaTable
  private let limits: AvroLimits
  private var steps: [ReadStep] = []
  /// Steps of pairs of types that were met, also of those that are not complete yet.
  private var known: [Pair: Int] = [:]
  private var failed: [Pair: AvroError] = [:]

  private struct Pair: Hashable {
    let writer: Int
    let reader: Int
  }

  static func plan(writer: AvroSchema, reader: AvroSchema, limits: AvroLimits) throws(AvroError) -> ReadPlan {
    if writer.isSame(as: reader) { return ReadPlan(writer) }
    var resolution = SchemaResolution(writer: writer.table, reader: reader.table, limits: limits)
    let root = try resolution.step(Pair(writer: writer.index, reader: reader.index), depth: 0)
    return ReadPlan(resolution.steps, root: root, writer: writer.table)
  }

  private init(writer: SchemaTable, reader: SchemaTable, limits: AvroLimits) {
    self.writer = writer
    self.reader = reader
    self.limits = limits
  }

  private func mismatch(_ pair: Pair) -> AvroError {
    let written = AvroSchema(writer, pair.writer).label
    let wanted = AvroSchema(reader, pair.reader).label
    return AvroError(.schemaMismatch, "The data has the type \(written), which cannot be read as \(wanted).")
  }

  /// The step for a pair of types.
  private mutating func step(_ pair: Pair, depth: Int) throws(AvroError) -> Int {
    if let error = failed[pair] { throw error }
    if let step = known[pair] { return step }
    guard depth <= limits.depth else {
      throw AvroError(.limitExceeded, "Types lead to each other over more than \(limits.depth) levels (depth).")
    }
    guard steps.count < limits.schemaTypes else {
      throw AvroError(.limitExceeded, "The schemas have more than \(limits.schemaTypes) pairs of types (schemaTypes).")
    }
    // Until it is complete, others may name it.
    let index = steps.count
    steps.append(.null)
    known[pair] = index
    do throws(AvroError) {
      steps[index] = try resolved(pair, depth: depth)
    } catch {
      // Others that name it fail when they come to it.
      steps[index] = .refused(RefusedStep(error))
      failed[pair] = error
      throw error
    }
    return index
  }

  private mutating func resolved(_ pair: Pair, depth: Int) throws(AvroError) -> ReadStep {
    switch (writer.types[pair.writer].shape, reader.types[pair.reader].shape) {
    case (.union(let branches), _): return .union(try self.branches(branches, pair, depth: depth))
    case (_, .union(let branches)): return .branch(try branch(of: branches, pair, depth: depth))
    case (.array(let written), .array(let wanted)):
      let item = try element(written, wanted, step: "[]", depth: depth)
      return .array(item: item, minimum: writer.minimumSizes[written])
    case (.map(let written), .map(let wanted)):
      let value = try element(written, wanted, step: "{}", depth: depth)
      return .map(value: value, minimum: 1 + writer.minimumSizes[written])
    case (.record(let written), .record(let wanted)):
      guard SchemaResolution.match(written.name, wanted.name) else { throw mismatch(pair) }
      return .record(try record(written, wanted, pair.reader, depth: depth))
    case (.enumeration(let written), .enumeration(let wanted)):
      guard SchemaResolution.match(written.name, wanted.name) else { throw mismatch(pair) }
      let symbols = written.symbols.map { symbol in
        (written: symbol, read: wanted.index(of: symbol) == nil ? wanted.defaultSymbol : symbol)
      }
      return .enumeration(EnumerationStep(wanted.name.full, symbols))
    case (.fixed(let written), .fixed(let wanted)):
      guard SchemaResolution.match(written.name, wanted.name), written.size == wanted.size else {
        throw mismatch(pair)
      }
      return .fixed(written.size)
    case (let written, let wanted):
      guard let step = SchemaResolution.primitive(written, wanted) else { throw mismatch(pair) }
      return step
    }
  }

  private static func match(_ written: SchemaName, _ wanted: SchemaName) -> Bool {
    written.full == wanted.full || written.short == wanted.short || wanted.aliases.contains(written.full)
  }

  private static func primitive(_ written: SchemaShape, _ wanted: SchemaShape) -> ReadStep? {
    switch (written, wanted) {
    case (.null, .null): .null
    case (.boolean, .boolean): .boolean
    case (.int, .int): .int
    case (.long, .long): .long
    case (.float, .float): .float
    case (.double, .double): .double
    case (.bytes, .bytes): .bytes
    case (.string, .string): .string
    case (.int, .long): .intAsLong
    case (.int, .float): .intAsFloat
    case (.int, .double): .intAsDouble
    case (.long, .float): .longAsFloat
    case (.long, .double): .longAsDouble
    case (.float, .double): .floatAsDouble
    case (.bytes, .string): .bytesAsString
    case (.string, .bytes): .stringAsBytes
    default: nil
    }
  }

  private mutating func element(_ written: Int, _ wanted: Int, step: String, depth: Int) throws(AvroError) -> Int {
    do throws(AvroError) {
      return try self.step(Pair(writer: written, reader: wanted), depth: depth + 1)
    } catch {
      throw error.inside(step)
    }
  }

  // MARK: - Unions

  /// A step for each branch of the writer's union; one that cannot be read is refused when it occurs.
  private mutating func branches(_ written: [Int], _ pair: Pair, depth: Int) throws(AvroError) -> [BranchStep] {
    var result: [BranchStep] = []
    for branch in written {
      do throws(AvroError) {
        let pair = Pair(writer: branch, reader: pair.reader)
        if case .union(let branches) = reader.types[pair.reader].shape {
          result.append(try self.branch(of: branches, pair, depth: depth))
        } else {
          result.append(BranchStep(step: try step(pair, depth: depth + 1), target: nil))
        }
      } catch {
        guard error.code == .schemaMismatch else { throw error }
        steps.append(.refused(RefusedStep(error)))
        result.append(BranchStep(step: steps.count - 1, target: nil))
      }
    }
    return result
  }

  /// The branch of the reader's union that the writer's type is read as.
  private mutating func branch(of branches: [Int], _ pair: Pair, depth: Int) throws(AvroError) -> BranchStep {
    let written = writer.types[pair.writer].shape
    let positions = branches.indices
    let same = positions.filter { isSame(written, reader.types[branches[$0]].shape) }
    for position in same + positions.filter({ !same.contains($0) }) {
      do throws(AvroError) {
        let step = try step(Pair(writer: pair.writer, reader: branches[position]), depth: depth + 1)
        return BranchStep(step: step, target: position)
      } catch {
        // What stands inside may not match; the next branch may.
        guard error.code == .schemaMismatch else { throw error }
      }
    }
    throw mismatch(pair)
  }

  private func isSame(_ written: SchemaShape, _ wanted: SchemaShape) -> Bool {
    written.kind == wanted.kind && written.name?.full == wanted.name?.full
  }

  // MARK: - Records

  private mutating func record(
    _ written: RecordShape,
    _ wanted: RecordShape,
    _ readerIndex: Int,
    depth: Int
  ) throws(AvroError) -> RecordStep {
    let sources = SchemaResolution.sources(written, wanted)
    var targets = [Int?](repeating: nil, count: written.fields.count)
    var defaults: [AvroValue] = []
    var made = DefaultValues(reader, limits: limits)
    for (target, field) in wanted.fields.enumerated() {
      if let source = sources[target] {
        targets[source] = target
        defaults.append(.null)
      } else {
        defaults.append(try made.value(of: field))
      }
    }
    var fields: [RecordStep.Field] = []
    for (source, field) in written.fields.enumerated() {
      guard let target = targets[source] else {
        fields.append(RecordStep.Field(name: field.name, step: field.type, target: nil))
        continue
      }
      let step = try element(field.type, wanted.fields[target].type, step: field.name, depth: depth)
      fields.append(RecordStep.Field(name: field.name, step: step, target: target))
    }
    return RecordStep(AvroSchema(reader, readerIndex), wanted, fields: fields, defaults: defaults)
  }

  /// For each of the reader's fields the writer's; names come before aliases, and no field is taken twice.
  private static func sources(_ written: RecordShape, _ wanted: RecordShape) -> [Int?] {
    var sources = wanted.fields.map { written.index(of: $0.name) }
    var taken = Set(sources.compactMap { $0 })
    for (target, field) in wanted.fields.enumerated() where sources[target] == nil {
      let source = field.aliases.lazy.compactMap { written.index(of: $0) }.first { !taken.contains($0) }
      guard let source else { continue }
      sources[target] = source
      taken.insert(source)
    }
    return sources
  }
}
