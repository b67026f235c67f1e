import Testing

@testable import S3Store

@Suite("Files of profiles")
struct ProfileFileTests {
  private func profiles(_ text: String, _ kind: ProfileFile.Kind) throws -> [String: [String: String]] {
    try ProfileFile(Array(text.utf8), kind: kind).profiles
  }

  @Test("have sections, settings, comments and parts of settings")
  func credentials() throws {
    let text = """
      # first
      stray = 1
      [default]
      AWS_ACCESS_KEY_ID=AKID
      aws_secret_access_key = a=b/c#d;e   ; mine
      \taws_session_token = part of the line above
      [ x ]\r
      region =eu-west-1 # there\r
      empty =
      s3 =
        addressing_style = path
      [default]
      aws_access_key_id = NEW
      [last]
      """
    #expect(
      try profiles(text, .credentials) == [
        "default": ["aws_access_key_id": "NEW", "aws_secret_access_key": "a=b/c#d;e"],
        "x": ["region": "eu-west-1", "empty": "", "s3": ""], "last": [:],
      ]
    )
  }

  @Test("of configuration name profiles with the word in front, and have other sections")
  func config() throws {
    let text = """
      [default]
      region = a
      [profile x]
      region = b
      [profile "y z"]
      region = c
      [profile\tw]
      [sso-session x]
      region = d
      [x]
      region = e
      [services x]
      s3 =
        endpoint_url = http://127.0.0.1
      [profile]
      [profilex]
      """
    #expect(
      try profiles(text, .config) == [
        "default": ["region": "a"], "x": ["region": "b"], "y z": ["region": "c"], "w": [:],
      ]
    )
  }

  @Test("that are damaged are refused with the line's number and without its content")
  func damaged() {
    let noSetting = ProfileFile.Failure(message: "line 2 is no setting, as it has no =")
    #expect(throws: noSetting) { try profiles("[default]\nhidden\n", .credentials) }
    let noSection = ProfileFile.Failure(message: "line 1 is no [section]")
    #expect(throws: noSection) { try profiles("[hidden\n", .credentials) }
    #expect(throws: ProfileFile.Failure.self) { try ProfileFile([0x5b, 0xff, 0x5d], kind: .config) }
  }
}
