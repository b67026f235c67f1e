public import ObjectStores

/// Several places where credentials may be, asked in order until one has them.
///
/// A place that is configured but broken ends the search: what somebody meant to be used is not passed over.
public struct CredentialChain: S3CredentialProvider {
  private let providers: [any S3CredentialProvider]

  /// Puts places into an order.
  ///
  /// - Parameter providers: the first is asked first.
  public init(_ providers: [any S3CredentialProvider]) {
    self.providers = providers
  }

  /// The names of all places.
  public var name: String { providers.map(\.name).joined(separator: ", ") }

  /// Why none has any.
  public var absence: String { reasons }

  private var reasons: String { providers.map { "\($0.name) (\($0.absence))" }.joined(separator: "; ") }

  /// The credentials of the first place that has some.
  public func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
    for provider in providers {
      guard var issued = try await provider.credentials() else { continue }
      issued.source = issued.source ?? provider.name
      return issued
    }
    throw ObjectStoreError(
      .unauthenticated,
      "No credentials were found; give some in one of the places that were tried: \(reasons)."
    )
  }
}

extension CredentialChain: ConnectedProvider {
  func asking(_ settings: HTTPSettings) -> any S3CredentialProvider {
    CredentialChain(providers.map { $0.connected(settings) })
  }
}
