internal import CCurl

/// The easy handles of the engine's thread: those in use, with their transfers, and those that are free.
struct CurlHandles {
  private final class Use {
    let transfer: Transfer
    var headers: UnsafeMutablePointer<curl_slist>?
    let message: UnsafeMutablePointer<CChar>

    init(_ transfer: Transfer) {
      self.transfer = transfer
      message = .allocate(capacity: Int(CURL_ERROR_SIZE))
      message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
      curl_slist_free_all(headers)
      message.deallocate()
    }
  }

  private var uses: [UnsafeMutableRawPointer: Use] = [:]
  private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]
  private var free: [UnsafeMutableRawPointer] = []

  private static let keptHandles = 128
  private static let receiveBytes = 256 << 10
  private static let sendBytes = 512 << 10

  /// The handle of a transfer that is under way.
  func easy(of transfer: Transfer) -> UnsafeMutableRawPointer? { handles[ObjectIdentifier(transfer)] }

  /// Sets a handle up for a transfer; nil when that cannot be done.
  mutating func prepare(_ transfer: Transfer) -> UnsafeMutableRawPointer? {
    guard let easy = free.popLast() ?? curl_easy_init() else { return nil }
    let use = Use(transfer)
    uses[easy] = use
    handles[ObjectIdentifier(transfer)] = easy
    guard CurlHandles.setRequest(easy, transfer.request), setHeaders(easy, use) else {
      release(easy)
      return nil
    }
    CurlHandles.setConnection(easy, transfer)
    CurlHandles.setCallbacks(easy, transfer)
    curl_set_pointer(easy, CURLOPT_ERRORBUFFER, use.message)
    return easy
  }

  /// Takes a handle that libcurl does not use any more back.
  @discardableResult
  mutating func release(_ easy: UnsafeMutableRawPointer) -> Transfer? {
    guard let use = uses.removeValue(forKey: easy) else { return nil }
    handles[ObjectIdentifier(use.transfer)] = nil
    curl_easy_reset(easy)
    if free.count < CurlHandles.keptHandles { free.append(easy) } else { curl_easy_cleanup(easy) }
    return use.transfer
  }

  private static func setRequest(_ easy: UnsafeMutableRawPointer, _ request: HTTPRequest) -> Bool {
    guard curl_set_text(easy, CURLOPT_URL, request.url) == CURLE_OK else { return false }
    curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    if request.method == .head {
      curl_set_long(easy, CURLOPT_NOBODY, 1)
    } else if !request.body.isEmpty || request.method == .put || request.method == .post {
      curl_set_long(easy, CURLOPT_UPLOAD, 1)
      curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.contentLength))
      curl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    } else if request.method != .get {
      curl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
    return true
  }

  /// The headers as they are, without those that libcurl would add.
  private func setHeaders(_ easy: UnsafeMutableRawPointer, _ use: Use) -> Bool {
    let own = use.transfer.request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    for line in own + ["Expect:", "User-Agent: swift-backfill", "Accept:"] {
      guard !line.utf8.contains(10), !line.utf8.contains(13), let list = curl_slist_append(use.headers, line) else {
        return false
      }
      use.headers = list
    }
    return curl_set_list(easy, CURLOPT_HTTPHEADER, use.headers) == CURLE_OK
  }

  private static func setConnection(_ easy: UnsafeMutableRawPointer, _ transfer: Transfer) {
    let settings = transfer.settings
    curl_set_long(easy, CURLOPT_BUFFERSIZE, receiveBytes)
    if transfer.request.contentLength > 0 { curl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, sendBytes) }
    curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.wholeMilliseconds)
    curl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, settings.slowestRate)
    curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, max(1, Int(settings.stallTimeout.components.seconds)))
    if let timeout = transfer.timeout { curl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, timeout.wholeMilliseconds)) }
    if transfer.isFresh { curl_set_long(easy, CURLOPT_FRESH_CONNECT, 1) }
    if let file = settings.certificateAuthorityFile { curl_set_text(easy, CURLOPT_CAINFO, file) }
    curl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if !transfer.usesProxy || transfer.request.isToThisMachine {
      curl_set_text(easy, CURLOPT_PROXY, "")
    } else if let proxy = settings.proxy {
      curl_set_text(easy, CURLOPT_PROXY, proxy)
    }
  }

  /// What went wrong, as far as it matters to the caller.
  func error(_ easy: UnsafeMutableRawPointer, _ code: CURLcode) -> HTTPError {
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
    let detail = uses[easy].map { String(cString: $0.message) } ?? ""
    // A proxy's address is repeated when it is wrong, with its password.
    return HTTPError(
      kind: kind,
      message: detail.isEmpty || detail.contains("@") ? String(cString: curl_easy_strerror(code)) : detail
    )
  }
}

extension HTTPRequest {
  /// Whether it goes to this machine, or to the network's own addresses: no proxy could pass it on.
  var isToThisMachine: Bool {
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return host == "localhost" || host.hasSuffix(".localhost") || host.hasPrefix("127.") || host == "[::1"
      || host.hasPrefix("169.254.") || host.hasPrefix("[fe80:") || host == "[fd00:ec2::254"
  }
}

extension Duration {
  var wholeMilliseconds: Int {
    Int(clamping: components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }

  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
