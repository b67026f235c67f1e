extension ParquetSchema {
  /// One element of the flat, depth-first list that the footer holds.
  ///
  /// Source: parquet.thrift, `struct SchemaElement`.
  private struct Element {
    var type: Int32?
    var length: Int32?
    var repetition: Int32?
    var name = ""
    var childCount: Int32?
    var convertedType: Int32?
    var scale: Int32?
    var precision: Int32?
    var fieldID: Int32?
    var logicalType: LogicalType?
    var offset = 0
  }

  /// Decodes the schema list of a footer.
  @_lifetime(reader: copy reader)
  init(
    reading reader: inout CompactReader,
    _ field: CompactReader.Field,
    limits: ReaderLimits
  ) throws(ParquetError) {
    let count = try reader.list(field, of: .structure)
    guard count <= limits.schemaElements else {
      throw ParquetError(
        .limitExceeded,
        "The schema has \(count) elements, more than the limit schemaElements of \(limits.schemaElements)."
      )
    }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try ParquetSchema.readElement(&reader)) }
    guard let root = elements.first else { throw .corrupt("The schema is empty.", offset: reader.offset) }
    var next = 1
    let fieldCount = try ParquetSchema.childCount(root, left: elements.count - next)
    var fields: [SchemaNode] = []
    fields.reserveCapacity(fieldCount)
    for _ in 0..<fieldCount {
      fields.append(try ParquetSchema.node(elements, at: &next, depth: 1, limits: limits))
    }
    guard next == elements.count else {
      throw .corrupt("\(elements.count - next) schema elements belong to no group.", offset: root.offset)
    }
    self.init(fields)
    guard leaves.count <= limits.columns else {
      throw ParquetError(
        .limitExceeded,
        "The file has \(leaves.count) columns, more than the limit columns of \(limits.columns)."
      )
    }
  }

  private static func childCount(_ element: Element, left: Int) throws(ParquetError) -> Int {
    let count = Int(element.childCount ?? 0)
    guard count >= 0, count <= left else {
      throw .corrupt(
        "Group '\(element.name)' claims \(count) children; \(left) elements are left.",
        offset: element.offset
      )
    }
    return count
  }

  private static func node(
    _ elements: [Element],
    at next: inout Int,
    depth: Int,
    limits: ReaderLimits
  ) throws(ParquetError) -> SchemaNode {
    guard next < elements.count else { throw .corrupt("The schema ends inside a group.") }
    guard depth <= limits.schemaDepth else {
      throw ParquetError(
        .limitExceeded,
        "The schema is nested deeper than the limit schemaDepth of \(limits.schemaDepth)."
      )
    }
    let element = elements[next]
    next += 1
    guard let repetition = Repetition(rawValue: element.repetition ?? 0) else {
      throw .corrupt("Field '\(element.name)' has an unknown repetition.", offset: element.offset)
    }
    // On the repeated group within a map, where older writers put it, MAP_KEY_VALUE says nothing.
    let converted = element.convertedType == 2 && repetition == .repeated ? nil : element.convertedType
    let logical =
      element.logicalType
      ?? converted.flatMap {
        LogicalType(convertedType: $0, scale: element.scale, precision: element.precision)
      }
    guard let raw = element.type else {
      var children: [SchemaNode] = []
      for _ in 0..<(try childCount(element, left: elements.count - next)) {
        children.append(try node(elements, at: &next, depth: depth + 1, limits: limits))
      }
      return SchemaNode(
        element.name,
        group: children,
        repetition: repetition,
        logicalType: logical,
        fieldID: element.fieldID
      )
    }
    guard let type = PhysicalType(rawValue: raw) else {
      throw .corrupt("Field '\(element.name)' has the unknown physical type \(raw).", offset: element.offset)
    }
    let length = type == .fixedLengthByteArray ? Int(element.length ?? -1) : 0
    guard length >= 0, type != .fixedLengthByteArray || length > 0, length <= limits.valueBytes else {
      throw .corrupt("Field '\(element.name)' has a value length of \(length) bytes.", offset: element.offset)
    }
    return SchemaNode(
      element.name,
      type,
      length: length,
      repetition: repetition,
      logicalType: logical,
      fieldID: element.fieldID
    )
  }

  @_lifetime(reader: copy reader)
  private static func readElement(_ reader: inout CompactReader) throws(ParquetError) -> Element {
    var element = Element()
    element.offset = reader.offset
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: element.type = try reader.int32(field)
      case 2: element.length = try reader.int32(field)
      case 3: element.repetition = try reader.int32(field)
      case 4: element.name = try reader.text(field)
      case 5: element.childCount = try reader.int32(field)
      case 6: element.convertedType = try reader.int32(field)
      case 7: element.scale = try reader.int32(field)
      case 8: element.precision = try reader.int32(field)
      case 9: element.fieldID = try reader.int32(field)
      case 10:
        try reader.structure(field)
        element.logicalType = try LogicalType(reading: &reader)
      default: try reader.skip(field.type)
      }
    }
    return element
  }
}

