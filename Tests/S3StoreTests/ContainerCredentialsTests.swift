import ObjectStores
import Testing

@testable import S3Store

@Suite("Credentials of containers")
struct ContainerCredentialsTests {
  private let services = FakeServices { _, _ in FakeServices.response(200, credentialDocument()) }

  private func issued(_ environment: [String: String], _ services: FakeServices? = nil) async throws
    -> S3IssuedCredentials?
  {
    let services = services ?? self.services
    return try await ContainerCredentials(environment: environment, requests: services.local).credentials()
  }

  @Test("come from the task's address, within a second, without a proxy")
  func relative() async throws {
    let variables = [
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1-2?id=3",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/other",
    ]
    let expected = S3IssuedCredentials(credentials: .sample("ASIA", token: true), expires: 1_795_330_994)
    #expect(try await issued(variables) == expected)
    let asked = try #require(services.asked.first)
    #expect(asked.text == "GET http://169.254.170.2/v2/credentials/1-2?id=3")
    #expect(asked.timeout == .seconds(1) && !asked.usesProxy)
    #expect(asked.request.header("authorization") == nil)
  }

  @Test("come from the pod's address with a token, which is read again each time")
  func full() async throws {
    let folder = try CredentialFolder()
    var variables = [
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hidden-old",
    ]
    _ = try await issued(variables)
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = try folder.write("token", "hidden-1\n")
    _ = try await issued(variables)
    try folder.write("token", "hidden-2")
    _ = try await issued(variables)
    #expect(services.asked.map { $0.request.header("authorization") } == ["hidden-old", "hidden-1", "hidden-2"])
    #expect(services.asked.allSatisfy { $0.text == "GET http://169.254.170.23/v1/credentials" && !$0.usesProxy })
  }

  @Test("come from any address that is encrypted, and without that only from near ones")
  func hosts() async throws {
    #expect(try await issued(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "https://example.org/x"]) != nil)
    #expect(try await issued(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost:8080/x"]) != nil)
    let before = services.asked.count
    for address in ["http://example.org/x", "http://10.0.0.1/x", "http://127.0.0.1.example.org/", "not an address"] {
      let error = try await credentialFailure { _ = try await issued(["AWS_CONTAINER_CREDENTIALS_FULL_URI": address]) }
      #expect(error.code == .configuration && error.message.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    }
    for path in ["no/slash", "/a b", "/x#y", "/\n"] {
      let error = try await credentialFailure { _ = try await issued(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": path]) }
      #expect(error.code == .configuration)
    }
    let broken = [
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hidden\r\nx:y",
    ]
    #expect(try await credentialFailure { _ = try await issued(broken) }.code == .configuration)
    #expect(services.asked.count == before)
  }

  @Test("are absent without the variables")
  func absent() async throws {
    #expect(try await issued([:]) == nil)
    #expect(services.asked.isEmpty)
  }

  @Test("are an error when the service refuses, is down, or answers something else")
  func failures() async throws {
    let variables = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"]
    func failure(_ services: FakeServices) async throws -> ObjectStoreError {
      try await credentialFailure { _ = try await issued(variables, services) }
    }
    #expect(try await failure(FakeServices { _, _ in FakeServices.response(403, "hidden") }).code == .unauthenticated)
    #expect(try await failure(FakeServices { _, _ in FakeServices.response(500, "hidden") }).code == .server)
    let silent = FakeServices { _, _ throws(HTTPError) in throw HTTPError(kind: .timeout, message: "nothing came") }
    #expect(try await failure(silent).code == .timeout)
    #expect(silent.asked.count == 2)
    for body in [
      "", "hidden", "{}", "{\"AccessKeyId\":\"hidden\"}", credentialDocument(expires: "hidden"),
      credentialDocument("a b"),
    ] {
      _ = try await failure(FakeServices { _, _ in FakeServices.response(200, body) })
    }
  }
}
