/// The elements of a list, one after the other.
struct ElementsWriter: UnkeyedEncodingContainer {
  private let list: ColumnEncoder
  private let problem: EncodingError?
  private let slot: Int
  private(set) var count = 0

  init(_ list: ColumnEncoder) {
    self.list = list
    do throws(EncodingError) {
      guard case .list = list.kind else { throw list.invalid([Any].self, "cannot hold a list.") }
      try list.openList()
      problem = nil
    } catch {
      problem = error
    }
    slot = list.count - 1
  }

  var codingPath: [any CodingKey] { list.codingPath }

  private mutating func element() throws -> ColumnEncoder {
    if let problem { throw problem }
    guard list.count - 1 == slot else {
      throw list.invalid(count, "its container is given elements after another one was begun.")
    }
    count += 1
    return list.children[0]
  }

  private mutating func nested() -> ColumnEncoder? {
    guard let element = try? element(), (try? element.beginValue()) != nil else { return nil }
    return element
  }

  private var refused: RefusingEncoder {
    RefusingEncoder(problem ?? list.invalid(count, "no container can be made for this element."))
  }

  mutating func encodeNil() throws { try element().appendNull() }
  mutating func encode<T: Encodable>(_ value: T) throws { try element().encode(value) }
  // The protocol refuses these two unless there are methods for them.
  mutating func encode(_ value: Int128) throws { try element().encode(value) }
  mutating func encode(_ value: UInt128) throws { try element().encode(value) }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    nested()?.container(keyedBy: type) ?? refused.container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    nested()?.unkeyedContainer() ?? refused.unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { nested() ?? refused }
}
