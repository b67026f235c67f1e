internal import ByteBuffers
internal import CChecksums
internal import Crypto

/// The checksums that S3 knows of an object.
enum ChecksumKind: String, Sendable, CaseIterable {
  case crc32c
  case crc64nvme
  case crc32
  case sha256
  case sha1

  /// The header that holds it, in Base64, the highest byte first.
  var header: String { "x-amz-checksum-\(rawValue)" }

  /// What it is called when an upload is begun.
  var algorithm: String { rawValue.uppercased() }

  /// The element that holds it when an upload is completed.
  var element: String { "Checksum\(algorithm)" }
}

/// A checksum of bytes as they flow past.
struct RunningChecksum {
  private enum State {
    case narrow(UInt64, RemainderTables)
    case wide(UInt64)
    /// CRC-32C by the processor's instruction.
    case instruction(UInt32)
    case sha256(SHA256)
    case sha1(Insecure.SHA1)
  }

  let kind: ChecksumKind
  private var state: State

  /// Whether this machine has an instruction for CRC-32C.
  static let hasInstruction = backfill_has_crc32c() != 0

  /// Begins with no bytes.
  ///
  /// - Parameters:
  ///   - kind: which checksum.
  ///   - usesInstruction: whether the processor's own instruction is used where there is one.
  init(_ kind: ChecksumKind, usesInstruction: Bool = true) {
    self.kind = kind
    state =
      switch kind {
      case .crc32c where usesInstruction && RunningChecksum.hasInstruction: .instruction(~0)
      case .crc32c: .narrow(0xffff_ffff, .crc32c)
      case .crc32: .narrow(0xffff_ffff, .crc32)
      case .crc64nvme: .wide(~0)
      case .sha256: .sha256(SHA256())
      case .sha1: .sha1(Insecure.SHA1())
      }
  }

  /// Takes more bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch state {
    case .narrow(let remainder, let tables): state = .narrow(tables.update(remainder, bytes), tables)
    case .wide(let remainder): state = .wide(RemainderTables.crc64nvme.update(remainder, bytes))
    case .instruction(let remainder):
      state = .instruction(backfill_crc32c(remainder, bytes.baseAddress, bytes.count))
    case .sha256(var hash):
      hash.update(bufferPointer: bytes)
      state = .sha256(hash)
    case .sha1(var hash):
      hash.update(bufferPointer: bytes)
      state = .sha1(hash)
    }
  }

  /// Takes more bytes.
  mutating func update(_ run: Bytes) {
    run.withUnsafeBytes { update($0) }
  }

  /// The checksum of the bytes so far, the highest byte first.
  var bytes: [UInt8] {
    switch state {
    case .narrow(let remainder, _): RunningChecksum.bigEndian(UInt32(truncatingIfNeeded: ~remainder))
    case .instruction(let remainder): RunningChecksum.bigEndian(~remainder)
    case .wide(let remainder): RunningChecksum.bigEndian(~remainder)
    case .sha256(let hash): Array(hash.finalize())
    case .sha1(let hash): Array(hash.finalize())
    }
  }

  /// The same as it stands in headers.
  var text: String { Digests.base64(bytes) }

  private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
}
