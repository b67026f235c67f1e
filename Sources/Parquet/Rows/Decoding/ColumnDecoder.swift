internal import ByteBuffers

/// One field of the rows that are decoded: what a type's `init(from:)` sees of the slot where it stands.
///
/// There is one for every field, list element, map key and map value of the schema. It serves all rows: a batch's column
/// is attached, and `slot` moves on.
final class ColumnDecoder {
  /// What a slot holds.
  enum Kind {
    case leaf(LeafSource)
    case structure
    case list
    case map
  }

  /// How a type is decoded.
  enum Strategy {
    case standard(any ColumnDecodable.Type)
    case converted(any ParquetConvertible.Type)
    case codable
  }

  let context: RowContext
  /// What holds the field; nil for the row itself.
  private(set) var parent: ColumnDecoder?
  /// Names of the fields from the top, for messages.
  let path: [String]
  /// The key that asks for the field.
  let key: String
  let kind: Kind
  /// What the values of a leaf mean.
  let annotation: LogicalType?
  /// Scale of a decimal whose annotation makes sense.
  let decimalScale: Int32?
  /// What a slot holds, for messages.
  let contents: String
  /// Fields of a structure; the element of a list; of a map, its entries, which are structures of a key and a value.
  private(set) var children: [ColumnDecoder] = []

  /// The slot that is being decoded.
  var slot = 0
  /// Whether there is a column, which the row's fields only have once they were asked for.
  private(set) var isAttached = false
  private var column: Column?
  private(set) var count = 0
  private var bits: UnsafeRawPointer?
  private(set) var base = UnsafeRawPointer(ColumnDecoder.nothing.base)
  private(set) var offsets: UnsafePointer<Int32>?
  private var lookups = FieldLookups()
  private var containers: [(ObjectIdentifier, Any)] = []
  private var strategies: [(ObjectIdentifier, Strategy)] = []

  private static let nothing = Bytes.empty

  /// The row with its fields.
  init(_ fields: [FieldShape], context: RowContext) {
    self.context = context
    path = []
    key = ""
    kind = .structure
    annotation = nil
    decimalScale = nil
    contents = "a row"
    children = fields.map { ColumnDecoder($0, named: $0.name, parent: self) }
  }

  private init(_ shape: FieldShape, named name: String, parent: ColumnDecoder) {
    context = parent.context
    self.parent = parent
    path = parent.path + [name]
    key = parent.kind.isStructure ? context.matching.key(of: name, below: parent.path) : name
    contents = shape.contents
    annotation = shape.node.logicalType
    if case .values(let leaf) = shape.kind { decimalScale = leaf.decimalScale } else { decimalScale = nil }
    switch shape.kind {
    case .values(let leaf):
      kind = .leaf(LeafSource(leaf))
    case .structure(let fields):
      kind = .structure
      children = fields.map { ColumnDecoder($0, named: $0.name, parent: self) }
    case .list(let element):
      kind = .list
      children = [ColumnDecoder(element, named: "element", parent: self)]
    case .map(let key, let value):
      kind = .map
      children = [ColumnDecoder(entriesOf: self, key: key, value: value)]
    }
  }

  /// The entries of a map, whose fields are called `key` and `value` whatever the file calls them.
  private init(entriesOf map: ColumnDecoder, key: FieldShape, value: FieldShape) {
    context = map.context
    parent = map
    path = map.path
    self.key = "entry"
    kind = .structure
    annotation = nil
    decimalScale = nil
    contents = "an entry of a map"
    children = [ColumnDecoder(key, entryField: "key", self), ColumnDecoder(value, entryField: "value", self)]
  }

  private convenience init(_ shape: FieldShape, entryField name: String, _ entry: ColumnDecoder) {
    self.init(shape, named: name, parent: entry)
  }

  /// A decoder of the same field that stays at a slot, for containers that outlive the call they were made in.
  private init(_ original: ColumnDecoder, at slot: Int) {
    context = original.context
    parent = original.parent
    path = original.path
    key = original.key
    kind = original.kind
    annotation = original.annotation
    decimalScale = original.decimalScale
    contents = original.contents
    children = original.children
    isAttached = original.isAttached
    column = original.column
    count = original.count
    bits = original.bits
    base = original.base
    offsets = original.offsets
    self.slot = slot
  }

  /// A decoder of the same field that stays at a slot.
  func fixed(at slot: Int) -> ColumnDecoder { ColumnDecoder(self, at: slot) }

  /// Breaks the cycles between parents, children and containers.
  func tearDown() {
    for child in children { child.tearDown() }
    containers = []
    parent = nil
  }

  // MARK: Columns

