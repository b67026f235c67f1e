internal import ObjectStores

/// Where requests for a bucket go.
struct S3Endpoint: Sendable, Hashable {
  let scheme: String
  /// The host alone, or with the bucket in front.
  let authority: String
  /// What stands before a key: `/`, or `/bucket/`.
  let basePath: String

  var isEncrypted: Bool { scheme == "https" }

  /// Settles the addresses of a bucket.
  ///
  /// - Parameters:
  ///   - configuration: names bucket, endpoint and style.
  ///   - region: where the bucket is.
  ///   - host: the server's own idea of its host, after a redirect.
  init(_ configuration: S3Configuration, region: String, host: String? = nil) throws(ObjectStoreError) {
    let (scheme, server) = try S3Endpoint.server(configuration, region: region)
    self.scheme = scheme
    let bucket = configuration.bucket
    let isVirtual: Bool
    switch configuration.addressing {
    case .path: isVirtual = false
    case .virtualHost: isVirtual = true
    // The certificates of AWS cover one label in front of the endpoint.
    case .automatic: isVirtual = configuration.endpoint == nil && !bucket.contains(".")
    }
    if isVirtual {
      authority = host.map { $0.hasPrefix("\(bucket).") ? $0 : "\(bucket).\($0)" } ?? "\(bucket).\(server)"
      basePath = "/"
    } else {
      authority = host.map { $0.hasPrefix("\(bucket).") ? String($0.dropFirst(bucket.utf8.count + 1)) : $0 } ?? server
      basePath = "/\(bucket)/"
    }
  }

  /// The bucket itself, as path.
  var bucketPath: String { basePath.count > 1 ? String(basePath.dropLast()) : basePath }

  /// An object's path.
  func path(_ key: ObjectKey) -> String { basePath + PercentEncoding.path(key.bytes) }

  private static func server(
    _ configuration: S3Configuration,
    region: String
  ) throws(ObjectStoreError) -> (scheme: String, server: String) {
    guard let endpoint = configuration.endpoint else {
      let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
      return ("https", "s3.\(region).\(domain)")
    }
    guard let mark = endpoint.firstRange(of: "://") else {
      throw wrong(endpoint, "Begin it with http:// or https://.")
    }
    let scheme = endpoint[..<mark.lowerBound].lowercased()
    var server = endpoint[mark.upperBound...]
    while server.last == "/" { server = server.dropLast() }
    guard scheme == "http" || scheme == "https" else { throw wrong(endpoint, "Begin it with http:// or https://.") }
    guard !server.isEmpty, !server.contains(where: { "/?#@ ".contains($0) }) else {
      throw wrong(endpoint, "After the scheme it has a host, and a port if need be, and nothing else.")
    }
    let port = scheme == "http" ? ":80" : ":443"
    return (scheme, String(server.hasSuffix(port) ? server.dropLast(port.count) : server))
  }

  private static func wrong(_ endpoint: String, _ what: String) -> ObjectStoreError {
    // An address may carry a password.
    let shown = endpoint.contains("@") ? "(not shown: it has an @)" : "'\(endpoint)'"
    return ObjectStoreError(.configuration, "\(shown) is not an endpoint. \(what)")
  }
}
