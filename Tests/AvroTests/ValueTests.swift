import Avro
import ByteBuffers
import Testing

/// Values by the examples of the specification and by hand.
struct ValueTests {
  static let examples: [(String, AvroValue, String)] = [
    ("\"null\"", .null, ""),
    ("\"boolean\"", .boolean(true), "01"),
    ("\"boolean\"", .boolean(false), "00"),
    ("\"int\"", .int(0), "00"),
    ("\"int\"", .int(-1), "01"),
    ("\"int\"", .int(1), "02"),
    ("\"int\"", .int(-2), "03"),
    ("\"int\"", .int(-64), "7f"),
    ("\"int\"", .int(64), "80 01"),
    ("\"int\"", .int(.max), "fe ff ff ff 0f"),
    ("\"int\"", .int(.min), "ff ff ff ff 0f"),
    ("\"long\"", .long(.max), "fe ff ff ff ff ff ff ff ff 01"),
    ("\"long\"", .long(.min), "ff ff ff ff ff ff ff ff ff 01"),
    ("\"float\"", .float(1.5), "00 00 c0 3f"),
    ("\"double\"", .double(-2), "00 00 00 00 00 00 00 c0"),
    ("\"string\"", .string("foo"), "06 66 6f 6f"),
    ("\"string\"", .string("é"), "04 c3 a9"),
    ("\"bytes\"", .bytes(Bytes([0, 255])), "04 00 ff"),
    ("{\"type\":\"array\",\"items\":\"long\"}", .array([.long(3), .long(27)]), "04 06 36 00"),
    ("{\"type\":\"array\",\"items\":\"long\"}", .array([]), "00"),
    (
      "{\"type\":\"map\",\"values\":\"long\"}", .map(AvroMap([.init("b", .long(1)), .init("a", .long(2))])),
      "04 02 62 02 02 61 04 00"
    ),
    ("[\"null\",\"string\"]", .union(0, .null), "00"),
    ("[\"null\",\"string\"]", .union(1, .string("a")), "02 02 61"),
    ("{\"type\":\"enum\",\"name\":\"Foo\",\"symbols\":[\"A\",\"B\",\"C\",\"D\"]}", .enumeration("D"), "06"),
    ("{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}", .fixed(Bytes([1, 2, 3])), "01 02 03"),
    ("{\"type\":\"fixed\",\"name\":\"F\",\"size\":0}", .fixed(Bytes([])), ""),
  ]

  @Test(arguments: examples.indices) func `values are encoded and decoded`(_ index: Int) throws {
    let (json, value, hex) = ValueTests.examples[index]
    let schema = try AvroSchema(json)
    let bytes = Bytes(HandBytes.bytes(hex))
    #expect(try AvroDecoder(schema).decode(bytes) == value)
    #expect(try AvroEncoder(schema).encode(value) == bytes)
  }

  private static let test =
    #"{"type":"record","name":"test","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}"#

  @Test func `a record is its fields in order`() throws {
    let schema = try AvroSchema(ValueTests.test)
    let bytes = Bytes(HandBytes.bytes("36 06 66 6f 6f"))
    let value = try AvroDecoder(schema).decode(bytes)
    #expect(value == .record(try AvroRecord(schema, ["a": .long(27), "b": .string("foo")])))
    #expect(try AvroEncoder(schema).encode(value) == bytes)
  }

