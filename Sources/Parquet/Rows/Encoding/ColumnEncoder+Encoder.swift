// What a type's `encode(to:)` is given.
extension ColumnEncoder: Encoder {
  var userInfo: [CodingUserInfoKey: Any] { context.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(FieldsWriter<Key>(self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer { ElementsWriter(self) }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleValueWriter(column: self) }
}

/// A single value that takes the slot of the value around it.
struct SingleValueWriter: SingleValueEncodingContainer {
  let column: ColumnEncoder

  var codingPath: [any CodingKey] { column.codingPath }

  mutating func encodeNil() throws { try column.appendNull() }
  mutating func encode<T: Encodable>(_ value: T) throws { try column.encode(value) }
  mutating func encode(_ value: Bool) throws { try value.encode(into: column) }
  mutating func encode(_ value: String) throws { try value.encode(into: column) }
  mutating func encode(_ value: Double) throws { try value.encode(into: column) }
  mutating func encode(_ value: Float) throws { try value.encode(into: column) }
  mutating func encode(_ value: Int) throws { try value.encode(into: column) }
  mutating func encode(_ value: Int8) throws { try value.encode(into: column) }
  mutating func encode(_ value: Int16) throws { try value.encode(into: column) }
  mutating func encode(_ value: Int32) throws { try value.encode(into: column) }
  mutating func encode(_ value: Int64) throws { try value.encode(into: column) }
  mutating func encode(_ value: Int128) throws { try value.encode(into: column) }
  mutating func encode(_ value: UInt) throws { try value.encode(into: column) }
  mutating func encode(_ value: UInt8) throws { try value.encode(into: column) }
  mutating func encode(_ value: UInt16) throws { try value.encode(into: column) }
  mutating func encode(_ value: UInt32) throws { try value.encode(into: column) }
  mutating func encode(_ value: UInt64) throws { try value.encode(into: column) }
  mutating func encode(_ value: UInt128) throws { try value.encode(into: column) }
}
