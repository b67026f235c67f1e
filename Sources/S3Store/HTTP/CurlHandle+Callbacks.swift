internal import CCurl

/// What libcurl calls, on the engine's thread. The context is the handle, which has a transfer while libcurl uses it.
extension CurlHandle {
  func setCallbacks() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA] {
      curl_set_pointer(easy, option, context)
    }
    curl_set_bytes_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let transfer = CurlHandle.transfer(context) else { return 0 }
      switch transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) {
      case .taken: return size * count
      case .later: return curl_write_pause()
      case .refused: return 0
      }
    }
    curl_set_bytes_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return CurlHandle.transfer(context)?.takeHeader(line) == true ? size * count : 0
    }
    curl_set_bytes_function(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
      guard let transfer = CurlHandle.transfer(context) else { return curl_read_abort() }
      return transfer.give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
    }
    curl_set_seek_function(easy) { context, offset, origin in
      guard offset == 0, origin == SEEK_SET, let transfer = CurlHandle.transfer(context) else {
        return CURL_SEEKFUNC_CANTSEEK
      }
      transfer.rewind()
      return CURL_SEEKFUNC_OK
    }
  }

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.flatMap { Unmanaged<CurlHandle>.fromOpaque($0).takeUnretainedValue().transfer }
  }
}
