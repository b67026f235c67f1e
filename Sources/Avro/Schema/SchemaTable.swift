/// All types of one schema, which name each other by index, so that a type can hold itself.
///
/// The first eight are the primitive types.
final class SchemaTable: Sendable {
  let types: [SchemaType]
  /// For each type, a number of bytes that each of its values takes at least.
  let minimumSizes: [Int]
  /// The JSON that the table was parsed of, and the type that it describes.
  let text: String
  let root: Int

  init(_ types: [SchemaType], text: String, root: Int) {
    self.types = types
    self.text = text
    self.root = root
    minimumSizes = SchemaTable.minimumSizes(types)
  }

  /// Lower bounds: sums of lower bounds, begun at nothing and repeated so that types may come before those they hold.
  private static func minimumSizes(_ types: [SchemaType]) -> [Int] {
    var sizes = [Int](repeating: 0, count: types.count)
    for _ in 0..<4 {
      for (index, type) in types.enumerated() {
        sizes[index] =
          switch type.shape {
          case .null: 0
          case .float: 4
          case .double: 8
          case .boolean, .int, .long, .bytes, .string, .enumeration, .array, .map, .union: 1
          case .fixed(let fixed): fixed.size
          case .record(let record):
            record.fields.reduce(0) { min($0 + sizes[$1.type], largestMinimum) }
          }
      }
    }
    return sizes
  }

  /// More is not told apart; sums of two stay far from overflowing.
  private static let largestMinimum = 1 << 40
}

/// A type and what its schema says of it that Avro does not know.
struct SchemaType: Sendable {
  let shape: SchemaShape
  let attributes: [AvroJSON.Member]
}

/// What a type is; types inside it are indexes into a ``SchemaTable``.
enum SchemaShape: Sendable {
  case null
  case boolean
  case int
  case long
  case float
  case double
  case bytes
  case string
  case record(RecordShape)
  case enumeration(EnumerationShape)
  case fixed(FixedShape)
  case array(Int)
  case map(Int)
  case union([Int])

  static let primitives: [SchemaShape] = [.null, .boolean, .int, .long, .float, .double, .bytes, .string]

  var kind: AvroSchema.Kind {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .int: .int
    case .long: .long
    case .float: .float
    case .double: .double
    case .bytes: .bytes
    case .string: .string
    case .record: .record
    case .enumeration: .enumeration
    case .fixed: .fixed
    case .array: .array
    case .map: .map
    case .union: .union
    }
  }

  /// The name of a record, an enum or a fixed.
  var name: SchemaName? {
    switch self {
    case .record(let record): record.name
    case .enumeration(let enumeration): enumeration.name
    case .fixed(let fixed): fixed.name
    default: nil
    }
  }
}

/// The fullname of a type, `namespace.name`, and the fullnames by which it was known before.
struct SchemaName: Sendable {
  let full: String
  let aliases: [String]

  /// The part behind the last dot.
  var short: Substring { SchemaName.short(full) }

  static func short(_ full: String) -> Substring {
    full.lastIndex(of: ".").map { full[full.index(after: $0)...] } ?? full[...]
  }

  /// The part before the last dot; empty when there is none.
  static func namespace(_ full: String) -> Substring {
    full.lastIndex(of: ".").map { full[..<$0] } ?? ""
  }
}

final class RecordShape: Sendable {
  let name: SchemaName
  let isError: Bool
  let fields: [FieldShape]
  private let indexes: [String: Int]

  init(_ name: SchemaName, isError: Bool, fields: [FieldShape]) {
    self.name = name
    self.isError = isError
    self.fields = fields
    indexes = Dictionary(fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  func index(of field: String) -> Int? { indexes[field] }
}

struct FieldShape: Sendable {
  let name: String
  let aliases: [String]
  let type: Int
  let defaultValue: AvroJSON?
  let attributes: [AvroJSON.Member]
}

final class EnumerationShape: Sendable {
  let name: SchemaName
  let symbols: [String]
  let defaultSymbol: String?
  private let indexes: [String: Int]

  init(_ name: SchemaName, symbols: [String], defaultSymbol: String?) {
    self.name = name
    self.symbols = symbols
    self.defaultSymbol = defaultSymbol
    indexes = Dictionary(symbols.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  func index(of symbol: String) -> Int? { indexes[symbol] }
}

final class FixedShape: Sendable {
  let name: SchemaName
  let size: Int

  init(_ name: SchemaName, size: Int) {
    self.name = name
    self.size = size
  }
}
