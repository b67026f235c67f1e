internal import CCurl

/// An easy handle of libcurl, used for one transfer after the other.
///
/// Most of what is set on it stays: requests of one shape differ in their address, headers and bodies alone.
final class CurlHandle {
  /// What the settings that stay depend on.
  struct Shape: Equatable {
    let settings: HTTPSettings
    let method: HTTPRequest.Method
    let authority: String
    let hasBody: Bool
    let timeout: Duration?
    let usesProxy: Bool
    let isFresh: Bool

    init(_ transfer: Transfer) {
      settings = transfer.settings
      method = transfer.request.method
      authority = transfer.request.authority
      hasBody = !transfer.request.body.isEmpty
      timeout = transfer.timeout
      usesProxy = transfer.usesProxy
      isFresh = transfer.isFresh
    }

    /// Whether a body is sent, be it an empty one.
    var isUpload: Bool { method != .head && (hasBody || method == .put || method == .post) }
  }

  let easy: UnsafeMutableRawPointer
  /// What it is used for now.
  private(set) var transfer: Transfer?
  private var shape: Shape?
  private var headers = HeaderLines()
  private let message: UnsafeMutablePointer<CChar>

  /// Bytes that libcurl receives and sends at once.
  private static let receiveBytes = 256 << 10
  private static let sendBytes = 512 << 10

  /// Fails where there is no memory.
  init?() {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    message = .allocate(capacity: Int(CURL_ERROR_SIZE))
    message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(easy)
    message.deallocate()
  }

  /// The handle that a message of libcurl is about.
  static func of(_ easy: UnsafeMutableRawPointer) -> CurlHandle? {
    var context: UnsafeMutableRawPointer?
    curl_get_pointer(easy, CURLINFO_PRIVATE, &context)
    return context.map { Unmanaged<CurlHandle>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Sets it up; false when the request cannot be made.
  func prepare(_ transfer: Transfer) -> Bool {
    let shape = Shape(transfer)
    if shape != self.shape {
      if self.shape != nil { curl_easy_reset(easy) }
      set(shape)
      self.shape = shape
    }
    self.transfer = transfer
    message.pointee = 0
    let request = transfer.request
    // Without this, libcurl would ask first whether a body may be sent.
    let extra = shape.isUpload ? "Expect:" : nil
    guard curl_set_text(easy, CURLOPT_URL, request.url) == CURLE_OK else { return false }
    let lines = headers.list(request.headers, extra)
    guard lines != nil || (request.headers.isEmpty && extra == nil) else { return false }
    if shape.isUpload { curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.contentLength)) }
    return curl_set_list(easy, CURLOPT_HTTPHEADER, lines) == CURLE_OK
  }

  /// Lets go of the transfer.
  func finish() {
    transfer = nil
  }

  // MARK: - What stays

  private func set(_ shape: Shape) {
    curl_set_pointer(easy, CURLOPT_PRIVATE, Unmanaged.passUnretained(self).toOpaque())
    curl_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
    setCallbacks()
    setConnection(shape)
    curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    curl_set_text(easy, CURLOPT_USERAGENT, "swift-backfill")
    if shape.method == .head {
      curl_set_long(easy, CURLOPT_NOBODY, 1)
    } else if shape.isUpload {
      curl_set_long(easy, CURLOPT_UPLOAD, 1)
      curl_set_text(easy, CURLOPT_CUSTOMREQUEST, shape.method.rawValue)
    } else if shape.method != .get {
      curl_set_text(easy, CURLOPT_CUSTOMREQUEST, shape.method.rawValue)
    }
  }

  private func setConnection(_ shape: Shape) {
    let settings = shape.settings
    curl_set_long(easy, CURLOPT_BUFFERSIZE, CurlHandle.receiveBytes)
    if shape.hasBody { curl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, CurlHandle.sendBytes) }
    curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.wholeMilliseconds)
    curl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, settings.slowestRate)
    curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, max(1, Int(settings.stallTimeout.components.seconds)))
    if let timeout = shape.timeout { curl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, timeout.wholeMilliseconds)) }
    if shape.isFresh { curl_set_long(easy, CURLOPT_FRESH_CONNECT, 1) }
    if let file = settings.certificateAuthorityFile { curl_set_text(easy, CURLOPT_CAINFO, file) }
    curl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if !shape.usesProxy || HTTPRequest.isOfThisMachine(shape.authority) {
      curl_set_text(easy, CURLOPT_PROXY, "")
    } else if let proxy = settings.proxy {
      curl_set_text(easy, CURLOPT_PROXY, proxy)
    }
  }

  /// What went wrong, as far as it matters to the caller.
  func error(_ code: CURLcode) -> HTTPError {
    let kind: HTTPError.Kind =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
        .unreachable
      case CURLE_OPERATION_TIMEDOUT: .timeout
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
        CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        .tls
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT: .invalid
      default: .broken
      }
    let detail = String(cString: message)
    // A proxy's address is repeated when it is wrong, with its password.
    return HTTPError(
      kind: kind,
      message: detail.isEmpty || detail.contains("@") ? String(cString: curl_easy_strerror(code)) : detail
    )
  }
}

extension HTTPRequest {
  /// Whether a host is this machine, or one of the network's own addresses: no proxy could pass a request on.
  static func isOfThisMachine(_ authority: String) -> Bool {
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return host == "localhost" || host.hasSuffix(".localhost") || host.hasPrefix("127.") || host == "[::1"
      || host.hasPrefix("169.254.") || host.hasPrefix("[fe80:") || host == "[fd00:ec2::254"
  }
}

extension Duration {
  var wholeMilliseconds: Int {
    Int(clamping: components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
