/// The elements of a list, or the entries of a map, one after the other.
struct ElementsContainer: UnkeyedDecodingContainer {
  private let list: ColumnDecoder
  private let range: Range<Int>
  private(set) var currentIndex = 0

  /// The elements of a list at a slot, which it stays at.
  init(_ list: ColumnDecoder) throws {
    self.list = list
    range = try list.elements([Any].self, at: list.slot).range
  }

  var codingPath: [any CodingKey] { list.codingPath }
  var count: Int? { range.count }
  var isAtEnd: Bool { currentIndex == range.count }

  /// Calls `body` with the next element, and moves on when it succeeds.
  private mutating func next<T>(_ type: Any.Type, _ body: (ColumnDecoder, Int) throws -> T) throws -> T {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type,
        DecodingError.Context(
          codingPath: codingPath + [FieldKey(index: currentIndex)],
          debugDescription: "The list has \(range.count) elements, fewer than were asked for."
        )
      )
    }
    let result = try body(list.children[0], range.lowerBound + currentIndex)
    currentIndex += 1
    return result
  }

  mutating func decodeNil() throws -> Bool {
    let isNull = try next(Any?.self) { $0.isNull($1) }
    // What is no null stays the next element.
    if !isNull { currentIndex -= 1 }
    return isNull
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next(type) { try $0.value(type, at: $1) } }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try next(type) { try $0.fixed(at: $1).container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next([Any].self) { try $0.fixed(at: $1).unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder { try next((any Decoder).self) { $0.fixed(at: $1) } }
}

// Every type that the protocol names has a method of its own.
extension ElementsContainer {
  private mutating func integer<T: FixedWidthInteger>() throws -> T {
    try next(T.self) { try $0.integer(T.self, at: $1) }
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try next(type) { try $0.boolean(at: $1) } }
  mutating func decode(_ type: String.Type) throws -> String { try next(type) { try $0.text(at: $1) } }
  mutating func decode(_ type: Double.Type) throws -> Double { try next(type) { try $0.floatingPoint(type, at: $1) } }
  mutating func decode(_ type: Float.Type) throws -> Float { try next(type) { try $0.floatingPoint(type, at: $1) } }
  mutating func decode(_ type: Int.Type) throws -> Int { try integer() }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  mutating func decode(_ type: Int128.Type) throws -> Int128 { try integer() }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
  mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try integer() }
}
