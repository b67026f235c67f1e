internal import ByteBuffers
internal import Glibc

/// The dictionary of a chunk.
struct PageDictionary {
  let values: Column
  /// Tells the dictionaries of a leaf's chunks apart.
  let chunk: Int
  /// Bytes of the longest byte array.
  fileprivate let longest: Int

  init(values: Column, chunk: Int) {
    self.values = values
    self.chunk = chunk
    if case .variable(let offsets, _) = values.storage {
      longest = longestValue(offsets.base.assumingMemoryBound(to: Int32.self), values.count)
    } else {
      longest = 0
    }
  }

  /// Decodes the values of a dictionary page, which are PLAIN.
  static func values(
    _ page: RawPage,
    count: Int,
    leaf: LeafColumn,
    codec: CompressionCodec,
    limits: ReaderLimits
  ) throws(ParquetError) -> Column {
    let size = page.header.uncompressedSize
    guard size <= limits.dictionaryBytes else {
      throw ParquetError(
        .limitExceeded,
        "A dictionary has \(size) bytes, more than the limit dictionaryBytes of \(limits.dictionaryBytes)."
      )
    }
    let body = try Decompressor.decompress(page.body, codec: codec, size: size)
    guard leaf.slotWidth == 0 || leaf.type == .boolean || count <= body.count / leaf.slotWidth else {
      throw ValueDecoder.tooFew(count)
    }
    let builder = try ColumnBuilder(
      leaf.layout,
      capacity: min(count, body.count * 8),
      byteLimit: limits.dictionaryBytes
    )
    try OpenPage.plainDecoder(body, leaf, limits).decode(count, into: builder)
    builder.advanceValid(count)
    return builder.finish()
  }
}

/// Dictionary indices: one byte bit width, then hybrid runs up to the end of the page.
final class DictionaryDecoder: ValueDecoder {
  private static let batch = 1024

  private let bytes: Bytes
  /// Values that the indices name.
  let dictionary: Column
  /// The chunk that the dictionary belongs to.
  let chunk: Int
  private let longest: Int
  private var runs: HybridDecoder

  init(_ bytes: Bytes, dictionary: PageDictionary) throws(ParquetError) {
    self.bytes = bytes
    self.dictionary = dictionary.values
    chunk = dictionary.chunk
    longest = dictionary.longest
    guard bytes.count > 0 else {
      // A page of nulls alone may have no values section at all.
      runs = try HybridDecoder(UnsafeRawBufferPointer(start: bytes.base, count: 0), width: 0)
      return
    }
    let width = Int(bytes.base.load(as: UInt8.self))
    runs = try HybridDecoder(UnsafeRawBufferPointer(start: bytes.base + 1, count: bytes.count - 1), width: width)
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    try withTemporaryIndices { (indices) throws(ParquetError) in
      var done = 0
      while done < count {
        let take = min(DictionaryDecoder.batch, count - done)
        try runs.decode(into: indices, count: take)
        try check(indices, take)
        try gather(indices, take, done, builder)
        done += take
      }
    }
  }

  /// Decodes `count` indices and adds `base` to each.
  func decodeIndices(_ count: Int, base: UInt32, into target: UnsafeMutablePointer<UInt32>) throws(ParquetError) {
    try runs.decode(into: target, count: count)
    try check(target, count)
    guard base > 0 else { return }
    for index in 0..<count { target[index] &+= base }
  }

  override func skip(_ count: Int) throws(ParquetError) {
    try runs.skip(count)
  }

  private func withTemporaryIndices(
    _ body: (UnsafeMutablePointer<UInt32>) throws(ParquetError) -> Void
  ) throws(ParquetError) {
    let scratch = BufferPool.shared.take(DictionaryDecoder.batch * 4)
    // The pointer alone does not hold the block, and a block that went back to the pool is somebody else's.
    try withExtendedLifetime(scratch) { () throws(ParquetError) in
      try body(scratch.base.assumingMemoryBound(to: UInt32.self))
    }
  }

  private func check(_ indices: UnsafeMutablePointer<UInt32>, _ count: Int) throws(ParquetError) {
    guard !indicesLie(indices, count, below: dictionary.count) else { return }
    var highest: UInt32 = 0
    for index in 0..<count { highest = max(highest, indices[index]) }
    throw .corrupt("Dictionary index \(highest) is outside the dictionary of \(dictionary.count) values.")
  }

  private func gather(
    _ indices: UnsafeMutablePointer<UInt32>,
    _ count: Int,
    _ done: Int,
    _ builder: ColumnBuilder
  ) throws(ParquetError) {
    switch dictionary.storage {
    case .fixed(let values, let width):
      gatherFixed(values.base, width, indices, count, into: builder.nextSlot + done * width)
    case .variable(let offsets, let data):
      let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
      // Short values are not measured before: what they can be at most is soon used by those behind them.
      let most = longest * count
      let isShort = longest <= shortArray && builder.hasRoom(forData: most)
      let target = try builder.reserveData(isShort ? most : gatheredBytes(bounds, indices, count))
      let ends = builder.offsets + builder.count + done
      let written = gatherVariable(data.base, bounds, longest: longest, indices, count, into: target, offsets: ends)
      builder.advanceData(written)
    case .list, .structure, .dictionary:
      throw ParquetError(.unsupported, "A dictionary holds single values.")
    }
  }
}
