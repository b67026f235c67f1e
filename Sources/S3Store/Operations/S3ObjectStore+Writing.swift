public import ByteBuffers
internal import Crypto
public import ObjectStores

extension S3ObjectStore {
  /// Stores a whole object (PutObject).
  @discardableResult
  public func put(_ key: ObjectKey, _ bytes: Bytes, _ options: PutOptions) async throws(ObjectStoreError) -> PutResult {
    try await put(key, bytes.count == 0 ? [] : [bytes], options.mode, ObjectAttributes(options, key))
  }

  /// Opens an object for writing (PutObject, or a multipart upload where there is more than one part).
  public func putStream(_ key: ObjectKey, _ options: PutStreamOptions) async throws(ObjectStoreError)
    -> any ObjectWriter
  {
    try S3ObjectStore.check(key)
    return S3Writer(self, key, options, try ObjectAttributes(options, key))
  }

  /// Stores an object in one request.
  ///
  /// In a conditional mode the object carries a mark: when an answer is lost and the put is repeated, the condition fails
  /// because of the first put, and the mark tells that.
  func put(
    _ key: ObjectKey,
    _ body: [Bytes],
    _ mode: PutMode,
    _ attributes: ObjectAttributes
  ) async throws(ObjectStoreError) -> PutResult {
    try S3ObjectStore.check(key)
    var request = S3Request("write", .put, key)
    request.body = body
    request.add(attributes)
    addChecksum(&request)
    let mark = mode == .overwrite ? nil : PutMark.make()
    if let mark { request.addHeader(ObjectHead.markHeader, mark) }
    return try await decide(key, mode, mark) { (condition) throws(S3Failure) in
      var conditional = request
      if let condition { conditional.headers.append(condition) }
      let response = try await client.send(conditional)
      return PutResult(etag: response.header("etag") ?? "", version: response.header("x-amz-version-id"))
    }
  }

  /// Sends a put, or completes an upload, and tells the caller's version from others' where a condition fails.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - mode: what to do when it exists.
  ///   - mark: what the object carries; nil for a put without a condition, which may be repeated as it is.
  ///   - send: sends the request with a condition.
  func decide(
    _ key: ObjectKey,
    _ mode: PutMode,
    _ mark: String?,
    _ send: (HTTPRequest.Header?) async throws(S3Failure) -> PutResult
  ) async throws(ObjectStoreError) -> PutResult {
    var triedBare = client.usesBareETags
    while true {
      do throws(S3Failure) {
        var result = try await send(condition(mode, isBare: triedBare))
        if triedBare { client.useBareETags() }
        // Some servers do not say what they wrote.
        if result.etag.isEmpty { result.etag = try await etag(key) }
        return result
      } catch {
        // A conflict may be with a first sending that libcurl repeated by itself, over a connection that had been closed.
        let isOpen = S3ObjectStore.isConflict(error) || error.mayHaveHappened
        guard let mark, isOpen, error.error.code != .cancelled else { throw error.error }
        let present = try await headIfPresent(key, after: error)
        if let present, present.mark == mark { return PutResult(etag: present.metadata.etag) }
        guard S3ObjectStore.isConflict(error) else { throw error.error }
        if case .update(let expected) = mode, !triedBare, configuration.etagQuoting == .automatic,
          present?.metadata.etag == expected
        {
          triedBare = true
          continue
        }
        throw S3ObjectStore.conflict(error, mode, key)
      }
    }
  }

  private func etag(_ key: ObjectKey) async throws(S3Failure) -> String {
    do throws(ObjectStoreError) {
      return try await head(key, GetOptions()).etag
    } catch {
      throw S3Failure(error: error)
    }
  }

  /// What is there; an error that stood in the way of the put is told rather than the one of looking after it.
  private func headIfPresent(_ key: ObjectKey, after failure: S3Failure) async throws(ObjectStoreError) -> ObjectHead? {
    do throws(ObjectStoreError) {
      return try await objectHead(key)
    } catch {
      if error.code == .notFound { return nil }
      throw error.code == .cancelled ? error : failure.error
    }
  }

  private func condition(_ mode: PutMode, isBare: Bool) -> HTTPRequest.Header? {
    switch mode {
    case .overwrite: nil
    case .create: HTTPRequest.Header(name: "if-none-match", value: "*")
    case .update(let tag):
      HTTPRequest.Header(name: "if-match", value: isBare ? tag.filter { $0 != "\"" } : tag)
    }
  }

  private static func isConflict(_ failure: S3Failure) -> Bool {
    failure.error.code == .preconditionFailed || failure.status == 404 && failure.serverCode != "NoSuchBucket"
  }

  private static func conflict(_ failure: S3Failure, _ mode: PutMode, _ key: ObjectKey) -> ObjectStoreError {
    switch mode {
    case .overwrite: failure.error
    case .create: ObjectStoreError(.alreadyExists, "There is an object already; nothing was written.", key: key)
    case .update(let tag):
      ObjectStoreError(.preconditionFailed, "The object is not version \(tag); read it anew.", key: key)
    }
  }
}

/// Numbers that tell one put from all others.
enum PutMark {
  static func make() -> String {
    let halves = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    return String(halves.0, radix: 36) + "-" + String(halves.1, radix: 36)
  }
}

/// Digests of bodies, in Base64.
enum Digests {
  static func md5(_ runs: [Bytes]) -> String {
    var hash = Insecure.MD5()
    for run in runs { run.withUnsafeBytes { hash.update(bufferPointer: $0) } }
    return base64(Array(hash.finalize()))
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var word = 0
      for place in 0..<3 { word = word << 8 | (place < count ? Int(bytes[start + place]) : 0) }
      for place in 0..<4 {
        text.append(place <= count ? digits[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
