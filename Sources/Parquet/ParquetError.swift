/// A Parquet file could not be read or written, with the place where it went wrong.
public struct ParquetError: Error, Sendable {
  /// What kind of failure it is; open, so that kinds can be added.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name of the kind.
    public let rawValue: String

    /// Names a kind.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The bytes are not a Parquet file.
    public static let notParquet = Code(rawValue: "notParquet")
    /// The file breaks the format.
    public static let corrupt = Code(rawValue: "corrupt")
    /// The file, or one of its columns, is encrypted.
    public static let encrypted = Code(rawValue: "encrypted")
    /// The file uses something that this library does not read or write.
    public static let unsupported = Code(rawValue: "unsupported")
    /// Reading on would exceed one of ``ReaderLimits``.
    public static let limitExceeded = Code(rawValue: "limitExceeded")
    /// The caller asked for something that does not fit the schema.
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
  /// Byte offset in the file, of the structure that could not be read.
  public var offset: Int?
  /// Dotted path of the column.
  public var column: String?
  /// Index of the row group.
  public var rowGroup: Int?
  /// The error below.
  public var underlying: (any Error)?

  /// Whether the same call may succeed later; true only for failures of the store below.
  public var isRetryable: Bool { code == .storage }

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: the kind.
  ///   - message: what was wrong, what was expected, and what to do next.
  ///   - offset: byte offset in the file.
  ///   - column: dotted path of the column.
  ///   - underlying: the error below.
  public init(
    _ code: Code,
    _ message: String,
    offset: Int? = nil,
    column: String? = nil,
    underlying: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.offset = offset
    self.column = column
    self.underlying = underlying
  }

  /// The error with places filled in where none is known yet.
  func located(
    file: String? = nil,
    column: String? = nil,
    rowGroup: Int? = nil,
    offset: Int? = nil
  ) -> ParquetError {
    var copy = self
    copy.file = copy.file ?? file
    copy.column = copy.column ?? column
    copy.rowGroup = copy.rowGroup ?? rowGroup
    copy.offset = copy.offset ?? offset
    return copy
  }

  /// The error with `base` added to its offset, for structures that were read out of a larger file.
  func shifted(by base: Int) -> ParquetError {
    var copy = self
    copy.offset = copy.offset.map { $0 &+ base }
    return copy
  }

  static func corrupt(_ message: String, offset: Int? = nil) -> ParquetError {
    ParquetError(.corrupt, message, offset: offset)
  }

  /// Wraps what a source or a sink threw.
  static func wrapping(_ error: any Error) -> ParquetError {
    if let known = error as? ParquetError { return known }
    return ParquetError(.storage, "\(error)", underlying: error)
  }
}

extension ParquetError: CustomStringConvertible {
  /// Message and place in one line.
  public var description: String {
    var places: [String] = []
    if let file { places.append(file) }
    if let rowGroup { places.append("row group \(rowGroup)") }
    if let column { places.append("column \(column)") }
    if let offset { places.append("offset \(offset)") }
    return places.isEmpty ? message : "\(message) (\(places.joined(separator: ", ")))"
  }
}
