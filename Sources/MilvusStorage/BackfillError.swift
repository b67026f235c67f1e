/// A segment join, or a part of it, failed.
public struct BackfillError: Error, Sendable {
  /// What failed: the error types of the Backfill API, open so that kinds can be added.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name of the kind.
    public let rawValue: String

    /// Names a kind.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// A store or a server could not be reached, or refused the caller.
    public static let connection = Code(rawValue: "connection")
    /// Collection, configuration and new values do not fit together.
    public static let schemaValidation = Code(rawValue: "schemaValidation")
    /// The new values, or data of the collection, could not be read.
    public static let dataRead = Code(rawValue: "dataRead")
    /// A segment could not be processed.
    public static let segmentProcessing = Code(rawValue: "segmentProcessing")
    /// Output could not be written.
    public static let write = Code(rawValue: "write")
    /// The configuration is wrong in itself.
    public static let engineConfiguration = Code(rawValue: "engineConfiguration")
    /// The caller cancelled.
    public static let cancelled = Code(rawValue: "cancelled")
    /// Anything else: a defect of the library.
    public static let unexpected = Code(rawValue: "unexpected")
  }

  /// Who can mend it.
  public enum Remedy: Sendable, Hashable {
    /// The caller: configuration or input is wrong.
    case caller
    /// Whoever runs the store, the server or the machine.
    case environment
    /// The authors of this library.
    case library
  }

  /// What failed.
  public var code: Code
  /// Who can mend it.
  public var remedy: Remedy
  /// What was wrong, what was expected, and what to do next; several problems are one line each.
  public var message: String
  /// Key or path of the object it happened in.
  public var path: String?
  /// Byte offset in that object.
  public var offset: Int?
  /// Id of the segment.
  public var segment: Int64?
  /// Name of the field or column.
  public var field: String?
  /// The error below.
  public var underlying: (any Error)?

  /// Whether the same call may succeed later without a change.
  public var isRetryable: Bool { remedy == .environment }

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: what failed.
  ///   - message: what was wrong, what was expected, and what to do next.
  ///   - remedy: who can mend it; by default the caller.
  ///   - path: key or path of the object.
  ///   - offset: byte offset in that object.
  ///   - segment: id of the segment.
  ///   - field: name of the field or column.
  ///   - underlying: the error below.
  public init(
    _ code: Code,
    _ message: String,
    remedy: Remedy = .caller,
    path: String? = nil,
    offset: Int? = nil,
    segment: Int64? = nil,
    field: String? = nil,
    underlying: (any Error)? = nil
  ) {
    self.code = code
    self.remedy = remedy
    self.message = message
    self.path = path
    self.offset = offset
    self.segment = segment
    self.field = field
    self.underlying = underlying
  }

  /// The error with places filled in where none is known yet.
  ///
  /// - Parameters:
  ///   - path: key or path of the object.
  ///   - segment: id of the segment.
  ///   - field: name of the field.
  /// - Returns: the located error.
  public func located(path: String? = nil, segment: Int64? = nil, field: String? = nil) -> BackfillError {
    var copy = self
    copy.path = copy.path ?? path
    copy.segment = copy.segment ?? segment
    copy.field = copy.field ?? field
    return copy
  }
}

extension BackfillError: CustomStringConvertible {
  /// Message and place; what a program prints.
  public var description: String {
    var places: [String] = []
    if let segment { places.append("segment \(segment)") }
    if let field { places.append("field \(field)") }
    if let path { places.append(path) }
    if let offset { places.append("offset \(offset)") }
    return places.isEmpty ? message : "\(message) (\(places.joined(separator: ", ")))"
  }
}
