import ByteBuffers
import Foundation
import Logging
import ObjectStores
import Synchronization
import Testing

@testable import S3Store

/// Everything that can be made to speak is made to speak; nothing may say a secret.
@Suite("Secrets of S3", .needsS3Server)
struct S3SecretsTests {
  private let log = CollectingLog()
  private let errors = Errors()
  private let folder: CredentialFolder
  /// Parts of secrets, as all of these tests hold it.
  private static let word = "hidden"

  private final class Errors: Sendable {
    let texts = Mutex<[String]>([])
  }

  init() throws {
    folder = try CredentialFolder()
  }

  /// Makes a call, and keeps what its error says in all ways.
  private func attempt(_ call: () async throws -> Void) async {
    do {
      try await call()
    } catch {
      var texts = ["\(error)", String(reflecting: error), error.localizedDescription]
      if let error = error as? ObjectStoreError { texts.append(error.message) }
      dump(error, to: &texts[0])
      errors.texts.withLock { $0 += texts }
    }
  }

  /// All that was said, beside what must not be in it.
  private func expectSilence(about secrets: [String]) {
    let texts = log.entries.map(\.text) + errors.texts.withLock { $0 }
    #expect(texts.count > 3)
    for text in texts {
      for secret in secrets where secret.utf8.count > 3 {
        #expect(!text.contains(secret), "\(text)")
      }
      #expect(!text.contains("Signature=") && !text.contains("Bearer "), "\(text)")
    }
  }

  private func use(_ store: S3ObjectStore) async {
    await attempt { try await store.put("a/b", Bytes(utf8: "content"), PutOptions()) }
    await attempt { try await store.put("a/b", Bytes(utf8: "content"), PutOptions(.create)) }
    await attempt { _ = try await store.read("a/b") }
    await attempt { _ = try await store.getRanges("a/b", [0..<3, 100..<200], GetOptions()) }
    await attempt { _ = try await store.head("missing", GetOptions()) }
    await attempt { _ = try await store.list(ListRequest()) }
    await attempt { try await store.copy("a/b", to: "c", .overwrite) }
    await attempt { _ = try await store.delete(["a/b", "c"]) }
    await attempt { _ = try await store.presignedURL("a/b", seconds: 0) }
  }

  /// What was sent that nobody else may have.
  private func sent(_ proxy: FaultProxy) -> [String] {
    proxy.requests.flatMap { request -> [String] in
      let authorization = request.header("authorization") ?? ""
      return [
        authorization, authorization.components(separatedBy: "Signature=").last ?? "",
        request.header("x-amz-security-token") ?? "",
      ]
    }
  }

  @Test("Requests, repetitions and refusals, with right keys and wrong ones, say none", arguments: [true, false])
  func requests(_ areRight: Bool) async throws {
    let right = TestServer.temporaryKeys
    let wrong = S3Credentials(
      accessKeyID: right.accessKeyID,
      secretAccessKey: "\(Self.word)-secret/x+y",
      sessionToken: "\(Self.word)-token/x+y=="
    )
    let keys = areRight ? right : wrong
    let scene = try await FaultScene.make()
    scene.proxy.stop()
    let proxy = try FaultProxy(upstream: TestServer.server?.stsEndpoint ?? "")
    defer { proxy.stop() }
    let store = try TestServer.same(scene.store) { configuration in
      configuration.endpoint = proxy.endpoint
      configuration.credentials = StaticCredentials(keys)
      configuration.logger = log.logger()
      configuration.retry.attempts = 3
    }
    await use(store)
    let url = try await store.presignedURL("a/b")
    let signature = try #require(url.components(separatedBy: "X-Amz-Signature=").last)
    let told =
      "\(keys.secretAccessKey) \(keys.sessionToken ?? "") AWS4-HMAC-SHA256 Credential=x, Signature=\(signature) \(url)"
    let escaped = told.replacingOccurrences(of: "&", with: "&amp;")
    let answers: [Fault] = [
      .answer(.error(403, "ExpiredToken")), .answer(.internalError), .answer(.slowDown), .reset, .loseAnswer,
      .answer(ProxiedAnswer(403, body: "<Error><Code>AccessDenied</Code><Message>\(escaped)</Message></Error>")),
      .answer(ProxiedAnswer(500, body: "<Error><Code>\(escaped)</Code><RequestId>\(escaped)</RequestId></Error>")),
      .answer(ProxiedAnswer(400, body: "<html>\(escaped)")),
      .answer(ProxiedAnswer(200, body: "<ListBucketResult><a>\(escaped)")),
      .answer(ProxiedAnswer(200, body: "{\"token\": \"\(escaped)\"")),
      .answer(.redirect(301, region: "eu-west-1")), .answer(.skewedClock(date: "Sun, 22 Nov 2026 02:00:00 GMT")),
    ]
    for answer in answers {
      proxy.clearFaults()
      proxy.add(FaultRule(answer, times: 4))
      await use(store)
    }
    expectSilence(about: [keys.secretAccessKey, keys.sessionToken ?? "", signature] + sent(proxy))
    #expect(sent(proxy).contains { $0.contains("Signature=") })
    #expect(!log.entries(.trace).isEmpty && !log.entries(.debug).isEmpty && !log.entries(.warning).isEmpty)
  }

