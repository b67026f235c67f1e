/// A standard type, which decodes from a column without containers.
protocol ColumnDecodable: Decodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self
}

extension Bool: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Bool { try column.boolean(at: slot) }
}

extension String: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> String { try column.text(at: slot) }
}

extension Double: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Double {
    try column.floatingPoint(Double.self, at: slot)
  }
}

extension Float: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Float {
    try column.floatingPoint(Float.self, at: slot)
  }
}

extension ColumnDecodable where Self: FixedWidthInteger {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self {
    try column.integer(Self.self, at: slot)
  }
}

extension Int: ColumnDecodable {}
extension Int8: ColumnDecodable {}
extension Int16: ColumnDecodable {}
extension Int32: ColumnDecodable {}
extension Int64: ColumnDecodable {}
extension Int128: ColumnDecodable {}
extension UInt: ColumnDecodable {}
extension UInt8: ColumnDecodable {}
extension UInt16: ColumnDecodable {}
extension UInt32: ColumnDecodable {}
extension UInt64: ColumnDecodable {}
extension UInt128: ColumnDecodable {}

extension ParquetTimestamp: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self { try column.timestamp(at: slot) }
}

extension ParquetDate: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self { try column.date(at: slot) }
}

extension ParquetTime: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self { try column.time(at: slot) }
}

extension ParquetDecimal: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self {
    try column.decimal(Self.self, at: slot)
  }
}

extension ParquetInterval: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self { try column.interval(at: slot) }
}

extension ParquetUUID: ColumnDecodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Self { try column.uuid(at: slot) }
}

extension Optional: ColumnDecodable where Wrapped: Decodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> Wrapped? {
    column.isNull(slot) ? nil : try column.value(Wrapped.self, at: slot)
  }
}

extension Array: ColumnDecodable where Element: Decodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> [Element] {
    if Element.self == UInt8.self, case .leaf = column.kind {
      guard let bytes = try column.bytes([UInt8].self, at: slot), let array = Array<UInt8>(bytes) as? [Element] else {
        throw column.mismatch([UInt8].self, at: slot)
      }
      return array
    }
    let (elements, range) = try column.elements([Element].self, at: slot)
    if let standard = Element.self as? any ColumnDecodable.Type {
      guard let array = try decode(standard, from: elements, range) as? [Element] else {
        throw column.mismatch([Element].self, at: slot)
      }
      return array
    }
    var array: [Element] = []
    array.reserveCapacity(range.count)
    for slot in range { array.append(try elements.value(Element.self, at: slot)) }
    return array
  }

  private static func decode<E: ColumnDecodable>(
    _ type: E.Type,
    from elements: ColumnDecoder,
    _ range: Range<Int>
  ) throws -> [E] {
    var array: [E] = []
    array.reserveCapacity(range.count)
    for slot in range { array.append(try E.decode(from: elements, at: slot)) }
    return array
  }
}

// Of equal keys the last entry counts.
extension Dictionary: ColumnDecodable where Key: Decodable, Value: Decodable {
  static func decode(from column: ColumnDecoder, at slot: Int) throws -> [Key: Value] {
    if case .structure = column.kind {
      // Fields of a structure by their names, which Dictionary decodes by itself.
      let before = column.slot
      column.slot = slot
      defer { column.slot = before }
      return try Dictionary(from: column)
    }
    guard case .map = column.kind else { throw column.mismatch([Key: Value].self, at: slot) }
    let (entries, range) = try column.elements([Key: Value].self, at: slot)
    var dictionary: [Key: Value] = [:]
    dictionary.reserveCapacity(range.count)
    for slot in range {
      entries.slot = slot
      let key = try entries.children[0].value(Key.self, at: slot)
      dictionary[key] = try entries.children[1].value(Value.self, at: slot)
    }
    return dictionary
  }
}
