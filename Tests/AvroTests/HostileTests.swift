import Avro
import ByteBuffers
import Foundation
import Testing

/// Data that is wrong on purpose ends in an error, soon and with little memory.
struct HostileTests {
  private func error(_ schema: String, _ bytes: [UInt8], _ limits: AvroLimits = AvroLimits()) throws -> AvroError? {
    let decoder = AvroDecoder(try AvroSchema(schema), limits: limits)
    return failure { try decoder.decode(Bytes(bytes)) }
  }

  static let wrong: [(String, String, AvroError.Code)] = [
    ("\"int\"", "", .truncated),
    ("\"int\"", "80", .truncated),
    ("\"int\"", "80 80 80 80 10", .corrupt),
    ("\"long\"", "ff ff ff ff ff ff ff ff ff 02", .corrupt),
    ("\"long\"", "80 80 80 80 80 80 80 80 80 80 00", .corrupt),
    ("\"boolean\"", "02", .corrupt),
    ("\"float\"", "00 00 00", .truncated),
    ("\"double\"", "00 00 00 00 00 00 00", .truncated),
    ("\"string\"", "04 61", .truncated),
    ("\"string\"", "01", .corrupt),
    ("\"string\"", "02 ff", .corrupt),
    ("\"bytes\"", "fe ff ff ff ff ff ff ff ff 01", .truncated),
    ("\"bytes\"", "ff ff ff ff ff ff ff ff ff 01", .corrupt),
    ("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "00", .truncated),
    ("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2147483647}", "00", .limitExceeded),
    ("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "02", .corrupt),
    ("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "01", .corrupt),
    ("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[]}", "00", .corrupt),
    ("[\"null\"]", "02", .corrupt),
    ("[\"null\"]", "01", .corrupt),
    ("[]", "00", .corrupt),
    ("{\"type\":\"array\",\"items\":\"long\"}", "02 02", .truncated),
    ("{\"type\":\"array\",\"items\":\"long\"}", "06 02 02", .truncated),
    ("{\"type\":\"array\",\"items\":\"long\"}", "fe ff ff ff ff ff ff ff ff 01 00", .truncated),
    // Int64.min items: there is no such number of them.
    ("{\"type\":\"array\",\"items\":\"long\"}", "ff ff ff ff ff ff ff ff ff 01 02 00 00", .truncated),
    ("{\"type\":\"array\",\"items\":\"null\"}", "ff ff ff ff ff ff ff ff ff 01 00 00", .limitExceeded),
    ("{\"type\":\"array\",\"items\":\"null\"}", "fe ff ff ff ff ff ff ff 7f 00", .limitExceeded),
    ("{\"type\":\"array\",\"items\":\"long\"}", "01 01 02 00", .corrupt),
    ("{\"type\":\"array\",\"items\":\"long\"}", "01 04 02 00", .corrupt),
    ("{\"type\":\"array\",\"items\":\"long\"}", "01 80 01 02 00", .truncated),
    ("{\"type\":\"map\",\"values\":\"null\"}", "04 00 00", .truncated),
    ("{\"type\":\"map\",\"values\":\"int\"}", "02 02 ff 00 00", .corrupt),
  ]

  @Test(arguments: wrong.indices) func `wrong values are refused`(_ index: Int) throws {
    let (schema, hex, code) = HostileTests.wrong[index]
    let error = try #require(try error(schema, HandBytes.bytes(hex)))
    #expect(error.code == code, "\(error)")
    #expect(error.offset != nil)
  }

  @Test func `an error says where it is`() throws {
    let schema = """
      {"type":"record","name":"R","fields":[{"name":"list","type":{"type":"array","items":{"type":"map","values":
        {"type":"record","name":"S","fields":[{"name":"x","type":["null","boolean"]}]}}}}]}
      """
    let error = try #require(try error(schema, [4, 0, 2, 2, 0x6b, 2, 7, 0, 0]))
    #expect(error.path == #"list[1]["k"].x"# && error.offset == 6)
    #expect(error.description == #"A boolean is 7, neither 0 nor 1. (at list[1]["k"].x, offset 6)"#)
    // A key of a file may be long.
    let key = [UInt8](repeating: 0x61, count: 10_000)
    let long = try #require(try self.error(schema, [2, 2] + HandBytes.long(10_000) + key + [2, 7, 0, 0]))
    #expect(long.path.count < 100)
  }

  @Test func `nothing without bytes makes many values`() throws {
    let empty =
      #"{"type":"record","name":"E","fields":[{"name":"a","type":"null"},{"name":"b","type":{"type":"fixed","name":"F","size":0}}]}"#
    let list = #"{"type":"array","items":\#(empty)}"#
    #expect(try error(list, HandBytes.long(1 << 62) + [0])?.code == .limitExceeded)
    #expect(try error(list, HandBytes.long(4 << 20) + [0])?.code == .limitExceeded)
    #expect(try error(list, HandBytes.long(1 << 10) + [0]) == nil)
    // Many blocks, each within the limit.
    let block = HandBytes.long(1 << 20)
    #expect(try error(list, Array(repeatElement(block, count: 50).joined()) + [0])?.code == .limitExceeded)
    // Types that double with every level and take no bytes at all.
    var type = "\"null\""
    for level in 0..<40 {
      let name = "L\(level)"
      type =
        #"{"type":"record","name":"\#(name)","fields":[{"name":"a","type":\#(type)},{"name":"b","type":"\#(level == 0 ? "null" : "L\(level - 1)")"}]}"#
    }
    #expect(try error(type, [])?.code == .limitExceeded)
    // The same where it is skipped.
    let writer = try AvroSchema(#"{"type":"record","name":"R","fields":[{"name":"a","type":\#(type)}]}"#)
    let decoder = try AvroDecoder(writer: writer, reader: try AvroSchema(#"{"type":"record","name":"R","fields":[]}"#))
    #expect(failure { try decoder.decode(Bytes([])) }?.code == .limitExceeded)
  }

  @Test func `a record that holds itself at once ends`() throws {
    #expect(try error(#"{"type":"record","name":"R","fields":[{"name":"a","type":"R"}]}"#, [])?.code == .limitExceeded)
    let wide =
      #"{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"R"}},{"name":"b","type":"R"}]}"#
    #expect(try error(wide, [UInt8](repeating: 0, count: 1000))?.code == .limitExceeded)
  }

  @Test func `limits hold to the value`() throws {
    var limits = AvroLimits()
    limits.values = 4
    let list = #"{"type":"array","items":"int"}"#
    #expect(try error(list, [6, 0, 0, 0, 0], limits) == nil)
    #expect(try error(list, [8, 0, 0, 0, 0, 0], limits)?.code == .limitExceeded)
    limits = AvroLimits()
    limits.valueBytes = 3
    #expect(try error("\"string\"", HandBytes.text("abc"), limits) == nil)
    #expect(try error("\"string\"", HandBytes.text("abcd"), limits)?.code == .limitExceeded)
    #expect(try error("\"bytes\"", HandBytes.text("abcd"), limits)?.code == .limitExceeded)
    limits = AvroLimits()
    limits.depth = 10
    let nested = #"{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}"#
    // A level is a record and its union.
    #expect(try error(nested, [2, 2, 2, 2, 0], limits) == nil)
    #expect(try error(nested, [2, 2, 2, 2, 2, 0], limits)?.code == .limitExceeded)
  }

  @Test func `the depth that is allowed fits a small stack`() throws {
    let schema = try AvroSchema(
      #"{"type":"record","name":"R","fields":[{"name":"l","type":{"type":"array","items":["null","R"]}}]}"#
    )
    let reader = try AvroSchema(
      #"{"type":"record","name":"R","fields":[{"name":"l","type":{"type":"array","items":["null","R"]}},{"name":"m","type":"int","default":1}]}"#
    )
    let skipping = try AvroSchema(#"{"type":"record","name":"R","fields":[]}"#)
    let levels = 42
    let bytes = Bytes([UInt8](repeating: 2, count: 2 * levels) + [UInt8](repeating: 0, count: levels + 1))
    let tooDeep = Bytes([UInt8](repeating: 2, count: 100_000))
    let json = String(repeating: "[", count: 300_000)
    final class Outcome: @unchecked Sendable { var failures: [AvroError?] = [] }
    let outcome = Outcome()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      for decoder in [
        AvroDecoder(schema), try? AvroDecoder(writer: schema, reader: reader),
        try? AvroDecoder(writer: schema, reader: skipping),
      ] {
        outcome.failures.append(failure { try decoder?.decode(bytes) })
        outcome.failures.append(failure { try decoder?.decode(tooDeep) })
      }
      outcome.failures.append(failure { try AvroEncoder(schema).encode(try AvroDecoder(schema).decode(bytes)) })
      outcome.failures.append(failure { try AvroSchema(json) })
      done.signal()
    }
    thread.stackSize = 2 << 20
    thread.start()
    done.wait()
    let failures = outcome.failures.map { $0?.code }
    #expect(failures == [nil, .limitExceeded, nil, .limitExceeded, nil, .limitExceeded, nil, .limitExceeded])
  }

  @Test func `what is skipped is checked too`() throws {
    let writer = try AvroSchema(
      #"{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"null"}},{"name":"b","type":["null","string"]}]}"#
    )
    let decoder = try AvroDecoder(writer: writer, reader: try AvroSchema(#"{"type":"record","name":"R","fields":[]}"#))
    func error(_ bytes: [UInt8]) -> AvroError? { failure { try decoder.decode(Bytes(bytes)) } }
    #expect(error([6, 0, 2, 2, 0x61]) == nil)
    #expect(error(HandBytes.long(1 << 62) + [0, 0])?.code == .limitExceeded)
    // A block that states its size is passed over at once.
    #expect(error([5, 0, 0, 0]) == nil)
    #expect(error([5, 20, 0, 0])?.code == .truncated)
    #expect(error([0, 4])?.code == .corrupt)
    #expect(error([0, 2, 9])?.code == .corrupt)
    #expect(error([0, 2, 8])?.path == "b")
  }

  @Test func `chains of types that lead to each other are bounded`() throws {
    // Each type names the one before; none is nested in the JSON.
    func chain(_ leaf: String) -> String {
      let types = (0..<2000).map { index in
        let inner = index == 0 ? leaf : "\"T\(index - 1)\""
        return #"{"type":"record","name":"T\#(index)","fields":[{"name":"x","type":["null",\#(inner)]}]}"#
      }
      return "[\(types.joined(separator: ","))]"
    }
    let writer = try AvroSchema(chain("\"int\""))
    let reader = try AvroSchema(chain("\"long\""))
    #expect(try AvroDecoder(writer).decode(Bytes([4, 2, 0])).unwrapped.kind == .record)
    let resolved = try AvroDecoder(writer: writer, reader: reader)
    #expect(try resolved.decode(Bytes([0, 2, 14])).unwrapped.kind == .record)
    let last = try #require(reader.branches.last)
    #expect(
      failure { try AvroDecoder(writer: try #require(writer.branches.last), reader: last) }?.code == .limitExceeded
    )
    #expect(failure { try last.text }?.code == .limitExceeded)
    #expect(failure { try last.canonicalForm }?.code == .limitExceeded)
  }
}
