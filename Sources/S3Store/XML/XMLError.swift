internal import ObjectStores

/// Bytes are not the XML that was expected.
struct XMLError: Error, Equatable, Sendable {
  enum Reason: String, Sendable {
    case tooLong = "it is longer than any answer of S3"
    case tooDeep = "its elements are nested deeper than any answer of S3"
    case truncated = "it ends in the middle"
    case noElement = "there is no element"
    case badTag = "a tag is malformed"
    case otherEnd = "an end tag does not belong to the element that is open"
    case badMarkup = "there is markup that S3 does not use"
    case badReference = "a character reference is malformed"
    case otherRoot = "it is an answer to something else"
    case missing = "an element is missing"
    case badValue = "an element has a value that it cannot have"
  }

  let reason: Reason
  /// Position in the document, in bytes.
  let offset: Int
  /// The element it is about; nil when it is about none, or one without a plain name.
  let element: String?

  init(_ reason: Reason, at offset: Int, element: String? = nil) {
    self.reason = reason
    self.offset = offset
    self.element = element
  }
}

extension ObjectStoreError {
  /// An answer cannot be understood.
  init(_ error: XMLError) {
    let place = error.element.map { " (\($0))" } ?? ""
    self.init(
      .integrity,
      "The server's answer cannot be read at byte \(error.offset): \(error.reason.rawValue)\(place). "
        + "Check that the address is that of an S3 service.",
      underlying: error
    )
  }
}
