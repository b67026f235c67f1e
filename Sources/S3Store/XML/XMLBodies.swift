internal import ByteBuffers
internal import ObjectStores

/// The body of DeleteObjects.
///
///     <Delete xmlns="…"> <Quiet>true</Quiet> <Object> <Key/> </Object> … </Delete>
struct DeleteBody: Sendable {
  /// The document; without an object when no key fits.
  let bytes: Bytes
  /// Places of the keys that are in the document, in its order.
  let included: [Int]
  /// Places of the keys that XML cannot hold; they are deleted one by one.
  let excluded: [Int]

  /// Writes the document.
  ///
  /// - Parameter keys: at most as many as the server takes at once, 1,000 as a rule.
  init(_ keys: [ObjectKey]) {
    var writer = ByteWriter(capacity: 200 + keys.reduce(0) { $0 + $1.bytes.count + 40 })
    var included: [Int] = []
    var excluded: [Int] = []
    writer.append("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>")
    for (place, key) in keys.enumerated() {
      guard XMLWriting.canHold(key.bytes) else {
        excluded.append(place)
        continue
      }
      included.append(place)
      writer.append("<Object><Key>")
      writer.appendText(key.bytes)
      writer.append("</Key></Object>")
    }
    writer.append("</Delete>")
    bytes = writer.take()
    self.included = included
    self.excluded = excluded
  }
}

/// The body of CompleteMultipartUpload.
///
///     <CompleteMultipartUpload xmlns="…">
///       <Part> <PartNumber/> <ETag/> <ChecksumCRC32C/> </Part> …       the checksum only where the part had one
///     </CompleteMultipartUpload>
struct CompleteBody: Sendable {
  struct Checksum: Sendable, Hashable {
    var kind: ChecksumKind
    /// In Base64.
    var value: String

    init(_ kind: ChecksumKind, _ value: String) {
      self.kind = kind
      self.value = value
    }
  }

  struct Part: Sendable, Hashable {
    /// From 1 on.
    var number: Int
    /// As the server gave it, with its quotes.
    var etag: String
    /// What it was sent with.
    var checksum: Checksum?
  }

  let bytes: Bytes

  /// Writes the document.
  ///
  /// - Parameter parts: in the order of their numbers.
  init(_ parts: [Part]) {
    var writer = ByteWriter(capacity: 200 + parts.count * 120)
    writer.append("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">")
    for part in parts {
      writer.append("<Part><PartNumber>")
      writer.append(Array(String(part.number).utf8))
      writer.append("</PartNumber><ETag>")
      writer.appendText(Array(part.etag.utf8))
      writer.append("</ETag>")
      if let checksum = part.checksum {
        writer.append(Array("<\(checksum.kind.element)>".utf8))
        writer.appendText(Array(checksum.value.utf8))
        writer.append(Array("</\(checksum.kind.element)>".utf8))
      }
      writer.append("</Part>")
    }
    writer.append("</CompleteMultipartUpload>")
    bytes = writer.take()
  }
}

/// What text in XML 1.0 may be.
enum XMLWriting {
  /// Whether bytes can stand in a document: UTF-8 without control characters other than tab and line ends, and without
  /// U+FFFE and U+FFFF.
  static func canHold(_ bytes: [UInt8]) -> Bool {
    guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }) else { return false }
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    return !text.unicodeScalars.contains { $0.value == 0xFFFE || $0.value == 0xFFFF }
  }
}

extension ByteWriter {
  fileprivate mutating func append(_ markup: StaticString) {
    append(UnsafeRawBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
  }

  /// Appends text, with references for what is markup and for what a reader may change: it makes a newline of a
  /// carriage return, and some cut white space at the ends.
  fileprivate mutating func appendText(_ text: [UInt8]) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "&"): append("&amp;")
      case UInt8(ascii: "<"): append("&lt;")
      case UInt8(ascii: ">"): append("&gt;")
      case UInt8(ascii: "\""): append("&quot;")
      case 0x09: append("&#9;")
      case 0x0a: append("&#10;")
      case 0x0d: append("&#13;")
      default: append(byte)
      }
    }
  }
}
