import ByteBuffers
import Foundation
import ObjectStores
import Testing

@testable import S3Store

/// An element as the scanner sees it: name, text outside its children, children.
struct XMLTree: Equatable, CustomStringConvertible {
  var name: String
  var text: [UInt8] = []
  var children: [XMLTree] = []

  /// As `name(text)[children]`, the text in hexadecimal.
  var description: String {
    "\(name)(\(text.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()))"
      + (children.isEmpty ? "" : "[\(children.map(\.description).joined())]")
  }

  /// Reads a whole document: elements that are expected to have children by them, the others by their text.
  ///
  /// - Parameter isLeaf: whether an element of a name is read as text.
  static func read(_ document: [UInt8], isLeaf: (String) -> Bool) throws(XMLError) -> XMLTree {
    try Bytes(document).withUnsafeBytes { (bytes) throws(XMLError) in
      var scanner = try XMLScanner(bytes)
      let root = try scanner.root()
      let tree = try element(&scanner, root.text ?? "?", isLeaf)
      try scanner.end()
      return tree
    }
  }

  private static func element(
    _ scanner: inout XMLScanner,
    _ name: String,
    _ isLeaf: (String) -> Bool
  ) throws(XMLError) -> XMLTree {
    var tree = XMLTree(name: name)
    if isLeaf(name) {
      tree.text = try scanner.text().array
      return tree
    }
    while let child = try scanner.child() {
      tree.children.append(try element(&scanner, child.text ?? "?", isLeaf))
    }
    return tree
  }
}

/// The error of a call; nil when it succeeds.
func storeError(_ call: () throws -> Void) -> ObjectStoreError? {
  do {
    try call()
  } catch let error as ObjectStoreError {
    return error
  } catch {
    Issue.record("not one of the store's errors: \(error)")
  }
  return nil
}
