internal import ByteBuffers
internal import ObjectStores
internal import Synchronization

/// Compares the body of a whole object with the checksum that the store gave with it.
///
///     x-amz-checksum-crc32c: 4waSgw==          of all bytes
///     x-amz-checksum-crc32c: 4waSgw==-3        of the checksums of three parts: says nothing about the bytes
///     x-amz-checksum-type: COMPOSITE           says the same
final class ReadChecksum: Sendable {
  private let key: ObjectKey
  private let expected: String
  private let running: Mutex<RunningChecksum>

  /// Takes the checksum of an answer that holds a whole object; nil if there is none to compare with.
  init?(_ response: HTTPResponse, _ key: ObjectKey) {
    guard response.status == 200, response.header("x-amz-checksum-type")?.uppercased() != "COMPOSITE" else {
      return nil
    }
    for kind in ChecksumKind.allCases {
      guard let value = response.header(kind.header), !value.isEmpty, !value.contains("-") else { continue }
      self.key = key
      expected = value
      running = Mutex(RunningChecksum(kind))
      return
    }
    return nil
  }

  /// Takes the next bytes of the body.
  func update(_ run: Bytes) {
    running.withLock { $0.update(run) }
  }

  /// Compares, after the last byte.
  func check() throws(ObjectStoreError) {
    let (kind, found) = running.withLock { ($0.kind, $0.text) }
    guard found != expected else { return }
    // What the server says may be anything.
    let shown = String(expected.prefix(100))
    throw ObjectStoreError(
      .integrity,
      "The bytes that came have the \(kind.algorithm) \(found), and the store says it is \(shown): they were changed "
        + "on the way, or in the store. Read the object anew; if it stays so, write it anew.",
      key: key
    )
  }
}
