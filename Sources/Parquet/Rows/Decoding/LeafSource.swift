/// How the slots of a leaf's column are to be understood.
enum LeafSource: Equatable {
  case boolean
  case signed32
  case signed64
  case unsigned32
  case unsigned64
  case int96
  case float
  case double
  /// IEEE half precision.
  case half
  /// Any number of bytes.
  case variable
  /// A number of bytes that the schema fixes.
  case fixed(Int)

  init(_ leaf: LeafColumn) {
    switch (leaf.type, leaf.node.logicalType) {
    case (.boolean, _): self = .boolean
    case (.int32, .integer(_, isSigned: false)): self = .unsigned32
    case (.int32, _): self = .signed32
    case (.int64, .integer(_, isSigned: false)): self = .unsigned64
    case (.int64, _): self = .signed64
    case (.int96, _): self = .int96
    case (.float, _): self = .float
    case (.double, _): self = .double
    case (.byteArray, _): self = .variable
    case (.fixedLengthByteArray, .float16) where leaf.length == 2: self = .half
    case (.fixedLengthByteArray, _): self = .fixed(leaf.length)
    }
  }

  /// Bytes of a slot; nil for a variable number.
  var width: Int? {
    switch self {
    case .boolean: 1
    case .half: 2
    case .signed32, .unsigned32, .float: 4
    case .signed64, .unsigned64, .double: 8
    case .int96: 12
    case .variable: nil
    case .fixed(let length): length
    }
  }
}

extension LeafColumn {
  /// Scale of a decimal whose annotation makes sense.
  var decimalScale: Int32? {
    guard case .decimal(let scale, let precision) = node.logicalType, precision > 0, (0...precision).contains(scale)
    else { return nil }
    return scale
  }
}

extension FieldShape {
  /// What a slot holds, for messages: `INT32 (DATE)`.
  var contents: String {
    switch kind {
    case .values(let leaf):
      let length = leaf.type == .fixedLengthByteArray ? "(\(leaf.length))" : ""
      return leaf.type.name + length + (leaf.node.logicalType.map { " (\($0.name))" } ?? "")
    case .structure: return "a structure"
    case .list: return "a list"
    case .map: return "a map"
    }
  }
}
