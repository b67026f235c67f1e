internal import ByteBuffers

/// Leaves out row groups whose bloom filters know none of the values that a predicate asks for.
struct BloomLoader {
  let context: ReadingContext

  /// Whether a row of the row group may satisfy the predicate; false is certain.
  ///
  /// - Parameter isOpen: whether a test may still be true; filters of others are not fetched.
  func mayMatch(
    _ predicate: BoundPredicate,
    rowGroup: Int,
    isOpen: (LeafTest) -> Bool
  ) async throws(ParquetError) -> Bool {
    let chunks = context.reader.metadata.rowGroups[rowGroup].columns
    var wanted: Set<Int> = []
    predicate.visit { test in
      let chunk = chunks[test.leaf.index]
      guard chunk.bloomFilter != nil, !chunk.isEncrypted, test.plainPoints != nil, isOpen(test) else { return }
      wanted.insert(test.leaf.index)
    }
    var filters: [Int: BloomFilter] = [:]
    for leaf in wanted.sorted() {
      guard let location = chunks[leaf].bloomFilter else { continue }
      filters[leaf] = try await load(location)
    }
    return predicate.mayBeTrue { test in
      guard isOpen(test) else { return false }
      guard let filter = filters[test.leaf.index], let points = test.plainPoints else { return true }
      return points.contains { filter.mightContain(hash: BloomFilter.hash($0)) }
    }
  }

  /// Fetches a filter; nil where it makes no sense or is too large, for it is a hint only.
  private func load(_ location: IndexLocation) async throws(ParquetError) -> BloomFilter? {
    let end = context.reader.footerStart
    let most = min(context.options.limits.bloomFilterBytes, context.budget.batchBytes)
    guard let start = Int(exactly: location.offset), start >= 4, start < end else { return nil }
    let size: Int
    if let length = location.length {
      size = Int(length)
    } else {
      // Older files do not tell the length.
      let header = try await read(start..<min(end, start + BloomFilter.longestHeader))
      guard let found = try? BloomFilter.encodedSize(startingWith: header) else { return nil }
      size = found
    }
    guard size > 0, size <= most, size <= end - start else { return nil }
    return try? BloomFilter(decoding: try await read(start..<start + size))
  }

  private func read(_ range: Range<Int>) async throws(ParquetError) -> Bytes {
    do {
      return try await context.reader.source.read(range)
    } catch {
      throw ParquetError.wrapping(error)
    }
  }
}

extension LeafTest {
  /// The PLAIN bytes of every value of which the test is true, as a bloom filter has them; nil where they cannot be
  /// listed, or where equal values may have different bytes.
  var plainPoints: [Bytes]? {
    guard !isNegated else { return nil }
    switch test {
    case .isNull: return nil
    case .integers(let set): return set.points.flatMap(plainIntegers)
    case .reals(let set): return set.points.flatMap(plainReals)
    case .bytes(let set):
      guard let points = set.points else { return nil }
      return points.filter { leaf.type == .byteArray || $0.bytes.count == leaf.length }.map(\.bytes)
    }
  }

  private func plainIntegers(_ points: [Int128]) -> [Bytes]? {
    switch domain {
    case .signed(4): points.compactMap { Int32(exactly: $0) }.map(LeafTest.plain)
    case .signed(8): points.compactMap { Int64(exactly: $0) }.map(LeafTest.plain)
    case .unsigned(4): points.compactMap { UInt32(exactly: $0) }.map(LeafTest.plain)
    case .unsigned(8): points.compactMap { UInt64(exactly: $0) }.map(LeafTest.plain)
    default: nil
    }
  }

  private func plainReals(_ points: [Double]) -> [Bytes]? {
    // Both zeros are equal, but their bytes differ.
    let all = points.flatMap { $0 == 0 ? [0.0, -0.0] : [$0] }
    switch domain {
    case .float: return all.compactMap { Float(exactly: $0) }.map(LeafTest.plain)
    case .double: return all.map(LeafTest.plain)
    default: return nil
    }
  }

  private static func plain<T: BitwiseCopyable>(_ value: T) -> Bytes {
    withUnsafeBytes(of: value) { Bytes(copying: $0) }
  }
}
