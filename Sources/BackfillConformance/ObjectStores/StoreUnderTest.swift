internal import ByteBuffers
internal import ObjectStores

/// A store with what the scenarios need to look at it.
struct StoreUnderTest: Sendable {
  let store: any ObjectStore
  let options: ObjectStoreConformance.Options

  /// Stores a text.
  @discardableResult
  func put(_ key: ObjectKey, _ text: String = "x", _ mode: PutMode = .overwrite) async throws -> PutResult {
    try await store.put(key, Bytes(utf8: text), PutOptions(mode, durability: .deferred))
  }

  /// Stores objects, sixteen at a time.
  func put(_ keys: [ObjectKey]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<16 {
        group.addTask {
          for index in stride(from: lane, to: keys.count, by: 16) { try await put(keys[index]) }
        }
      }
      try await group.waitForAll()
    }
  }

  /// The content as text.
  func text(_ key: ObjectKey, _ options: GetOptions = GetOptions()) async throws -> String {
    String(decoding: try await bytes(key, options).array, as: UTF8.self)
  }

  /// The content of a body, checked against what the result promised.
  func bytes(_ key: ObjectKey, _ options: GetOptions = GetOptions()) async throws -> Bytes {
    let result = try await store.get(key, options)
    var all: [UInt8] = []
    for try await run in result.body { all += run.array }
    try expectEqual(all.count, result.range.count, "bytes of the body of \(key) against its range")
    return Bytes(all)
  }

  /// All keys of a listing, page by page.
  func keys(_ request: ListRequest = ListRequest()) async throws -> [ObjectKey] {
    try await pages(request).flatMap { $0.objects.map(\.key) }
  }

  /// All pages of a listing; fails rather than going on for ever.
  func pages(_ request: ListRequest) async throws -> [ListPage] {
    var request = request
    var pages: [ListPage] = []
    repeat {
      let page = try await store.list(request)
      let count = page.objects.count + page.commonPrefixes.count
      try expect(count <= max(1, request.pageSize), "a page of \(request.pageSize) has \(count) entries")
      pages.append(page)
      request.continuation = page.continuation
      try expect(pages.count < 20_000, "the listing does not end")
    } while request.continuation != nil
    return pages
  }
}

/// Fails unless a condition holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw ConformanceFailure(message()) }
}

/// Fails unless two values are equal.
func expectEqual<T: Equatable>(_ found: T, _ expected: T, _ what: String) throws {
  if found != expected { throw ConformanceFailure("\(what): expected \(expected), found \(found)") }
}

/// Fails unless a call throws one of some codes.
func expectError(_ codes: ObjectStoreError.Code..., from what: String, _ call: () async throws -> Void) async throws {
  let names = codes.map(\.rawValue).joined(separator: " or ")
  do {
    try await call()
  } catch let error as ObjectStoreError {
    return try expect(codes.contains(error.code), "\(what): expected \(names), got \(error)")
  }
  throw ConformanceFailure("\(what): expected \(names), but it succeeded")
}

/// Whether two runs have the same bytes, compared by words: a byte loop takes seconds without optimization.
func same(_ left: Bytes, _ right: Bytes) -> Bool {
  guard left.count == right.count else { return false }
  let words = left.count / 8 * 8
  for offset in stride(from: 0, to: words, by: 8) {
    let l = left.base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    if l != right.base.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
  }
  return left[words..<left.count] == right[words..<right.count]
}

/// Bytes that look random and differ between seeds.
func pattern(_ count: Int, seed: UInt64 = 1) -> Bytes {
  let block = AlignedBuffer(capacity: count + 8)
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  for offset in stride(from: 0, to: count, by: 8) {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    block.base.storeBytes(of: state ^ state >> 32, toByteOffset: offset, as: UInt64.self)
  }
  return Bytes(block, count: count)
}

/// The same byte over and over: a mixture of two versions shows at once.
func uniform(_ byte: UInt8, _ count: Int) -> Bytes {
  Bytes([UInt8](repeating: byte, count: count))
}
