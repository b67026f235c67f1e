import ObjectStores
import Testing

@testable import S3Store

@Suite("Credentials of instances")
struct InstanceMetadataCredentialsTests {
  private static let rolePath = "/latest/meta-data/iam/security-credentials/"

  /// The three requests in their order, with the token of the first in the others.
  private func instance(_ role: String = "my role+1", _ document: String = credentialDocument()) -> FakeServices {
    FakeServices { request, _ in
      if request.path == "/latest/api/token" {
        let isRight = request.method == .put && request.header("x-aws-ec2-metadata-token-ttl-seconds") == "21600"
        return FakeServices.response(isRight ? 200 : 400, "hidden-metadata-token==")
      }
      guard request.header("x-aws-ec2-metadata-token") == "hidden-metadata-token==" else {
        return FakeServices.response(401)
      }
      return FakeServices.response(200, request.path == Self.rolePath ? role : document)
    }
  }

  private func issued(_ services: FakeServices, _ environment: [String: String] = [:]) async throws
    -> S3IssuedCredentials?
  {
    try await InstanceMetadataCredentials(environment: environment, requests: services.local).credentials()
  }

  @Test("come by a token, a role and its document, within a second each, without a proxy")
  func requests() async throws {
    let services = instance("reader+1\n")
    let expected = S3IssuedCredentials(credentials: .sample("ASIA", token: true), expires: 1_795_330_994)
    #expect(try await issued(services) == expected)
    #expect(
      services.asked.map(\.text) == [
        "PUT http://169.254.169.254/latest/api/token", "GET http://169.254.169.254\(Self.rolePath)",
        "GET http://169.254.169.254\(Self.rolePath)reader%2B1",
      ]
    )
    #expect(services.asked.allSatisfy { $0.timeout == .seconds(1) && !$0.usesProxy && $0.request.body.isEmpty })
  }

  @Test("come from another address when the environment says so, and not at all when it forbids")
  func environment() async throws {
    func first(_ environment: [String: String]) async throws -> String? {
      let services = instance("reader")
      _ = try await issued(services, environment)
      return services.asked.first?.text
    }
    let path = "latest/api/token"
    #expect(
      try await first(["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"]) == "PUT http://[fd00:ec2::254]/\(path)"
    )
    #expect(
      try await first(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://[::1]:1338/"]) == "PUT http://[::1]:1338/\(path)"
    )
    #expect(try await first(["AWS_EC2_METADATA_DISABLED": "True"]) == nil)
    let wrong = try await credentialFailure { _ = try await first(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "x"]) }
    #expect(wrong.code == .configuration)
  }

  @Test("are absent when nothing answers, after two tries, and when there is no role")
  func absent() async throws {
    let silent = FakeServices { _, _ throws(HTTPError) in throw HTTPError(kind: .timeout, message: "nothing came") }
    #expect(try await issued(silent) == nil)
    #expect(silent.asked.count == 2)
    #expect(try await issued(FakeServices([:])) == nil)
    #expect(try await issued(FakeServices(["/latest/api/token": "<html> a portal </html>"])) == nil)
    #expect(try await issued(FakeServices(["/latest/api/token": "token"])) == nil)
    #expect(try await issued(instance("")) == nil)
  }

  @Test("are an error when there is a role and something is wrong with it")
  func failures() async throws {
    let refused = #"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "hidden"}"#
    let error = try await credentialFailure { _ = try await issued(instance("reader", refused)) }
    #expect(error.code == .unauthenticated)
    #expect(error.message.contains("AssumeRoleUnauthorizedAccess") && error.message.contains("role reader"))
    _ = try await credentialFailure { _ = try await issued(instance("../x")) }
    _ = try await credentialFailure { _ = try await issued(instance("<html> hidden")) }
    _ = try await credentialFailure { _ = try await issued(instance("reader", "hidden")) }
    let unauthorized = FakeServices { request, _ in
      FakeServices.response(request.method == .put ? 200 : 401, "hidden-token")
    }
    #expect(try await credentialFailure { _ = try await issued(unauthorized) }.code == .unauthenticated)
    let busy = FakeServices { _, _ in FakeServices.response(503) }
    #expect(try await credentialFailure { _ = try await issued(busy) }.isRetryable && busy.asked.count == 2)
    let cancelled = FakeServices { _, _ throws(HTTPError) in throw HTTPError(kind: .cancelled, message: "cancelled") }
    #expect(try await credentialFailure { _ = try await issued(cancelled) }.code == .cancelled)
    #expect(cancelled.asked.count == 1)
  }
}
