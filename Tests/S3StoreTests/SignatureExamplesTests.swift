import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// The examples of the S3 documentation, "Authenticating Requests (AWS Signature Version 4)".
@Suite("Signatures of the published examples")
struct SignatureExamplesTests {
  private let signer = SigV4Signer()
  private let credentials = S3Credentials(
    accessKeyID: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  )
  /// 24 May 2013, 00:00 UTC.
  private let moment: Int64 = 1_369_353_600

  private func request(_ method: HTTPRequest.Method, _ path: String) -> HTTPRequest {
    HTTPRequest(method: method, scheme: "https", authority: "examplebucket.s3.amazonaws.com", path: path)
  }

  private func authorization(_ request: HTTPRequest, _ payload: PayloadHash = .empty) -> String? {
    var request = request
    signer.sign(&request, credentials: credentials, region: "us-east-1", at: moment, payload: payload)
    return request.header("authorization")
  }

  private func expected(_ headers: String, _ signature: String) -> String {
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
      + "SignedHeaders=\(headers), Signature=\(signature)"
  }

  @Test("66: GET Object")
  func getObject() {
    var get = request(.get, "/test.txt")
    get.setHeader("range", "bytes=0-9")
    let signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    #expect(authorization(get) == expected("host;range;x-amz-content-sha256;x-amz-date", signature))
  }

  @Test("66: PUT Object")
  func putObject() {
    var put = request(.put, "/" + PercentEncoding.path(Array("test$file.text".utf8)))
    put.setHeader("x-amz-storage-class", "REDUCED_REDUNDANCY")
    put.setHeader("date", "Fri, 24 May 2013 00:00:00 GMT")
    put.body = [Bytes(utf8: "Welcome to "), Bytes(utf8: "Amazon S3.")]
    let signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    let headers = "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class"
    #expect(authorization(put, .sha256(of: put.body)) == expected(headers, signature))
    let hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
    #expect(authorization(put, .hex(hash)) == expected(headers, signature))
  }

  @Test("66: GET Bucket Lifecycle")
  func lifecycle() {
    var get = request(.get, "/")
    get.query = [.init(name: "lifecycle", value: "")]
    let signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    #expect(authorization(get) == expected("host;x-amz-content-sha256;x-amz-date", signature))
  }

  @Test("66: Get Bucket (List Objects), its query out of order")
  func list() {
    var get = request(.get, "/")
    get.query = [.init(name: "prefix", value: "J"), .init(name: "max-keys", value: "2")]
    let signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    #expect(authorization(get) == expected("host;x-amz-content-sha256;x-amz-date", signature))
  }

  @Test("66: a presigned address")
  func presigned() throws {
    let url = try signer.presign(
      request(.get, "/test.txt"),
      credentials: credentials,
      region: "us-east-1",
      at: moment,
      expires: 86400
    )
    #expect(
      url == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
  }

  @Test("a presigned address is good for a second to seven days", arguments: [0, -1, 604_801, .max, .min])
  func expiry(_ expires: Int) throws {
    let error = #expect(throws: ObjectStoreError.self) {
      _ = try signer.presign(
        request(.get, "/"),
        credentials: credentials,
        region: "us-east-1",
        at: moment,
        expires: expires
      )
    }
    #expect(error?.code == .configuration)
  }
}
