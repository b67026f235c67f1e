import ObjectStores
import Testing

@testable import S3Store

@Suite("Where requests go")
struct S3EndpointTests {
  private func endpoint(
    _ bucket: String,
    _ endpoint: String? = nil,
    region: String = "eu-west-1",
    _ addressing: S3Configuration.Addressing = .automatic,
    host: String? = nil
  ) throws -> S3Endpoint {
    let keys = S3Credentials(accessKeyID: "a", secretAccessKey: "b")
    var configuration = S3Configuration(bucket: bucket, endpoint: endpoint, credentials: StaticCredentials(keys))
    configuration.addressing = addressing
    return try S3Endpoint(configuration, region: region, host: host)
  }

  @Test("AWS is spoken to by virtual hosts, and by paths where a bucket's name has dots")
  func aws() throws {
    let plain = try endpoint("data")
    #expect(plain.scheme == "https" && plain.authority == "data.s3.eu-west-1.amazonaws.com")
    #expect(plain.path("a b/ü") == "/a%20b/%C3%BC" && plain.bucketPath == "/")
    let dotted = try endpoint("my.data")
    #expect(dotted.authority == "s3.eu-west-1.amazonaws.com" && dotted.path("k") == "/my.data/k")
    #expect(dotted.bucketPath == "/my.data")
    #expect(try endpoint("data", region: "cn-north-1").authority == "data.s3.cn-north-1.amazonaws.com.cn")
  }

  @Test("Endpoints of one's own are spoken to by paths, without the scheme's own port")
  func own() throws {
    let plain = try endpoint("data", "http://127.0.0.1:9000/")
    #expect(plain.authority == "127.0.0.1:9000" && plain.path("//a") == "/data///a" && !plain.isEncrypted)
    #expect(try endpoint("data", "https://s3.example.org:443").authority == "s3.example.org")
    #expect(try endpoint("data", "http://s3.example.org:80").authority == "s3.example.org")
    #expect(try endpoint("data", "https://s3.example.org", .virtualHost).authority == "data.s3.example.org")
  }

  @Test("A host that a redirect names is taken over, with and without the bucket in front")
  func redirected() throws {
    for host in ["data.s3.eu-central-1.amazonaws.com", "s3.eu-central-1.amazonaws.com"] {
      #expect(try endpoint("data", host: host).authority == "data.s3.eu-central-1.amazonaws.com")
      #expect(try endpoint("data", nil, .path, host: host).authority == "s3.eu-central-1.amazonaws.com")
    }
  }

  @Test(
    "What is no endpoint is refused, and a password in it is not repeated",
    arguments: ["127.0.0.1:9000", "ftp://host", "http://", "http://host/path", "http://user:hidden@host"]
  )
  func refused(_ text: String) throws {
    let error = #expect(throws: ObjectStoreError.self) { _ = try endpoint("data", text) }
    #expect(error?.code == .configuration && error?.message.contains("hidden") == false)
  }
}
