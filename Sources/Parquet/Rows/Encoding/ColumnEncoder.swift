internal import ByteBuffers

/// One field of the rows that are encoded: gathers the slots of its column, and is what a type's `encode(to:)` sees.
///
/// There is one for every field, list element, map key and map value of the schema.
final class ColumnEncoder {
  /// What a slot holds.
  enum Kind {
    case leaf(LeafColumn)
    case structure
    case list
    case map
  }

  let context: EncodingRun
  private(set) unowned var parent: ColumnEncoder?
  /// Names of the fields from the top, for messages.
  let path: [String]
  let kind: Kind
  /// What a slot holds, for messages.
  let contents: String
  let isNullable: Bool
  /// Fields of a structure; the element of a list; of a map, its entries, which are structures of a key and a value.
  private(set) var children: [ColumnEncoder] = []
  /// What keys ask for, as positions in `children`.
  private var byKey: [String: Int] = [:]

  private var nulls = NullBits()
  /// Bytes of a leaf's slots.
  private(set) var data: [UInt8] = []
  /// Starts of the slots in the data of a variable leaf, or in the elements of a list.
  private var starts: [Int32] = []
  /// Slots when the value that is being encoded began.
  private var valueStart = 0

  /// Slots so far.
  var count: Int { nulls.count }

  /// The row, whose fields are those of a schema.
  init(_ schema: ParquetSchema, context: EncodingRun) {
    self.context = context
    path = []
    kind = .structure
    contents = "a row"
    isNullable = false
    setChildren(schema.shapes.map { ColumnEncoder($0, named: $0.name, parent: self) })
  }

  private init(_ shape: FieldShape, named name: String, parent: ColumnEncoder) {
    context = parent.context
    self.parent = parent
    path = parent.path + [name]
    contents = shape.contents
    isNullable = shape.isNullable
    switch shape.kind {
    case .values(let leaf): kind = .leaf(leaf)
    case .structure(let fields):
      kind = .structure
      setChildren(fields.map { ColumnEncoder($0, named: $0.name, parent: self) })
    case .list(let element):
      kind = .list
      setChildren([ColumnEncoder(element, named: "element", parent: self)])
    case .map(let key, let value):
      kind = .map
      setChildren([ColumnEncoder(entriesOf: self, key: key, value: value)])
    }
  }

  private init(entriesOf map: ColumnEncoder, key: FieldShape, value: FieldShape) {
    context = map.context
    parent = map
    path = map.path
    kind = .structure
    contents = "an entry of a map"
    isNullable = false
    setChildren([
      ColumnEncoder(key, named: "key", parent: self), ColumnEncoder(value, named: "value", parent: self),
    ])
  }

  private func setChildren(_ fields: [ColumnEncoder]) {
    children = fields
    for (index, field) in fields.enumerated() {
      if let name = field.path.last, byKey[name] == nil { byKey[name] = index }
    }
  }

  /// The field that a key asks for; nil when there is none.
  func field(_ key: any CodingKey) -> ColumnEncoder? {
    byKey[context.name(of: key)].map { children[$0] }
  }

  // MARK: Slots

  /// Appends a slot of a leaf.
  func append(_ bytes: some Collection<UInt8>, variable: Bool = false) throws(EncodingError) {
    guard data.count <= Int(Int32.max) - bytes.count else {
      throw invalid(count, "The values of one batch would exceed 2 GiB.")
    }
    if variable { starts.append(Int32(data.count)) }
    data.append(contentsOf: bytes)
    context.byteCount += bytes.count + (variable ? 4 : 0)
    nulls.append(true)
  }

  /// Appends a null.
  func appendNull() throws(EncodingError) {
    guard isNullable else {
      throw invalid(Any?.none as Any, "is REQUIRED and has no value. Declare it OPTIONAL, or give it a value.")
    }
    try settle()
    appendEmptySlot(isValid: false)
  }

  /// Appends a slot with nothing in it; within a structure that is null, also where null is not allowed.
  private func appendEmptySlot(isValid: Bool) {
    switch kind {
    case .leaf(let leaf):
      if let width = LeafSource(leaf).width {
        data.append(contentsOf: repeatElement(0, count: width))
        context.byteCount += width
      } else {
        starts.append(Int32(data.count))
      }
    case .structure:
      // Where the structure is null, so are its fields.
      for child in children { child.appendEmptySlot(isValid: false) }
    case .list, .map: starts.append(Int32(children[0].count))
    }
    nulls.append(isValid)
  }

  /// Begins a structure, unless the value that is being encoded has begun it already.
  func openStructure() throws(EncodingError) {
    guard count == valueStart else { return }
    try settle()
    nulls.append(true)
  }

