internal import ByteBuffers

/// Why a request failed: the body of an answer with an error status, or of a 200 to a request that took long.
///
///     <Error> <Code/> <Message/> <RequestId/> <Region/> … </Error>
///     <ErrorResponse> <Error> <Code/> <Message/> </Error> <RequestId/> </ErrorResponse>      (STS)
///
/// Only what is listed here is kept: the answer to a wrong signature repeats what was signed, the one to a wrong token
/// the token.
struct ErrorAnswer: Sendable, Equatable {
  /// As `NoSuchKey`; empty when the server gives none.
  var code = ""
  var message = ""
  var requestID: String?
  /// The second id that AWS asks for.
  var hostID: String?
  /// Where the bucket is, in the answer to a request to another region.
  var region: String?
  /// Where the bucket is to be asked, in a redirect.
  var endpoint: String?
  var bucket: String?
  var key: String?
  /// The path, where the server names no key.
  var resource: String?
  /// The server's clock in nanoseconds since 1970, in the answer to a request whose time is off.
  var serverTime: Int64?

  /// Reads the body of an answer.
  ///
  /// White space before the document is what servers send to keep the connection open while they work.
  ///
  /// - Parameter body: cut or malformed ones give what stands before the fault.
  /// - Returns: nil unless the body is an error.
  init?(_ body: Bytes) {
    let answer: ErrorAnswer? = body.withUnsafeBytes { bytes in
      do throws(XMLError) {
        var scanner = try XMLScanner(bytes)
        let root = try scanner.root()
        var answer = ErrorAnswer()
        switch root {
        case "Error": answer.readLeniently(&scanner)
        case "ErrorResponse": answer.readResponse(&scanner)
        default: return nil
        }
        return answer
      } catch {
        return nil
      }
    }
    guard let answer else { return nil }
    self = answer
  }

  private init() {}

  /// Reads as far as the document is well-formed.
  private mutating func readLeniently(_ scanner: inout XMLScanner) {
    do throws(XMLError) {
      try read(&scanner)
    } catch {
      // What was read is worth more than the reason why the rest was not.
      return
    }
  }

  private mutating func readResponse(_ scanner: inout XMLScanner) {
    do throws(XMLError) {
      while let name = try scanner.child() {
        switch name {
        case "Error": try read(&scanner)
        case "RequestId": requestID = try scanner.text().message(limit: 200)
        default: try scanner.skip()
        }
      }
    } catch {
      return
    }
  }

  private mutating func read(_ scanner: inout XMLScanner) throws(XMLError) {
    while let name = try scanner.child() {
      switch name {
      case "Code": code = try scanner.text().message(limit: 100)
      case "Message": message = try scanner.text().message()
      case "RequestId": requestID = try scanner.text().message(limit: 200)
      case "HostId": hostID = try scanner.text().message(limit: 200)
      case "Region": region = try scanner.text().message(limit: 100)
      case "Endpoint": endpoint = try scanner.text().message(limit: 300)
      case "Bucket", "BucketName": bucket = try scanner.text().message(limit: 100)
      case "Key": key = try scanner.text().message(limit: 1024)
      case "Resource": resource = try scanner.text().message(limit: 1100)
      case "ServerTime": serverTime = try scanner.text().timestamp
      default: try scanner.skip()
      }
    }
  }
}
