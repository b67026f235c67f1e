/// A JSON value of a schema: a default, or an attribute that Avro itself does not know.
///
/// Numbers are kept as they are spelled, so that none loses digits, and members keep their order.
public enum AvroJSON: Hashable, Sendable {
  /// The word `null`.
  case null
  /// A truth value.
  case boolean(Bool)
  /// A number as it is spelled.
  case number(String)
  /// A text.
  case string(String)
  /// The elements of an array.
  case array([AvroJSON])
  /// The members of an object, in order; no name occurs twice.
  case object([Member])

  /// A member of an object.
  public struct Member: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: AvroJSON

    /// Creates a member.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    public init(_ name: String, _ value: AvroJSON) {
      self.name = name
      self.value = value
    }
  }

  /// The text of a string, else nil.
  public var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// The elements of an array, else nil.
  public var array: [AvroJSON]? {
    if case .array(let elements) = self { return elements }
    return nil
  }

  /// The value of a number that is spelled as an integer of 64 bits, else nil.
  public var integer: Int64? {
    // A plus sign, which is no JSON, does not get here.
    if case .number(let text) = self { return Int64(text) }
    return nil
  }

  /// The value of a number as floating point, else nil.
  public var double: Double? {
    if case .number(let text) = self { return Double(text) }
    return nil
  }

  /// What the value is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a truth value"
    case .number: "a number"
    case .string: "a text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension AvroJSON: CustomStringConvertible {
  /// The value as JSON, without blanks.
  public var description: String {
    switch self {
    case .null: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .number(let text): return text
    case .string(let text): return AvroJSON.quoted(text)
    case .array(let elements): return "[" + elements.map(\.description).joined(separator: ",") + "]"
    case .object(let members):
      let texts = members.map { AvroJSON.quoted($0.name) + ":" + $0.value.description }
      return "{" + texts.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
