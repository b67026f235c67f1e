internal import ObjectStores

extension InputObject {
  /// Finds the files of new values: each location is a Parquet file or a folder of them.
  static func find(_ locations: [String], _ resolver: StoreResolver) async throws(BackfillError) -> [InputObject] {
    var found: [InputObject] = []
    var problems = ProblemList()
    for location in locations {
      do {
        let files = try await InputObject.files(at: location, resolver)
        if files.isEmpty { problems.add("'\(location)' has no files whose names end in .parquet.") }
        found += files
      } catch {
        let wrapped = BackfillError.wrapping(error, as: .dataRead, path: location)
        guard wrapped.remedy == .caller else { throw wrapped }
        problems.add("'\(location)' cannot be read: \(wrapped.message)")
      }
    }
    try problems.check(.dataRead)
    return found
  }

  private static func files(
    at location: String,
    _ resolver: StoreResolver
  ) async throws(ObjectStoreError) -> [InputObject] {
    if !location.hasSuffix("/") {
      let (store, key) = try resolver.object(location)
      if let metadata = try await store.headIfPresent(key) {
        let source = ObjectSource(metadata, in: store)
        return [InputObject(location: location, metadata: metadata, source: source)]
      }
    }
    let folder = try resolver.folder(location)
    var files: [InputObject] = []
    for try await object in folder.objects(prefix: "") where InputObject.isData(object.key) {
      let source = ObjectSource(object, in: folder)
      files.append(InputObject(location: "\(location)/\(object.key.text)", metadata: object, source: source))
    }
    return files
  }

  /// Parquet files that are not hidden: engines leave markers beside their output whose names begin with `_` or a dot.
  private static func isData(_ key: ObjectKey) -> Bool {
    let hidden = key.text.split(separator: "/").contains { $0.hasPrefix("_") || $0.hasPrefix(".") }
    return !hidden && key.text.hasSuffix(".parquet")
  }
}