extension LogicalType {
  /// Decodes the union; nil when no member is set.
  @_lifetime(reader: copy reader)
  init?(reading reader: inout CompactReader) throws(ParquetError) {
    var result: LogicalType?
    var previous: Int16 = 0
    while let member = try reader.field(after: &previous) {
      if member.type == .structure {
        result = try LogicalType.member(member, &reader)
      } else {
        result = .unknown(member.id)
        try reader.skip(member.type)
      }
    }
    guard let result else { return nil }
    self = result
  }

  @_lifetime(reader: copy reader)
  private static func member(
    _ member: CompactReader.Field,
    _ reader: inout CompactReader
  ) throws(ParquetError) -> LogicalType {
    switch member.id {
    case 5:
      let numbers = try twoNumbers(&reader)
      return .decimal(scale: numbers.0, precision: numbers.1)
    case 7, 8:
      let (utc, unit) = try timeParameters(&reader)
      guard let unit else { return .unknown(member.id) }
      return member.id == 7
        ? .time(isAdjustedToUTC: utc, unit: unit) : .timestamp(isAdjustedToUTC: utc, unit: unit)
    case 10: return try integerParameters(&reader)
    case 16, 17, 18: return try openParameters(member, &reader)
    default: break
    }
    try reader.skip(.structure)
    switch member.id {
    case 1: return .string
    case 2: return .map
    case 3: return .list
    case 4: return .enumeration
    case 6: return .date
    case 11: return .null
    case 12: return .json
    case 13: return .bson
    case 14: return .uuid
    case 15: return .float16
    default: return .unknown(member.id)
    }
  }

  @_lifetime(reader: copy reader)
  private static func twoNumbers(_ reader: inout CompactReader) throws(ParquetError) -> (Int32, Int32) {
    var numbers: (Int32, Int32) = (0, 0)
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: numbers.0 = try reader.int32(field)
      case 2: numbers.1 = try reader.int32(field)
      default: try reader.skip(field.type)
      }
    }
    return numbers
  }

  @_lifetime(reader: copy reader)
  private static func timeParameters(_ reader: inout CompactReader) throws(ParquetError) -> (Bool, TimeUnit?) {
    var utc = false
    var unit: TimeUnit?
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: utc = try reader.boolean(field)
      case 2:
        try reader.structure(field)
        var inner: Int16 = 0
        while let member = try reader.field(after: &inner) {
          switch member.id {
          case 1: unit = .milliseconds
          case 2: unit = .microseconds
          case 3: unit = .nanoseconds
          default: unit = nil
          }
          try reader.skip(member.type)
        }
      default: try reader.skip(field.type)
      }
    }
    return (utc, unit)
  }

  @_lifetime(reader: copy reader)
  private static func integerParameters(_ reader: inout CompactReader) throws(ParquetError) -> LogicalType {
    var width: Int8 = 0
    var signed = false
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: width = Int8(truncatingIfNeeded: try reader.int64(field))
      case 2: signed = try reader.boolean(field)
      default: try reader.skip(field.type)
      }
    }
    switch width {
    case 8, 16, 32, 64: return .integer(bitWidth: width, isSigned: signed)
    default: return .unknown(10)
    }
  }

  /// Annotations whose parameters all may be absent.
  @_lifetime(reader: copy reader)
  private static func openParameters(
    _ member: CompactReader.Field,
    _ reader: inout CompactReader
  ) throws(ParquetError) -> LogicalType {
    var crs: String?
    var number: Int32?
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch (member.id, field.id) {
      case (16, 1), (18, 2): number = try reader.int32(field)
      case (17, 1), (18, 1): crs = try reader.text(field)
      default: try reader.skip(field.type)
      }
    }
    switch member.id {
    case 16: return .variant(specificationVersion: number.map { Int8(truncatingIfNeeded: $0) })
    case 17: return .geometry(crs: crs)
    default: return .geography(crs: crs, algorithm: number)
    }
  }
}
