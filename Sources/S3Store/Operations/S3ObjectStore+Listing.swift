public import ObjectStores

extension S3ObjectStore {
  private static let largestPage = 1000
  /// A thousand keys of 1,024 bytes, each byte encoded, and what is around them.
  private static let largestAnswer = 16 << 20

  /// Lists one page (ListObjectsV2).
  public func list(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage {
    var wire = S3Request("list objects", .get, nil)
    wire.target = .collect(limit: S3ObjectStore.largestAnswer)
    wire.addQuery("list-type", "2")
    // Keys may hold what XML cannot.
    wire.addQuery("encoding-type", "url")
    wire.addQuery("max-keys", String(min(max(1, request.pageSize), S3ObjectStore.largestPage)))
    if !request.prefix.bytes.isEmpty { wire.query.append(("prefix", request.prefix.bytes)) }
    if let delimiter = request.delimiter, !delimiter.isEmpty { wire.query.append(("delimiter", delimiter)) }
    if let token = request.continuation?.token {
      wire.query.append(("continuation-token", token))
    } else if let start = request.startAfter, !start.bytes.isEmpty {
      wire.query.append(("start-after", start.bytes))
    }
    let answer = try ListAnswer(try await send(wire).body)
    var page = ListPage(objects: answer.objects, commonPrefixes: answer.commonPrefixes)
    guard answer.isTruncated else { return page }
    guard let token = answer.nextContinuationToken else {
      throw ObjectStoreError(.integrity, "The listing goes on, but the store does not say where.")
    }
    page.continuation = ListContinuation(token: Array(token.utf8))
    return page
  }
}
