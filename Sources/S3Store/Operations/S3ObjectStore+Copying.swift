internal import ByteBuffers
public import ObjectStores

extension S3ObjectStore {
  /// Objects up to so many bytes are read and put where a copy has a condition, since the server decides that.
  private static let smallCopy: UInt64 = 16 << 20

  /// Copies an object inside the bucket (CopyObject, or parts of it), with its content type and metadata.
  ///
  /// S3 has no copies with a condition on the target: up to 16 MiB are read and put, for larger ones the condition is
  /// checked right before the copy. Objects that are too large for one request and have a percent sign in their names
  /// are read and written, since some servers take that for another name.
  public func copy(_ source: ObjectKey, to target: ObjectKey, _ mode: PutMode) async throws(ObjectStoreError) {
    try S3ObjectStore.check(target)
    let head = try await head(source, GetOptions())
    if mode == .overwrite, source == target { return }
    if mode != .overwrite, head.size <= S3ObjectStore.smallCopy {
      let whole = try await getRanges(source, [0..<head.size], GetOptions(ifMatch: head.etag))
      _ = try await put(target, whole[0].count == 0 ? [] : whole, mode, ObjectAttributes(of: head))
      return
    }
    try await checkTarget(target, mode)
    if head.size > configuration.largestCopy {
      // Ceph decodes the name of a part's source twice, and would copy another object.
      let isOdd = source.bytes.contains(UInt8(ascii: "%"))
      if isOdd { try await copyBytes(head, to: target) } else { try await copyParts(head, to: target) }
    } else {
      var request = S3Request("copy", .put, target)
      addSource(head, &request)
      request.mayFailInBody = true
      _ = try await send(request)
    }
  }

  private func checkTarget(_ target: ObjectKey, _ mode: PutMode) async throws(ObjectStoreError) {
    switch mode {
    case .overwrite: break
    case .create:
      guard try await headIfPresent(target) == nil else {
        throw ObjectStoreError(.alreadyExists, "There is an object already; nothing was copied.", key: target)
      }
    case .update(let tag):
      guard try await headIfPresent(target)?.etag == tag else {
        throw ObjectStoreError(.preconditionFailed, "The object is not version \(tag); read it anew.", key: target)
      }
    }
  }

  private func addSource(_ head: ObjectMetadata, _ request: inout S3Request) {
    let path = "/\(configuration.bucket)/" + PercentEncoding.path(head.key.bytes)
    request.addHeader("x-amz-copy-source", path + (head.version.map { "?versionId=\($0)" } ?? ""))
    request.addHeader("x-amz-copy-source-if-match", head.etag)
  }

  /// Copies an object that is too large for one request.
  private func copyParts(_ head: ObjectMetadata, to target: ObjectKey) async throws(ObjectStoreError) {
    var begin = S3Request("copy", .post, target)
    begin.addQuery("uploads")
    begin.add(ObjectAttributes(of: head))
    let uploadID = try await UploadBeginning.begin(begin, self)
    do throws(ObjectStoreError) {
      var parts: [CompleteBody.Part] = []
      var at: UInt64 = 0
      while at < head.size {
        let end = at + min(configuration.largestCopy, head.size - at)
        var request = S3Request("copy", .put, target)
        request.addQuery("partNumber", String(parts.count + 1))
        request.addQuery("uploadId", uploadID)
        addSource(head, &request)
        request.addHeader("x-amz-copy-source-range", "bytes=\(at)-\(end - 1)")
        request.mayFailInBody = true
        guard let etag = try CopyAnswer(try await send(request).body).etag else {
          throw ObjectStoreError(.integrity, "The store gives no entity tag for a part.", key: target)
        }
        parts.append(CompleteBody.Part(number: parts.count + 1, etag: etag))
        at = end
      }
      var complete = S3Request("copy", .post, target)
      complete.addQuery("uploadId", uploadID)
      complete.body = [CompleteBody(parts).bytes]
      complete.mayFailInBody = true
      _ = try await send(complete)
    } catch {
      let giving = Task.detached { await giveUp(uploadID, target) }
      if !Task.isCancelled { await giving.value }
      throw error
    }
  }

  /// Reads an object and writes it again.
  private func copyBytes(_ head: ObjectMetadata, to target: ObjectKey) async throws(ObjectStoreError) {
    let source = try await get(head.key, GetOptions(ifMatch: head.etag))
    let writer = S3Writer(self, target, PutStreamOptions(partSize: 64 << 20), ObjectAttributes(of: head))
    do throws(ObjectStoreError) {
      for try await run in source.body { try await writer.write(run) }
      _ = try await writer.finish()
    } catch {
      await writer.abort()
      throw error
    }
  }

  /// Ends an upload, also in a cancelled task.
  func giveUp(_ uploadID: String, _ key: ObjectKey) async {
    var request = S3Request("give up an upload", .delete, key)
    request.addQuery("uploadId", uploadID)
    let wire = request
    await Task.detached { _ = try? await send(wire) }.value
  }
}
