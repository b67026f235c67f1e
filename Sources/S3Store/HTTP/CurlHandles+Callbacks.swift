internal import CCurl

/// What libcurl calls, on the engine's thread. The context is the transfer, which lives as long as its handle is used.
extension CurlHandles {
  static func setCallbacks(_ easy: UnsafeMutableRawPointer, _ transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    curl_set_bytes_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let transfer = CurlHandles.transfer(context) else { return 0 }
      switch transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) {
      case .taken: return size * count
      case .later: return curl_write_pause()
      case .refused: return 0
      }
    }
    curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    curl_set_bytes_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return CurlHandles.transfer(context)?.takeHeader(line) == true ? size * count : 0
    }
    curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    curl_set_bytes_function(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
      guard let transfer = CurlHandles.transfer(context) else { return curl_read_abort() }
      return transfer.give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
    curl_set_pointer(easy, CURLOPT_READDATA, context)
    curl_set_seek_function(easy) { context, offset, origin in
      guard offset == 0, origin == SEEK_SET, let transfer = CurlHandles.transfer(context) else {
        return CURL_SEEKFUNC_CANTSEEK
      }
      transfer.rewind()
      return CURL_SEEKFUNC_OK
    }
    curl_set_pointer(easy, CURLOPT_SEEKDATA, context)
  }

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
