internal import ByteBuffers
internal import Crypto

/// The identity of a plan: a hash of everything that decides what is written.
///
/// The parts are written one behind the other, each as its label, its length and its bytes, so that no two different
/// inputs read the same.
struct PlanIdentity {
  private var hash = SHA256()

  init() {
    hash.update(data: Array("swift-backfill plan 1\n".utf8))
  }

  mutating func add(_ label: String, _ value: String) {
    hash.update(data: Array("\(label) \(value.utf8.count)\n".utf8))
    hash.update(data: Array(value.utf8))
  }

  mutating func add(_ label: String, _ value: Int64) {
    add(label, String(value))
  }

  /// The first 128 bits, as 32 hexadecimal digits.
  func finalize() -> String {
    let digits = Array("0123456789abcdef")
    return String(hash.finalize().prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

/// XXH64 of some bytes, as 16 hexadecimal digits.
func checksum(_ bytes: Bytes) -> String {
  let hash = XXHash64.hash(bytes.base, count: bytes.count)
  let text = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - text.count) + text
}
