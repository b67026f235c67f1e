internal import ByteBuffers
internal import FoundationEssentials

/// A JSON document, with integers kept exact.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// An integer above `Int64.max`.
  case unsigned(UInt64)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The largest document that is parsed.
  static let byteLimit = 64 << 20

  /// Parses a document.
  init(parsing bytes: Bytes, source: String, code: BackfillError.Code) throws(BackfillError) {
    guard bytes.count <= JSONValue.byteLimit else {
      throw BackfillError(
        code,
        "The JSON document has \(bytes.count) bytes, more than the limit of \(JSONValue.byteLimit).",
        path: source
      )
    }
    // The decoder wants plain UTF-8; editors on some systems put a byte order mark before it.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = bytes.withUnsafeBytes { $0.starts(with: mark) } ? mark.count : 0
    let data = bytes[start..<bytes.count].withUnsafeBytes { Data($0) }
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: data)
    } catch let error as DecodingError {
      throw BackfillError(
        code,
        "This is not valid JSON: \(JSONValue.reason(error)).",
        path: source,
        underlying: error
      )
    } catch {
      throw BackfillError(code, "This is not valid JSON: \(error).", path: source, underlying: error)
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      if let inner = context.underlyingError { return "\(inner)" }
      return context.debugDescription
    @unknown default: return "\(error)"
    }
  }
}

extension JSONValue: Decodable {
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let known = try? value.decode(String.self) {
      self = .string(known)
    } else if let known = try? value.decode(Bool.self) {
      self = .bool(known)
    } else if let known = try? value.decode(Int64.self) {
      self = .integer(known)
    } else if let known = try? value.decode(UInt64.self) {
      self = .unsigned(known)
    } else if let known = try? value.decode(Double.self) {
      self = .double(known)
    } else if let known = try? value.decode([String: JSONValue].self) {
      self = .object(known)
    } else {
      self = .array(try value.decode([JSONValue].self))
    }
  }
}

extension JSONValue {
  /// The members of an object, else nil.
  var object: [String: JSONValue]? {
    if case .object(let members) = self { return members }
    return nil
  }

  /// The elements of an array, else nil.
  var array: [JSONValue]? {
    if case .array(let elements) = self { return elements }
    return nil
  }

  /// The text of a string, else nil.
  var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// A number, or a string that holds one, as servers write 64-bit numbers.
  var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .string(let text): Int64(text)
    default: nil
    }
  }

  /// A number, or a string that holds one, of 64 bits without a sign.
  var unsigned: UInt64? {
    switch self {
    case .integer(let value): UInt64(exactly: value)
    case .unsigned(let value): value
    case .string(let text): UInt64(text)
    default: nil
    }
  }

  /// A number as floating point, or a string that holds one (`"NaN"` and `"Infinity"` too).
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .double(let value): value
    case .string(let text): Double(text)
    default: nil
    }
  }

  /// A boolean, or a string or number that stands for one.
  var bool: Bool? {
    switch self {
    case .bool(let value): value
    case .string("true"), .integer(1): true
    case .string("false"), .integer(0): false
    default: nil
    }
  }
}

/// The members of an object whose keys are spelled in several ways: `field_id`, `field-id`, `fieldID`, `fieldId`.
struct JSONMembers {
  private let members: [String: JSONValue]

  /// Takes the members of an object; nil when the value is not one.
  init?(_ value: JSONValue?) {
    guard let object = value?.object else { return nil }
    members = Dictionary(object.map { (JSONMembers.plain($0.key), $0.value) }) { first, _ in first }
  }

  /// The first of some members that is present and not null; the names are spelled in lower case without separators.
  subscript(names: String...) -> JSONValue? {
    for name in names {
      if let value = members[name], value != .null { return value }
    }
    return nil
  }

  /// Whether the object has a member, null or not.
  func has(_ name: String) -> Bool { members[name] != nil }

  private static func plain(_ key: String) -> String {
    key.lowercased().filter { $0 != "_" && $0 != "-" }
  }
}
