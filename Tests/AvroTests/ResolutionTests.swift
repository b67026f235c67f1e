import Avro
import ByteBuffers
import Testing

/// Values are read with another schema than they were written with, by the rules of the specification.
struct ResolutionTests {
  private func read(_ writer: String, _ value: AvroValue, as reader: String) throws -> AvroValue {
    let written = try AvroSchema(writer)
    let decoder = try AvroDecoder(writer: written, reader: try AvroSchema(reader))
    return try decoder.decode(try AvroEncoder(written).encode(value))
  }

  private func record(_ fields: String, name: String = "R", _ more: String = "") -> String {
    #"{"type":"record","name":"\#(name)"\#(more),"fields":[\#(fields)]}"#
  }

  static let promotions: [(String, AvroValue, String, AvroValue)] = [
    ("int", .int(-7), "long", .long(-7)), ("int", .int(16_777_217), "float", .float(16_777_216)),
    ("int", .int(.min), "double", .double(-2_147_483_648)), ("long", .long(1 << 62), "float", .float(4.611_686e18)),
    ("long", .long(9_007_199_254_740_993), "double", .double(9_007_199_254_740_992)),
    ("float", .float(0.5), "double", .double(0.5)), ("string", .string("é"), "bytes", .bytes(Bytes([0xc3, 0xa9]))),
    ("bytes", .bytes(Bytes([0xc3, 0xa9])), "string", .string("é")),
  ]

  @Test(arguments: promotions.indices) func `numbers become larger ones, and text bytes`(_ index: Int) throws {
    let (writer, value, reader, wanted) = ResolutionTests.promotions[index]
    #expect(try read("\"\(writer)\"", value, as: "\"\(reader)\"") == wanted)
  }

  @Test func `other types do not match`() throws {
    let types = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
    let allowed = Set(ResolutionTests.promotions.map { "\($0.0) \($0.2)" })
    for writer in types {
      for reader in types where writer != reader && !allowed.contains("\(writer) \(reader)") {
        let (written, wanted) = (try AvroSchema("\"\(writer)\""), try AvroSchema("\"\(reader)\""))
        let error = failure { try AvroDecoder(writer: written, reader: wanted) }
        #expect(error?.code == .schemaMismatch, "\(writer) \(reader)")
        #expect(error?.message.contains("\(writer), which cannot be read as \(reader)") == true)
      }
    }
  }

  @Test func `bytes that are no text are refused as one`() throws {
    let error = failure { try read("\"bytes\"", .bytes(Bytes([0xff])), as: "\"string\"") }
    #expect(error?.code == .corrupt)
  }

  @Test func `fields are matched by name, in any order, and the others skipped or made`() throws {
    let writer = record(
      """
      {"name":"gone","type":{"type":"array","items":{"type":"map","values":["null","bytes","double"]}}},{"name":"b","type":"int"},
      {"name":"old","type":"string"},{"name":"deep","type":\(record(#"{"name":"x","type":"float"},{"name":"y","type":"boolean"}"#, name: "D"))},
      {"name":"a","type":"long"}
      """
    )
    let reader = record(
      """
      {"name":"a","type":"double"},{"name":"new","type":"string","aliases":["older","old"]},{"name":"more","type":["null","int"],"default":null},
      {"name":"b","type":"long"},{"name":"deep","type":\(record(#"{"name":"y","type":"boolean"}"#, name: "E", #","aliases":["D"]"#))}
      """
    )
    let schema = try AvroSchema(writer)
    let deep = try #require(schema.field("deep")).schema
    let map = AvroMap([.init("k", .union(1, .bytes(Bytes([1, 2])))), .init("l", .union(2, .double(1)))])
    let value = try AvroRecord(
      schema,
      [
        "gone": .array([.map(map), .map(AvroMap())]), "b": .int(2), "old": .string("o"), "a": .long(1),
        "deep": .record(try AvroRecord(deep, ["x": .float(1), "y": .boolean(true)])),
      ]
    )
    let read = try read(writer, .record(value), as: reader)
    #expect(AvroText.line(read) == "(a=D3ff0000000000000,new=s6f,more=n,b=2,deep=(y=t))")
    guard case .record(let record) = read else { return }
    #expect(record.schema.name == "R" && record["more"] == .union(0, .null))
  }

