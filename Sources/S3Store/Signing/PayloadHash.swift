internal import ByteBuffers
internal import Crypto

/// What a signature says about a request's body.
enum PayloadHash: Sendable {
  /// These bytes, one run behind the other.
  case sha256(of: [Bytes])
  /// A SHA-256 known already, in lower-case hex.
  case hex(String)
  /// Nothing; what carries the request has to protect it.
  case unsigned
  /// There is no body.
  case empty

  /// As it stands in the header and in what is signed.
  var text: String {
    switch self {
    case .sha256(let runs):
      var hash = SHA256()
      for run in runs { run.withUnsafeBytes { hash.update(bufferPointer: $0) } }
      return Hex.text(hash.finalize())
    case .hex(let text): return text
    case .unsigned: return "UNSIGNED-PAYLOAD"
    case .empty: return "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }
  }
}
