internal import ByteBuffers
internal import Glibc

/// The dictionary of a chunk.
struct PageDictionary {
  let values: Column
  /// Tells the dictionaries of a leaf's chunks apart.
  let chunk: Int

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
  private var runs: HybridDecoder

  init(_ bytes: Bytes, dictionary: PageDictionary) throws(ParquetError) {
    self.bytes = bytes
    self.dictionary = dictionary.values
    chunk = dictionary.chunk
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
    var highest: UInt32 = 0
    for index in 0..<count { highest = max(highest, indices[index]) }
    guard Int(highest) < dictionary.count else {
      throw .corrupt("Dictionary index \(highest) is outside the dictionary of \(dictionary.count) values.")
    }
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
      var total = 0
      for index in 0..<count {
        let at = Int(indices[index])
        total &+= Int(bounds[at + 1] &- bounds[at])
      }
      let target = try builder.reserveData(total)
      gatherVariable(data.base, bounds, indices, count, into: target, offsets: builder.offsets + builder.count + done)
      builder.advanceData(total)
    case .list, .structure, .dictionary:
      throw ParquetError(.unsupported, "A dictionary holds single values.")
    }
  }
}

private func gatherFixed(
  _ values: UnsafeRawPointer,
  _ width: Int,
  _ indices: UnsafeMutablePointer<UInt32>,
  _ count: Int,
  into target: UnsafeMutableRawPointer
) {
  switch width {
  case 4:
    let from = values.assumingMemoryBound(to: UInt32.self)
    let to = target.assumingMemoryBound(to: UInt32.self)
    for index in 0..<count { to[index] = from[Int(indices[index])] }
  case 8:
    let from = values.assumingMemoryBound(to: UInt64.self)
    let to = target.assumingMemoryBound(to: UInt64.self)
    for index in 0..<count { to[index] = from[Int(indices[index])] }
  default:
    for index in 0..<count { memcpy(target + index * width, values + Int(indices[index]) * width, width) }
  }
}

private func gatherVariable(
  _ data: UnsafeRawPointer,
  _ bounds: UnsafePointer<Int32>,
  _ indices: UnsafeMutablePointer<UInt32>,
  _ count: Int,
  into target: UnsafeMutableRawPointer,
  offsets: UnsafeMutablePointer<Int32>
) {
  var to = target
  var offset = offsets[0]
  for index in 0..<count {
    let at = Int(indices[index])
    let start = Int(bounds[at])
    let length = Int(bounds[at + 1]) &- start
    if length <= 16 {
      to.storeBytes(of: (data + start).loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
    } else {
      memcpy(to, data + start, length)
    }
    to += length
    offset &+= Int32(truncatingIfNeeded: length)
    offsets[index + 1] = offset
  }
}
