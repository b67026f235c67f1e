extension LocalStore {
  /// Makes a page; blocks.
  func page(_ request: ListRequest, _ cancellation: Cancellation) throws(ObjectStoreError) -> ListPage {
    try tree.checkRoot()
    var walk = try self.walk(for: request, cancellation)
    var (page, next) = try request.page(from: &walk)
    guard let next else { return page }
    walk.rest()
    let number = walks.keep(walk, prefix: request.prefix, position: next)
    page.continuation = ListContinuation(token: LocalStore.bytes(of: number) + next.token)
    return page
  }

  /// Goes on with the walk that a continuation names, or starts one where the page begins.
  private func walk(for request: ListRequest, _ cancellation: Cancellation) throws(ObjectStoreError) -> LocalWalk {
    guard let token = request.continuation?.token else {
      return try LocalWalk(tree, prefix: request.prefix, position: try ListPosition(request), cancellation)
    }
    let position = try ListPosition(token: token.dropFirst(8))
    let number = token.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if let walk = walks.take(number, prefix: request.prefix, position: position) {
      return walk.continued(cancellation)
    }
    return try LocalWalk(tree, prefix: request.prefix, position: position, cancellation)
  }

  private static func bytes(of number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
  }
}
