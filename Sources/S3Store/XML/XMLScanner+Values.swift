internal import ObjectStores

/// Typed values of elements, read where the element was just opened.
extension XMLScanner {
  /// Reads an object's key.
  mutating func key(_ element: String, isEncoded: Bool) throws(XMLError) -> ObjectKey {
    let text = try text()
    guard isEncoded else { return ObjectKey(bytes: text.array) }
    guard let key = text.withBytes(URLEncodedKey.decode) else { throw badValue(element) }
    return key
  }

  mutating func timestamp(_ element: String) throws(XMLError) -> Int64 {
    guard let moment = try text().timestamp else { throw badValue(element) }
    return moment
  }

  mutating func boolean(_ element: String) throws(XMLError) -> Bool {
    guard let value = try text().boolean else { throw badValue(element) }
    return value
  }

  /// Reads a text that must not be empty.
  mutating func required(_ element: String) throws(XMLError) -> String {
    let text = try text()
    guard !text.isEmpty else { throw badValue(element) }
    return text.string
  }

  /// The element that was just read has a value that it cannot have.
  func badValue(_ element: String) -> XMLError { XMLError(.badValue, at: offset, element: element) }

  /// The element that was just closed lacks another.
  func missing(_ element: String) -> XMLError { XMLError(.missing, at: offset, element: element) }
}

extension ObjectKey {
  /// A key that was read before it was known that keys are encoded.
  func urlDecoded(_ element: String, at offset: Int) throws(XMLError) -> ObjectKey {
    guard let key = bytes.withUnsafeBufferPointer(URLEncodedKey.decode) else {
      throw XMLError(.badValue, at: offset, element: element)
    }
    return key
  }
}
