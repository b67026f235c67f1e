import ObjectStores
import S3Store
import Testing

@Suite("Locations in S3")
struct S3LocationTests {
  @Test(
    "The bucket is what stands before the first slash, the key everything behind it, as it is",
    arguments: [
      ("s3://bucket", "bucket", ""),
      ("s3://bucket/", "bucket", ""),
      ("s3://bucket/a/b.parquet", "bucket", "a/b.parquet"),
      ("s3a://bucket/a/", "bucket", "a/"),
      ("S3://my.bucket-1/x", "my.bucket-1", "x"),
      ("s3://bucket//x//", "bucket", "/x//"),
      ("s3://bucket/a%20b+c%2Fd", "bucket", "a%20b+c%2Fd"),
      ("s3://bucket/a b?x=1&y#z", "bucket", "a b?x=1&y#z"),
      ("s3://bucket/s3://other/x", "bucket", "s3://other/x"),
      ("s3://bucket/me@host:9000", "bucket", "me@host:9000"),
      ("s3://bucket/é/e\u{301}/😀", "bucket", "é/e\u{301}/😀"),
    ]
  )
  func parts(uri: String, bucket: String, key: String) throws {
    let location = try S3Location(uri)
    #expect(location.bucket == bucket && location.key.bytes == Array(key.utf8))
    #expect(try S3Location(location.description) == location)
  }

  @Test("A combining mark behind the bucket's slash belongs to the key")
  func combiningMark() throws {
    let location = try S3Location("s3://bucket/\u{301}x")
    #expect(location.bucket == "bucket" && location.key.bytes == [0xCC, 0x81, 0x78])
  }

  @Test("Buckets are named as S3 says", arguments: ["abc", "1.2.3", "a-b.c-d", "1.2.3.4.5", "1234.1.1.1"])
  func goodNames(name: String) throws {
    #expect(try S3Location(bucket: name).bucket == name)
    let longest = String(repeating: "a", count: 63)
    #expect(try S3Location(bucket: longest).bucket == longest)
  }

  @Test(
    "Other names are refused, and why",
    arguments: [
      ("", "names no bucket"), ("ab", "2 characters"), (String(repeating: "a", count: 64), "64 characters"),
      ("Bucket", "small letters"), ("my_bucket", "small letters"), ("b\u{fc}cket", "small letters"),
      ("a b c", "small letters"), ("buc%6bet", "small letters"), ("-abc", "begin and end"), ("abc.", "begin and end"),
      ("a..b", "two '.'"), ("192.168.5.4", "IP address"), ("999.1.1.1", "IP address"),
    ]
  )
  func badNames(name: String, reason: String) throws {
    let error = try #require(throws: ObjectStoreError.self) { try S3Location("s3://\(name)/key") }
    #expect(error.code == .configuration && error.message.contains(reason), "\(error)")
  }

  @Test(
    "Other schemes and bare paths are refused",
    arguments: ["", "bucket/key", "s3:/bucket", "gs://bucket", "/s3://x"]
  )
  func otherSchemes(uri: String) throws {
    let error = try #require(throws: ObjectStoreError.self) { try S3Location(uri) }
    #expect(error.code == .configuration && error.message.contains("s3://bucket/prefix"))
  }

  @Test("Credentials and addresses in a location are refused and not repeated")
  func secrets() throws {
    for uri in ["s3://AKID:hidden-secret@bucket/x", "s3://hidden-secret:9000/bucket/x", "s3://hidden-secret@bucket"] {
      let error = try #require(throws: ObjectStoreError.self) { try S3Location(uri) }
      #expect(error.code == .configuration && !"\(error)".contains("hidden") && error.message.contains("credentials"))
    }
  }

  @Test("A key has at most 1,024 bytes")
  func longKeys() throws {
    #expect(try S3Location("s3://bucket/" + String(repeating: "é", count: 512)).key.bytes.count == 1024)
    let error = try #require(throws: ObjectStoreError.self) {
      try S3Location("s3://bucket/" + String(repeating: "é", count: 512) + "x")
    }
    #expect(error.code == .invalidKey && error.message.contains("1025"))
  }
}
