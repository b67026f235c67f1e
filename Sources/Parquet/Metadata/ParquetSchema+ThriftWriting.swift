extension ParquetSchema {
  /// Encodes the schema as the flat, depth-first list of a footer's field 2.
  ///
  /// Annotations are written in the newer and in the older form. Source: parquet.thrift, `struct SchemaElement`.
  func encode(into writer: inout CompactWriter) {
    func elements(_ node: SchemaNode) -> Int { 1 + node.children.reduce(0) { $0 + elements($1) } }
    writer.list(2, of: .structure, count: 1 + fields.reduce(0) { $0 + elements($1) })
    writer.beginElement()
    writer.field(4, "schema")
    writer.field(5, Int32(fields.count))
    writer.endStructure()
    for field in fields { ParquetSchema.encode(field, into: &writer) }
  }

  private static func encode(_ node: SchemaNode, into writer: inout CompactWriter) {
    writer.beginElement()
    switch node.content {
    case .values(let type, let length):
      writer.field(1, type.rawValue)
      if type == .fixedLengthByteArray { writer.field(2, Int32(clamping: length)) }
      writer.field(3, node.repetition.rawValue)
      writer.field(4, node.name)
    case .group(let children):
      writer.field(3, node.repetition.rawValue)
      writer.field(4, node.name)
      writer.field(5, Int32(children.count))
    }
    writer.field(6, node.logicalType?.convertedType)
    if case .decimal(let scale, let precision) = node.logicalType {
      writer.field(7, scale)
      writer.field(8, precision)
    }
    writer.field(9, node.fieldID)
    if let logical = node.logicalType, logical.unionMember != nil { logical.encode(10, into: &writer) }
    writer.endStructure()
    for child in node.children { encode(child, into: &writer) }
  }
}

extension LogicalType {
  /// Field id in the union; nil for annotations that only the older form has, or that are not known.
  var unionMember: Int16? {
    switch self {
    case .string: 1
    case .map: 2
    case .list: 3
    case .enumeration: 4
    case .decimal: 5
    case .date: 6
    case .time: 7
    case .timestamp: 8
    case .integer: 10
    case .null: 11
    case .json: 12
    case .bson: 13
    case .uuid: 14
    case .float16: 15
    case .variant: 16
    case .geometry: 17
    case .geography: 18
    case .interval, .unknown: nil
    }
  }

  /// Encodes the union as field `id`.
  ///
  /// Source: parquet.thrift, `union LogicalType`.
  fileprivate func encode(_ id: Int16, into writer: inout CompactWriter) {
    guard let member = unionMember else { return }
    writer.beginStructure(id)
    writer.beginStructure(member)
    switch self {
    case .decimal(let scale, let precision):
      writer.field(1, scale)
      writer.field(2, precision)
    case .time(let isAdjustedToUTC, let unit), .timestamp(let isAdjustedToUTC, let unit):
      writer.field(1, isAdjustedToUTC)
      writer.beginStructure(2)
      writer.beginStructure(unit.unionMember)
      writer.endStructure()
      writer.endStructure()
    case .integer(let bitWidth, let isSigned):
      writer.field(1, byte: bitWidth)
      writer.field(2, isSigned)
    case .variant(let version):
      if let version { writer.field(1, byte: version) }
    case .geometry(let crs): writer.field(1, crs)
    case .geography(let crs, let algorithm):
      writer.field(1, crs)
      writer.field(2, algorithm)
    default: break
    }
    writer.endStructure()
    writer.endStructure()
  }
}

extension LogicalType.TimeUnit {
  fileprivate var unionMember: Int16 {
    switch self {
    case .milliseconds: 1
    case .microseconds: 2
    case .nanoseconds: 3
    }
  }
}
