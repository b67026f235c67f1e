internal import ByteBuffers
internal import ObjectStores

extension S3Configuration.Checksum {
  /// Nil for MD5, which has a header of its own.
  var kind: ChecksumKind? {
    switch self {
    case .md5: nil
    case .sha256: .sha256
    case .crc32c: .crc32c
    case .crc64nvme: .crc64nvme
    }
  }
}

extension S3ObjectStore {
  /// Adds the checksum of the body that was asked for.
  func addChecksum(_ request: inout S3Request) {
    guard let checksum = configuration.checksum else { return }
    guard let kind = checksum.kind else { return request.addHeader("content-md5", Digests.md5(request.body)) }
    var running = RunningChecksum(kind)
    for run in request.body { running.update(run) }
    request.addHeader(kind.header, running.text)
  }

  /// Says which checksum the parts of an upload will have; without that AWS refuses those that have one.
  func announceChecksum(_ request: inout S3Request) {
    guard let kind = configuration.checksum?.kind else { return }
    request.addHeader("x-amz-checksum-algorithm", kind.algorithm)
    // The parts of this one are never put together in another way.
    if kind == .crc64nvme { request.addHeader("x-amz-checksum-type", "FULL_OBJECT") }
  }

  /// The checksum that a part was sent with, which is repeated when the upload is completed.
  func partChecksum(_ request: S3Request) -> CompleteBody.Checksum? {
    guard let kind = configuration.checksum?.kind else { return nil }
    return request.headers.first { $0.name == kind.header }.map { CompleteBody.Checksum(kind, $0.value) }
  }
}
