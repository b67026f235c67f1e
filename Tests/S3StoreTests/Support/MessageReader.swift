/// The head of a request or of an answer: its first line, and its headers as they were written.
struct MessageHead: Sendable {
  struct Field: Sendable {
    var name: String
    var value: String
  }

  var line: String
  var fields: [Field]

  init(line: String, fields: [Field]) {
    self.line = line
    self.fields = fields
  }

  /// Takes a head apart, which ends in an empty line.
  init(parsing bytes: [UInt8]) throws(ConnectionEnded) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    guard let first = lines.first, first.split(separator: " ").count >= 2 else { throw ConnectionEnded() }
    line = first
    fields = []
    for text in lines.dropFirst() {
      guard let colon = text.firstIndex(of: ":") else { throw ConnectionEnded() }
      let value = text[text.index(after: colon)...].drop { $0 == " " }
      fields.append(Field(name: String(text[..<colon]), value: String(value)))
    }
  }

  var bytes: [UInt8] {
    let text = fields.reduce(into: line + "\r\n") { $0 += "\($1.name): \($1.value)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  /// The value of the first header of a name, in any case; setting nil takes all of them away.
  subscript(_ name: String) -> String? {
    get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
    set {
      fields.removeAll { $0.name.lowercased() == name.lowercased() }
      if let newValue { fields.append(Field(name: name, value: newValue)) }
    }
  }

  /// The status of an answer: the second word.
  var status: Int { line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }

  /// Makes a request to a forward proxy one to the server itself, without what is for the proxy.
  ///
  ///     GET http://host:80/path HTTP/1.1  ->  GET /path HTTP/1.1
  ///
  /// - Returns: the host, with its port if it was written; nil when it is no such request.
  mutating func takeOrigin() -> String? {
    let words = line.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[1].hasPrefix("http://") else { return nil }
    let target = words[1].dropFirst("http://".count)
    let slash = target.firstIndex(of: "/") ?? target.startIndex
    line = "\(words[0]) \(target[slash...])"
    self["Proxy-Connection"] = nil
    return String(target[..<slash])
  }

  /// How far the body goes.
  enum Framing: Sendable, Equatable {
    case length(Int)
    case chunked
    case untilEnd
  }

  var requestFraming: Framing {
    if self["Transfer-Encoding"]?.lowercased() == "chunked" { return .chunked }
    return .length(self["Content-Length"].flatMap { Int($0) } ?? 0)
  }

  func answerFraming(to method: String) -> Framing {
    if method == "HEAD" || status == 204 || status == 304 || status < 200 { return .length(0) }
    if self["Transfer-Encoding"]?.lowercased() == "chunked" { return .chunked }
    return self["Content-Length"].flatMap { Int($0) }.map { .length($0) } ?? .untilEnd
  }
}

/// Takes heads and bodies from a socket.
struct MessageReader {
  private static let headLimit = 65_536

  let source: LoopbackSocket
  /// What has arrived and not been taken yet.
  private var waiting: ArraySlice<UInt8> = []

  init(_ source: LoopbackSocket) {
    self.source = source
  }

  /// Everything up to the empty line and with it; nil when the other side closed the connection before the first byte.
  mutating func head() throws(ConnectionEnded) -> [UInt8]? {
    var head: [UInt8] = []
    while true {
      guard let line = try line() else {
        if head.isEmpty { return nil }
        throw ConnectionEnded()
      }
      head += line
      guard head.count <= Self.headLimit else { throw ConnectionEnded() }
      if line == [13, 10] { return head }
    }
  }

  /// Hands on a body piece by piece, as it is on the wire: with the lengths of its chunks.
  mutating func body(
    _ framing: MessageHead.Framing,
    _ emit: ([UInt8]) throws(ConnectionEnded) -> Void
  ) throws(ConnectionEnded) {
    switch framing {
    case .length(let length): try piece(length, emit)
    case .untilEnd:
      while let bytes = try some(.max) { try emit(bytes) }
    case .chunked:
      var length = 1
      while length > 0 {
        guard let line = try line() else { throw ConnectionEnded() }
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 13 }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0, size < 1 << 40 else {
          throw ConnectionEnded()
        }
        length = size
        try emit(line)
        try piece(size + 2, emit)
      }
    }
  }

  /// A whole body without the lengths of its chunks; nil when it is longer than `limit`.
  mutating func wholeBody(_ framing: MessageHead.Framing, limit: Int) throws(ConnectionEnded) -> [UInt8]? {
    var wire: [UInt8] = []
    try body(framing) { (bytes) throws(ConnectionEnded) in
      if wire.count <= limit { wire += bytes }
    }
    guard wire.count <= limit else { return nil }
    return framing == .chunked ? Self.joined(chunks: wire) : wire
  }

  private static func joined(chunks wire: [UInt8]) -> [UInt8] {
    var joined: [UInt8] = []
    var rest = wire[...]
    while let end = rest.firstIndex(of: 10) {
      let digits = rest[..<end].prefix { $0 != UInt8(ascii: ";") && $0 != 13 }
      guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size > 0 else { break }
      joined += rest[(end + 1)...].prefix(size)
      rest = rest[(end + 1)...].dropFirst(size + 2)
    }
    return joined
  }

  private mutating func piece(
    _ length: Int,
    _ emit: ([UInt8]) throws(ConnectionEnded) -> Void
  ) throws(ConnectionEnded) {
    var left = length
    while left > 0 {
      guard let bytes = try some(left) else { throw ConnectionEnded() }
      left -= bytes.count
      try emit(bytes)
    }
  }

  /// What is there, at most `limit` bytes; nil at the end.
  private mutating func some(_ limit: Int) throws(ConnectionEnded) -> [UInt8]? {
    if waiting.isEmpty { waiting = try source.receive()[...] }
    guard !waiting.isEmpty else { return nil }
    let bytes = Array(waiting.prefix(limit))
    waiting = waiting.dropFirst(bytes.count)
    return bytes
  }

  /// Up to a line feed and with it; nil at the end.
  private mutating func line() throws(ConnectionEnded) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if waiting.isEmpty { waiting = try source.receive()[...] }
      guard !waiting.isEmpty else {
        if line.isEmpty { return nil }
        throw ConnectionEnded()
      }
      let bytes = waiting.prefix { $0 != 10 }
      line += bytes
      waiting = waiting.dropFirst(bytes.count)
      guard line.count < Self.headLimit else { throw ConnectionEnded() }
      if let end = waiting.popFirst() { return line + [end] }
    }
  }
}
