internal import ByteBuffers
public import ObjectStores

extension S3ObjectStore {
  private static let deletedAtOnce = 1000

  /// Deletes objects (DeleteObjects, a thousand at a time; DeleteObject for one, and for keys that XML cannot hold).
  public func delete(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> [DeleteFailure] {
    var failures: [DeleteFailure] = []
    var valid: [ObjectKey] = []
    for key in keys {
      do throws(ObjectStoreError) {
        try S3ObjectStore.check(key)
        valid.append(key)
      } catch {
        failures.append(DeleteFailure(key: key, error: error))
      }
    }
    for start in stride(from: 0, to: valid.count, by: S3ObjectStore.deletedAtOnce) {
      let some = Array(valid[start..<min(start + S3ObjectStore.deletedAtOnce, valid.count)])
      if some.count == 1 {
        try await deleteSingly(some)
      } else {
        let body = DeleteBody(some)
        failures += try await delete(body)
        try await deleteSingly(body.excluded.map { some[$0] })
      }
    }
    return failures
  }

  private func delete(_ body: DeleteBody) async throws(ObjectStoreError) -> [DeleteFailure] {
    guard !body.included.isEmpty else { return [] }
    var request = S3Request("delete objects", .post, nil)
    request.addQuery("delete")
    request.body = [body.bytes]
    request.mayFailInBody = true
    // Some servers refuse the request without it.
    request.addHeader("content-md5", Digests.md5(request.body))
    request.addHeader("content-type", "application/xml")
    let answer = try DeleteAnswer(try await send(request).body)
    return answer.failures.filter { $0.code != "NoSuchKey" }.map { failure in
      let code: ObjectStoreError.Code =
        switch failure.code {
        case "AccessDenied": .permissionDenied
        case "SlowDown", "ServiceUnavailable": .throttled
        default: .server
        }
      let message = "The store refused to delete it: \(failure.code): \(failure.message)"
      return DeleteFailure(key: failure.key, error: ObjectStoreError(code, message, key: failure.key))
    }
  }

  private func deleteSingly(_ keys: [ObjectKey]) async throws(ObjectStoreError) {
    for key in keys {
      do throws(S3Failure) {
        _ = try await client.send(S3Request("delete", .delete, key))
      } catch {
        if error.status == 404, error.serverCode != "NoSuchBucket" { continue }
        throw error.error
      }
    }
  }
}
