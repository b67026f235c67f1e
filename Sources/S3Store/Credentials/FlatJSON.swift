internal import ByteBuffers

/// An object of JSON whose members are texts, numbers or truth values: the form in which credentials are answered.
///
///     {"AccessKeyId": "ASIA…", "SecretAccessKey": "…", "Token": "…", "Expiration": "2026-11-22T07:03:14Z"}
///
/// Objects and arrays inside, names that occur twice and anything behind the object are refused.
struct FlatJSON {
  /// What is wrong and where; never what is there.
  struct Failure: Error, Equatable {
    let message: String
  }

  private static let longest = 65_536
  private static let mostMembers = 64

  private var cursor: JSONCursor

  /// The members of an object; numbers and truth values as they are spelled, without those that are null.
  static func members(of bytes: [UInt8]) throws(Failure) -> [String: String] {
    guard bytes.count <= longest else { throw Failure(message: "it is longer than \(longest) bytes") }
    var reader = FlatJSON(cursor: JSONCursor(bytes))
    do throws(JSONCursor.Failure) {
      return try reader.object()
    } catch {
      throw Failure(message: "\(error.what) at byte \(error.place)")
    }
  }

  private mutating func object() throws(JSONCursor.Failure) -> [String: String] {
    guard cursor.take(UInt8(ascii: "{")) else { throw cursor.failure("no object begins") }
    var members: [String: String] = [:]
    var names: Set<String> = []
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        let name = try cursor.text()
        guard cursor.take(UInt8(ascii: ":")) else { throw cursor.failure("a colon is missing") }
        members[name] = try value()
        guard names.insert(name).inserted else { throw cursor.failure("a name occurs twice") }
        guard names.count <= Self.mostMembers else { throw cursor.failure("there are too many members") }
      } while cursor.take(UInt8(ascii: ","))
      guard cursor.take(UInt8(ascii: "}")) else { throw cursor.failure("the object does not end") }
    }
    guard cursor.next == nil else { throw cursor.failure("something follows the object") }
    return members
  }

  private mutating func value() throws(JSONCursor.Failure) -> String? {
    guard let first = cursor.next else { throw cursor.failure("a value is missing") }
    if first == UInt8(ascii: "\"") { return try cursor.text() }
    guard let word = cursor.word() else { throw cursor.failure("a text, a number or a truth value is missing") }
    return word == "null" ? nil : word
  }
}
