internal import ByteBuffers
internal import Synchronization

/// One request on its way: what libcurl's callbacks read and write.
final class Transfer: @unchecked Sendable {
  // Sendable: apart from `caller` and `channel`, which are locked, only the engine's thread touches what varies.

  typealias Answer = Result<HTTPResponse, HTTPError>

  let request: HTTPRequest
  let target: ResponseTarget
  let settings: HTTPSettings
  let timeout: Duration?
  let usesProxy: Bool
  /// Whether a connection of its own is made, and no pooled one used.
  let isFresh: Bool
  /// Where the body goes that is streamed; nil until the head says that it is worth that.
  ///
  /// It is settled when the caller has the head.
  private(set) var channel: BodyChannel?

  private let caller = Mutex<CheckedContinuation<Answer, Never>?>(nil)

  /// Whether it was given up, perhaps before it began.
  var isCancelled = false
  /// What libcurl runs it with; nil before and after.
  var handle: CurlHandle?
  /// How far the request's body was sent.
  private var sent = (run: 0, offset: 0)
  private(set) var status = 0
  private var headers: [HTTPRequest.Header] = []
  private var isHeadComplete = false
  private var collected: [UInt8] = []
  /// Takes a body that could be streamed and is short.
  private var block: AlignedBuffer?
  private(set) var received = 0
  /// Why a callback stopped the transfer.
  private(set) var refusal: HTTPError?

  /// Bytes of an error's body that are kept.
  private static let errorBytes = 256 << 10
  private static let mostHeaders = 200
  /// Bodies of so many bytes are not worth a reader that is woken for the head and again for the rest.
  private static let mostCollected = 64 << 10

  init(
    _ request: HTTPRequest,
    _ target: ResponseTarget,
    _ settings: HTTPSettings,
    timeout: Duration? = nil,
    usesProxy: Bool = true,
    isFresh: Bool = false
  ) {
    self.request = request
    self.target = target
    self.settings = settings
    self.timeout = timeout
    self.usesProxy = usesProxy
    self.isFresh = isFresh
  }

  private var isSuccess: Bool { 200..<300 ~= status }

  /// Notes who waits for the answer.
  func setCaller(_ continuation: CheckedContinuation<Answer, Never>) {
    caller.withLock { $0 = continuation }
  }

  private func answer(_ answer: Answer) {
    let waiting = caller.withLock { caller in
      defer { caller = nil }
      return caller
    }
    waiting?.resume(returning: answer)
  }

  /// Ends the transfer; called once, by the engine.
  func finish(_ error: HTTPError?) {
    if var error = refusal ?? error {
      error.received = received
      if isHeadComplete { error.answer = HTTPResponse(status: status, headers: headers, body: .empty) }
      channel?.finish(.failure(error))
      answer(.failure(error))
    } else {
      channel?.finish(.success(()))
      answer(.success(response))
    }
  }

  private var response: HTTPResponse {
    let body = block.map { Bytes($0, count: received) } ?? (collected.isEmpty ? .empty : Bytes(collected))
    return HTTPResponse(status: status, headers: headers, body: body)
  }

  // MARK: - What libcurl calls

  /// A line of the answer's head, its end included.
  func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    if line.first == UInt8(ascii: "H"), line.starts(with: "HTTP/".utf8) {
      // An answer of 100 is followed by the real one.
      status = Transfer.status(line)
      headers.removeAll(keepingCapacity: true)
      headers.reserveCapacity(16)
      return true
    }
    let line = Transfer.trimmed(line)
    guard !line.isEmpty else {
      isHeadComplete = status >= 200
      if isHeadComplete, isSuccess, case .stream = target { beginBody() }
      return true
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
    guard headers.count < Transfer.mostHeaders else {
      return refuse(HTTPError(kind: .broken, message: "the answer has more than \(Transfer.mostHeaders) headers"))
    }
    let name = Transfer.lowercased(UnsafeRawBufferPointer(rebasing: line[..<colon]))
    let value = Transfer.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
    headers.append(HTTPRequest.Header(name: name, value: String(decoding: value, as: UTF8.self)))
    return true
  }

  /// Decides how the reader gets the body: behind the head, or with it when it is short.
  private func beginBody() {
    let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) }
    if let length, 0...Transfer.mostCollected ~= length {
      block = BufferPool.shared.take(length)
    } else {
      channel = BodyChannel()
      answer(.success(response))
    }
  }

  enum Taking {
    case taken
    case later
    case refused
  }

  /// Bytes of the answer's body.
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Taking {
    switch target {
    case .stream where isSuccess:
      if let block {
        guard received + bytes.count <= block.capacity else {
          _ = refuse(HTTPError(kind: .broken, message: "the answer has more bytes than it says"))
          return .refused
        }
        if let source = bytes.baseAddress { (block.base + received).copyMemory(from: source, byteCount: bytes.count) }
      } else if channel?.write(bytes) != true {
        return .later
      }
    case .fill(let place, let count) where isSuccess:
      guard received + bytes.count <= count else {
        _ = refuse(HTTPError(kind: .broken, message: "more than the \(count) bytes asked for arrived"))
        return .refused
      }
      if let source = bytes.baseAddress {
        (place.block.base + place.offset + received).copyMemory(from: source, byteCount: bytes.count)
      }
    case .collect(let limit) where isSuccess:
      guard collected.count + bytes.count <= limit else {
        _ = refuse(HTTPError(kind: .broken, message: "the answer has more than \(limit) bytes"))
        return .refused
      }
      collected.append(contentsOf: bytes)
    default:
      collected.append(contentsOf: bytes.prefix(max(0, Transfer.errorBytes - collected.count)))
    }
    received += bytes.count
    return .taken
  }

  private func refuse(_ error: HTTPError) -> Bool {
    refusal = error
    return false
  }

  /// Copies the next bytes of the request's body.
  func give(_ target: UnsafeMutableRawBufferPointer) -> Int {
    var at = 0
    while at < target.count, sent.run < request.body.count, let base = target.baseAddress {
      let run = request.body[sent.run]
      let part = min(target.count - at, run.count - sent.offset)
      (base + at).copyMemory(from: run.base + sent.offset, byteCount: part)
      at += part
      sent.offset += part
      if sent.offset == run.count { sent = (sent.run + 1, 0) }
    }
    return at
  }

  /// Begins the request's body anew.
  func rewind() {
    sent = (0, 0)
  }

  // MARK: - Text of the head

  private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var (start, end) = (0, bytes.count)
    while start < end, isSpace(bytes[start]) { start += 1 }
    while start < end, isSpace(bytes[end - 1]) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
  }

  /// Text in which capitals of ASCII are small.
  private static func lowercased(_ bytes: UnsafeRawBufferPointer) -> String {
    String(unsafeUninitializedCapacity: bytes.count) { target in
      for (place, byte) in bytes.enumerated() { target[place] = 65...90 ~= byte ? byte | 32 : byte }
      return bytes.count
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || 9...13 ~= byte }

  /// The number in `HTTP/1.1 206 Partial Content`.
  private static func status(_ line: UnsafeRawBufferPointer) -> Int {
    guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return 0 }
    var status = 0
    for byte in line[(space + 1)...].prefix(3) {
      guard 48...57 ~= byte else { return 0 }
      status = status * 10 + Int(byte - 48)
    }
    return status
  }
}