  /// Takes the columns of all rows of a batch that belong to fields of the row.
  func attach(rowCount: Int, _ columns: [(field: Int, column: Column)]) throws(ParquetError) {
    isAttached = true
    count = rowCount
    for (field, column) in columns {
      guard column.count == rowCount else { throw children[field].layoutError() }
      try children[field].attach(column)
    }
  }

  private func attach(_ column: Column) throws(ParquetError) {
    self.column = column
    count = column.count
    bits = column.validity?.bits.base
    isAttached = true
    switch (kind, column.storage) {
    case (.leaf(let source), .fixed(let bytes, let width)):
      guard source.width == width, bytes.count / max(width, 1) >= count else { throw layoutError() }
      base = bytes.base
    case (.leaf(.variable), .variable(let offsets, let data)):
      self.offsets = try bounds(offsets, end: data.count)
      base = data.base
    case (.list, .list(let offsets, let elements)), (.map, .list(let offsets, let elements)):
      self.offsets = try bounds(offsets, end: elements.count)
      try children[0].attach(elements)
    case (.structure, .structure(let fields)):
      guard fields.count == children.count, fields.allSatisfy({ $0.count == count }) else { throw layoutError() }
      for (child, field) in zip(children, fields) { try child.attach(field) }
    default: throw layoutError()
    }
  }

  private func bounds(_ offsets: Bytes, end: Int) throws(ParquetError) -> UnsafePointer<Int32> {
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    guard offsets.count / 4 > count, Int(bounds[count]) <= end else { throw layoutError() }
    return bounds
  }

  private func layoutError() -> ParquetError {
    ParquetError(
      .unsupported,
      "The codec delivered a column in another layout than \(contents) has.",
      column: path.joined(separator: ".")
    )
  }

  /// Whether a slot holds nothing.
  @inline(__always)
  func isNull(_ slot: Int) -> Bool {
    guard let bits else { return false }
    return !bitIsSet(bits, slot)
  }

  /// The range of a slot in the elements of a list or map, or in the bytes of a variable leaf.
  @inline(__always)
  func range(_ slot: Int) -> Range<Int> {
    guard let offsets else { return 0..<0 }
    return Int(offsets[slot])..<Int(offsets[slot + 1])
  }

  // MARK: Fields

  /// The field that a key asks for; nil when there is none.
  func field(_ key: String) -> ColumnDecoder? {
    lookups.index(of: key, in: children).map { children[$0] }
  }

  /// A container of one type of keys, made once for all rows.
  func container<Key: CodingKey>(cachedFor type: Key.Type) -> KeyedDecodingContainer<Key> {
    lookups.restart()
    let id = ObjectIdentifier(type)
    for (known, container) in containers where known == id {
      if let container = container as? KeyedDecodingContainer<Key> { return container }
    }
    let container = KeyedDecodingContainer(FieldsContainer<Key>(of: self))
    containers.append((id, container))
    return container
  }

  /// How a type is decoded here.
  @inline(__always)
  func strategy<T: Decodable>(_ type: T.Type) -> Strategy {
    let id = ObjectIdentifier(type)
    for (known, strategy) in strategies where known == id { return strategy }
    let strategy: Strategy
    if let standard = type as? any ColumnDecodable.Type {
      strategy = .standard(standard)
    } else if let convertible = type as? any ParquetConvertible.Type {
      strategy = .converted(convertible)
    } else {
      strategy = .codable
    }
    strategies.append((id, strategy))
    return strategy
  }
}

extension ColumnDecoder.Kind {
  var isStructure: Bool {
    if case .structure = self { return true }
    return false
  }
}

/// What the decoders of all fields share.
final class RowContext {
  let matching: KeyMatching
  let userInfo: [CodingUserInfoKey: Any]
  /// Rows before the attached batch.
  var firstRow = 0
  /// Fields of the row that were asked for and have no column yet.
  var missingFields: Set<Int> = []

  init(matching: KeyMatching, userInfo: [CodingUserInfoKey: any Sendable]) {
    self.matching = matching
    self.userInfo = userInfo
  }
}

/// Finds fields by key without hashing as long as every row asks for the same keys in the same order.
struct FieldLookups {
  private var asked: [(key: String, index: Int?)] = []
  private var places: [String: Int] = [:]
  private var byKey: [String: Int]?
  private var next = 0

  mutating func restart() {
    next = 0
  }

  mutating func index(of key: String, in fields: [ColumnDecoder]) -> Int? {
    if next < asked.count, asked[next].key == key {
      next += 1
      return asked[next - 1].index
    }
    if let place = places[key] {
      next = place + 1
      return asked[place].index
    }
    let index = table(fields)[key]
    places[key] = asked.count
    asked.append((key, index))
    next = asked.count
    return index
  }

  private mutating func table(_ fields: [ColumnDecoder]) -> [String: Int] {
    if let byKey { return byKey }
    let table = Dictionary(fields.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    byKey = table
    return table
  }
}
