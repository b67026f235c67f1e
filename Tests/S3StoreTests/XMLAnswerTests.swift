import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

@Suite("Other XML answers")
struct XMLAnswerTests {
  @Test("to DeleteObjects have the keys that are gone and those that are not")
  func delete() throws {
    let answer = try DeleteAnswer(
      Bytes(
        utf8: """
          <?xml version="1.0" encoding="UTF-8"?>
          <DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <Deleted><Key>sample1.txt</Key><VersionId>v</VersionId></Deleted><Deleted/>
            <Error><Key>a&lt;b&#13;</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>
            <Error><Code>InternalError</Code></Error>
          </DeleteResult>
          """
      )
    )
    #expect(answer.deleted == ["sample1.txt"])
    let denied = DeleteAnswer.Failure(key: "a<b\r", code: "AccessDenied", message: "Access Denied")
    #expect(answer.failures == [denied, DeleteAnswer.Failure(code: "InternalError")])
    #expect(try DeleteAnswer(Bytes(utf8: "<DeleteResult/>")).failures.isEmpty)
  }

  @Test("of uploads have an id")
  func upload() throws {
    let document = """
      <InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <Bucket>b</Bucket><Key>k</Key><UploadId>VXBsb2FkIElE.1-2~3</UploadId>
      </InitiateMultipartUploadResult>
      """
    #expect(try UploadAnswer(Bytes(utf8: document)).uploadID == "VXBsb2FkIElE.1-2~3")
    for content in ["", "<UploadId/>", "<UploadId></UploadId>"] {
      let body = Bytes(utf8: "<InitiateMultipartUploadResult>\(content)</InitiateMultipartUploadResult>")
      #expect(storeError { _ = try UploadAnswer(body) }?.code == .integrity)
    }
  }

  @Test("of completions may come late and without an entity tag")
  func complete() throws {
    let answer = { (content: String) throws in
      let body = "\n\n \r\n<CompleteMultipartUploadResult>\(content)</CompleteMultipartUploadResult>"
      return try CompleteAnswer(Bytes(utf8: body)).etag
    }
    #expect(try answer("<Location>http://x/</Location><ETag>&#34;3858f6-9&#34;</ETag>") == "\"3858f6-9\"")
    #expect(try answer("<ETag></ETag>") == nil)
    #expect(try answer("<ETag>&quot;&quot;</ETag>") == nil)
    #expect(try answer("") == nil)
  }

  @Test("of copies have an entity tag")
  func copy() throws {
    for root in ["CopyObjectResult", "CopyPartResult"] {
      let document = "<\(root)><LastModified>2009-10-28T22:32:00</LastModified><ETag>\"9b2cf5\"</ETag></\(root)>"
      #expect(try CopyAnswer(Bytes(utf8: document)).etag == "\"9b2cf5\"")
    }
  }

  @Test("of uploads under way have keys, ids and where to go on")
  func uploads() throws {
    let document = """
      <ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <Bucket>bucket</Bucket><KeyMarker/><UploadIdMarker/>
        <NextKeyMarker>my+movie%2Bm2ts</NextKeyMarker><NextUploadIdMarker>YW55</NextUploadIdMarker>
        <MaxUploads>3</MaxUploads><IsTruncated>true</IsTruncated>
        <Upload>
          <Key>my%20divisor</Key><UploadId>XMgbGlrZSBlbHZpbmcncyBub3QgaGF2aW5nIG11Y2ggbHVjaw</UploadId>
          <Initiator><ID>arn:aws:iam::1:user/u</ID></Initiator><Owner><ID>75aa</ID></Owner>
          <StorageClass>STANDARD</StorageClass><Initiated>2010-11-10T20:48:33.000Z</Initiated>
        </Upload>
        <Upload><Key>b</Key><UploadId>i</UploadId></Upload>
        <EncodingType>url</EncodingType>
      </ListMultipartUploadsResult>
      """
    let answer = try UploadsAnswer(Bytes(utf8: document))
    let first = UploadsAnswer.Upload(
      key: "my divisor",
      uploadID: "XMgbGlrZSBlbHZpbmcncyBub3QgaGF2aW5nIG11Y2ggbHVjaw",
      initiated: 1_289_422_113_000_000_000
    )
    #expect(answer.uploads == [first, UploadsAnswer.Upload(key: "b", uploadID: "i", initiated: 0)])
    #expect(answer.nextKeyMarker == "my movie+m2ts" && answer.nextUploadIDMarker == "YW55" && answer.isTruncated)
    let last = try UploadsAnswer(
      Bytes(utf8: "<ListMultipartUploadsResult><NextKeyMarker/><NextUploadIdMarker/></ListMultipartUploadsResult>")
    )
    #expect(last.nextKeyMarker == nil && last.nextUploadIDMarker == nil && !last.isTruncated && last.uploads.isEmpty)
  }

