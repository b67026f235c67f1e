import ByteBuffers
import Foundation
import ObjectStores
import Synchronization
import Testing

@testable import S3Store

/// Services that answer as a test says, and what they were asked.
final class FakeServices: HTTPClient {
  struct Asked: Sendable {
    let request: HTTPRequest
    let timeout: Duration?
    let usesProxy: Bool

    var text: String { "\(request.method.rawValue) \(request.url)" }
    var body: String { String(decoding: request.body.flatMap(\.array), as: UTF8.self) }
  }

  typealias Answer = @Sendable (_ request: HTTPRequest, _ number: Int) async throws(HTTPError) -> HTTPResponse

  private let log = Mutex<[Asked]>([])
  private let answer: Answer

  init(_ answer: @escaping Answer) {
    self.answer = answer
  }

  /// Answers by path; 404 for all others.
  convenience init(_ bodies: [String: String]) {
    self.init { request, _ in
      guard let body = bodies[request.path] else { return FakeServices.response(404, "not here") }
      return FakeServices.response(200, body)
    }
  }

  static func response(_ status: Int, _ body: String = "") -> HTTPResponse {
    HTTPResponse(status: status, headers: [], body: Bytes(utf8: body))
  }

  var asked: [Asked] { log.withLock { $0 } }

  func send(_ request: HTTPRequest, timeout: Duration?, usesProxy: Bool) async throws(HTTPError) -> HTTPResponse {
    let number = log.withLock { log in
      log.append(Asked(request: request, timeout: timeout, usesProxy: usesProxy))
      return log.count
    }
    return try await answer(request, number)
  }

  /// Asked as often as real ones, without waiting in between.
  var local: CredentialRequests { quick(.local(self)) }
  var remote: CredentialRequests { quick(.remote(self)) }

  private func quick(_ requests: CredentialRequests) -> CredentialRequests {
    var requests = requests
    requests.pause = { _ in }
    return requests
  }
}

/// A folder of a test's own, removed at the end.
final class CredentialFolder: Sendable {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("credentials-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file and gives its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }
}

/// The error of a call, which has to fail; its message must be a sentence without any of the secrets of these tests.
func credentialFailure(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ call: () async throws -> Void
) async throws -> ObjectStoreError {
  do {
    try await call()
  } catch let error as ObjectStoreError {
    for text in [error.message, "\(error)", String(reflecting: error)] {
      #expect(!text.contains("hidden"), "\(text)", sourceLocation: sourceLocation)
    }
    #expect(error.message.hasSuffix("."), "\(error.message)", sourceLocation: sourceLocation)
    return error
  }
  try #require(Bool(false), "the call succeeded", sourceLocation: sourceLocation)
  return ObjectStoreError(.unsupported, "")
}

extension S3Credentials {
  /// Keys whose secret halves are found by a search for "hidden".
  static func sample(_ name: String = "AKID", token: Bool = false) -> S3Credentials {
    S3Credentials(
      accessKeyID: name,
      secretAccessKey: "hidden-secret-\(name)",
      sessionToken: token ? "hidden-token-\(name)" : nil
    )
  }
}

/// The document of the services for containers and instances; 2026-11-22T07:03:14Z is 1795330994.
func credentialDocument(_ name: String = "ASIA", expires: String = "2026-11-22T07:03:14Z") -> String {
  """
  {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "\(name)", "SecretAccessKey": "hidden-secret-\(name)",
   "Token": "hidden-token-\(name)", "Expiration": "\(expires)", "LastUpdated": "2026-11-22T01:00:00Z"}
  """
}
