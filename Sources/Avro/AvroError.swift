/// Avro data could not be read or written, with the place where it went wrong.
public struct AvroError: Error, Sendable {
  /// What kind of failure it is; open, so that kinds can be added.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name of the kind.
    public let rawValue: String

    /// Names a kind.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The bytes are not an Avro object container file.
    public static let notAvro = Code(rawValue: "notAvro")
    /// The data ends before what it holds is complete.
    public static let truncated = Code(rawValue: "truncated")
    /// The data breaks the format, or does not fit its schema.
    public static let corrupt = Code(rawValue: "corrupt")
    /// The schema is not one.
    public static let invalidSchema = Code(rawValue: "invalidSchema")
    /// What is there is of another type than what is wanted.
    public static let schemaMismatch = Code(rawValue: "schemaMismatch")
    /// The data uses something that this library does not read or write.
    public static let unsupported = Code(rawValue: "unsupported")
    /// Going on would exceed one of ``AvroLimits``.
    public static let limitExceeded = Code(rawValue: "limitExceeded")
    /// The caller gave something that cannot be done, such as a value that does not fit the schema.
    public static let invalidArgument = Code(rawValue: "invalidArgument")
    /// The store below failed; `underlying` has its error.
    public static let storage = Code(rawValue: "storage")
  }

  /// What kind of failure it is.
  public var code: Code
  /// What was wrong, what was expected, and what to do next.
  public var message: String
  /// Name of the file.
  public var file: String?
  /// Index of the block of an object container file.
  public var block: Int?
  /// Byte offset of what could not be read: in the data given, or in the file; in the decompressed block if it was compressed.
  public var offset: Int?
  /// Where in the value or the schema, as `column_groups[2].path`; empty for the whole.
  public var path = ""
  /// The error below.
  public var underlying: (any Error)?

  /// Whether the same call may succeed later; true only for failures of the store below.
  public var isRetryable: Bool { code == .storage }

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: the kind.
  ///   - message: what was wrong, what was expected, and what to do next.
  ///   - offset: byte offset of what could not be read.
  ///   - underlying: the error below.
  public init(_ code: Code, _ message: String, offset: Int? = nil, underlying: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.offset = offset
    self.underlying = underlying
  }

  /// The error as seen from one level further out: `step` is a field's name, or an index in brackets.
  func inside(_ step: String) -> AvroError {
    var copy = self
    copy.path = AvroError.joined(step, path)
    return copy
  }

  static func joined(_ step: String, _ rest: String) -> String {
    switch rest.utf8.first {
    case nil, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"): step + rest
    default: step + "." + rest
    }
  }

  /// A step of a path for an element of an array.
  static func step(_ index: Int) -> String { "[\(index)]" }

  /// A step of a path for an entry of a map, whose key comes from a file and may be of any length.
  static func step(key: String) -> String {
    key.utf8.count <= longestKey ? "[\"\(key)\"]" : "[\"\(key.prefix(longestKey))…\"]"
  }

  private static let longestKey = 64

  /// The error with places filled in where none is known yet.
  func located(file: String? = nil, block: Int? = nil) -> AvroError {
    var copy = self
    copy.file = copy.file ?? file
    copy.block = copy.block ?? block
    return copy
  }

  /// The error with `base` added to its offset, for data that was read out of a larger file.
  func shifted(by base: Int) -> AvroError {
    var copy = self
    copy.offset = copy.offset.map { $0 &+ base }
    return copy
  }

  static func corrupt(_ message: String, offset: Int? = nil) -> AvroError {
    AvroError(.corrupt, message, offset: offset)
  }

  /// Wraps what a source or a sink threw.
  static func wrapping(_ error: any Error) -> AvroError {
    if let known = error as? AvroError { return known }
    return AvroError(.storage, "\(error)", underlying: error)
  }
}

extension AvroError: CustomStringConvertible {
  /// Message and place in one line.
  public var description: String {
    var places: [String] = []
    if let file { places.append(file) }
    if let block { places.append("block \(block)") }
    if !path.isEmpty { places.append("at \(path)") }
    if let offset { places.append("offset \(offset)") }
    return places.isEmpty ? message : "\(message) (\(places.joined(separator: ", ")))"
  }
}
