import ByteBuffers
import Foundation
import Testing

@testable import S3Store

/// Random requests as botocore signs them; `Tests/Tools/sign_requests.py` made the file.
@Suite("Signatures beside botocore's")
struct BotocoreSignatureTests {
  private struct Case: Decodable {
    struct Signed: Decodable {
      let path: String
      let date: String?
      let authorization: String?
      let query: [String]?
    }

    let method: String
    let scheme: String
    let authority: String
    let key: String
    let query: [[String]]
    let headers: [[String]]
    let body: String?
    let access: String
    let secret: String
    let token: String?
    let region: String
    let seconds: Int64
    let expires: Int?
    let signed: Signed

    var credentials: S3Credentials {
      S3Credentials(accessKeyID: access, secretAccessKey: secret, sessionToken: token)
    }

    func request() throws -> HTTPRequest {
      var request = HTTPRequest(
        method: try #require(HTTPRequest.Method(rawValue: method)),
        scheme: scheme,
        authority: authority,
        path: "/" + PercentEncoding.path(try #require([UInt8](hex: key)))
      )
      request.query = query.map { .init(name: PercentEncoding.query($0[0]), value: PercentEncoding.query($0[1])) }
      request.headers = headers.map { .init(name: $0[0], value: $0[1]) }
      return request
    }

    func payload() throws -> PayloadHash {
      guard let body else { return .unsigned }
      return body.isEmpty ? .empty : .sha256(of: [Bytes(try #require([UInt8](hex: body)))])
    }
  }

  private func cases() throws -> [Case] {
    let file = SigningSurroundings.fixtures.appendingPathComponent("signatures/requests.jsonl")
    let text = try String(contentsOf: file, encoding: .utf8)
    return try text.split(separator: "\n").map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
  }

  @Test("are the same, header by header, signed once and signed again")
  func headers() throws {
    let signer = SigV4Signer()
    let cases = try cases().filter { $0.expires == nil }
    #expect(cases.count > 100)
    for example in cases {
      var request = try example.request()
      #expect(request.path == example.signed.path)
      // What a signature of another moment by other credentials leaves behind must not matter.
      let other = S3Credentials(accessKeyID: "other", secretAccessKey: "other", sessionToken: "other")
      for (credentials, moment) in [(other, 1), (example.credentials, example.seconds)] {
        signer.sign(
          &request,
          credentials: credentials,
          region: example.region,
          at: moment,
          payload: try example.payload()
        )
      }
      #expect(request.header("authorization") == example.signed.authorization, "\(example)")
      #expect(request.header("x-amz-date") == example.signed.date)
      #expect(request.header("x-amz-security-token") == example.token)
      #expect(Set(request.headers.map(\.name)).count == request.headers.count)
    }
  }

  @Test("are the same in addresses")
  func addresses() throws {
    let signer = SigV4Signer()
    let cases = try cases().filter { $0.expires != nil }
    #expect(cases.count > 40)
    for example in cases {
      let url = try signer.presign(
        try example.request(),
        credentials: example.credentials,
        region: example.region,
        at: example.seconds,
        expires: try #require(example.expires)
      )
      let parts = url.split(separator: "?", maxSplits: 1)
      #expect(parts[0] == "\(example.scheme)://\(example.authority)\(example.signed.path)")
      #expect(parts[1].split(separator: "&").map(String.init).sorted() == example.signed.query, "\(example)")
    }
  }
}
