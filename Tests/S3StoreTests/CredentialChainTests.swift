import ObjectStores
import Synchronization
import Testing

@testable import S3Store

@Suite("The places of credentials")
struct CredentialChainTests {
  private let folder: CredentialFolder
  private let services = FakeServices { request, _ in
    if request.authority == "169.254.170.2" { return FakeServices.response(200, credentialDocument("CONTAINER")) }
    if request.path == "/latest/api/token" { return FakeServices.response(200, "token") }
    let isRole = request.path.hasSuffix("/")
    return FakeServices.response(200, isRole ? "reader" : credentialDocument("INSTANCE"))
  }

  init() throws {
    folder = try CredentialFolder()
  }

  private static let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"]
  private static let keys = ["AWS_ACCESS_KEY_ID": "ENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "hidden"]

  private func surroundings(_ environment: [String: String]...) -> CredentialSurroundings {
    let all = environment.reduce(["HOME": folder.path]) { $0.merging($1) { $1 } }
    return CredentialSurroundings(environment: all, client: services)
  }

  /// Access key and the name of the place.
  private func found(_ chain: CredentialChain) async throws -> [String?] {
    let issued = try await chain.credentials()
    return [issued?.credentials.accessKeyID, issued?.source]
  }

  @Test("are asked in the usual order, and the first that has some is named")
  func usual() async throws {
    #expect(try await found(.usual(surroundings())) == ["INSTANCE", "the instance's metadata"])
    let container = surroundings(Self.container)
    #expect(try await found(.usual(container)) == ["CONTAINER", "the container's credential service"])
    try folder.write(".aws/credentials", "[default]\naws_access_key_id=PROFILE\naws_secret_access_key=hidden\n")
    #expect(try await found(.usual(container)) == ["PROFILE", "profile 'default'"])
    let all = surroundings(Self.container, Self.keys)
    #expect(try await found(.usual(all)) == ["ENVIRONMENT", "environment variables"])
    let given = StaticCredentials(.sample("GIVEN"))
    #expect(try await found(.usual(explicit: given, all)) == ["GIVEN", "the configuration"])
    #expect(try await found(.roles(all)) == ["CONTAINER", "the container's credential service"])
    #expect(try await found(.roles(surroundings(Self.keys))) == ["INSTANCE", "the instance's metadata"])
  }

  @Test("end at the first that is configured and broken")
  func broken() async throws {
    let half = surroundings(Self.container, ["AWS_ACCESS_KEY_ID": "hidden"])
    let error = try await credentialFailure { _ = try await CredentialChain.usual(half).credentials() }
    #expect(error.code == .configuration && services.asked.isEmpty)
    let token = surroundings(Self.container, ["AWS_WEB_IDENTITY_TOKEN_FILE": "/none", "AWS_ROLE_ARN": "role"])
    _ = try await credentialFailure { _ = try await CredentialChain.usual(token).credentials() }
    #expect(services.asked.isEmpty)
  }

  @Test("are all listed with a reason when none has any")
  func none() async throws {
    let nowhere = surroundings(["AWS_EC2_METADATA_DISABLED": "true"])
    let error = try await credentialFailure { _ = try await CredentialChain.usual(nowhere).credentials() }
    #expect(error.code == .unauthenticated)
    #expect(
      error.message == "No credentials were found; give some in one of the places that were tried: "
        + "environment variables (AWS_ACCESS_KEY_ID is not set); "
        + "web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set); "
        + "profile 'default' (is not in ~/.aws/credentials or ~/.aws/config, or has no keys there); "
        + "the container's credential service (neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
        + "AWS_CONTAINER_CREDENTIALS_FULL_URI is set); "
        + "the instance's metadata (AWS_EC2_METADATA_DISABLED is set)."
    )
  }

  @Test("describe what they gave without its secrets")
  func descriptions() async throws {
    let issued = try #require(try await CredentialChain.usual(surroundings(Self.container, Self.keys)).credentials())
    var dumped = ""
    dump(issued, to: &dumped)
    dump(StaticCredentials(.sample(token: true)), to: &dumped)
    dump(CredentialCache(StaticCredentials(.sample(token: true))), to: &dumped)
    for text in ["\(issued)", String(reflecting: issued), dumped, "\(StaticCredentials(.sample(token: true)))"] {
      #expect(!text.contains("hidden"), "\(text)")
    }
  }

  @Test("are asked again after a failure that passes, with longer pauses, and not after one that stays")
  func tries() async throws {
    let pauses = Mutex<[Duration]>([])
    func count(_ kind: HTTPError.Kind?, _ status: Int = 200) async -> Int {
      let services = FakeServices { _, _ throws(HTTPError) in
        if let kind { throw HTTPError(kind: kind, message: "x") }
        return FakeServices.response(status)
      }
      var requests = CredentialRequests(client: services, tries: 3, timeout: .seconds(1), usesProxy: false)
      requests.pause = { pause in pauses.withLock { $0.append(pause) } }
      _ = try? await requests.send(HTTPRequest(method: .get, scheme: "http", authority: "x", path: "/"))
      return services.asked.count
    }
    for kind in [HTTPError.Kind.timeout, .unreachable, .broken] { #expect(await count(kind) == 3) }
    for kind in [HTTPError.Kind.tls, .invalid, .cancelled] { #expect(await count(kind) == 1) }
    for status in [500, 503, 429, 408] { #expect(await count(nil, status) == 3) }
    for status in [200, 204, 301, 400, 403, 404] { #expect(await count(nil, status) == 1) }
    #expect(pauses.withLock { Array($0.prefix(2)) } == [.milliseconds(100), .milliseconds(200)])
  }
}
