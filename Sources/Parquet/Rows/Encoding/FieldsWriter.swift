/// The fields of a structure, or the entries of a map whose keys are text or integers.
///
/// `Encoder` has no way to refuse a container, so what is wrong with it is thrown by its first value.
struct FieldsWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  private let holder: ColumnEncoder
  private let problem: EncodingError?
  private let slot: Int

  init(_ holder: ColumnEncoder) {
    self.holder = holder
    do throws(EncodingError) {
      switch holder.kind {
      case .structure: try holder.openStructure()
      case .map: try holder.openList()
      case .leaf, .list: throw holder.invalid(Key.self, "cannot hold a structure.")
      }
      problem = nil
    } catch {
      problem = error
    }
    slot = holder.count - 1
  }

  var codingPath: [any CodingKey] { holder.codingPath }

  private func check() throws {
    if let problem { throw problem }
    guard holder.count - 1 == slot else {
      throw holder.invalid(slot, "its container is given values after another one was begun.")
    }
  }

  /// Encodes a value with the column of a key.
  private func write<T: Encodable>(_ value: T, _ key: Key) throws {
    try check()
    if case .map = holder.kind { return try writeEntry(value, key) }
    guard let column = holder.field(key) else {
      throw holder.invalid(value, "the schema has no field '\(holder.context.name(of: key))' here.")
    }
    guard column.count == slot else { throw column.invalid(value, "is given two values.") }
    try column.encode(value)
  }

  private func writeEntry<T: Encodable>(_ value: T, _ key: Key) throws {
    let entry = holder.children[0]
    let before = try entry.beginValue()
    try entry.openStructure()
    if case .leaf(let leaf) = entry.children[0].kind, leaf.type != .byteArray, let number = key.intValue {
      try entry.children[0].encode(number)
    } else {
      try entry.children[0].encode(key.stringValue)
    }
    try entry.children[1].encode(value)
    try entry.endValue(before)
  }

  /// Nil needs no column.
  private func writeOptional<T: Encodable>(_ value: T?, _ key: Key) throws {
    if let value { return try write(value, key) }
    try writeNil(key)
  }

  mutating func encodeNil(forKey key: Key) throws { try writeNil(key) }

  private func writeNil(_ key: Key) throws {
    try check()
    if case .map = holder.kind { return try writeEntry(Bool?.none, key) }
    guard let column = holder.field(key) else { return }
    guard column.count == slot else { throw column.invalid(key, "is given two values.") }
    try column.appendNull()
  }

  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try writeOptional(value, key) }

  // MARK: Nested containers

  /// A column whose next slot is begun by the container made of it.
  private func nested(_ key: Key) -> ColumnEncoder? {
    guard problem == nil, case .structure = holder.kind, let column = holder.field(key), column.count == slot,
      (try? column.beginValue()) != nil
    else { return nil }
    return column
  }

  private func refused(_ key: any CodingKey) -> RefusingEncoder {
    RefusingEncoder(problem ?? holder.invalid(key.stringValue, "no container can be made for this key."))
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    nested(key)?.container(keyedBy: type) ?? refused(key).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nested(key)?.unkeyedContainer() ?? refused(key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    guard let key = Key(stringValue: "super") else { return refused(FieldKey("super")) }
    return superEncoder(forKey: key)
  }

  mutating func superEncoder(forKey key: Key) -> any Encoder { nested(key) ?? refused(key) }
}

// Every type that the protocol names has a method of its own.
extension FieldsWriter {
  mutating func encode(_ value: Bool, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: String, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Double, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Float, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Int, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Int8, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Int16, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Int32, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Int64, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: Int128, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: Int128?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: UInt, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: UInt8, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: UInt16, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: UInt32, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: UInt64, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try writeOptional(value, key) }
  mutating func encode(_ value: UInt128, forKey key: Key) throws { try write(value, key) }
  mutating func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws { try writeOptional(value, key) }
}
