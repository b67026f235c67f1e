/// The headers of a request that its signature covers, by name; those of one name in their order.
struct SignedHeaders {
  private let headers: [HTTPRequest.Header]
  /// The names, joined by semicolons.
  let names: String

  /// Picks the headers of a request.
  init(_ request: HTTPRequest) {
    var headers: [HTTPRequest.Header] = []
    headers.reserveCapacity(request.headers.count + 1)
    headers.append(HTTPRequest.Header(name: "host", value: request.authority))
    for header in request.headers where Self.isSigned(header.name) {
      // By insertion: there are few, and a sort need not be stable.
      var place = headers.count
      while place > 0, header.name.utf8.lexicographicallyPrecedes(headers[place - 1].name.utf8) { place -= 1 }
      headers.insert(header, at: place)
    }
    var names = ""
    for (index, header) in headers.enumerated() where index == 0 || header.name != headers[index - 1].name {
      if index > 0 { names += ";" }
      names += header.name
    }
    self.headers = headers
    self.names = names
  }

  /// Others may be added or changed on the way, which must not break the signature.
  private static func isSigned(_ name: String) -> Bool {
    if name.hasPrefix("x-amz-") || name.hasPrefix("if-") { return true }
    return name == "content-type" || name == "content-md5" || name == "range" || name == "date"
  }

  /// Writes a line for each name; values of one name are joined by commas.
  func write(to text: inout [UInt8]) {
    for (index, header) in headers.enumerated() {
      if index > 0, header.name == headers[index - 1].name {
        text.append(UInt8(ascii: ","))
      } else {
        if index > 0 { text.append(UInt8(ascii: "\n")) }
        text.append(contentsOf: header.name.utf8)
        text.append(UInt8(ascii: ":"))
      }
      Self.write(value: header.value, to: &text)
    }
    text.append(UInt8(ascii: "\n"))
  }

  /// Writes a value without blanks at its ends, and with one for each run of them inside.
  private static func write(value: String, to text: inout [UInt8]) {
    let start = text.count
    // Word by word over the bytes themselves: tokens are a kilobyte and more.
    var value = value
    value.withUTF8 { bytes in
      var place = 0
      while place < bytes.count {
        let begin = place
        while place < bytes.count, !isBlank(bytes[place]) { place += 1 }
        if place > begin {
          if text.count > start { text.append(UInt8(ascii: " ")) }
          text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[begin..<place]))
        }
        place += 1
      }
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
