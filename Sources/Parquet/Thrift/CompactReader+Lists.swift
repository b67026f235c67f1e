internal import ByteBuffers

/// Lists of simple values.
extension CompactReader {
  /// Elements that memory is reserved for before they were read; a list in memory is much larger than in the file.
  static let trustedCount = 1024

  @_lifetime(self: copy self)
  mutating func int64List(_ field: Field) throws(ParquetError) -> [Int64] {
    let count = try list(field, of: .int64)
    var result: [Int64] = []
    result.reserveCapacity(min(count, CompactReader.trustedCount))
    for _ in 0..<count { result.append(try zigzag()) }
    return result
  }

  /// Booleans take one byte each in a list, 1 for true; their element type may be either of the two.
  @_lifetime(self: copy self)
  mutating func booleanList(_ field: Field) throws(ParquetError) -> [Bool] {
    let count = try list(field, ofEither: .booleanTrue, .booleanFalse)
    var result: [Bool] = []
    result.reserveCapacity(min(count, CompactReader.trustedCount))
    for _ in 0..<count { result.append(try byte() == 1) }
    return result
  }

  /// Binary elements as slices of `whole`, whose span this reader walks.
  @_lifetime(self: copy self)
  mutating func binaryList(_ field: Field, from whole: Bytes) throws(ParquetError) -> [Bytes] {
    let count = try list(field, of: .binary)
    var result: [Bytes] = []
    result.reserveCapacity(min(count, CompactReader.trustedCount))
    for _ in 0..<count { result.append(whole[try binaryElement()]) }
    return result
  }
}