  @Test("Bearer tokens are said nowhere")
  func bearer() async throws {
    let proxy = try FaultProxy()
    defer { proxy.stop() }
    let token = "\(Self.word)-bearer"
    let keys = S3Credentials(accessKeyID: "id", secretAccessKey: "\(Self.word)-secret", sessionToken: token)
    var configuration = S3Configuration(
      bucket: "bucket",
      endpoint: proxy.endpoint,
      credentials: StaticCredentials(keys)
    )
    configuration.signing = .bearer
    configuration.logger = log.logger()
    configuration.retry.attempts = 2
    let words = "<Error><Code>InvalidToken</Code><Message>no: Bearer \(token)</Message></Error>"
    proxy.add(FaultRule(.answer(ProxiedAnswer(401, body: words)), times: nil))
    await use(try S3ObjectStore(configuration))
    #expect(proxy.requests.contains { $0.header("authorization") == "Bearer \(token)" })
    expectSilence(about: [Self.word])
  }

  @Test("A proxy's password is said nowhere")
  func proxyPassword() async throws {
    for address in [
      "odd://me:\(Self.word)@127.0.0.1:1", "http://me:\(Self.word)@127.0.0.1:1", "http://me:\(Self.word)@[:1",
    ] {
      // A host that is not this machine's own, and is asked through the proxy alone, at a port where nobody listens.
      var configuration = S3Configuration(
        bucket: "bucket",
        endpoint: "http://s3.invalid",
        credentials: StaticCredentials(.sample(token: true))
      )
      configuration.proxy = address
      configuration.logger = log.logger()
      configuration.retry.attempts = 1
      let store = try S3ObjectStore(configuration)
      await attempt { _ = try await store.list(ListRequest()) }
    }
    expectSilence(about: [Self.word])
  }

  @Test("Sources of credentials say none, whether they give some or fail")
  func sources() async throws {
    let answers: [Fault] = [
      .pass, .answer(ProxiedAnswer(200, body: "hidden-garbage")), .answer(ProxiedAnswer(403, body: "hidden-words")),
      .answer(
        ProxiedAnswer(
          400,
          body:
            "<ErrorResponse><Error><Message>hidden-jwt hidden-secret-AKID</Message></Error></ErrorResponse>"
        )
      ),
      .answer(ProxiedAnswer(200, body: "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"hidden\\u0000\"}")), .reset,
    ]
    let role = "arn:aws:iam::123456789012:role/reader"
    let token = try folder.write("token", "hidden-jwt")
    let keys =
      "aws_access_key_id = AKID\naws_secret_access_key = hidden-secret-AKID\naws_session_token = hidden-token\n"
    try folder.write("program", "echo '\(credentialDocument("PROC"))'")
    try folder.write(
      ".aws/config",
      """
      [profile keys]
      \(keys)[profile broken]
      aws_secret_access_key = hidden
      [profile program]
      credential_process = sh \(folder.path)/program hidden-argument
      [profile role]
      role_arn = \(role)
      source_profile = keys
      external_id = hidden-id
      [profile identity]
      role_arn = \(role)
      web_identity_token_file = \(token)
      [profile box]
      role_arn = \(role)
      credential_source = EcsContainer
      """
    )
    for answer in answers {
      let proxy = try FaultProxy()
      defer { proxy.stop() }
      if case .pass = answer {
        proxy.add(FaultRule(.answer(ProxiedAnswer(200, body: Self.session)), times: nil, method: "POST"))
        proxy.add(FaultRule(.answer(ProxiedAnswer(200, body: credentialDocument())), times: nil))
      } else {
        proxy.add(FaultRule(answer, times: nil))
      }
      let client = CurlClient(engine: .shared, settings: HTTPSettings(), limit: 1 << 16)
      let common = [
        "HOME": folder.path, "PATH": "/bin:/usr/bin", "AWS_ENDPOINT_URL_STS": proxy.endpoint,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": proxy.endpoint, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hidden-box",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": proxy.endpoint + "/hidden-path",
      ]
      func chain(_ more: [String: String]) -> CredentialChain {
        let environment = common.merging(more) { $1 }
        return CredentialChain.usual(CredentialSurroundings(environment: environment, client: client))
      }
      var providers = ["keys", "broken", "program", "role", "identity", "box", "none"].map {
        chain(["AWS_PROFILE": $0])
      }
      providers += [
        chain([:]), chain(["AWS_CONTAINER_CREDENTIALS_FULL_URI": ""]),
        chain(["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_SESSION_TOKEN": "hidden"]),
        chain(["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hidden \n"]),
        chain(["AWS_SECRET_ACCESS_KEY": "hidden"]),
        chain(["AWS_ROLE_ARN": role, "AWS_WEB_IDENTITY_TOKEN_FILE": token]),
      ]
      for provider in providers {
        let cache = CredentialCache(provider, log: S3Log(log.logger(), bucket: "bucket"))
        await attempt { _ = try await cache.current() }
      }
    }
    expectSilence(about: [Self.word])
    #expect(log.entries(.info).count > 8 && log.entries(.warning).count > 20)
  }

  private static let session = """
    <AssumeRoleResponse><AssumeRoleResult><Credentials>
      <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hidden-secret-ASIA</SecretAccessKey>
      <SessionToken>hidden-token-ASIA</SessionToken><Expiration>2036-11-22T07:03:14Z</Expiration>
    </Credentials></AssumeRoleResult></AssumeRoleResponse>
    """
}