  @Test func `a name comes before an alias`() throws {
    let writer = record(#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#)
    let reader = record(#"{"name":"c","type":"int","aliases":["a","b"]},{"name":"a","type":"int"}"#)
    let schema = try AvroSchema(writer)
    let value = AvroValue.record(try AvroRecord(schema, ["a": .int(1), "b": .int(2)]))
    #expect(AvroText.line(try read(writer, value, as: reader)) == "(c=2,a=1)")
  }

  @Test func `a field without default has to be there`() throws {
    let writer = try AvroSchema(record(#"{"name":"list","type":{"type":"array","items":\#(record("", name: "S"))}}"#))
    let reader = try AvroSchema(
      record(#"{"name":"list","type":{"type":"array","items":\#(record(#"{"name":"x","type":"int"}"#, name: "S"))}}"#)
    )
    let error = try #require(failure { try AvroDecoder(writer: writer, reader: reader) })
    #expect(error.code == .schemaMismatch && error.path == "list[].x", "\(error)")
  }

  @Test func `symbols are matched by name`() throws {
    let writer = #"{"type":"enum","name":"n.E","symbols":["A","B","C"]}"#
    #expect(
      try read(writer, .enumeration("C"), as: #"{"type":"enum","name":"E","symbols":["C","A"]}"#) == .enumeration("C")
    )
    let lacking = #"{"type":"enum","name":"E","symbols":["C","A"],"default":"A"}"#
    #expect(try read(writer, .enumeration("B"), as: lacking) == .enumeration("A"))
    let error = failure { try read(writer, .enumeration("B"), as: #"{"type":"enum","name":"E","symbols":["A"]}"#) }
    #expect(error?.code == .schemaMismatch && error?.message.contains("'B'") == true)
    let other = try AvroSchema(#"{"type":"enum","name":"F","symbols":["A"]}"#)
    #expect(failure { try AvroDecoder(writer: try AvroSchema(writer), reader: other) }?.code == .schemaMismatch)
  }

  @Test func `a fixed has to have the same name and size`() throws {
    let writer = try AvroSchema(#"{"type":"fixed","name":"F","size":2}"#)
    for reader in [#"{"type":"fixed","name":"F","size":3}"#, #"{"type":"fixed","name":"G","size":2}"#] {
      #expect(failure { try AvroDecoder(writer: writer, reader: try AvroSchema(reader)) }?.code == .schemaMismatch)
    }
    _ = try AvroDecoder(
      writer: writer,
      reader: try AvroSchema(#"{"type":"fixed","name":"G","size":2,"aliases":["F"]}"#)
    )
  }

  @Test func `branches of unions are matched each by itself`() throws {
    let writer = #"["null","int","string",{"type":"array","items":"int"}]"#
    let reader = #"["bytes","string",{"type":"array","items":"long"},"double"]"#
    #expect(try read(writer, .union(1, .int(3)), as: reader) == .union(3, .double(3)))
    // The same type comes before one that it can become.
    #expect(try read(writer, .union(2, .string("a")), as: reader) == .union(1, .string("a")))
    #expect(try read(writer, .union(3, .array([.int(1)])), as: reader) == .union(2, .array([.long(1)])))
    let error = failure { try read(writer, .union(0, .null), as: reader) }
    #expect(error?.code == .schemaMismatch && error?.offset == 1, "\(String(describing: error))")
    // A union on one side only.
    #expect(try read("\"int\"", .int(3), as: reader) == .union(3, .double(3)))
    #expect(try read(writer, .union(1, .int(3)), as: "\"long\"") == .long(3))
    #expect(failure { try read(writer, .union(2, .string("")), as: "\"long\"") }?.code == .schemaMismatch)
    let never = try AvroSchema("\"boolean\"")
    #expect(failure { try AvroDecoder(writer: never, reader: try AvroSchema(reader)) }?.code == .schemaMismatch)
  }

  @Test func `a branch is one that matches to its leaves`() throws {
    let writer = record(#"{"name":"x","type":"string"}"#, name: "a.R")
    let reader =
      "[" + record(#"{"name":"x","type":"int"}"#, name: "a.R") + ","
      + record(#"{"name":"x","type":"bytes"}"#, name: "b.R")
      + "]"
    let value = AvroValue.record(try AvroRecord(try AvroSchema(writer), ["x": .string("t")]))
    let read = try read(writer, value, as: reader)
    guard case .union(1, .record(let found)) = read else {
      Issue.record("\(read)")
      return
    }
    #expect(found.schema.name == "b.R" && found["x"] == .bytes(Bytes(utf8: "t")))
  }

  @Test func `a branch that did not match once does not match again`() throws {
    func type(_ x: String) -> String { record(#"{"name":"x","type":"\#(x)"}"#, name: "S") }
    let writer = record(#"{"name":"a","type":\#(type("string"))},{"name":"b","type":"S"}"#)
    let union = #"[\#(type("int")),\#(record(#"{"name":"x","type":"string"}"#, name: "b.S"))]"#
    let reader = record(#"{"name":"a","type":\#(union)},{"name":"b","type":["S","b.S"]}"#)
    let schema = try AvroSchema(writer)
    let inner = AvroValue.record(try AvroRecord(try #require(schema.field("a")).schema, ["x": .string("t")]))
    let value = AvroValue.record(try AvroRecord(schema, ["a": inner, "b": inner]))
    guard case .record(let read) = try read(writer, value, as: reader) else { return }
    for field in ["a", "b"] {
      guard case .union(1, _) = read[field] else {
        Issue.record("\(field): \(read[field] ?? .null)")
        continue
      }
    }
  }

  @Test func `types that hold themselves are matched`() throws {
    let writer = record(#"{"name":"v","type":"int"},{"name":"next","type":["null","R"]},{"name":"w","type":"string"}"#)
    let reader = record(
      #"{"name":"next","type":["R","null"]},{"name":"v","type":"long"},{"name":"d","type":"int","default":5}"#
    )
    let schema = try AvroSchema(writer)
    var value = AvroValue.null
    for number in (1...3).reversed() {
      value = .record(try AvroRecord(schema, ["v": .int(Int32(number)), "next": value, "w": .string("skipped")]))
    }
    let line = AvroText.line(try read(writer, value, as: reader))
    #expect(line == "(next=(next=(next=n,v=3,d=5),v=2,d=5),v=1,d=5)")
  }

  @Test func `a failure inside types that hold themselves is found`() throws {
    let writer = try AvroSchema(record(#"{"name":"next","type":["null","R"]},{"name":"x","type":"string"}"#))
    let reader = try AvroSchema(record(#"{"name":"next","type":["null","R"]},{"name":"x","type":"int"}"#))
    #expect(failure { try AvroDecoder(writer: writer, reader: reader) }?.path == "x")
  }
}
