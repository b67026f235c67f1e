/// Any structure of Thrift's compact protocol, to be changed in one place and written again.
///
/// It knows nothing of the library's own reader and writer of the protocol.
indirect enum ThriftTree: Equatable {
  struct Field: Equatable {
    var id: Int
    var value: ThriftTree
  }

  case flag(Bool)
  /// A number, with its type: 3 for 8 bits, 4 for 16, 5 for 32, 6 for 64.
  case number(Int64, type: UInt8)
  case bytes([UInt8])
  case double([UInt8])
  case list([ThriftTree], type: UInt8)
  case structure([Field])

  struct Broken: Error {}

  /// Decodes a structure.
  ///
  /// - Returns: it, and the bytes that it takes.
  static func parse(_ bytes: [UInt8], from start: Int = 0) throws -> (tree: ThriftTree, size: Int) {
    var parser = Parser(bytes: bytes, at: start)
    let tree = try parser.structure()
    return (tree, parser.at - start)
  }

  /// The value at a path of field ids and list positions.
  subscript(path: Int...) -> ThriftTree? {
    get { self[path[...]] }
    set { self[path[...]] = newValue }
  }

  private subscript(path: ArraySlice<Int>) -> ThriftTree? {
    get {
      guard let step = path.first else { return self }
      switch self {
      case .structure(let fields): return fields.first { $0.id == step }?.value[path.dropFirst()]
      case .list(let elements, _): return elements.indices.contains(step) ? elements[step][path.dropFirst()] : nil
      default: return nil
      }
    }
    set {
      guard let step = path.first else {
        if let newValue { self = newValue }
        return
      }
      switch self {
      case .structure(var fields):
        if let index = fields.firstIndex(where: { $0.id == step }) {
          if path.count == 1, newValue == nil {
            fields.remove(at: index)
          } else {
            fields[index].value[path.dropFirst()] = newValue
          }
        } else if let newValue, path.count == 1 {
          fields.append(Field(id: step, value: newValue))
          fields.sort { $0.id < $1.id }
        }
        self = .structure(fields)
      case .list(var elements, let type):
        guard elements.indices.contains(step) else { return }
        if path.count == 1, newValue == nil {
          elements.remove(at: step)
        } else {
          elements[step][path.dropFirst()] = newValue
        }
        self = .list(elements, type: type)
      default: return
      }
    }
  }

  /// The number, if it is one.
  var number: Int64? { if case .number(let value, _) = self { value } else { nil } }

  /// The elements, if it is a list.
  var elements: [ThriftTree] { if case .list(let elements, _) = self { elements } else { [] } }

  /// The content, if it is binary.
  var content: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }

  /// The number with something added.
  func adding(_ more: Int64) -> ThriftTree {
    if case .number(let value, let type) = self { return .number(value + more, type: type) }
    return self
  }

  // MARK: - Writing

  /// The structure's bytes.
  var encoded: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  private var type: UInt8 {
    switch self {
    case .flag(let value): value ? 1 : 2
    case .number(_, let type): type
    case .bytes: 8
    case .double: 7
    case .list: 9
    case .structure: 12
    }
  }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .flag(let value): out.append(value ? 1 : 2)
    case .number(let value, let type):
      if type == 3 {
        out.append(UInt8(truncatingIfNeeded: value))
      } else {
        ThriftTree.varint(UInt64(bitPattern: value << 1 ^ value >> 63), &out)
      }
    case .bytes(let bytes):
      ThriftTree.varint(UInt64(bytes.count), &out)
      out += bytes
    case .double(let bytes): out += bytes
    case .list(let elements, let type):
      if elements.count < 15 {
        out.append(UInt8(elements.count) << 4 | type)
      } else {
        out.append(0xf0 | type)
        ThriftTree.varint(UInt64(elements.count), &out)
      }
      for element in elements { element.write(to: &out) }
    case .structure(let fields):
      var previous = 0
      for field in fields {
        out.append(UInt8(field.id - previous) << 4 | field.value.type)
        previous = field.id
        if case .flag = field.value { continue }
        field.value.write(to: &out)
      }
      out.append(0)
    }
  }

  private static func varint(_ value: UInt64, _ out: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      out.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(rest))
  }

  // MARK: - Reading

  private struct Parser {
    let bytes: [UInt8]
    var at: Int

    mutating func byte() throws -> UInt8 {
      guard at < bytes.count else { throw Broken() }
      defer { at += 1 }
      return bytes[at]
    }

    mutating func varint() throws -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        let next = try byte()
        value |= UInt64(next & 0x7f) << shift
        if next < 0x80 { return value }
        shift += 7
      }
    }

    mutating func take(_ count: Int) throws -> [UInt8] {
      guard count <= bytes.count - at else { throw Broken() }
      defer { at += count }
      return Array(bytes[at..<at + count])
    }

    mutating func structure() throws -> ThriftTree {
      var fields: [Field] = []
      while true {
        let head = try byte()
        if head == 0 { return .structure(fields) }
        let id = (fields.last?.id ?? 0) + Int(head >> 4)
        let value: ThriftTree = head & 15 <= 2 ? .flag(head & 15 == 1) : try value(head & 15)
        fields.append(Field(id: id, value: value))
      }
    }

    mutating func value(_ type: UInt8) throws -> ThriftTree {
      switch type {
      case 1, 2: return .flag(try byte() == 1)
      case 3: return .number(Int64(Int8(bitPattern: try byte())), type: 3)
      case 4, 5, 6:
        let raw = try varint()
        return .number(Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1), type: type)
      case 7: return .double(try take(8))
      case 8: return .bytes(try take(Int(try varint())))
      case 9:
        let head = try byte()
        let count = head >> 4 == 15 ? Int(try varint()) : Int(head >> 4)
        var elements: [ThriftTree] = []
        for _ in 0..<count { elements.append(try value(head & 15)) }
        return .list(elements, type: head & 15)
      case 12: return try structure()
      default: throw Broken()
      }
    }
  }
}

