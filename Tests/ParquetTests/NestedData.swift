import ByteBuffers

@testable import Parquet

/// One slot of a nested column, as it was made or as it was read.
indirect enum NestedDatum: Hashable {
  case null
  case value([UInt8])
  case list([NestedDatum])
  case structure([NestedDatum])

  var elements: [NestedDatum] { if case .list(let elements) = self { elements } else { [] } }
  var fields: [NestedDatum] { if case .structure(let fields) = self { fields } else { [] } }
}

/// Makes nested schemas and rows at random, and columns of rows.
struct NestedData {
  private var random: TestRandom

  init(seed: UInt64) {
    random = TestRandom(seed: seed)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  /// A field of at most `depth` levels below it.
  mutating func field(_ name: String, depth: Int) -> SchemaNode {
    let repetition: Repetition = chance(60) ? .optional : .required
    switch depth > 0 ? number(0...6) : 0 {
    case 0: return leaf(name, repetition)
    case 1, 2: return .list(name, of: field("element", depth: depth - 1), repetition: repetition)
    case 3:
      let entries = [SchemaNode("key", .int32), field("value", depth: depth - 1)]
      let repeated = SchemaNode("key_value", group: entries, repetition: .repeated)
      return SchemaNode(name, group: [repeated], repetition: repetition, logicalType: .map)
    case 4:
      var bare = chance(50) ? leaf(name, .repeated) : field(name, depth: depth - 1)
      bare.repetition = .repeated
      return SchemaNode(name, group: [bare, leaf("beside", .optional)], repetition: repetition)
    default:
      let fields = (0..<number(1...3)).map { index in field("f\(index)", depth: depth - 1) }
      return SchemaNode(name, group: fields, repetition: repetition)
    }
  }

  private mutating func leaf(_ name: String, _ repetition: Repetition) -> SchemaNode {
    switch number(0...3) {
    case 0: SchemaNode(name, .int64, repetition: repetition)
    case 1: SchemaNode(name, .byteArray, repetition: repetition)
    case 2: SchemaNode(name, .fixedLengthByteArray, length: 3, repetition: repetition)
    default: SchemaNode(name, .boolean, repetition: repetition)
    }
  }

  /// A slot of a shape.
  mutating func slot(_ shape: FieldShape) -> NestedDatum {
    if shape.isNullable, chance(25) { return .null }
    switch shape.kind {
    case .values(let leaf): return .value(value(leaf))
    case .structure(let fields): return .structure(fields.map { slot($0) })
    case .list(let element): return .list((0..<length()).map { _ in slot(element) })
    case .map(let key, let value): return .list((0..<length()).map { _ in .structure([slot(key), slot(value)]) })
    }
  }

  private mutating func length() -> Int { chance(30) ? 0 : number(1...4) }

  private mutating func value(_ leaf: LeafColumn) -> [UInt8] {
    switch leaf.type {
    case .boolean: [UInt8(number(0...1))]
    case .byteArray: (0..<number(0...20)).map { _ in UInt8(number(97...122)) }
    default: (0..<leaf.slotWidth).map { _ in UInt8(number(0...255)) }
    }
  }

  /// Slots as a column; below nulls lies what must not be read.
  mutating func column(_ slots: [NestedDatum], _ shape: FieldShape) -> Column {
    let isNull = slots.map { $0 == .null }
    var validity: Validity?
    if isNull.contains(true) {
      var bits = [UInt8](repeating: 0, count: (slots.count + 7) / 8)
      for (row, null) in isNull.enumerated() where !null { bits[row / 8] |= 1 << UInt8(row % 8) }
      validity = Validity(bits: Bytes(bits), nullCount: isNull.count { $0 })
    }
    return Column(count: slots.count, validity: validity, storage: storage(slots, shape))
  }

  private mutating func storage(_ slots: [NestedDatum], _ shape: FieldShape) -> Column.Storage {
    switch shape.kind {
    case .values(let leaf):
      let values = slots.map { slot in
        if case .value(let bytes) = slot { return bytes }
        return leaf.type == .byteArray ? [] : [UInt8](repeating: 1, count: leaf.slotWidth)
      }
      guard leaf.type == .byteArray else { return .fixed(Bytes(values.flatMap { $0 }), width: leaf.slotWidth) }
      return .variable(offsets: TestTable.offsets(values.map(\.count)), data: Bytes(values.flatMap { $0 }))
    case .structure(let fields):
      return .structure(
        fields.enumerated().map { index, field in
          column(slots.map { $0 == .null ? .null : $0.fields[index] }, field)
        }
      )
    case .list(let element):
      // A null list has an element all the same, which nobody may see.
      let lists = slots.map { $0 == .null ? [NestedDatum.null] : $0.elements }
      return .list(offsets: TestTable.offsets(lists.map(\.count)), elements: column(lists.flatMap { $0 }, element))
    case .map(let key, let value):
      let lists = slots.map { $0 == .null ? [NestedDatum.structure([.null, .null])] : $0.elements }
      let entries = lists.flatMap { $0 }
      let columns = [key, value].enumerated().map { index, shape in column(entries.map { $0.fields[index] }, shape) }
      return .list(
        offsets: TestTable.offsets(lists.map(\.count)),
        elements: Column(count: entries.count, validity: nil, storage: .structure(columns))
      )
    }
  }

  /// A slot of a column that was read.
  static func slot(_ column: Column, _ row: Int) -> NestedDatum {
    guard column.isValid(row) else { return .null }
    switch column.storage {
    case .fixed, .variable, .dictionary: return .value(column.bytes(at: row).array)
    case .structure(let fields): return .structure(fields.map { slot($0, row) })
    case .list(_, let elements): return .list(column.elementRange(at: row).map { slot(elements, $0) })
    }
  }
}
