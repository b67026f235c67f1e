public import ObjectStores

extension S3ObjectStore {
  private static let largestPage = 1000
  /// A thousand keys of 1,024 bytes, each byte encoded, and what is around them.
  private static let largestAnswer = 16 << 20

  /// Lists one page (ListObjectsV2).
  ///
  /// A continuation is a token of the server, or the key behind which a listing goes on whose first page is the common
  /// prefix that this key is in.
  public func list(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage {
    switch request.continuation?.token.first {
    case nil:
      if let page = try await firstPrefix(request) { return page }
      return try await page(request, startAfter: request.startAfter)
    case UInt8(ascii: "t"): return try await page(request, startAfter: nil)
    case UInt8(ascii: "b"):
      let start = ObjectKey(bytes: Array(request.continuation?.token.dropFirst() ?? []))
      let told = request.commonPrefix(of: start)
      var next = request
      next.continuation = nil
      var page = try await page(next, startAfter: start)
      page.commonPrefixes.removeAll { $0 == told }
      return page
    default:
      throw ObjectStoreError(.configuration, "The continuation is not one of this store; begin the listing anew.")
    }
  }

  /// A page with the common prefix that the listing begins inside of, if there are keys of it behind the start; servers
  /// differ in whether they tell it.
  private func firstPrefix(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage? {
    guard let start = request.startAfter, start.hasPrefix(request.prefix), let prefix = request.commonPrefix(of: start),
      prefix != start
    else { return nil }
    let rest = try await page(ListRequest(prefix: prefix, pageSize: 1), startAfter: start)
    guard !rest.objects.isEmpty else { return nil }
    let next = ListContinuation(token: [UInt8(ascii: "b")] + start.bytes)
    return ListPage(commonPrefixes: [prefix], continuation: next)
  }

  private func page(_ request: ListRequest, startAfter: ObjectKey?) async throws(ObjectStoreError) -> ListPage {
    var wire = S3Request("list objects", .get, nil)
    wire.target = .collect(limit: S3ObjectStore.largestAnswer)
    wire.addQuery("list-type", "2")
    // Keys may hold what XML cannot.
    wire.addQuery("encoding-type", "url")
    wire.addQuery("max-keys", String(min(max(1, request.pageSize), S3ObjectStore.largestPage)))
    if !request.prefix.bytes.isEmpty { wire.query.append(("prefix", request.prefix.bytes)) }
    if let delimiter = request.delimiter, !delimiter.isEmpty { wire.query.append(("delimiter", delimiter)) }
    if let token = request.continuation?.token {
      wire.query.append(("continuation-token", Array(token.dropFirst())))
    } else if let startAfter, !startAfter.bytes.isEmpty {
      wire.query.append(("start-after", startAfter.bytes))
    }
    let answer = try ListAnswer(try await send(wire).body)
    var page = ListPage(objects: answer.objects, commonPrefixes: answer.commonPrefixes)
    for place in page.objects.indices {
      // Heads of answers have whole seconds: the same version should not have two times.
      page.objects[place].modified -= page.objects[place].modified % 1_000_000_000
    }
    guard answer.isTruncated else { return page }
    guard let token = answer.nextContinuationToken else {
      throw ObjectStoreError(.integrity, "The listing goes on, but the store does not say where.")
    }
    page.continuation = ListContinuation(token: [UInt8(ascii: "t")] + Array(token.utf8))
    return page
  }
}
