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

/// The seed of random tests: `BACKFILL_TEST_SEED`, or a new one, which is printed.
enum TestSeed {
  static let value: UInt64 = {
    let given = ProcessInfo.processInfo.environment["BACKFILL_TEST_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0..<1 << 31)
    print("BACKFILL_TEST_SEED=\(seed)")
    return seed
  }()
}

/// A random generator that repeats itself for a seed (SplitMix64).
struct XMLRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
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
