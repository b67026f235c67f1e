public import ByteBuffers

/// A filter as a file has it: a header in Thrift, then the bits.
///
///     struct { 1: numBytes, 2: union { 1: BLOCK }, 3: union { 1: XXHASH }, 4: union { 1: UNCOMPRESSED } }
///     numBytes of words, little-endian
///
/// Source: parquet.thrift, `struct BloomFilterHeader`.
extension BloomFilter {
  /// Bytes in which every header ends that this library reads.
  public static let longestHeader = 64

  /// Decodes a filter; offsets in errors count from its start.
  ///
  /// - Parameter bytes: header and bits; more may follow.
  /// - Throws: `corrupt` where the size cannot be true, `unsupported` for other kinds of filters.
  public init(decoding bytes: Bytes) throws(ParquetError) {
    let header = try Header(bytes)
    guard header.byteCount <= bytes.count - header.size else {
      throw .corrupt("A bloom filter has \(bytes.count - header.size) bytes of \(header.byteCount).", offset: 0)
    }
    var words = [UInt32](repeating: 0, count: header.byteCount / 4)
    for index in words.indices {
      let word = bytes.base.loadUnaligned(fromByteOffset: header.size + index * 4, as: UInt32.self)
      words[index] = UInt32(littleEndian: word)
    }
    self.init(words: words)
  }

  /// Length of a filter whose footer does not tell it, header included.
  ///
  /// - Parameter start: the filter's first bytes, ``longestHeader`` of them or as many as there are.
  /// - Returns: bytes from the start of the header to the end of the bits.
  public static func encodedSize(startingWith start: Bytes) throws(ParquetError) -> Int {
    let header = try Header(start)
    return header.size + header.byteCount
  }

  /// The filter as a file has it.
  ///
  /// - Returns: header and bits.
  public func encoded() -> Bytes {
    var header = CompactWriter()
    header.field(1, Int32(truncatingIfNeeded: byteCount))
    for union: Int16 in 2...4 {
      header.beginStructure(union)
      header.beginStructure(1)
      header.endStructure()
      header.endStructure()
    }
    header.endMessage()
    let start = header.take()
    let block = AlignedBuffer(capacity: start.count + byteCount)
    block.base.copyMemory(from: start.base, byteCount: start.count)
    for (index, word) in words.enumerated() {
      block.base.storeBytes(of: word.littleEndian, toByteOffset: start.count + index * 4, as: UInt32.self)
    }
    return Bytes(block, count: start.count + byteCount)
  }

  private struct Header {
    /// Bytes of the bits.
    var byteCount = 0
    /// Bytes of the header itself.
    var size = 0

    init(_ bytes: Bytes) throws(ParquetError) {
      var reader = CompactReader(bytes.span)
      var kinds: [Int16: Int16] = [:]
      var stated: Int32 = -1
      var previous: Int16 = 0
      while let field = try reader.field(after: &previous) {
        switch field.id {
        case 1: stated = try reader.int32(field)
        case 2...4:
          try reader.structure(field)
          var inner: Int16 = 0
          while let member = try reader.field(after: &inner) {
            kinds[field.id] = member.id
            try reader.skip(member.type)
          }
        default: try reader.skip(field.type)
        }
      }
      byteCount = Int(stated)
      size = reader.offset
      guard BloomFilter.sizes.contains(byteCount), byteCount.isMultiple(of: BloomFilter.blockBytes) else {
        throw .corrupt("A bloom filter claims \(byteCount) bytes.", offset: 0)
      }
      guard kinds == [2: 1, 3: 1, 4: 1] else {
        throw ParquetError(
          .unsupported,
          "The bloom filter has an algorithm, a hash or a compression that is not known.",
          offset: 0
        )
      }
    }
  }
}
