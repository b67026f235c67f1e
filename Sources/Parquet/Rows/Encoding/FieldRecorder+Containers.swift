// The protocols refuse integers of 128 bits unless a container has methods for them.
extension FieldRecorder {
  /// Records the fields of a structure.
  struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let recorder: FieldRecorder
    var codingPath: [any CodingKey] { recorder.codingPath }

    private func record<T: Encodable>(_ value: T, _ key: Key) throws {
      try recorder.add(try FieldRecorder.field(of: value, recorder.run, codingPath + [key]), forKey: key)
    }

    private func recordOptional<T: Encodable>(_ value: T?, _ key: Key) throws {
      try record(value, key)
    }

    mutating func encodeNil(forKey key: Key) throws {
      try recorder.add(InferredField(Nothing?.self), forKey: key)
    }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try record(value, key) }
    mutating func encode(_ value: Int128, forKey key: Key) throws { try record(value, key) }
    mutating func encode(_ value: UInt128, forKey key: Key) throws { try record(value, key) }
    mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try recordOptional(value, key) }

    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type,
      forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { refused(key).container(keyedBy: type) }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      refused(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { refused(FieldKey("super")) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { refused(key) }

    private func refused(_ key: any CodingKey) -> RefusingEncoder { recorder.refused(codingPath + [key]) }
  }

  /// Records the elements of a list.
  struct Elements: UnkeyedEncodingContainer {
    let recorder: FieldRecorder
    private(set) var count = 0
    var codingPath: [any CodingKey] { recorder.codingPath }

    init(recorder: FieldRecorder) {
      self.recorder = recorder
    }

    mutating func encodeNil() throws { try recorder.add(InferredField(.list(InferredField(Nothing?.self)))) }

    mutating func encode<T: Encodable>(_ value: T) throws { try record(value) }
    mutating func encode(_ value: Int128) throws { try record(value) }
    mutating func encode(_ value: UInt128) throws { try record(value) }

    private mutating func record<T: Encodable>(_ value: T) throws {
      count += 1
      let path = codingPath + [FieldKey("element")]
      try recorder.add(InferredField(.list(try FieldRecorder.field(of: value, recorder.run, path))))
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
      recorder.refused(codingPath).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      recorder.refused(codingPath).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { recorder.refused(codingPath) }
  }

  /// Records a single value.
  struct Single: SingleValueEncodingContainer {
    let recorder: FieldRecorder
    var codingPath: [any CodingKey] { recorder.codingPath }

    mutating func encodeNil() throws { try recorder.add(InferredField(Nothing?.self)) }

    mutating func encode<T: Encodable>(_ value: T) throws { try record(value) }
    mutating func encode(_ value: Int128) throws { try record(value) }
    mutating func encode(_ value: UInt128) throws { try record(value) }

    private func record<T: Encodable>(_ value: T) throws {
      try recorder.add(try FieldRecorder.field(of: value, recorder.run, codingPath))
    }
  }

  fileprivate func refused(_ path: [any CodingKey]) -> RefusingEncoder {
    RefusingEncoder(
      .invalidValue(
        path,
        EncodingError.Context(
          codingPath: path,
          debugDescription: "The schema cannot be inferred from nested containers. Give ParquetEncoder a schema."
        )
      )
    )
  }

  /// The type of a null of which nothing is known.
  private struct Nothing: Encodable {}
}

// Every type that the protocol names has a method of its own, which a nil would not reach otherwise.
extension FieldRecorder.Fields {
  mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int128?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try recordOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws { try recordOptional(value, key) }
}