  @Test func `blocks may come in several, with and without their size`() throws {
    let array = AvroDecoder(try AvroSchema(#"{"type":"array","items":"string"}"#))
    let wanted = AvroValue.array(["a", "b", "c", "d"].map { .string($0) })
    #expect(try array.decode(Bytes(HandBytes.bytes("02 02 61 03 08 02 62 02 63 02 02 64 00"))) == wanted)
    let map = AvroDecoder(try AvroSchema(#"{"type":"map","values":"int"}"#))
    let value = try map.decode(Bytes(HandBytes.bytes("01 06 02 61 02 02 02 61 04 00")))
    // A key that is there twice stays so, and counts as the last one.
    #expect(value == .map(AvroMap([.init("a", .int(1)), .init("a", .int(2))])))
    guard case .map(var entries) = value else { return }
    #expect(entries["a"] == .int(2))
    entries["b"] = .int(3)
    entries["a"] = nil
    #expect(entries == AvroMap([.init("b", .int(3))]))
  }

  @Test func `keys are compared byte by byte`() {
    var map = AvroMap([.init("\u{e9}", .int(1)), .init("e\u{301}", .int(2))])
    #expect(map["\u{e9}"] == .int(1))
    map["\u{e9}"] = nil
    #expect(map.entries.count == 1)
    #expect(map["e\u{301}"] == .int(2))
  }

  @Test func `a list that holds itself is decoded`() throws {
    let schema = try AvroSchema(
      #"{"type":"record","name":"L","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","L"]}]}"#
    )
    let bytes = Bytes(HandBytes.bytes("02 02 04 02 06 00"))
    let value = try AvroDecoder(schema).decode(bytes)
    #expect(AvroText.line(value) == "(v=1,next=(v=2,next=(v=3,next=n)))")
    #expect(try AvroEncoder(schema).encode(value) == bytes)
  }

  @Test func `values that stand behind each other are decoded one by one`() throws {
    let decoder = AvroDecoder(try AvroSchema("\"string\""))
    let bytes = Bytes(HandBytes.text("one") + HandBytes.text("two") + [7])
    let (one, end) = try decoder.decodePrefix(bytes)
    let (two, last) = try decoder.decodePrefix(bytes, from: end)
    #expect(one == .string("one") && two == .string("two") && last == 8)
    let error = failure { try decoder.decode(bytes) }
    #expect(error?.code == .corrupt && error?.offset == 4, "\(String(describing: error))")
    #expect(failure { try decoder.decodePrefix(bytes, from: 10) }?.code == .truncated)
    #expect(failure { try decoder.decodePrefix(bytes, from: -1) } != nil)
  }

  @Test func `a value that is no union is written as the branch that it fits`() throws {
    let schema = try AvroSchema(
      #"["null","long",{"type":"enum","name":"E","symbols":["A"]},{"type":"fixed","name":"F","size":2},{"type":"fixed","name":"G","size":1}]"#
    )
    let encoder = AvroEncoder(schema)
    #expect(try encoder.encode(.null).array == [0])
    #expect(try encoder.encode(.long(1)).array == [2, 2])
    #expect(try encoder.encode(.enumeration("A")).array == [4, 0])
    #expect(try encoder.encode(.fixed(Bytes([9]))).array == [8, 9])
    #expect(failure { try encoder.encode(.int(1)) }?.code == .invalidArgument)
    #expect(failure { try encoder.encode(.union(5, .null)) }?.code == .invalidArgument)
    #expect(failure { try encoder.encode(.union(1, .null)) }?.code == .invalidArgument)
  }

  @Test func `a value that does not fit is refused with its place`() throws {
    let schema = try AvroSchema(
      """
      {"type":"record","name":"R","fields":[{"name":"list","type":{"type":"array","items":{"type":"map","values":
        {"type":"record","name":"S","fields":[{"name":"x","type":"long"}]}}}}]}
      """
    )
    let inner = try #require(schema.field("list")?.schema.items?.items)
    func value(_ x: AvroValue) throws -> AvroValue {
      let map = AvroMap([.init("k", .record(try AvroRecord(inner, ["x": x])))])
      return .record(try AvroRecord(schema, ["list": .array([.map(AvroMap()), .map(map)])]))
    }
    #expect(try AvroEncoder(schema).encode(value(.long(1))).array == [4, 0, 2, 2, 0x6b, 2, 0, 0])
    let error = try #require(failure { try AvroEncoder(schema).encode(value(.int(1))) })
    #expect(error.path == #"list[1]["k"].x"#)
    #expect(error.message.contains("int") && error.message.contains("long"))
  }

  @Test func `records get defaults, and know their fields`() throws {
    let schema = try AvroSchema(
      """
      {"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"bytes","default":"\\u00ff\\u0000"},
       {"name":"c","type":{"type":"record","name":"S","fields":[{"name":"x","type":"long","default":9007199254740993},{"name":"y","type":"double"}]},
        "default":{"y":1}},
       {"name":"d","type":{"type":"array","items":"int"},"default":[1,2]},{"name":"e","type":{"type":"map","values":"boolean"},"default":{"k":true}},
       {"name":"f","type":["null","string"],"default":null},{"name":"g","type":["null","string"],"default":"later"},
       {"name":"h","type":{"type":"enum","name":"E","symbols":["P","Q"]},"default":"Q"},{"name":"i","type":{"type":"fixed","name":"F","size":1},"default":"A"},
       {"name":"j","type":"float","default":0.1}]}
      """
    )
    var record = try AvroRecord(schema, ["a": .string("")])
    #expect(
      AvroText.line(.record(record))
        == "(a=s,b=xff00,c=(x=9007199254740993,y=D3ff0000000000000),d=[1,2],e={6b:t},f=n,g=s6c61746572,h=eQ,i=x41,j=F3dcccccd)"
    )
    #expect(record["g"] == .union(1, .string("later")))
    #expect(record["z"] == nil)
    try record.set("a", .string("new"))
    try record.append([.int(3)], to: "d")
    #expect(record["a"] == .string("new") && record["d"] == .array([.int(1), .int(2), .int(3)]))
    #expect(failure { try record.set("z", .null) }?.code == .invalidArgument)
    #expect(failure { try record.append([], to: "a") }?.path == "a")
    #expect(failure { try AvroRecord(schema, [:]) }?.path == "a")
    #expect(failure { try AvroRecord(schema, ["a": .null, "z": .null]) }?.message.contains("'z'") == true)
  }

  @Test func `wrong defaults are refused where they are needed`() throws {
    for (type, value) in [
      ("\"int\"", "2147483648"), ("\"int\"", "1.0"), ("\"long\"", "9223372036854775808"), ("\"string\"", "7"),
      ("\"bytes\"", "\"\\u0100\""),
      ("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "\"a\""),
      ("{\"type\":\"array\",\"items\":\"int\"}", "[1,\"a\"]"),
      ("[\"null\",\"int\"]", "\"a\""), ("\"null\"", "0"),
      ("{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}", "{}"),
    ] {
      let schema = try AvroSchema(
        #"{"type":"record","name":"R","fields":[{"name":"a","type":\#(type),"default":\#(value)}]}"#
      )
      let error = failure { try AvroRecord(schema, [:]) }
      #expect(error?.path.hasPrefix("a") == true, "\(type) \(value): \(String(describing: error))")
    }
  }

  @Test func `defaults that lead to each other for ever are refused`() throws {
    let schema = try AvroSchema(
      #"{"type":"record","name":"R","fields":[{"name":"a","type":"R","default":{}},{"name":"b","type":"R","default":{}}]}"#
    )
    #expect(failure { try AvroRecord(schema, [:]) }?.code == .limitExceeded)
    // Not for ever, but doubling with every level.
    let types = (0..<40).map { level in
      let inner = level == 0 ? #""null","default":null"# : #""L\#(level - 1)","default":{}"#
      return
        #"{"type":"record","name":"L\#(level)","fields":[{"name":"a","type":\#(inner)},{"name":"b","type":\#(inner)}]}"#
    }
    let last = try #require(try AvroSchema("[\(types.joined(separator: ","))]").branches.last)
    #expect(failure { try AvroRecord(last, [:]) }?.code == .limitExceeded)
  }

  @Test func `nodes read what is expected and name the place of what is not`() throws {
    let schema = try AvroSchema(
      """
      {"type":"record","name":"R","fields":[{"name":"list","type":{"type":"array","items":["null",{"type":"record","name":"S","fields":[
        {"name":"x","type":"long"},{"name":"names","type":{"type":"array","items":"string"}}]}]}},{"name":"map","type":{"type":"map","values":"double"}}]}
      """
    )
    let bytes =
      [4, 0, 2, 14] + HandBytes.long(2) + HandBytes.text("a") + HandBytes.text("b") + [0, 0]
      + [2] + HandBytes.text("k") + [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0]
    let node = AvroNode(try AvroDecoder(schema).decode(Bytes(bytes)))
    let items = try node["list"].items
    #expect(items[0].ifPresent == nil)
    #expect(try items[1]["x"].long == 7)
    #expect(try items[1]["names"].strings == ["a", "b"])
    #expect(try node["map"].entries.first?.value.double == 1)
    #expect(try node.optional("other") == nil)
    let error = try #require(failure { try items[1]["names"].items[1].long })
    #expect(error.code == .schemaMismatch && error.path == "list[1].names[1]")
    #expect(error.description == "The value is string, and a long was expected. (at list[1].names[1])")
    #expect(failure { try node["map"].entries[0].value.symbol }?.path == #"map["k"]"#)
    #expect(failure { try node["map"]["k"] }?.path == "map")
    #expect(failure { try node["other"] }?.message.contains("'other'") == true)
  }
}
