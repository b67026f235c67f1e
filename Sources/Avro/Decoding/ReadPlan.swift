/// What to do to read values that were written with one schema as values of another, or of the same.
///
/// Steps name each other by index, so that a type can hold itself.
final class ReadPlan: Sendable {
  let steps: [ReadStep]
  let root: Int
  /// The schema that values were written with, by which those that nobody wants are skipped.
  let writer: SchemaTable

  init(_ steps: [ReadStep], root: Int, writer: SchemaTable) {
    self.steps = steps
    self.root = root
    self.writer = writer
  }
}

/// How one type is read.
enum ReadStep: Sendable {
  case null
  case boolean
  case int
  case long
  case float
  case double
  case bytes
  case string
  // What was written as the one type is read as the other.
  case intAsLong
  case intAsFloat
  case intAsDouble
  case longAsFloat
  case longAsDouble
  case floatAsDouble
  case bytesAsString
  case stringAsBytes
  case fixed(Int)
  case enumeration(EnumerationStep)
  /// An array of items that are read by a step and take at least some bytes each.
  case array(item: Int, minimum: Int)
  case map(value: Int, minimum: Int)
  case record(RecordStep)
  /// The writer's union: a way to read each of its branches.
  case union([BranchStep])
  /// What is no union with the writer is a branch of one with the reader.
  case branch(BranchStep)
  /// What the writer may write here cannot be read as what the reader wants.
  case refused(RefusedStep)
}

struct BranchStep: Sendable {
  let step: Int
  /// The branch of the reader's union; nil when the reader has no union.
  let target: Int?
}

final class EnumerationStep: Sendable {
  let name: String
  /// By the writer's index, its symbol and the one that the reader has for it, if any.
  let symbols: [(written: String, read: String?)]

  init(_ name: String, _ symbols: [(written: String, read: String?)]) {
    self.name = name
    self.symbols = symbols
  }
}

final class RecordStep: Sendable {
  struct Field: Sendable {
    let name: String
    /// A step of the plan, or a type of the writer when the field is skipped.
    let step: Int
    /// The reader's field; nil when it has none.
    let target: Int?
  }

  /// The reader's type.
  let schema: AvroSchema
  let shape: RecordShape
  /// In the writer's order.
  let fields: [Field]
  /// Values of the reader's fields, which those that were written replace; none where all of them are, in order.
  let defaults: [AvroValue]
  /// Whether the reader's fields are just those of the writer, in its order.
  let isPlain: Bool

  init(_ schema: AvroSchema, _ shape: RecordShape, fields: [Field], defaults: [AvroValue]) {
    self.schema = schema
    self.shape = shape
    self.fields = fields
    isPlain = fields.map(\.target) == shape.fields.indices.map { $0 }
    self.defaults = isPlain ? [] : defaults
  }
}

final class RefusedStep: Sendable {
  let error: AvroError

  init(_ error: AvroError) {
    self.error = error
  }
}

extension ReadPlan {
  /// Reads values as they were written: a step for each type, at its index.
  convenience init(_ schema: AvroSchema) {
    let table = schema.table
    let steps = table.types.indices.map { index in ReadPlan.step(AvroSchema(table, index)) }
    self.init(steps, root: schema.index, writer: table)
  }

  private static func step(_ schema: AvroSchema) -> ReadStep {
    let sizes = schema.table.minimumSizes
    switch schema.shape {
    case .null: return .null
    case .boolean: return .boolean
    case .int: return .int
    case .long: return .long
    case .float: return .float
    case .double: return .double
    case .bytes: return .bytes
    case .string: return .string
    case .fixed(let fixed): return .fixed(fixed.size)
    case .enumeration(let shape):
      return .enumeration(EnumerationStep(shape.name.full, shape.symbols.map { (written: $0, read: $0) }))
    case .array(let items): return .array(item: items, minimum: sizes[items])
    case .map(let values): return .map(value: values, minimum: 1 + sizes[values])
    case .union(let branches):
      return .union(branches.enumerated().map { BranchStep(step: $1, target: $0) })
    case .record(let shape):
      let fields = shape.fields.enumerated().map { RecordStep.Field(name: $1.name, step: $1.type, target: $0) }
      return .record(RecordStep(schema, shape, fields: fields, defaults: []))
    }
  }
}
