// What a type's `init(from:)` is given.
extension ColumnDecoder: Decoder {
  var userInfo: [CodingUserInfoKey: Any] { context.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    switch kind {
    case .structure:
      guard !isNull(slot) else { throw noValue(type, at: slot) }
      return container(cachedFor: type)
    case .map:
      guard !isNull(slot) else { throw noValue(type, at: slot) }
      return KeyedDecodingContainer(try FieldsContainer<Key>(entriesOf: fixed(at: slot)))
    case .leaf, .list: throw mismatch([String: Any].self, at: slot)
    }
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try ElementsContainer(fixed(at: slot))
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  /// The elements of a list or map at a slot; `type` is what asks for them.
  func elements(_ type: Any.Type, at slot: Int) throws -> (column: ColumnDecoder, range: Range<Int>) {
    switch kind {
    case .list, .map: break
    case .leaf, .structure: throw mismatch(type, at: slot)
    }
    guard !isNull(slot) else { throw noValue(type, at: slot) }
    self.slot = slot
    return (children[0], range(slot))
  }

  /// Notes that a field of the row has to be read.
  func notRead(_ field: ColumnDecoder) -> FieldNotRead {
    if let index = children.firstIndex(where: { $0 === field }) { context.missingFields.insert(index) }
    return FieldNotRead()
  }
}

extension ColumnDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { isNull(slot) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try value(type, at: slot) }
  func decode(_ type: Bool.Type) throws -> Bool { try boolean(at: slot) }
  func decode(_ type: String.Type) throws -> String { try text(at: slot) }
  func decode(_ type: Double.Type) throws -> Double { try floatingPoint(type, at: slot) }
  func decode(_ type: Float.Type) throws -> Float { try floatingPoint(type, at: slot) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type, at: slot) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type, at: slot) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type, at: slot) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type, at: slot) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type, at: slot) }
  func decode(_ type: Int128.Type) throws -> Int128 { try integer(type, at: slot) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type, at: slot) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type, at: slot) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type, at: slot) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type, at: slot) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type, at: slot) }
  func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type, at: slot) }
}
