import Foundation
import ObjectStores
import Testing

@testable import S3Store

@Suite("Credentials of profiles")
struct ProfileCredentialsTests {
  private let folder: CredentialFolder
  private var environment: [String: String]

  init() throws {
    folder = try CredentialFolder()
    environment = ["HOME": folder.path, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/bin:/usr/bin"]
  }

  private func issued(_ profile: String? = nil) async throws -> S3IssuedCredentials? {
    try await ProfileCredentials(profile: profile, environment: environment).credentials()
  }

  private static let keys = "aws_access_key_id = AKID\naws_secret_access_key = hidden-secret-AKID\n"

  @Test("are found below the home folder, by the name of the profile")
  mutating func usual() async throws {
    #expect(try await issued() == nil)
    try folder.write(
      ".aws/credentials",
      "[default]\n\(Self.keys)[x]\naws_access_key_id=OTHER\naws_secret_access_key=s\n"
    )
    try folder.write(
      ".aws/config",
      "[default]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9000\n[profile x]\n"
    )
    #expect(try await issued()?.credentials == .sample())
    #expect(try await issued("x")?.credentials.accessKeyID == "OTHER")
    environment["AWS_PROFILE"] = "x"
    #expect(try await issued()?.credentials.accessKeyID == "OTHER")
    #expect(try await issued("default")?.credentials == .sample())
    let settings = try ProfileCredentials(profile: "default", environment: environment).settings()
    #expect(settings.region == "eu-west-1" && settings.endpointURL == "http://127.0.0.1:9000")
    #expect(try ProfileCredentials(profile: "x", environment: environment).settings().region == nil)
  }

  @Test("in the file of credentials go before those in the file of configuration, and tokens belong to them")
  mutating func files() async throws {
    let keys = "[default]\n\(Self.keys)aws_session_token = hidden-token-AKID\n"
    environment["AWS_SHARED_CREDENTIALS_FILE"] = try folder.write("keys", keys)
    environment["AWS_CONFIG_FILE"] = try folder.write("conf", "[default]\naws_access_key_id = OLD\n")
    #expect(try await issued()?.credentials == .sample(token: true))
    environment["AWS_SHARED_CREDENTIALS_FILE"] = "\(folder.path)/missing"
    #expect(try await credentialFailure { _ = try await issued() }.message.contains("aws_secret_access_key"))
    environment["AWS_CONFIG_FILE"] = "~/conf2"
    try folder.write("conf2", "[default]\n\(Self.keys)")
    #expect(try await issued()?.credentials == .sample())
  }

  @Test("that were asked for by a name nobody has are an error that says where it was looked for")
  func missing() async throws {
    try folder.write(".aws/credentials", "[default]\n\(Self.keys)")
    let error = try await credentialFailure { _ = try await issued("x") }
    #expect(error.code == .configuration)
    #expect(error.message.contains("The profile 'x' is not in ~/.aws/credentials or ~/.aws/config"))
  }

  @Test("that need single sign-on are refused with what to do instead")
  func unsupported() async throws {
    for line in ["sso_session = x", "sso_start_url = https://example.org", "login_session = x"] {
      try folder.write(".aws/config", "[profile x]\n\(line)\n")
      let error = try await credentialFailure { _ = try await issued("x") }
      #expect(error.code == .configuration && error.message.contains("export-credentials --profile x"))
    }
    try folder.write(".aws/config", "[profile x]\nregion = eu-west-1\n")
    #expect(try await issued("x") == nil)
  }

  @Test("in a file that cannot be read are an error")
  func unreadable() async throws {
    try folder.write(".aws/credentials", "[default]\nhidden-secret\n")
    let error = try await credentialFailure { _ = try await issued() }
    #expect(error.code == .configuration && error.message.contains("~/.aws/credentials cannot be read: line 2"))
    try FileManager.default.removeItem(atPath: "\(folder.path)/.aws/credentials")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/.aws/credentials",
      withIntermediateDirectories: true
    )
    #expect(try await credentialFailure { _ = try await issued() }.message.contains("no plain file"))
  }

  @Test("are what a program prints, run with its arguments and without a shell")
  func process() async throws {
    let answer = """
      {"Version": 1, "AccessKeyId": "$1", "SecretAccessKey": "hidden-secret-$1", "SessionToken": "hidden-token-$1",
       "Expiration": "2026-11-22T07:03:14Z"}
      """
    let program = try folder.write("my program", "cat <<END\n\(answer)\nEND\necho note >&2\n")
    try folder.write(".aws/config", "[default]\ncredential_process = sh '\(program)' \"$HOME\"\n")
    let issued = try await issued()
    #expect(issued?.credentials.accessKeyID == "$HOME")
    #expect(issued?.credentials.sessionToken == "hidden-token-$HOME")
    #expect(issued?.expires == 1_795_330_994)
  }

  @Test(
    "are an error when the program fails, with its profile and without its arguments",
    arguments: [
      ("sh -c 'exit 1' hidden", "exit code 1"), ("/nowhere/program hidden", "could not be run"),
      ("sh -c 'kill -9 $$'", "signal 9"),
      ("echo hidden", "not the JSON"), ("echo '{}'", "version 1"), ("echo '{\"Version\": 1}'", "AccessKeyId"),
      ("sh 'hidden", "quote"), ("sh -c 'yes hidden'", "65536 bytes"),
    ]
  )
  func processFails(_ command: String, _ words: String) async throws {
    try folder.write(".aws/config", "[profile x]\ncredential_process = \(command)\n")
    let error = try await credentialFailure { _ = try await issued("x") }
    #expect(error.message.contains(words) && error.message.contains("profile 'x'"), "\(error.message)")
  }

  @Test("do not wait for ever for a program, nor for what it left running, nor longer than the task")
  func slowProcess() async throws {
    func process(_ command: String, _ seconds: Int) -> CredentialProcess {
      CredentialProcess(command, environment: environment, source: "the program", seconds: seconds)
    }
    // What is waited for beyond its time ends in another error than the one expected.
    let error = try await credentialFailure { _ = try await process("sleep 100", 0).output() }
    #expect(error.message.contains("did not end within 0 s"))
    let output = try await process("sh -c 'sleep 100 & echo done'", 50).output()
    #expect(output == Array("done\n".utf8))
    let task = Task { try await process("sh -c 'sleep 100; true'", 50).output() }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    #expect(try await credentialFailure { _ = try await task.value }.code == .cancelled)
  }
}
