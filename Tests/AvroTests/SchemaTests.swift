import Avro
import ByteBuffers
import Testing

/// Schemas are parsed as the specification says; what is wrong with one is said with its place.
struct SchemaTests {
  @Test func `all kinds of types are parsed`() throws {
    let schema = try AvroSchema(
      """
      {"type": "record", "name": "All", "namespace": "a.b", "doc": "everything", "aliases": ["Older", "c.Oldest"], "custom": {"x": [1.50, true]},
       "fields": [
        {"name": "n", "type": "null"}, {"name": "i", "type": "int", "default": -1, "order": "ignore"},
        {"name": "t", "type": {"type": "long", "logicalType": "timestamp-micros"}, "aliases": ["time"]},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "B"}},
        {"name": "f", "type": {"type": "fixed", "name": "x.F", "size": 16}},
        {"name": "l", "type": {"type": "array", "items": "E"}}, {"name": "m", "type": {"type": "map", "values": "x.F"}},
        {"name": "u", "type": ["null", "string", "All"]}
       ]}
      """
    )
    #expect(schema.kind == .record)
    #expect(schema.name == "a.b.All")
    #expect(schema.aliases == ["a.b.Older", "c.Oldest"])
    #expect(schema.attributes.map(\.name) == ["doc", "custom"])
    #expect(schema.attributes[1].value.description == #"{"x":[1.50,true]}"#)
    #expect(schema.fields.map(\.name) == ["n", "i", "t", "e", "f", "l", "m", "u"])
    #expect(
      schema.fields.map { $0.schema.kind.rawValue }.joined(separator: " ") == "null int long enum fixed array map union"
    )
    #expect(schema.field("i")?.defaultValue == .number("-1"))
    #expect(schema.field("i")?.attributes.map(\.name) == ["order"])
    #expect(schema.field("t")?.schema.logicalType == "timestamp-micros")
    #expect(schema.field("t")?.aliases == ["time"])
    #expect(schema.field("e")?.schema.name == "a.b.E")
    #expect(schema.field("e")?.schema.symbols == ["A", "B"])
    #expect(schema.field("e")?.schema.defaultSymbol == "B")
    #expect(schema.field("l")?.schema.items?.name == "a.b.E")
    #expect(schema.field("m")?.schema.items?.size == 16)
    let branches = try #require(schema.field("u")).schema.branches
    #expect(branches.map(\.kind) == [.null, .string, .record])
    // A record inside itself, which goes on for ever.
    #expect(branches[2].field("u")?.schema.branches[2].name == "a.b.All")
    #expect(schema.field("time") == nil)
  }

  @Test func `names are looked up in the namespace around them`() throws {
    let schema = try AvroSchema(
      """
      {"type": "record", "name": "Outer", "fields": [
        {"name": "a", "type": {"type": "fixed", "name": "F", "size": 1}},
        {"name": "b", "type": {"type": "record", "name": "n.Inner", "namespace": "ignored", "fields": [
          {"name": "c", "type": {"type": "fixed", "name": "G", "size": 2}}, {"name": "d", "type": "G"}, {"name": "e", "type": "n.G"},
          {"name": "f", "type": "F"}, {"name": "g", "type": {"type": "fixed", "name": "H", "namespace": "", "size": 3}}]}},
        {"name": "h", "type": "n.G"}, {"name": "i", "type": "H"}, {"name": "j", "type": {"type": "F"}}]}
      """
    )
    let inner = try #require(schema.field("b")).schema
    #expect(inner.fields.map { $0.schema.name } == ["n.G", "n.G", "n.G", "F", "H"])
    #expect(schema.fields.dropFirst(2).map { $0.schema.name } == ["n.G", "H", "F"])
  }

  static let wrong: [(String, String, String)] = [
    ("", "", "a value is missing"),
    ("\"int\" 1", "", "something follows"),
    ("{\"type\":\"int\",\"type\":\"int\"}", "", "a name occurs twice"),
    ("\u{feff}\"int\"", "", "a value is missing"),
    ("[\"int\",]", "", "a value is missing"),
    ("{\"type\":\"fixed\",\"name\":\"a\",\"size\":01}", "", "a value is missing"),
    ("\"integer\"", "", "'integer' is not defined"),
    ("{\"type\":\"list\"}", "", "'list' is not defined"),
    ("7", "", "a number, not a name"),
    ("{}", "", "'type' is missing"),
    ("{\"type\":[\"int\"]}", "", "an array, not a text"),
    ("{\"type\":\"array\"}", "", "'items' is missing"),
    ("{\"type\":\"array\",\"items\":{\"type\":\"map\",\"values\":\"x\"}}", "[]{}", "'x' is not defined"),
    ("[\"null\",[\"int\"]]", "<1>", "right inside a union"),
    ("[\"int\",{\"type\":\"int\"}]", "<1>", "two branches of the type int"),
    ("{\"type\":\"fixed\",\"name\":\"a\",\"size\":-1}", "", "size of the fixed 'a'"),
    ("{\"type\":\"fixed\",\"name\":\"a\",\"size\":1.0}", "", "size of the fixed 'a'"),
    ("{\"type\":\"fixed\",\"name\":\"a b\",\"size\":1}", "", "'a b' is no name"),
    ("{\"type\":\"fixed\",\"name\":\"a..b\",\"size\":1}", "", "'' is no name"),
    ("{\"type\":\"fixed\",\"name\":\"int\",\"size\":1}", "", "that of a primitive type"),
    ("{\"type\":\"enum\",\"name\":\"a\"}", "", "has no symbols"),
    ("{\"type\":\"enum\",\"name\":\"a\",\"symbols\":[\"A\",\"A\"]}", "", "occurs twice"),
    ("{\"type\":\"enum\",\"name\":\"a\",\"symbols\":[\"1\"]}", "", "'1' is no symbol"),
    ("{\"type\":\"enum\",\"name\":\"a\",\"symbols\":[\"A\"],\"default\":\"B\"}", "", "not one of its symbols"),
    ("{\"type\":\"record\",\"name\":\"a\",\"fields\":{}}", "", "not an array"),
    ("{\"type\":\"record\",\"name\":\"a\",\"fields\":[7]}", "[0]", "a number, not an object"),
    ("{\"type\":\"record\",\"name\":\"a\",\"fields\":[{\"name\":\"x\"}]}", "x", "'type' is missing"),
    (
      "{\"type\":\"record\",\"name\":\"a\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"x\",\"type\":\"int\"}]}",
      "",
      "two fields 'x'"
    ),
    (
      "{\"type\":\"record\",\"name\":\"a\",\"fields\":[{\"name\":\"x\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"b\",\"fields\":[{\"name\":\"y\",\"type\":[\"null\",\"z\"]}]}}}]}",
      "x[].y<1>", "'z' is not defined"
    ),
    (
      "{\"type\":\"record\",\"name\":\"a\",\"fields\":[{\"name\":\"x\",\"type\":{\"type\":\"fixed\",\"name\":\"a\",\"size\":1}}]}",
      "x",
      "'a' is defined twice"
    ),
  ]

  @Test(arguments: wrong.indices) func `a wrong schema is refused with its place`(_ index: Int) throws {
    let (json, path, message) = SchemaTests.wrong[index]
    let error = try #require(failure { try AvroSchema(json) })
    #expect(error.code == .invalidSchema)
    #expect(error.path == path)
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func `deep and large schemas are refused`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: #"{"type":"array","items":"#, count: depth) + "\"int\"" + String(repeating: "}", count: depth)
    }
    _ = try AvroSchema(nested(64))
    #expect(failure { try AvroSchema(nested(65)) }?.code == .limitExceeded)
    #expect(failure { try AvroSchema(nested(100_000)) }?.code == .limitExceeded)
    #expect(failure { try AvroSchema(String(repeating: "[", count: 1_000_000)) }?.code == .limitExceeded)
    var limits = AvroLimits()
    limits.schemaBytes = 5
    _ = try AvroSchema("\"int\"", limits: limits)
    #expect(failure { try AvroSchema("\"long\"", limits: limits) }?.code == .limitExceeded)
    limits = AvroLimits()
    limits.schemaTypes = 20
    let fields = (0..<30).map { #"{"name":"f\#($0)","type":"int"}"# }.joined(separator: ",")
    let error = failure { try AvroSchema(#"{"type":"record","name":"a","fields":[\#(fields)]}"#, limits: limits) }
    #expect(error?.code == .limitExceeded)
  }

  /// Fingerprints by fastavro 1.13; those of primitive types are those of the specification's own test data too.
  static let fingerprints: [(String, String, UInt64)] = [
    ("\"null\"", "\"null\"", 7_195_948_357_588_979_594),
    ("{\"type\":\"boolean\",\"doc\":\"x\"}", "\"boolean\"", 11_476_012_395_585_140_580),
    ("\"int\"", "\"int\"", 8_247_732_601_305_521_295),
    ("\"string\"", "\"string\"", 10_304_597_078_529_344_455),
    (
      "{\"size\":12,\"type\":\"fixed\",\"name\":\"Name\",\"namespace\":\"x\"}",
      "{\"name\":\"x.Name\",\"type\":\"fixed\",\"size\":12}",
      2_531_588_701_373_454_639
    ),
    (
      "{\"type\":\"enum\",\"name\":\"foo\",\"namespace\":\"x.y\",\"symbols\":[\"A1\",\"B2\"],\"doc\":\"d\"}",
      "{\"name\":\"x.y.foo\",\"type\":\"enum\",\"symbols\":[\"A1\",\"B2\"]}", 5_613_930_725_782_436_531
    ),
    (
      "{\"type\":\"record\",\"name\":\"Node\",\"namespace\":\"n\",\"aliases\":[\"Old\"],\"doc\":\"x\",\"fields\":[{\"name\":\"value\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"},\"default\":7,\"order\":\"descending\"},{\"name\":\"next\",\"type\":[\"null\",\"Node\"],\"default\":null},{\"name\":\"tags\",\"type\":{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":\"string\"}}}]}",
      "{\"name\":\"n.Node\",\"type\":\"record\",\"fields\":[{\"name\":\"value\",\"type\":\"long\"},{\"name\":\"next\",\"type\":[\"null\",\"n.Node\"]},{\"name\":\"tags\",\"type\":{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":\"string\"}}}]}",
      7_543_856_895_868_511_882
    ),
  ]

  @Test(arguments: fingerprints.indices) func `canonical forms and fingerprints are those of others`(_ index: Int)
    throws
  {
    let (json, canonical, fingerprint) = SchemaTests.fingerprints[index]
    let schema = try AvroSchema(json)
    #expect(try schema.canonicalForm == canonical)
    #expect(try schema.fingerprint == fingerprint)
    #expect(try schema.text == json)
  }

  @Test func `a type out of a schema carries what it needs`() throws {
    let schema = try AvroSchema(
      """
      {"type":"record","name":"a.R","fields":[{"name":"f","type":{"type":"fixed","name":"F","size":2,"x":"\\u0001\\"é"}},
       {"name":"r","type":{"type":"record","name":"Plain","namespace":"","fields":[{"name":"g","type":["null","a.F"],"default":null,"aliases":["h"],"doc":"d"}]}}]}
      """
    )
    let inner = try #require(schema.field("r")).schema
    let text = try inner.text
    #expect(
      text == #"{"type":"record","name":"Plain","namespace":"","fields":[{"name":"g","type":["null","#
        + #"{"type":"fixed","name":"a.F","size":2,"x":"\u0001\"é"}],"default":null,"aliases":["h"],"doc":"d"}]}"#
    )
    #expect(try AvroSchema(text).canonicalForm == inner.canonicalForm)
  }
}
