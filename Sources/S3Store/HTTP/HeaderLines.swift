internal import CCurl

/// The headers of one request as libcurl reads them, in memory that is used again for the next one.
///
///     nodes   {data, next} -> {data, next} -> ... -> nil
///     bytes   name: value\0name: value\0...
struct HeaderLines: ~Copyable {
  private var bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 2048)
  private var nodes = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 24)

  deinit {
    bytes.deallocate()
    nodes.deallocate()
  }

  /// Writes the lines down.
  ///
  /// - Parameters:
  ///   - headers: of the request; one without a value ends in a semicolon, which is how libcurl is told to send it.
  ///   - extra: a line that is whole already.
  /// - Returns: the first node, good until the next call; nil if a header would be more than one line.
  mutating func list(_ headers: [HTTPRequest.Header], _ extra: String?) -> UnsafeMutablePointer<curl_slist>? {
    let count = headers.count + (extra == nil ? 0 : 1)
    let size = headers.reduce((extra?.utf8.count ?? 0) + 1) { size, header in
      size + header.name.utf8.count + header.value.utf8.count + 3
    }
    reserve(size, count)
    var end = 0
    var node = 0
    for header in headers {
      let start = end
      guard put(header.name, &end) else { return nil }
      if header.value.isEmpty {
        guard put(";", &end) else { return nil }
      } else {
        guard put(": ", &end), put(header.value, &end) else { return nil }
      }
      link(start, &end, &node)
    }
    if let extra {
      let start = end
      guard put(extra, &end) else { return nil }
      link(start, &end, &node)
    }
    guard node > 0 else { return nil }
    nodes[node - 1].next = nil
    return nodes.baseAddress
  }

  private mutating func reserve(_ size: Int, _ count: Int) {
    if size > bytes.count {
      bytes.deallocate()
      bytes = .allocate(capacity: size * 2)
    }
    if count > nodes.count {
      nodes.deallocate()
      nodes = .allocate(capacity: count * 2)
    }
  }

  /// False for a text that has a line's end in it, which would begin another header.
  private func put(_ text: String, _ end: inout Int) -> Bool {
    var text = text
    return text.withUTF8 { source in
      for byte in source {
        guard byte != 10, byte != 13, byte != 0 else { return false }
        bytes[end] = CChar(bitPattern: byte)
        end += 1
      }
      return true
    }
  }

  private func link(_ start: Int, _ end: inout Int, _ node: inout Int) {
    bytes[end] = 0
    end += 1
    guard let base = bytes.baseAddress, let first = nodes.baseAddress else { return }
    (first + node).initialize(to: curl_slist(data: base + start, next: first + node + 1))
    node += 1
  }
}
