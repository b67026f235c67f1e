import Testing

@testable import S3Store

@Suite("Addresses of services")
struct ServiceAddressTests {
  @Test("are taken apart and put together again")
  func parts() throws {
    let plain = try #require(ServiceAddress("http://169.254.170.23/v1/credentials?a=b&c&d=e=f"))
    #expect(plain.authority == "169.254.170.23" && plain.path == "/v1/credentials")
    #expect(plain.request(.get).url == "http://169.254.170.23/v1/credentials?a=b&c=&d=e=f")
    let secure = try #require(ServiceAddress("HTTPS://STS.Example.org:8443"))
    #expect(secure.request(.post).url == "https://sts.example.org:8443/")
    #expect(ServiceAddress("https://a:443/")?.authority == "a")
    #expect(ServiceAddress("http://a:443/")?.authority == "a:443")
    let six = try #require(ServiceAddress("http://[FD00:ec2::254]:80/x"))
    #expect(six.authority == "[fd00:ec2::254]" && six.host == "fd00:ec2::254")
    #expect(ServiceAddress("http://[::1]:8080?x")?.request(.get).url == "http://[::1]:8080/?x=")
  }

  @Test(
    "of other kinds are refused",
    arguments: [
      "", "x", "ftp://a/", "http://", "http:///x", "http://a:0/", "http://a:65536/", "http://a:/", "http://a:b/",
      "http://u@a/", "http://u:p@a/", "http://a/#x", "http://a/ b", "http://a\n/", "http://é/", "http://[::1/",
      "http://[x]/", "http://[127.0.0.1]/", "http://::1/", "http://a b/", "http://a\\b/", "file:///etc/passwd",
    ]
  )
  func refused(_ text: String) {
    #expect(ServiceAddress(text) == nil)
  }

  @Test("are local for this machine, for link-local addresses and for those of AWS's services, by their bytes")
  func local() {
    for host in [
      "localhost", "127.0.0.1", "127.255.1.2", "169.254.170.2", "169.254.170.23", "169.254.1.1", "[::1]",
      "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[febf::1]", "[fd00:ec2::23]", "[fd00:0ec2:0::254]",
    ] {
      #expect(ServiceAddress("http://\(host)/")?.isLocal == true, "\(host)")
    }
    for host in [
      "example.org", "localhost.example.org", "127.0.0.1.example.org", "128.0.0.1", "169.253.1.1", "10.0.0.1", "127.1",
      "0177.0.0.1", "2130706433", "0.0.0.0", "[::]", "[::2]", "[fd00:ec3::23]", "[fec0::1]", "[::ffff:127.0.0.1]",
      "[fd00:ec2:1::23]", "[::127.0.0.1]",
    ] {
      #expect(ServiceAddress("http://\(host)/")?.isLocal != true, "\(host)")
    }
  }
}