  /// Begins a list or map, unless the value that is being encoded has begun it already.
  func openList() throws(EncodingError) {
    guard count == valueStart else { return }
    try settle()
    starts.append(Int32(children[0].count))
    nulls.append(true)
  }

  /// Gives the fields that the last slots of structures have no value for their nulls.
  func settle() throws(EncodingError) {
    if case .structure = kind {
      for child in children where child.count < count { try child.appendNull() }
      for child in children where !child.children.isEmpty { try child.settle() }
    } else if let element = children.first {
      try element.settle()
    }
  }

  /// Begins a value, which has to become exactly one slot.
  ///
  /// - Returns: what to give to ``endValue(_:)``.
  func beginValue() throws(EncodingError) -> Int {
    if let parent, case .structure = parent.kind, count >= parent.count {
      throw invalid(count, "is given a value twice, or one to a row that is not its last one.")
    }
    let before = valueStart
    valueStart = count
    return before
  }

  func endValue(_ before: Int) throws(EncodingError) {
    if count == valueStart {
      switch kind {
      case .structure: try openStructure()
      case .list, .map: try openList()
      case .leaf: throw invalid(path, "was given no value.")
      }
    }
    try settle()
    valueStart = before
  }

  // MARK: Columns

  /// Forgets the slots from a position on.
  func truncate(to wanted: Int) {
    guard wanted < count else { return }
    switch kind {
    case .leaf(let leaf):
      if let width = LeafSource(leaf).width {
        data.removeLast(data.count - wanted * width)
      } else {
        data.removeLast(data.count - Int(starts[wanted]))
        starts.removeLast(starts.count - wanted)
      }
    case .structure:
      for child in children { child.truncate(to: wanted) }
    case .list, .map:
      children[0].truncate(to: Int(starts[wanted]))
      starts.removeLast(starts.count - wanted)
    }
    nulls.truncate(to: wanted)
    valueStart = min(valueStart, wanted)
  }

  /// The column of the slots so far; the next slot is the first one of another column.
  func takeColumn() -> Column {
    let count = count
    valueStart = 0
    defer {
      data.removeAll(keepingCapacity: true)
      starts.removeAll(keepingCapacity: true)
    }
    let storage: Column.Storage
    switch kind {
    case .leaf(let leaf):
      if let width = LeafSource(leaf).width {
        storage = .fixed(Bytes(data), width: width)
      } else {
        storage = .variable(offsets: offsets(end: data.count), data: Bytes(data))
      }
    case .structure: storage = .structure(children.map { $0.takeColumn() })
    case .list, .map:
      let offsets = offsets(end: children[0].count)
      storage = .list(offsets: offsets, elements: children[0].takeColumn())
    }
    return Column(count: count, validity: nulls.take(), storage: storage)
  }

  private func offsets(end: Int) -> Bytes {
    (starts + [Int32(end)]).withUnsafeBytes { Bytes(copying: $0) }
  }

  // MARK: Errors

  /// Row, keys and positions down to the slot that is being encoded.
  var codingPath: [any CodingKey] {
    guard let parent else { return [FieldKey(index: context.firstRow + max(0, count - 1))] }
    switch parent.kind {
    case .structure: return parent.codingPath + [FieldKey(path.last ?? "")]
    case .list, .map, .leaf:
      return parent.codingPath + [FieldKey(index: count - Int(parent.starts.last ?? 0))]
    }
  }

  func invalid(_ value: Any, _ what: String) -> EncodingError {
    let path = codingPath
    let row = path.first?.intValue ?? 0
    let place =
      self.path.isEmpty ? "Row \(row)" : "Column '\(self.path.joined(separator: "."))' (\(contents)), row \(row)"
    return .invalidValue(value, EncodingError.Context(codingPath: path, debugDescription: "\(place): \(what)"))
  }
}

/// What the encoders of all fields share.
final class EncodingRun {
  let strategy: ParquetEncoder.KeyEncodingStrategy
  let userInfo: [CodingUserInfoKey: Any]
  /// Rows before the gathered ones.
  var firstRow = 0
  /// Bytes that were gathered, about.
  var byteCount = 0
  private var names: [String: String] = [:]

  init(_ encoder: ParquetEncoder) {
    strategy = encoder.keyEncodingStrategy
    userInfo = encoder.userInfo
  }

  /// The name of the field that a key stands for.
  func name(of key: any CodingKey) -> String {
    let text = key.stringValue
    switch strategy {
    case .useDefaultKeys: return text
    case .convertToSnakeCase:
      if let known = names[text] { return known }
      let name = snakeCase(text)
      names[text] = name
      return name
    case .custom(let convert): return convert([key]).stringValue
    }
  }
}
