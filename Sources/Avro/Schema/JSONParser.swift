internal import ByteBuffers

/// Parses JSON (RFC 8259) strictly: UTF-8 without a byte order mark, no name twice in an object, nothing behind the value.
struct JSONParser {
  private let deepest: Int
  private var cursor: JSONCursor

  static func parse(_ bytes: [UInt8], depth: Int) throws(AvroError) -> AvroJSON {
    var parser = JSONParser(deepest: depth, cursor: JSONCursor(bytes))
    parser.cursor.skipBlanks()
    let value = try parser.value(depth: 0)
    parser.cursor.skipBlanks()
    guard parser.cursor.next == nil else { throw parser.failure("something follows the value") }
    return value
  }

  private func failure(_ what: String) -> AvroError { JSONParser.failure(cursor.failure(what)) }

  private static func failure(_ failure: JSONCursor.Failure) -> AvroError {
    AvroError(.invalidSchema, "The schema is not valid JSON: \(failure.what).", offset: failure.place)
  }

  private mutating func value(depth: Int) throws(AvroError) -> AvroJSON {
    guard depth < deepest else {
      let what = "The schema's JSON is nested deeper than \(deepest) levels."
      throw AvroError(.limitExceeded, what, offset: cursor.place)
    }
    switch cursor.next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try text())
    default: return try word()
    }
  }

  private mutating func members(depth: Int) throws(AvroError) -> [AvroJSON.Member] {
    _ = cursor.take(UInt8(ascii: "{"))
    var members: [AvroJSON.Member] = []
    var names: Set<[UInt8]> = []
    if cursor.take(UInt8(ascii: "}")) { return members }
    repeat {
      let name = try text()
      guard names.insert(Array(name.utf8)).inserted else { throw failure("a name occurs twice in an object") }
      guard cursor.take(UInt8(ascii: ":")) else { throw failure("a colon is missing") }
      members.append(AvroJSON.Member(name, try value(depth: depth + 1)))
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "}")) else { throw failure("an object does not end") }
    return members
  }

  private mutating func elements(depth: Int) throws(AvroError) -> [AvroJSON] {
    _ = cursor.take(UInt8(ascii: "["))
    var elements: [AvroJSON] = []
    if cursor.take(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try value(depth: depth + 1))
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "]")) else { throw failure("an array does not end") }
    return elements
  }

  // MARK: - Words and numbers

  private mutating func word() throws(AvroError) -> AvroJSON {
    switch cursor.word() {
    case nil: throw failure("a value is missing")
    case "null": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case let number?: return .number(number)
    }
  }

  private mutating func text() throws(AvroError) -> String {
    do throws(JSONCursor.Failure) {
      return try cursor.text()
    } catch {
      throw JSONParser.failure(error)
    }
  }
}
