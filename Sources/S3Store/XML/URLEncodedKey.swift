internal import ObjectStores

/// Keys of a listing that was asked for with `encoding-type=url`.
///
///     %2F  any byte          +  a space, which some servers write as %20 instead
enum URLEncodedKey {
  /// Replaces what is encoded; nil when a percent sign is not followed by two hexadecimal digits.
  static func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> ObjectKey? {
    guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
      return ObjectKey(bytes: Array(bytes))
    }
    var isValid = true
    let decoded = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
      var at = 0
      while at < bytes.count {
        switch bytes[at] {
        case UInt8(ascii: "%"):
          guard at + 2 < bytes.count, let high = HexDigit.value(bytes[at + 1]), let low = HexDigit.value(bytes[at + 2])
          else {
            isValid = false
            return
          }
          target[count] = high << 4 | low
          at += 3
        case UInt8(ascii: "+"):
          target[count] = UInt8(ascii: " ")
          at += 1
        case let byte:
          target[count] = byte
          at += 1
        }
        count += 1
      }
    }
    return isValid ? ObjectKey(bytes: decoded) : nil
  }
}
