internal import ByteBuffers

/// How connections are made, the same for all requests of a store.
struct HTTPSettings: Sendable, Hashable {
  /// Time to connect in, TLS included.
  var connectTimeout: Duration = .seconds(5)
  /// A transfer that stays below ``slowestRate`` for so long is given up.
  var stallTimeout: Duration = .seconds(30)
  /// Bytes per second.
  var slowestRate = 1000
  /// A file of certificates, PEM, that are trusted instead of the system's.
  var certificateAuthorityFile: String?
  /// A proxy's address; nil for what the environment says.
  var proxy: String?

  init() {}
}

/// Where the body of an answer goes.
enum ResponseTarget: Sendable {
  /// Into the response; more bytes than the limit are an error.
  case collect(limit: Int)
  /// Into a block, if the status says success: exactly so many bytes, from an offset on.
  case fill(AlignedBlock, count: Int)
  /// To a reader, if the status says success; a body that is known to be short is collected.
  case stream
}

/// A place in a block.
struct AlignedBlock: Sendable {
  let block: AlignedBuffer
  let offset: Int
}
