import ByteBuffers
import Foundation
import ObjectStores
import Testing

@testable import S3Store

@Suite("Credentials of roles in profiles")
struct RoleCredentialsTests {
  private let folder: CredentialFolder
  private var environment: [String: String]

  init() throws {
    folder = try CredentialFolder()
    environment = ["HOME": folder.path, "AWS_EC2_METADATA_DISABLED": "true"]
  }

  private static let keys = "aws_access_key_id = AKID\naws_secret_access_key = hidden-secret-AKID\n"
  private static let role = "role_arn = arn:aws:iam::123456789012:role/reader\n"

  private static func answer(_ name: String, _ action: String = "AssumeRole") -> String {
    """
    <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result><Credentials>
      <AccessKeyId>\(name)</AccessKeyId><SecretAccessKey>hidden-secret-\(name)</SecretAccessKey>
      <SessionToken>hidden-token-\(name)</SessionToken><Expiration>2026-11-22T07:03:14Z</Expiration>
    </Credentials></\(action)Result></\(action)Response>
    """
  }

  /// An STS that numbers what it gives.
  private func services() -> FakeServices {
    FakeServices { request, number in
      if request.path == "/creds" { return FakeServices.response(200, credentialDocument("BOX")) }
      let isToken = String(decoding: request.body.flatMap(\.array), as: UTF8.self).contains("WebIdentity")
      let action = isToken ? "AssumeRoleWithWebIdentity" : "AssumeRole"
      return FakeServices.response(200, Self.answer("ASIA\(number)", action))
    }
  }

  private func issued(_ profile: String, _ services: FakeServices) async throws -> S3IssuedCredentials? {
    let surroundings = CredentialSurroundings(environment: environment, client: services)
    return try await ProfileCredentials(profile: profile, surroundings).credentials()
  }

  private func refused(_ profile: String, _ config: String) async throws -> String {
    try folder.write(".aws/config", config)
    let services = services()
    let error = try await credentialFailure { _ = try await issued(profile, services) }
    #expect(services.asked.isEmpty && [.configuration, .unauthenticated].contains(error.code))
    return error.message
  }

