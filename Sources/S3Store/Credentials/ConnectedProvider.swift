/// A provider that asks a service of the network, and does so with the certificates and the proxy of the store that
/// needs the credentials.
protocol ConnectedProvider {
  /// The same, asking in this way.
  func asking(_ settings: HTTPSettings) -> any S3CredentialProvider
}

extension S3CredentialProvider {
  /// The same provider, which asks services with the settings of a store where it asks any.
  func connected(_ settings: HTTPSettings) -> any S3CredentialProvider {
    guard let provider = self as? any ConnectedProvider else { return self }
    return provider.asking(settings)
  }
}

extension CredentialRequests {
  /// The same, sent in another way; another client than the library's own, as in tests, stays.
  func asking(_ settings: HTTPSettings) -> CredentialRequests {
    var requests = self
    if let client = client as? CurlClient { requests.client = client.asking(settings) }
    return requests
  }
}

extension CurlClient {
  fileprivate func asking(_ settings: HTTPSettings) -> CurlClient {
    CurlClient(engine: engine, settings: settings, limit: limit)
  }
}

extension CredentialSurroundings {
  /// The same, asking in another way.
  func asking(_ settings: HTTPSettings) -> CredentialSurroundings {
    var surroundings = self
    surroundings.client = CredentialRequests.remote(client).asking(settings).client
    return surroundings
  }
}
