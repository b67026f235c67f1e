import Foundation
import ObjectStores
import Testing

@testable import S3Store

@Suite("Credentials in the environment and given ones")
struct EnvironmentCredentialsTests {
  @Test("are taken from the three variables")
  func variables() throws {
    var environment = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hidden-secret-AKID"]
    let issued = try EnvironmentCredentials(environment: environment).credentials()
    #expect(issued == S3IssuedCredentials(credentials: .sample()))
    environment["AWS_SESSION_TOKEN"] = "hidden-token-AKID"
    #expect(try EnvironmentCredentials(environment: environment).credentials()?.credentials == .sample(token: true))
    environment["AWS_SESSION_TOKEN"] = ""
    #expect(try EnvironmentCredentials(environment: environment).credentials()?.credentials == .sample())
  }

  @Test("are absent when no variable is set, or all are empty")
  func absent() throws {
    #expect(try EnvironmentCredentials(environment: [:]).credentials() == nil)
    let empty = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
    #expect(try EnvironmentCredentials(environment: empty).credentials() == nil)
  }

  @Test("are refused with a name of what is missing when one half is set")
  func half() async throws {
    for (set, missing) in [
      ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
    ] {
      let error = try await credentialFailure {
        _ = try EnvironmentCredentials(environment: [set: "hidden"]).credentials()
      }
      #expect(error.code == .configuration)
      #expect(error.message.contains("\(set) is set") && error.message.contains("\(missing) is not"))
    }
  }

  @Test(
    "with blanks or line breaks are refused, as no header can hold them",
    arguments: [
      "hidden\n", " hidden", "hidden\r\nx: y", "hidd\u{e9}n hidden", "\u{0}", String(repeating: "h", count: 20_000),
    ]
  )
  func characters(_ text: String) async throws {
    for part in ["access key ID", "secret access key", "session token"] {
      let given = S3Credentials(
        accessKeyID: part.hasPrefix("access") ? text : "AKID",
        secretAccessKey: part.hasPrefix("secret") ? text : "secret",
        sessionToken: part.hasPrefix("session") ? text : nil
      )
      let error = try await credentialFailure { _ = try StaticCredentials(given, name: "option --keys").credentials() }
      #expect(error.code == .configuration && error.message.contains("The \(part) from option --keys"))
    }
  }

  @Test("the environment of the process is seen whole")
  func process() {
    #expect(ProcessEnvironment.current == ProcessInfo.processInfo.environment)
  }
}
