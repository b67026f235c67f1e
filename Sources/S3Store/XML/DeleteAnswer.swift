internal import ByteBuffers
internal import ObjectStores

/// What became of each key, answered to DeleteObjects; in quiet mode only the errors.
///
///     <DeleteResult>
///       <Deleted> <Key/> </Deleted> …
///       <Error> <Key/> <Code/> <Message/> </Error> …
///     </DeleteResult>
struct DeleteAnswer: Sendable {
  struct Failure: Sendable, Equatable {
    /// Empty when the server names none.
    var key: ObjectKey = ""
    var code = ""
    var message = ""
  }

  var deleted: [ObjectKey] = []
  var failures: [Failure] = []

  /// Reads the body of an answer.
  init(_ body: Bytes) throws(ObjectStoreError) {
    self = try XMLScanner.read(body, roots: ["DeleteResult"]) { (scanner) throws(XMLError) in
      var answer = DeleteAnswer()
      while let name = try scanner.child() {
        switch name {
        case "Deleted": if let key = try DeleteAnswer.deletedKey(&scanner) { answer.deleted.append(key) }
        case "Error": answer.failures.append(try DeleteAnswer.failure(&scanner))
        default: try scanner.skip()
        }
      }
      return answer
    }
  }

  private init() {}

  private static func deletedKey(_ scanner: inout XMLScanner) throws(XMLError) -> ObjectKey? {
    var key: ObjectKey?
    while let name = try scanner.child() {
      if name == "Key" { key = try scanner.key("Key", isEncoded: false) } else { try scanner.skip() }
    }
    return key
  }

  private static func failure(_ scanner: inout XMLScanner) throws(XMLError) -> Failure {
    var failure = Failure()
    while let name = try scanner.child() {
      switch name {
      case "Key": failure.key = try scanner.key("Key", isEncoded: false)
      case "Code": failure.code = try scanner.text().message(limit: 100)
      case "Message": failure.message = try scanner.text().message()
      default: try scanner.skip()
      }
    }
    return failure
  }
}
