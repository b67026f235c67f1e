import ByteBuffers

/// Writes Thrift's compact protocol: structs with ascending field ids, numbers, booleans, binaries and lists.
struct CompactWriter: ~Copyable {
  private var out = ByteWriter()
  private var previous: [Int16] = [0]

  var count: Int { out.count }

  private mutating func header(_ id: Int16, _ type: CompactReader.FieldType) {
    let last = previous[previous.count - 1]
    let delta = id - last
    if delta > 0, delta <= 15 {
      out.append(UInt8(delta) << 4 | type.rawValue)
    } else {
      out.append(type.rawValue)
      out.append(zigzag: Int64(id))
    }
    previous[previous.count - 1] = id
  }

  mutating func field(_ id: Int16, _ value: Int32?) {
    guard let value else { return }
    header(id, .int32)
    out.append(zigzag: Int64(value))
  }

  mutating func field(_ id: Int16, _ value: Int64?) {
    guard let value else { return }
    header(id, .int64)
    out.append(zigzag: value)
  }

  mutating func field(_ id: Int16, byte value: Int8) {
    header(id, .byte)
    out.append(UInt8(bitPattern: value))
  }

  mutating func field(_ id: Int16, _ value: Bool?) {
    guard let value else { return }
    header(id, value ? .booleanTrue : .booleanFalse)
  }

  mutating func field(_ id: Int16, _ value: String?) {
    guard let value else { return }
    header(id, .binary)
    element(value)
  }

  mutating func field(_ id: Int16, _ value: Bytes?) {
    guard let value else { return }
    header(id, .binary)
    out.append(varint: UInt64(value.count))
    out.append(value)
  }

  /// Begins a struct field; close it with ``endStructure()``.
  mutating func beginStructure(_ id: Int16) {
    header(id, .structure)
    previous.append(0)
  }

  /// Begins a struct that is an element of a list; close it with ``endStructure()``.
  mutating func beginElement() {
    previous.append(0)
  }

  mutating func endStructure() {
    out.append(UInt8(0))
    previous.removeLast()
  }

  /// Ends the outermost struct.
  mutating func endMessage() {
    out.append(UInt8(0))
  }

  mutating func list(_ id: Int16, of type: CompactReader.FieldType, count: Int) {
    header(id, .list)
    if count < 15 {
      out.append(UInt8(count) << 4 | type.rawValue)
    } else {
      out.append(0xf0 | type.rawValue)
      out.append(varint: UInt64(count))
    }
  }

  mutating func element(_ value: Int32) {
    out.append(zigzag: Int64(value))
  }

  mutating func element(_ value: String) {
    let utf8 = Array(value.utf8)
    out.append(varint: UInt64(utf8.count))
    out.append(utf8)
  }

  /// A list of numbers.
  mutating func field(_ id: Int16, _ values: [Int64]?) {
    guard let values else { return }
    list(id, of: .int64, count: values.count)
    for value in values { out.append(zigzag: value) }
  }

  /// A list of booleans, one byte each: 1 is true, 2 is false, and the element type is that of true.
  mutating func field(_ id: Int16, _ values: [Bool]) {
    list(id, of: .booleanTrue, count: values.count)
    for value in values { out.append(UInt8(value ? 1 : 2)) }
  }

  /// A list of binaries.
  mutating func field(_ id: Int16, _ values: [Bytes]) {
    list(id, of: .binary, count: values.count)
    for value in values {
      out.append(varint: UInt64(value.count))
      out.append(value)
    }
  }

  mutating func take() -> Bytes {
    out.take()
  }
}
