/// The fields of a structure, or the entries of a map, by key.
struct FieldsContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  /// Where the value of a key stands.
  typealias Place = (column: ColumnDecoder, slot: Int)

  private let holder: ColumnDecoder
  /// Slots of a map's entries by key; nil for a structure.
  private let entries: [String: Int]?

  /// The fields of a structure, at whichever slot it stands.
  init(of structure: ColumnDecoder) {
    holder = structure
    entries = nil
  }

  /// The entries of a map at its slot; of equal keys the last one counts.
  init(entriesOf map: ColumnDecoder) throws {
    holder = map
    var slots: [String: Int] = [:]
    let keys = map.children[0].children[0]
    for slot in map.range(map.slot) {
      map.children[0].slot = slot
      switch keys.kind {
      case .leaf(.signed32), .leaf(.signed64), .leaf(.unsigned32), .leaf(.unsigned64):
        slots[String(try keys.integer(Int128.self, at: slot))] = slot
      default: slots[try keys.text(at: slot)] = slot
      }
    }
    entries = slots
  }

  var codingPath: [any CodingKey] { holder.codingPath }

  var allKeys: [Key] {
    guard let entries else { return holder.children.compactMap { Key(stringValue: $0.key) } }
    return entries.keys.sorted().compactMap { key in Int(key).flatMap { Key(intValue: $0) } ?? Key(stringValue: key) }
  }

  func contains(_ key: Key) -> Bool {
    entries.map { $0[key.stringValue] != nil } ?? (holder.field(key.stringValue) != nil)
  }

  /// Where the value of a key stands; nil when there is none.
  @inline(__always)
  private func find(_ key: Key) throws -> Place? {
    if let entries {
      guard let slot = entries[key.stringValue] else { return nil }
      holder.children[0].slot = slot
      return (holder.children[0].children[1], slot)
    }
    guard let column = holder.field(key.stringValue) else { return nil }
    guard column.isAttached else { throw holder.notRead(column) }
    return (column, holder.slot)
  }

  @inline(__always)
  private func place(_ key: Key) throws -> Place {
    guard let place = try find(key) else { throw holder.noField(key) }
    return place
  }

  /// As ``place(_:)``, but nil for a null too.
  @inline(__always)
  private func valuePlace(_ key: Key) throws -> Place? {
    guard let place = try find(key), !place.column.isNull(place.slot) else { return nil }
    return place
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    let place = try place(key)
    return place.column.isNull(place.slot)
  }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    let place = try place(key)
    return try place.column.value(type, at: place.slot)
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    guard let place = try valuePlace(key) else { return nil }
    return try place.column.value(type, at: place.slot)
  }

  // MARK: Nested containers

  private func fixed(_ key: Key) throws -> ColumnDecoder {
    let place = try place(key)
    return place.column.fixed(at: place.slot)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try fixed(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try fixed(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    guard let column = holder.field("super") else { throw holder.noField(FieldKey("super")) }
    guard column.isAttached else { throw holder.notRead(column) }
    return column.fixed(at: holder.slot)
  }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    try fixed(key)
  }
}

// Every type that the protocol names has a method of its own.
extension FieldsContainer {
  @inline(__always)
  private func integer<T: FixedWidthInteger>(_ key: Key) throws -> T {
    let place = try place(key)
    return try place.column.integer(T.self, at: place.slot)
  }

  @inline(__always)
  private func integerIfPresent<T: FixedWidthInteger>(_ key: Key) throws -> T? {
    guard let place = try valuePlace(key) else { return nil }
    return try place.column.integer(T.self, at: place.slot)
  }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
    let place = try place(key)
    return try place.column.boolean(at: place.slot)
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try valuePlace(key).map { try $0.column.boolean(at: $0.slot) }
  }

  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    let place = try place(key)
    return try place.column.text(at: place.slot)
  }

  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try valuePlace(key).map { try $0.column.text(at: $0.slot) }
  }

  func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
    let place = try place(key)
    return try place.column.floatingPoint(type, at: place.slot)
  }

  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try valuePlace(key).map { try $0.column.floatingPoint(type, at: $0.slot) }
  }

  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    let place = try place(key)
    return try place.column.floatingPoint(type, at: place.slot)
  }

  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
    try valuePlace(key).map { try $0.column.floatingPoint(type, at: $0.slot) }
  }

  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try integer(key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try integerIfPresent(key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try integer(key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try integerIfPresent(key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try integer(key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try integerIfPresent(key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try integer(key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try integerIfPresent(key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try integer(key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try integerIfPresent(key) }
  func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try integer(key) }
  func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? { try integerIfPresent(key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try integer(key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try integerIfPresent(key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try integer(key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try integerIfPresent(key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try integer(key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try integerIfPresent(key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try integer(key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try integerIfPresent(key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try integer(key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try integerIfPresent(key) }
  func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try integer(key) }
  func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? { try integerIfPresent(key) }
}
