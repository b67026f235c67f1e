internal import ByteBuffers
internal import Glibc
internal import ObjectStores

/// Walks an XML document front to back without making anything of it.
///
/// Of XML it knows what servers send: elements, whose prefixes and attributes it steps over, text, the five named and
/// all numeric references, CDATA, comments and processing instructions. A document type is refused, so no document can
/// define entities of its own. The bytes of text are handed out as they are: neither UTF-8 nor line ends are touched,
/// since keys are raw bytes and a server that writes a carriage return as one means one.
///
/// Who opened an element, with ``root()`` or ``child()``, has to read it to its end: by ``child()`` until it is nil, by
/// ``text()`` or by ``skip()``.
///
///     <ListBucketResult>          root()   ListBucketResult
///       <Contents>                child()  Contents
///         <Key>a</Key>            child()  Key, text() a
///       </Contents>               child()  nil
///     </ListBucketResult>         child()  nil, end()
struct XMLScanner {
  /// The longest document: a page of 1,000 keys of 1,024 bytes, each percent-encoded, has less than 4 MiB.
  static let longest = 32 << 20
  /// The most elements that are open at once.
  static let deepest = 24

  private struct Tag {
    let start: Int
    let count: Int
  }

  let base: UnsafePointer<UInt8>
  let count: Int
  /// Position of the next byte to look at.
  var offset = 0
  /// Names of the elements that are open, prefixes included.
  private var open: [Tag] = []
  /// The innermost element has no content and no end tag.
  private var isEmptyElement = false

  /// Takes a document whose memory stays while the scanner is used.
  init(_ document: UnsafeRawBufferPointer) throws(XMLError) {
    guard let start = document.baseAddress, document.count > 0 else { throw XMLError(.noElement, at: 0) }
    guard document.count <= XMLScanner.longest else { throw XMLError(.tooLong, at: XMLScanner.longest) }
    base = start.assumingMemoryBound(to: UInt8.self)
    count = document.count
    open.reserveCapacity(XMLScanner.deepest)
  }

  /// Reads the body of an answer.
  ///
  /// - Parameters:
  ///   - body: the document, with or without white space before it.
  ///   - roots: what its outermost element may be.
  ///   - read: reads that element to its end.
  /// - Returns: what `read` returns.
  static func read<Answer>(
    _ body: Bytes,
    roots: [StaticString],
    _ read: (inout XMLScanner) throws(XMLError) -> Answer
  ) throws(ObjectStoreError) -> Answer {
    do throws(XMLError) {
      return try body.withUnsafeBytes { (bytes) throws(XMLError) in
        var scanner = try XMLScanner(bytes)
        let root = try scanner.root()
        guard roots.contains(where: { root == $0 }) else {
          throw XMLError(.otherRoot, at: scanner.offset, element: root.text)
        }
        let answer = try read(&scanner)
        try scanner.end()
        return answer
      }
    } catch {
      throw ObjectStoreError(error)
    }
  }

  // MARK: - Elements

  /// Opens the outermost element.
  mutating func root() throws(XMLError) -> XMLName {
    if starts(with: "\u{FEFF}") { offset += 3 }
    guard try betweenElements() else { throw XMLError(.noElement, at: offset) }
    return try startTag()
  }

  /// Opens the next element inside the innermost open one, or closes that one.
  ///
  /// - Returns: the name of the element; nil when there is none left.
  mutating func child() throws(XMLError) -> XMLName? {
    if isEmptyElement {
      close()
      return nil
    }
    while true {
      offset = try next(UInt8(ascii: "<"))
      switch try byte(offset + 1) {
      case UInt8(ascii: "/"):
        try endTag()
        return nil
      case UInt8(ascii: "!"), UInt8(ascii: "?"):
        _ = try aside()
      default:
        return try startTag()
      }
    }
  }

  /// Reads the text of the innermost open element and closes it; elements inside are stepped over.
  mutating func text() throws(XMLError) -> XMLText {
    let start = offset
    if isEmptyElement {
      close()
      return XMLText(decoded: [])
    }
    let end = try next(UInt8(ascii: "<"))
    let hasReference = memchr(base + start, Int32(UInt8(ascii: "&")), end - start) != nil
    if !hasReference, try byte(end + 1) == UInt8(ascii: "/") {
      offset = end
      try endTag()
      return XMLText(plain: UnsafeBufferPointer(start: base + start, count: end - start))
    }
    return XMLText(decoded: try mixedText())
  }

  /// Steps over what is left of the innermost open element and closes it.
  mutating func skip() throws(XMLError) {
    let level = open.count
    while open.count >= level { _ = try child() }
  }

  /// Checks that nothing follows the outermost element.
  mutating func end() throws(XMLError) {
    if try betweenElements() { throw XMLError(.badMarkup, at: offset) }
  }

  // MARK: - Tags

  /// Reads `<name attributes>` or `<name attributes/>`.
  private mutating func startTag() throws(XMLError) -> XMLName {
    let start = offset + 1
    guard open.count < XMLScanner.deepest else { throw XMLError(.tooDeep, at: offset) }
    var at = start
    var local = start
    while true {
      let byte = try byte(at)
      guard XMLScanner.isName(byte) else { break }
      at += 1
      if byte == UInt8(ascii: ":") { local = at }
    }
    guard local < at, XMLScanner.isNameStart(base[start]), XMLScanner.isNameStart(base[local]) else {
      throw XMLError(.badTag, at: start)
    }
    open.append(Tag(start: start, count: at - start))
    try attributes(from: at)
    return XMLName(start: base + local, count: at - local)
  }

  /// Steps over attributes and the end of a start tag.
  private mutating func attributes(from start: Int) throws(XMLError) {
    var at = start
    while true {
      let byte = try byte(at)
      switch byte {
      case UInt8(ascii: ">"):
        offset = at + 1
        return
      case UInt8(ascii: "/"):
        guard try self.byte(at + 1) == UInt8(ascii: ">") else { throw XMLError(.badTag, at: at) }
        isEmptyElement = true
        offset = at + 2
        return
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard at > start else { throw XMLError(.badTag, at: at) }
        offset = at + 1
        at = try next(byte) + 1
      case UInt8(ascii: "<"):
        throw XMLError(.badTag, at: at)
      default:
        guard at > start || XMLScanner.isSpace(byte) else { throw XMLError(.badTag, at: at) }
        at += 1
      }
    }
  }

  /// Reads `</name>`, which has to be that of the innermost open element.
  private mutating func endTag() throws(XMLError) {
    let start = offset + 2
    guard let tag = open.last else { throw XMLError(.otherEnd, at: offset) }
    let present = min(tag.count, max(0, count - start))
    guard memcmp(base + start, base + tag.start, present) == 0 else { throw XMLError(.otherEnd, at: start) }
    var at = start + tag.count
    while XMLScanner.isSpace(try byte(at)) { at += 1 }
    guard base[at] == UInt8(ascii: ">") else { throw XMLError(.otherEnd, at: start) }
    offset = at + 1
    close()
  }

  private mutating func close() {
    isEmptyElement = false
    open.removeLast()
  }
}