  @Test("of STS have credentials, whose secrets are in no description")
  func session() throws {
    for action in ["AssumeRoleWithWebIdentity", "AssumeRole", "GetSessionToken"] {
      let document = """
        <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <\(action)Result>
            <SubjectFromWebIdentityToken>amzn1</SubjectFromWebIdentityToken>
            <Credentials>
              <SessionToken>AQoDYXdzEE0a8ANXXX+/=</SessionToken>
              <SecretAccessKey>wJalrXUtnFEMI</SecretAccessKey>
              <Expiration>2014-10-24T23:00:23Z</Expiration>
              <AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId>
            </Credentials>
          </\(action)Result>
          <ResponseMetadata><RequestId>ad4156e9</RequestId></ResponseMetadata>
        </\(action)Response>
        """
      let answer = try SessionAnswer(Bytes(utf8: document))
      let expected = S3Credentials(
        accessKeyID: "ASgeIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI",
        sessionToken: "AQoDYXdzEE0a8ANXXX+/="
      )
      #expect(answer.credentials == expected && answer.expiration == 1_414_191_623_000_000_000)
      #expect(!"\(answer)".contains("wJal") && !String(reflecting: answer).contains("AQoD"))
      for name in ["SessionToken", "SecretAccessKey", "Expiration", "AccessKeyId"] {
        let body = Bytes(utf8: document.split(separator: "\n").filter { !$0.contains("<\(name)>") }.joined())
        let error = storeError { _ = try SessionAnswer(body) }
        #expect(error?.code == .integrity && error?.message.contains("(\(name))") == true)
      }
    }
  }

  @Test("an error has what helps, and nothing that was signed")
  func error() throws {
    let document = """
      \n\n<?xml version="1.0" encoding="UTF-8"?>
      <Error>
        <Code>PermanentRedirect</Code>
        <Message>Use another\nendpoint.</Message>
        <Bucket>b</Bucket><Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint><Region>eu-west-1</Region>
        <Resource>/b/k</Resource><Key>k</Key><RequestId>4442587FB7D0A2F9</RequestId><HostId>h/=</HostId>
        <StringToSign>hidden</StringToSign><Token-0>hidden</Token-0>
        <ServerTime>2026-11-21T10:11:12Z</ServerTime><RequestTime>20200101T000000Z</RequestTime>
      </Error>
      """
    let answer = try #require(ErrorAnswer(Bytes(utf8: document)))
    #expect(answer.code == "PermanentRedirect" && answer.message == "Use another endpoint.")
    #expect(answer.endpoint == "b.s3.eu-west-1.amazonaws.com" && answer.region == "eu-west-1" && answer.bucket == "b")
    #expect(answer.resource == "/b/k" && answer.key == "k")
    #expect(answer.requestID == "4442587FB7D0A2F9" && answer.hostID == "h/=")
    #expect(answer.serverTime == 1_795_255_872_000_000_000)
    #expect(!"\(answer)".contains("hidden"))
  }

  @Test("an error of STS is wrapped")
  func wrappedError() throws {
    let document = """
      <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
      <Code>ExpiredTokenException</Code><Message>Token expired</Message></Error><RequestId>r</RequestId></ErrorResponse>
      """
    let answer = try #require(ErrorAnswer(Bytes(utf8: document)))
    #expect(answer.code == "ExpiredTokenException" && answer.message == "Token expired" && answer.requestID == "r")
  }

  @Test("an error that is cut or damaged says what it can")
  func cutError() {
    let cut = ErrorAnswer(Bytes(utf8: "<Error><Code>SlowDown</Code><Message>Reduce your"))
    #expect(cut?.code == "SlowDown" && cut?.message == "")
    #expect(ErrorAnswer(Bytes(utf8: "<Error/>")) != nil)
    #expect(ErrorAnswer(Bytes(utf8: "<Error><Code>A</Error>")) != nil)
    let long = "<Error><Message>" + String(repeating: "m", count: 10_000) + "</Message></Error>"
    #expect(ErrorAnswer(Bytes(utf8: long))?.message.count == 500)
  }

  @Test(
    "what is no error is none",
    arguments: ["", " ", "<Errors/>", "<html/>", "<CopyObjectResult/>", "Error", "<Error"]
  )
  func noError(_ document: String) {
    #expect(ErrorAnswer(Bytes(utf8: document)) == nil)
  }

  @Test("an error instead of an answer is refused with its name")
  func errorInsteadOfAnswer() {
    let body = Bytes(utf8: "\n<Error><Code>InternalError</Code></Error>")
    let calls: [() throws -> Void] = [
      { _ = try CompleteAnswer(body) },
      { _ = try CopyAnswer(body) },
      { _ = try DeleteAnswer(body) },
    ]
    for call in calls { #expect(storeError(call)?.message.contains("(Error)") == true) }
  }
}
