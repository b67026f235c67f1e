import Avro
import ByteBuffers

/// Random schemas, and random values of any schema.
struct RandomData {
  var generator: SeededGenerator
  private var names = 0
  private var open: [String] = []

  init(_ generator: SeededGenerator) {
    self.generator = generator
  }

  mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

  mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  private mutating func name(_ word: String) -> String {
    names += 1
    return pick(["n.", "n.m."]) + word + "\(names)"
  }

  // MARK: - Schemas

  mutating func schema(depth: Int = 0) -> String {
    switch below(depth > 4 ? 8 : 16) {
    case 0..<8: return "\"" + pick(["null", "boolean", "int", "long", "float", "double", "bytes", "string"]) + "\""
    case 8: return #"{"type":"fixed","name":"\#(name("F"))","size":\#(pick([0, 1, 16]))}"#
    case 9:
      let symbols = (0...below(80)).map { "\"S\($0)\"" }.joined(separator: ",")
      return #"{"type":"enum","name":"\#(name("E"))","symbols":[\#(symbols)]}"#
    case 10: return #"{"type":"array","items":\#(schema(depth: depth + 1))}"#
    case 11: return #"{"type":"map","values":\#(schema(depth: depth + 1))}"#
    case 12:
      // Two kinds that are not the same, so that any others may stand inside.
      let inner = schema(depth: depth + 1)
      return #"["null",{"type":"array","items":\#(inner)},"string","long"]"#
    case 13 where !open.isEmpty: return #"["null","\#(pick(open))"]"#
    default:
      let name = name("R")
      open.append(name)
      defer { open.removeLast() }
      let fields = (0..<below(6)).map { #"{"name":"f\#($0)","type":\#(schema(depth: depth + 1))}"# }
      return #"{"type":"record","name":"\#(name)","fields":[\#(fields.joined(separator: ","))]}"#
    }
  }

  // MARK: - Values

  mutating func value(_ schema: AvroSchema, depth: Int = 0) throws -> AvroValue {
    switch schema.kind {
    case .null: return .null
    case .boolean: return .boolean(below(2) == 0)
    case .int: return .int(Int32(truncatingIfNeeded: number()))
    case .long: return .long(number())
    case .float: return .float(Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator)))
    case .double: return .double(Double(bitPattern: generator.next()))
    case .bytes: return .bytes(bytes(pick([0, 1, 63, 64, 200])))
    case .string: return .string(text())
    case .fixed: return .fixed(bytes(schema.size ?? 0))
    case .enumeration: return .enumeration(pick(schema.symbols))
    case .array: return .array(try some(depth).map { _ in try value(items(schema), depth: depth + 1) })
    case .map:
      let entries = try some(depth).map { _ in AvroMap.Entry(text(), try value(items(schema), depth: depth + 1)) }
      return .map(AvroMap(entries))
    case .union:
      let branch = depth > 8 ? 0 : below(schema.branches.count)
      return .union(branch, try value(schema.branches[branch], depth: depth + 1))
    case .record:
      var fields: [String: AvroValue] = [:]
      for field in schema.fields { fields[field.name] = try value(field.schema, depth: depth + 1) }
      return .record(try AvroRecord(schema, fields))
    }
  }

  private func items(_ schema: AvroSchema) throws -> AvroSchema {
    guard let items = schema.items else { throw AvroError(.invalidSchema, "no items") }
    return items
  }

  private mutating func some(_ depth: Int) -> Range<Int> { 0..<(depth > 6 ? 0 : pick([0, 1, 2, 9])) }

  private mutating func number() -> Int64 { Int64(bitPattern: generator.next()) >> Int64(below(64)) }

  private mutating func bytes(_ count: Int) -> Bytes { Bytes((0..<count).map { _ in UInt8(below(256)) }) }

  private mutating func text() -> String {
    String(
      (0..<pick([0, 1, 14, 15, 16, 70])).map { _ in pick(["a", "Z", "\u{e9}", "e\u{301}", "中", "😀", "\0"]) as Character
      }
    )
  }

  // MARK: - Bytes

  /// The encoding of a value with arrays and maps cut into blocks at random, some of which say their size.
  mutating func cut(_ value: AvroValue, _ schema: AvroSchema) throws -> [UInt8] {
    switch value {
    case .record(let record):
      var bytes: [UInt8] = []
      for (field, value) in zip(schema.fields, record.values) { bytes += try cut(value, field.schema) }
      return bytes
    case .union(let branch, let value): return HandBytes.long(Int64(branch)) + (try cut(value, schema.branches[branch]))
    case .array(let elements):
      let items = try items(schema)
      return blocks(try elements.map { try cut($0, items) })
    case .map(let map):
      let items = try items(schema)
      return blocks(try map.entries.map { HandBytes.text($0.key) + (try cut($0.value, items)) })
    case .null: return []
    case .boolean(let value): return [value ? 1 : 0]
    case .int(let value): return HandBytes.long(Int64(value))
    case .long(let value): return HandBytes.long(value)
    case .float(let value): return withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    case .double(let value): return withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    case .bytes(let bytes): return HandBytes.long(Int64(bytes.count)) + bytes.array
    case .fixed(let bytes): return bytes.array
    case .string(let text): return HandBytes.text(text)
    case .enumeration(let symbol): return HandBytes.long(Int64(schema.symbols.firstIndex(of: symbol) ?? -1))
    }
  }

  private mutating func blocks(_ items: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = items[...]
    while !rest.isEmpty {
      let block = rest.prefix(1 + below(rest.count))
      rest = rest.dropFirst(block.count)
      let content = Array(block.joined())
      if below(2) == 0 {
        bytes += HandBytes.long(Int64(block.count)) + content
      } else {
        bytes += HandBytes.long(Int64(-block.count)) + HandBytes.long(Int64(content.count)) + content
      }
    }
    return bytes + [0]
  }
}
