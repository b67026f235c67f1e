/// The content type and the metadata of a put, checked.
///
/// They travel in the head of a request, so only what every store keeps as it is gets through: names are tokens of
/// HTTP, in lower case, and values printable ASCII without blanks at their ends.
package struct ObjectAttributes: Sendable, Hashable {
  /// What kind of content it is.
  package let contentType: String?
  /// By names in lower case.
  package let metadata: [String: String]

  /// Bytes of all names and values of the metadata: S3 allows 2 KiB, of which stores need some for themselves.
  package static let mostBytes = 2000
  /// Bytes of a content type.
  private static let longestType = 255
  /// Names that begin so are the library's own.
  package static let reservedPrefix = "backfill-"

  /// Takes those of a put of a whole object.
  package init(_ options: PutOptions, _ key: ObjectKey) throws(ObjectStoreError) {
    try self.init(options.contentType, options.metadata, key)
  }

  /// Takes those of a streamed put.
  package init(_ options: PutStreamOptions, _ key: ObjectKey) throws(ObjectStoreError) {
    try self.init(options.contentType, options.metadata, key)
  }

  /// Takes those of an object that is copied, which a store gave out as they are.
  package init(of object: ObjectMetadata) {
    contentType = object.contentType
    metadata = object.metadata
  }

  package var isEmpty: Bool { contentType == nil && metadata.isEmpty }

  /// Throws unless there is nothing to keep.
  func refuse(_ key: ObjectKey) throws(ObjectStoreError) {
    guard isEmpty else {
      throw ObjectStoreError(
        .unsupported,
        "The store keeps neither content types nor metadata, and would lose them; leave them out.",
        key: key
      )
    }
  }

  private init(_ type: String?, _ given: [String: String], _ key: ObjectKey) throws(ObjectStoreError) {
    if let type {
      guard 1...ObjectAttributes.longestType ~= type.utf8.count, ObjectAttributes.isPlain(type) else {
        throw ObjectStoreError(
          .invalidMetadata,
          "The content type must be 1 to \(ObjectAttributes.longestType) printable ASCII characters, without blanks at its ends.",
          key: key
        )
      }
    }
    var metadata: [String: String] = [:]
    var count = 0
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      try ObjectAttributes.check(name, value, key)
      guard metadata.updateValue(value, forKey: name.lowercased()) == nil else {
        throw ObjectStoreError(
          .invalidMetadata,
          "Metadata has '\(name.lowercased())' twice; names are compared in lower case.",
          key: key
        )
      }
      count += name.utf8.count + value.utf8.count
    }
    guard count <= ObjectAttributes.mostBytes else {
      throw ObjectStoreError(
        .invalidMetadata,
        "The metadata have \(count) bytes, names included; at most \(ObjectAttributes.mostBytes) are allowed.",
        key: key
      )
    }
    contentType = type
    self.metadata = metadata
  }

  private static func check(_ name: String, _ value: String, _ key: ObjectKey) throws(ObjectStoreError) {
    guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
      throw ObjectStoreError(
        .invalidMetadata,
        "'\(name)' is no name for metadata: use letters, digits and !#$%&'*+-.^_`|~, at least one.",
        key: key
      )
    }
    guard !name.lowercased().hasPrefix(reservedPrefix) else {
      throw ObjectStoreError(
        .invalidMetadata,
        "Metadata that begin with '\(reservedPrefix)' are the library's own; choose another name than '\(name)'.",
        key: key
      )
    }
    guard !value.isEmpty, isPlain(value) else {
      throw ObjectStoreError(
        .invalidMetadata,
        "The value of metadata '\(name)' must be printable ASCII, not empty and without blanks at its ends; encode it.",
        key: key
      )
    }
  }

  /// Whether a text is of printable ASCII, with no blank at an end, where it would be lost.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { 0x20...0x7E ~= $0 } && text.utf8.first != 0x20 && text.utf8.last != 0x20
  }

  /// `tchar` of RFC 9110, 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

extension PutStreamOptions {
  /// The same for an object that is put as a whole.
  package var whole: PutOptions {
    var options = PutOptions(mode, durability: durability)
    options.contentType = contentType
    options.metadata = metadata
    return options
  }
}
