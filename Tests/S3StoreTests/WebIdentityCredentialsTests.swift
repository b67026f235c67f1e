import Foundation
import ObjectStores
import Testing

@testable import S3Store

@Suite("Credentials of web identities")
struct WebIdentityCredentialsTests {
  private let folder: CredentialFolder
  private var environment: [String: String]

  init() throws {
    folder = try CredentialFolder()
    environment = [
      "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/reader",
      "AWS_WEB_IDENTITY_TOKEN_FILE": try folder.write("token", " hidden-token+1/=\n"),
    ]
  }

  private static let answer = """
    <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <AssumeRoleWithWebIdentityResult>
        <Credentials>
          <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hidden-secret-ASIA</SecretAccessKey>
          <SessionToken>hidden-token-ASIA</SessionToken><Expiration>2026-11-22T07:03:14Z</Expiration>
        </Credentials>
      </AssumeRoleWithWebIdentityResult>
    </AssumeRoleWithWebIdentityResponse>
    """

  private func provider(_ services: FakeServices, region: String? = nil, endpoint: String? = nil)
    -> WebIdentityCredentials
  {
    WebIdentityCredentials(environment: environment, region: region, endpoint: endpoint, requests: services.remote)
  }

  @Test("are asked of STS by a form, not signed, with the token in the body alone")
  mutating func request() async throws {
    let services = FakeServices(["/": Self.answer])
    let issued = try await provider(services, region: "eu-west-1").credentials()
    #expect(issued == S3IssuedCredentials(credentials: .sample("ASIA", token: true), expires: 1_795_330_994))
    let asked = try #require(services.asked.first)
    #expect(asked.text == "POST https://sts.eu-west-1.amazonaws.com/" && asked.usesProxy)
    // By Python's urllib.parse.urlencode.
    #expect(
      asked.body == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&DurationSeconds=3600"
        + "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Freader&RoleSessionName=swift-backfill"
        + "&WebIdentityToken=hidden-token%2B1%2F%3D"
    )
    #expect(asked.request.header("content-type") == "application/x-www-form-urlencoded")
    #expect(asked.request.header("authorization") == nil)
  }

  @Test("are asked of the region's STS, or of another")
  mutating func endpoints() async throws {
    func asked(_ region: String?, _ endpoint: String?) async throws -> String {
      let services = FakeServices { _, _ in FakeServices.response(200, Self.answer) }
      _ = try await provider(services, region: region, endpoint: endpoint).credentials()
      return services.asked[0].request.url
    }
    #expect(try await asked(nil, nil) == "https://sts.amazonaws.com/")
    #expect(try await asked("cn-north-1", nil) == "https://sts.cn-north-1.amazonaws.com.cn/")
    #expect(try await asked("x", "http://127.0.0.1:7480/sts") == "http://127.0.0.1:7480/sts")
    environment["AWS_REGION"] = "us-east-2"
    environment["AWS_ROLE_SESSION_NAME"] = "a b"
    #expect(try await asked(nil, nil) == "https://sts.us-east-2.amazonaws.com/")
    environment["AWS_ENDPOINT_URL_STS"] = "https://sts.example.org"
    #expect(try await asked(nil, nil) == "https://sts.example.org/")
    #expect(try await credentialFailure { _ = try await asked(nil, "sts.example.org") }.code == .configuration)
  }

  @Test("have their token read again each time")
  func token() async throws {
    let services = FakeServices { _, _ in FakeServices.response(200, Self.answer) }
    let provider = provider(services)
    _ = try await provider.credentials()
    try folder.write("token", "hidden-second")
    _ = try await provider.credentials()
    #expect(services.asked[1].body.hasSuffix("&WebIdentityToken=hidden-second"))
  }

  @Test("are absent without the variables, and an error with half of them or without the token")
  mutating func missing() async throws {
    let services = FakeServices([:])
    try folder.write("token", " \n")
    #expect(try await credentialFailure { _ = try await provider(services).credentials() }.message.contains("no token"))
    try folder.write("token", "hidden\nhidden")
    #expect(try await credentialFailure { _ = try await provider(services).credentials() }.message.contains("no token"))
    environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "\(folder.path)/none"
    let absent = try await credentialFailure { _ = try await provider(services).credentials() }
    #expect(absent.code == .configuration && absent.message.contains("\(folder.path)/none: it is not there"))
    environment["AWS_ROLE_ARN"] = nil
    #expect(
      try await credentialFailure { _ = try await provider(services).credentials() }.message.contains("AWS_ROLE_ARN")
    )
    environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = nil
    #expect(try await provider(services).credentials() == nil)
    #expect(services.asked.isEmpty)
  }

  @Test("are an error with STS's words when it refuses, and are asked for again when it is busy")
  func refusals() async throws {
    let refusal = """
      <ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code><Message>No provider found</Message>
      </Error><RequestId>1</RequestId></ErrorResponse>
      """
    let refusing = FakeServices { _, _ in FakeServices.response(400, refusal) }
    let error = try await credentialFailure { _ = try await provider(refusing).credentials() }
    #expect(error.code == .unauthenticated && refusing.asked.count == 1)
    #expect(error.message.contains("InvalidIdentityToken, No provider found"))
    #expect(error.message.contains("role arn:aws:iam::123456789012:role/reader"))
    let repeating = FakeServices { _, _ in
      FakeServices.response(400, refusal.replacingOccurrences(of: "found", with: "for hidden-token+1/="))
    }
    let short = try await credentialFailure { _ = try await provider(repeating).credentials() }
    #expect(short.message.contains("(status 400): InvalidIdentityToken. "))
    let busy = FakeServices { _, number in
      number < 3 ? FakeServices.response(503) : FakeServices.response(200, Self.answer)
    }
    #expect(try await provider(busy).credentials()?.credentials.accessKeyID == "ASIA")
    let down = FakeServices { _, _ throws(HTTPError) in throw HTTPError(kind: .unreachable, message: "no such host") }
    let unreachable = try await credentialFailure { _ = try await provider(down).credentials() }
    #expect(unreachable.code == .transport && down.asked.count == 3)
    let broken = FakeServices { _, _ in FakeServices.response(200, "<html>hidden</html>") }
    _ = try await credentialFailure { _ = try await provider(broken).credentials() }
  }
}
