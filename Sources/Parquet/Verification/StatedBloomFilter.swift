internal import ByteBuffers

/// A split-block bloom filter as a file has it.
///
/// It shares no code with what prunes by filters or writes them, so that it finds their mistakes.
///
///     header (Thrift) | blocks of eight 32-bit words
///
/// Source: parquet-format, BloomFilter.md; parquet.thrift, `struct BloomFilterHeader`.
struct StatedBloomFilter {
  private static let headerBytes = 256
  private static let blockBytes = 32

  private let blocks: Bytes

  /// Reads a filter, whose length a file may not state.
  init(_ location: IndexLocation, _ reader: NativeParquetReader) async throws(ParquetError) {
    let start = Int(clamping: location.offset)
    guard start >= 4, start < reader.footerStart else {
      throw .corrupt("A bloom filter lies outside the file's data.")
    }
    let source = reader.source
    let end = min(start + StatedBloomFilter.headerBytes, reader.footerStart)
    let head = try await StatedBloomFilter.read(source, start..<end)
    let (size, headerSize) = try StatedBloomFilter.header(head)
    guard size > 0, size.isMultiple(of: StatedBloomFilter.blockBytes),
      size <= reader.footerStart - start - headerSize
    else {
      throw .corrupt("A bloom filter claims \(size) bytes, which its place does not have.")
    }
    if let length = location.length, Int(length) != headerSize + size {
      throw .corrupt("A bloom filter of \(headerSize + size) bytes is stated as \(length) bytes.")
    }
    guard size <= reader.options.limits.footerBytes else {
      throw ParquetError(
        .limitExceeded,
        "A bloom filter has \(size) bytes, more than the limit footerBytes of \(reader.options.limits.footerBytes)."
      )
    }
    let first = start + headerSize
    blocks = try await StatedBloomFilter.read(source, first..<first + size)
  }

  private static func read(_ source: TailCachedSource, _ range: Range<Int>) async throws(ParquetError) -> Bytes {
    do {
      return try await source.read(range)
    } catch {
      throw .wrapping(error)
    }
  }

  private static func header(_ bytes: Bytes) throws(ParquetError) -> (size: Int, headerSize: Int) {
    var reader = CompactReader(bytes.span)
    var size = -1
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: size = Int(try reader.int32(field))
      case 2, 3, 4:
        // Algorithm, hash and compression are unions of which only the first member exists.
        try reader.structure(field)
        var inner: Int16 = 0
        while let member = try reader.field(after: &inner) {
          guard member.id == 1 else {
            throw ParquetError(.unsupported, "A bloom filter uses a method that is not known.")
          }
          try reader.skip(member.type)
        }
      default: try reader.skip(field.type)
      }
    }
    return (size, reader.offset)
  }

  /// Whether the value may be among those that the filter was made of.
  func mayContain(_ value: Bytes) -> Bool {
    let hash = XXHash64.hash(value.base, count: value.count)
    let block = Int(((hash >> 32) &* UInt64(blocks.count / StatedBloomFilter.blockBytes)) >> 32)
    let words = blocks.base + block * StatedBloomFilter.blockBytes
    let low = UInt32(truncatingIfNeeded: hash)
    for (index, salt) in salts.enumerated() {
      let word = words.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
      guard word >> ((low &* salt) >> 27) & 1 == 1 else { return false }
    }
    return true
  }
}

private let salts: [UInt32] = [
  0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31,
]