  @Test("are asked for with the keys of the source, in the region of the profile")
  func source() async throws {
    let more = "source_profile = base\nregion = eu-west-1\nexternal_id = hidden id\nduration_seconds = 900\n"
    try folder.write(".aws/config", "[profile x]\n\(Self.role)\(more)role_session_name = nightly\n")
    try folder.write(".aws/credentials", "[base]\n\(Self.keys)")
    let services = services()
    let issued = try #require(try await issued("x", services))
    #expect(issued.credentials == .sample("ASIA1", token: true) && issued.expires == 1_795_330_994)
    #expect(issued.source == "role arn:aws:iam::123456789012:role/reader of profile 'x'")
    let asked = try #require(services.asked.first)
    #expect(asked.text == "POST https://sts.eu-west-1.amazonaws.com/" && asked.usesProxy && services.asked.count == 1)
    // By Python's urllib.parse.urlencode.
    #expect(
      asked.body == "Action=AssumeRole&Version=2011-06-15&DurationSeconds=900"
        + "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Freader&RoleSessionName=nightly&ExternalId=hidden%20id"
    )
    let authorization = try #require(asked.request.header("authorization"))
    #expect(authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AKID/"))
    #expect(authorization.contains("/eu-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date,"))
    #expect(asked.request.header("x-amz-content-sha256") == nil)
  }

  @Test(
    "are signed as botocore's SigV4Auth signs them",
    arguments: [
      (false, "8445cd4337ad6f7322be62ce3a7c6b00570041be0c40a8397536e0c72388cf1d"),
      (true, "d85e793e4b0fa64eac49d6a471733253affc5944ea1791804b682a1a216e11e5"),
    ]
  )
  func signature(_ hasToken: Bool, _ expected: String) async throws {
    let services = services()
    let service = TokenService(environment: [:], region: "eu-west-1", endpoint: nil, requests: services.remote)
    let question = TokenService.Question(
      action: "AssumeRole",
      parameters: [
        ("DurationSeconds", "3600"), ("RoleArn", "arn:aws:iam::123456789012:role/reader"),
        ("RoleSessionName", "swift-backfill"), ("ExternalId", "hidden-id"),
      ],
      source: "the test",
      advice: "",
      secrets: []
    )
    // 2026-11-22T05:00:00Z
    _ = try await service.ask(question, signedBy: .sample(token: hasToken), at: 1_795_323_600)
    let asked = try #require(services.asked.first?.request)
    #expect(asked.header("x-amz-date") == "20261122T050000Z")
    #expect(asked.header("authorization")?.hasSuffix("Signature=\(expected)") == true)
    #expect(asked.header("x-amz-security-token") == (hasToken ? "hidden-token-AKID" : nil))
  }

  @Test("may be taken by another role, whose credentials sign")
  func chain() async throws {
    try folder.write(
      ".aws/config",
      "[profile x]\n\(Self.role)source_profile = y\n[profile y]\n\(Self.role)source_profile = y\n\(Self.keys)"
    )
    let services = services()
    #expect(try await issued("x", services)?.credentials == .sample("ASIA2", token: true))
    #expect(services.asked.count == 2)
    #expect(services.asked[0].request.header("authorization")?.contains("Credential=AKID/") == true)
    #expect(services.asked[1].request.header("authorization")?.contains("Credential=ASIA1/") == true)
    #expect(services.asked[1].request.header("x-amz-security-token") == "hidden-token-ASIA1")
  }

  @Test("may be taken by the environment's, the container's, or a token in a file")
  mutating func otherSources() async throws {
    environment["AWS_ACCESS_KEY_ID"] = "ENVKEY"
    environment["AWS_SECRET_ACCESS_KEY"] = "hidden-secret-ENVKEY"
    environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/creds"
    let token = try folder.write("token", "hidden-jwt\n")
    let sources = [
      "credential_source = Environment", "credential_source = EcsContainer", "web_identity_token_file = \(token)",
    ]
    for (source, signer) in zip(sources, ["ENVKEY", "BOX", nil]) {
      try folder.write(".aws/config", "[profile x]\n\(Self.role)\(source)\n")
      let services = services()
      #expect(try await issued("x", services)?.credentials.accessKeyID.hasPrefix("ASIA") == true)
      let request = try #require(services.asked.last?.request)
      #expect(request.header("authorization")?.contains("Credential=\(signer ?? "")/") == (signer == nil ? nil : true))
      if signer == nil { #expect(services.asked.last?.body.hasSuffix("&WebIdentityToken=hidden-jwt") == true) }
    }
  }

  @Test("whose profiles go round in circles, or are half, are refused with what to do")
  func refusals() async throws {
    let loop = "[profile x]\n\(Self.role)source_profile = y\n[profile y]\n\(Self.role)source_profile = x\n"
    #expect(try await refused("x", loop).contains("'x', 'y', 'x' name each other"))
    let long = "[profile w]\n\(Self.role)source_profile = x\n" + loop
    #expect(try await refused("w", long).contains("'w', 'x', 'y', 'x' name each other"))
    #expect(try await refused("x", "[profile x]\n\(Self.role)source_profile = x\n").contains("has no keys"))
    #expect(try await refused("x", "[profile x]\n\(Self.role)").contains("give one of source_profile"))
    let both = "source_profile = y\ncredential_source = Environment\n"
    #expect(try await refused("x", "[profile x]\n\(Self.role)\(both)").contains("source_profile and credential_source"))
    #expect(try await refused("x", "[profile x]\nsource_profile = y\n").contains("no role_arn"))
    let unknown = "credential_source = Moon\n"
    #expect(try await refused("x", "[profile x]\n\(Self.role)\(unknown)").contains("none of Environment"))
    let absent = "credential_source = Ec2InstanceMetadata\n"
    #expect(try await refused("x", "[profile x]\n\(Self.role)\(absent)").contains("AWS_EC2_METADATA_DISABLED"))
    #expect(try await refused("x", "[profile x]\n\(Self.role)source_profile = none\n").contains("'none' is not in"))
    let empty = "source_profile = y\n[profile y]\nregion = x\n"
    #expect(try await refused("x", "[profile x]\n\(Self.role)\(empty)").contains("'y', which is the source of a role"))
    let device = "source_profile = y\nmfa_serial = arn:aws:iam::1:mfa/me\n[profile y]\n\(Self.keys)"
    #expect(try await refused("x", "[profile x]\n\(Self.role)\(device)").contains("mfa_serial"))
    let signOn = "source_profile = y\n[profile y]\nsso_session = me\n"
    #expect(try await refused("x", "[profile x]\n\(Self.role)\(signOn)").contains("aws sso login --profile y"))
    let short = "source_profile = y\nduration_seconds = 60\n[profile y]\n\(Self.keys)"
    #expect(try await refused("x", "[profile x]\n\(Self.role)\(short)").contains("duration_seconds"))
  }

  @Test("that STS refuses are an error with its words and the source of the keys, without secrets")
  func stsRefuses() async throws {
    try folder.write(".aws/config", "[profile x]\n\(Self.role)source_profile = y\n[profile y]\n\(Self.keys)")
    for (message, isShown) in [("not authorized", true), ("wrong: hidden-secret-AKID", false)] {
      let services = FakeServices { _, _ in
        let words = "<Code>AccessDenied</Code><Message>\(message)</Message>"
        return FakeServices.response(403, "<ErrorResponse><Error>\(words)</Error></ErrorResponse>")
      }
      let error = try await credentialFailure { _ = try await issued("x", services) }
      #expect(error.code == .unauthenticated && error.message.contains("AccessDenied"))
      #expect(error.message.contains(message) == isShown)
      #expect(error.message.contains("the keys from profile 'y'"))
    }
  }

  @Test("and of web identities are asked for with the store's certificates and proxy")
  func connection() throws {
    var settings = HTTPSettings()
    settings.certificateAuthorityFile = "/ca.pem"
    settings.proxy = "http://proxy:3128"
    let client = CurlClient(engine: .shared, settings: HTTPSettings(), limit: 1000)
    let surroundings = CredentialSurroundings(environment: environment, client: client)
    let requests = CredentialRequests.remote(client).asking(settings)
    #expect((requests.client as? CurlClient)?.settings == settings)
    let profile = ProfileCredentials(profile: "x", surroundings).connected(settings) as? ProfileCredentials
    #expect((profile?.surroundings.client as? CurlClient)?.settings == settings)
    #expect(profile?.name == "profile 'x'")
    let identity = try #require(surroundings.webIdentity.connected(settings) as? WebIdentityCredentials)
    #expect((identity.service.requests.client as? CurlClient)?.settings == settings)
    let chain = CredentialChain.usual(surroundings).connected(settings)
    #expect(chain is CredentialChain && chain.name == CredentialChain.usual(surroundings).name)
    #expect(StaticCredentials(.sample()).connected(settings) is StaticCredentials)
  }
}
