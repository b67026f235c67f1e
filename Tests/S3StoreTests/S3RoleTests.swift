import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// A role that a profile's keys take at a real STS.
@Suite("Roles on S3", .needsS3Server)
struct S3RoleTests {
  private let folder: CredentialFolder

  init() throws {
    folder = try CredentialFolder()
  }

  private func store(_ secret: String) async throws -> S3ObjectStore {
    let server = try #require(TestServer.server)
    try folder.write(
      ".aws/config",
      """
      [profile x]
      role_arn = \(server.role)
      source_profile = y
      [profile y]
      aws_access_key_id = \(server.accessKey)
      aws_secret_access_key = \(secret)
      """
    )
    let environment = ["HOME": folder.path, "AWS_PROFILE": "x", "AWS_EC2_METADATA_DISABLED": "true"]
    let profile = ProfileCredentials(environment: environment, region: "us-east-1", stsEndpoint: server.stsEndpoint)
    let bucket = try await TestServer.bucket()
    return try TestServer.same(bucket) { configuration in
      configuration.endpoint = server.stsEndpoint
      configuration.credentials = profile
    }
  }

  @Test("The keys that STS gives for it read and write")
  func role() async throws {
    let store = try await store(TestServer.keys.secretAccessKey)
    try await store.put("a", Bytes(utf8: "content"), PutOptions())
    #expect(try await store.read("a").1.array == Array("content".utf8))
    #expect(try await store.client.credentials.current().sessionToken != nil)
    #expect(store.client.credentials.sourceName.hasPrefix("role arn:aws:iam:::role/reader of profile 'x'"))
  }

  @Test("Wrong keys in the source are told with their place, before anything is asked of the store")
  func wrongSource() async throws {
    let store = try await store("wrong")
    let error = await #expect(throws: ObjectStoreError.self) { _ = try await store.list(ListRequest()) }
    #expect(error?.code == .unauthenticated && error?.message.contains("profile 'y'") == true)
  }
}
