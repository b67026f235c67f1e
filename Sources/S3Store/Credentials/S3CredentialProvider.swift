public import ObjectStores

/// A place where credentials come from.
public protocol S3CredentialProvider: Sendable {
  /// What messages call the place, such as `environment variables`.
  var name: String { get }

  /// Why the place gives nothing, for the message when no place does.
  var absence: String { get }

  /// Gives credentials, new ones where the place renews them.
  ///
  /// Calls come one after the other, when credentials are needed and some time before they expire.
  ///
  /// - Returns: nil when the place has none, and the next one is asked.
  /// - Throws: when credentials are meant to come from here, and something is wrong.
  func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials?
}

extension S3CredentialProvider {
  /// No reason in particular.
  public var absence: String { "gave none" }
}

/// Credentials and how long they are good.
public struct S3IssuedCredentials: Sendable, Hashable {
  /// What requests are signed with.
  public var credentials: S3Credentials
  /// When they end, in seconds since 1970; nil for never.
  public var expires: Int64?
  /// What messages call the place that they come from; nil for the name of the provider that was asked.
  public var source: String?

  /// Takes credentials.
  ///
  /// - Parameters:
  ///   - credentials: what requests are signed with.
  ///   - expires: when they end, in seconds since 1970; nil for never.
  ///   - source: what messages call the place that they come from.
  public init(credentials: S3Credentials, expires: Int64? = nil, source: String? = nil) {
    self.credentials = credentials
    self.expires = expires
    self.source = source
  }
}
