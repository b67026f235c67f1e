internal import ObjectStores

/// Copies everything of the segments that the join does not write into the separate tree, so that it can be restored.
struct TreeCopy: Sendable {
  let task: JoinTask

  func run(limit: Int) async throws(BackfillError) {
    let objects = task.copies
    _ = try await concurrentMap(objects, limit: limit) { (_, object) throws(BackfillError) in try await copy(object) }
    do {
      try await task.output.flush(objects.map(\.key))
    } catch {
      throw BackfillError.wrapping(error, as: .write)
    }
  }

  private func copy(_ object: ObjectMetadata) async throws(BackfillError) {
    do {
      let (found, bytes) = try await task.root.read(object.key, limit: .max)
      guard found.etag == object.etag else {
        throw BackfillError(.dataRead, "The file changed while the tree was copied; run again.", path: object.key.text)
      }
      try await putOnce(object.key, bytes, in: task.output, planID: task.planID, durability: .deferred)
    } catch {
      throw BackfillError.wrapping(error, as: .write, path: object.key.text)
    }
  }
}
