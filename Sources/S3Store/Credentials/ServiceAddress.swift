internal import Glibc

/// An address of a service that gives credentials: `http://169.254.170.23/v1/credentials`, `https://sts.example.org`.
struct ServiceAddress: Hashable, Sendable {
  /// `http` or `https`.
  let scheme: String
  /// Host, with the port where it is not the scheme's.
  let authority: String
  /// Without brackets and port, in lower case.
  let host: String
  /// Begins with a slash.
  var path: String
  let query: [HTTPRequest.Parameter]

  /// Takes an address apart; nil for one that is not http or https, or has a user, a fragment, a blank or a character
  /// that has to be encoded.
  init?(_ text: String) {
    guard text.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "#") }),
      let mark = text.firstRange(of: "://")
    else { return nil }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    let rest = text[mark.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    guard let (host, port) = Self.split(rest[..<end].lowercased()) else { return nil }
    self.scheme = scheme
    self.host = host
    let name = host.contains(":") ? "[\(host)]" : host
    authority = port.map { $0 == (scheme == "http" ? 80 : 443) ? name : "\(name):\($0)" } ?? name
    let parts = rest[end...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? ""
    if path.isEmpty { path = "/" }
    query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return HTTPRequest.Parameter(name: String(halves[0]), value: halves.count > 1 ? String(halves[1]) : "")
    }
  }

  private static func split(_ authority: String) -> (host: String, port: Int?)? {
    guard !authority.contains("@") else { return nil }
    var host = authority[...]
    var port: Int?
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else { return nil }
      port = Int(number)
      host = authority[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      let inner = String(host.dropFirst().dropLast())
      return IPAddress(inner)?.isVersion6 == true ? (inner, port) : nil
    }
    guard !host.isEmpty, host.utf8.allSatisfy(Self.isHostByte) else { return nil }
    return (String(host), port)
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
    default: false
    }
  }

  /// Whether credentials may come from here without encryption: this machine, or the services that only it can reach.
  var isLocal: Bool {
    if host == "localhost" { return true }
    return IPAddress(host)?.isLocal ?? false
  }

  /// A request to the address.
  func request(_ method: HTTPRequest.Method) -> HTTPRequest {
    HTTPRequest(method: method, scheme: scheme, authority: authority, path: path, query: query)
  }
}

/// The bytes of a numeric address.
private struct IPAddress {
  private let bytes: [UInt8]

  /// Reads the usual spelling of either version; nil for anything else, names among them.
  init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: six) { Array($0) }
    } else {
      return nil
    }
  }

  var isVersion6: Bool { bytes.count == 16 }

  /// Loopback, link-local, and the addresses that AWS gave its services for instances and pods in version 6.
  var isLocal: Bool {
    guard isVersion6 else { return bytes[0] == 127 || bytes[0] == 169 && bytes[1] == 254 }
    if bytes[..<15].allSatisfy({ $0 == 0 }) { return bytes[15] == 1 }
    if bytes[0] == 0xfe, bytes[1] & 0xc0 == 0x80 { return true }
    let services: [UInt8] = [0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    return bytes[..<14].elementsEqual(services)
  }
}