/// A file whose footer and page headers can be changed.
struct ChangeableFile {
  /// Everything before the footer.
  var body: [UInt8]
  var footer: ThriftTree

  init(_ file: [UInt8]) throws {
    let length = file.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    body = Array(file.dropLast(8 + length))
    footer = try ThriftTree.parse(Array(file.dropLast(8).suffix(length))).tree
  }

  var bytes: [UInt8] {
    let encoded = footer.encoded
    let length = (0..<4).map { UInt8(truncatingIfNeeded: encoded.count >> (8 * $0)) }
    return body + encoded + length + Array("PAR1".utf8)
  }

  /// Where the pages of a chunk begin.
  func pageOffset(_ column: Int, rowGroup: Int = 0) -> Int {
    Int(footer[4, rowGroup, 1, column, 3, 11]?.number ?? footer[4, rowGroup, 1, column, 3, 9]?.number ?? 0)
  }

  /// Changes the header at an offset; its length must stay.
  mutating func changeHeader(at offset: Int, _ change: (inout ThriftTree) -> Void) throws {
    var (header, size) = try ThriftTree.parse(body, from: offset)
    change(&header)
    let encoded = header.encoded
    guard encoded.count == size else { throw ThriftTree.Broken() }
    body.replaceSubrange(offset..<offset + size, with: encoded)
  }

  /// Where the body of the page at an offset begins.
  func pageBody(at offset: Int) throws -> Int {
    offset + (try ThriftTree.parse(body, from: offset).size)
  }

  /// Changes an index of the first row group and stores it anew behind all others.
  ///
  /// - Parameter field: 4 for the offset index, 6 for the column index.
  mutating func changeIndex(_ field: Int, _ column: Int, _ change: (inout ThriftTree) -> Void) throws {
    guard let offset = footer[4, 0, 1, column, field]?.number else { throw ThriftTree.Broken() }
    var index = try ThriftTree.parse(body, from: Int(offset)).tree
    change(&index)
    let encoded = index.encoded
    footer[4, 0, 1, column, field] = .number(Int64(body.count), type: 6)
    footer[4, 0, 1, column, field + 1] = .number(Int64(encoded.count), type: 5)
    body += encoded
  }
}
