import Testing

@testable import S3Store

@Suite("Requests")
struct HTTPRequestTests {
  @Test("The address has the parameters in their order, those without a value with an equals sign")
  func url() {
    var request = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:7480", path: "/bucket/a%20b")
    #expect(request.url == "http://127.0.0.1:7480/bucket/a%20b")
    request.query = [.init(name: "uploads", value: ""), .init(name: "prefix", value: "x%2Fy")]
    #expect(request.url == "http://127.0.0.1:7480/bucket/a%20b?uploads=&prefix=x%2Fy")
  }

  @Test("Credentials are described by their public half")
  func description() {
    let credentials = S3Credentials(accessKeyID: "AKID", secretAccessKey: "hidden-secret", sessionToken: "hidden-token")
    for text in [
      "\(credentials)", String(reflecting: credentials), "\(Mirror(reflecting: credentials).children.map { $0 })",
    ] {
      #expect(text.contains("AKID") && !text.contains("hidden"))
    }
  }
}
