import ByteBuffers
import Foundation
import ObjectStores
import Parquet
import Testing

@testable import MilvusStorage

/// A set of real StorageV1 segments with everything that was done to them.
struct V1Fixture: Sendable, CustomTestStringConvertible {
  let name: String

  var testDescription: String { name }

  static let all = ["all_types", "multi_binlog", "partitions_deletes", "varchar_pk"].map { V1Fixture(name: $0) }

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// Test data lies beside the tests, or in the folder that `MILVUS_FIXTURES` names.
  static func folder(_ name: String) throws -> URL {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    var places = [tests.appendingPathComponent("Fixtures")]
    if let named = ProcessInfo.processInfo.environment["MILVUS_FIXTURES"] { places.append(URL(fileURLWithPath: named)) }
    for place in places {
      let folder = place.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: folder.path) { return folder }
    }
    throw Missing(description: "no test data '\(name)'; set MILVUS_FIXTURES to the folder that has it")
  }

  func url(_ path: String) throws -> URL {
    try V1Fixture.folder("milvus-v1").appendingPathComponent(name).appendingPathComponent(path)
  }

  func bytes(_ path: String) throws -> Bytes {
    Bytes([UInt8](try Data(contentsOf: url(path))))
  }

  func json(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: bytes(path), source: path, code: .dataRead)
  }

  func lines(_ path: String) throws -> [JSONValue] {
    let text = try String(contentsOf: url(path), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      try JSONValue(parsing: Bytes(utf8: String(line)), source: path, code: .dataRead)
    }
  }

  func store() throws -> LocalStore { try LocalStore(root: url("files").path) }

  /// Everything below the root, in memory, so that a test can take files away or change them.
  func memoryStore(where keep: (String) -> Bool = { _ in true }) async throws -> MemoryStore {
    let copy = MemoryStore()
    let original = try store()
    for try await object in original.objects(prefix: "") where keep(object.key.text) {
      try await copy.put(object.key, try await original.read(object.key).1, PutOptions())
    }
    return copy
  }

  /// Keys and contents of all files of some trees.
  func files(_ trees: [String] = ["insert_log", "delta_log"]) async throws -> [(key: String, bytes: Bytes)] {
    let store = try store()
    var files: [(String, Bytes)] = []
    for tree in trees {
      for try await object in store.objects(prefix: ObjectKey(tree + "/")) {
        files.append((object.key.text, try await store.read(object.key).1))
      }
    }
    return files
  }

  func schema() throws -> CollectionSchema {
    try CollectionSchema(json: bytes("grpc/DescribeCollection.json"), source: "DescribeCollection.json")
  }

  /// The listing, and the schema with the dynamic field where there is one.
  func opened(_ store: any ObjectStore) async throws -> (SegmentListing, CollectionSchema) {
    let schema = try schema()
    let collection = schema.collectionID ?? 0
    let listing = try await SegmentListing(SegmentListing.Request(collection: collection), in: store)
    return (listing, try schema.adoptingDynamicField(from: listing.segments.flatMap(\.fieldIDs)))
  }

  /// Inserted rows by key, each with the timestamp of its insert.
  func insertedRows(key: String) throws -> [JSONValue: [(timestamp: Int64, row: [String: JSONValue])]] {
    var rows: [JSONValue: [(Int64, [String: JSONValue])]] = [:]
    for operation in try lines("operations.jsonl").compactMap(\.object) {
      guard let timestamp = operation["timestamp"]?.integer else { continue }
      for row in (operation["rows"]?.array ?? []).compactMap(\.object) {
        if let value = row[key] { rows[value, default: []].append((timestamp, row)) }
      }
    }
    return rows
  }
}

/// What the files of a segment must hold.
struct SegmentTruth {
  let segment: Int64
  let partition: Int64
  let pks: [JSONValue]
  let timestamps: [Int64]
  let rowIDs: [Int64]
  let rowsPerBinlog: [Int]
  let deletes: [(JSONValue, Int64)]
  let deletedRows: Set<Int>

  init?(_ line: JSONValue) {
    guard let members = line.object, let segment = members["segment"]?.integer,
      let partition = members["partition"]?.integer
    else { return nil }
    func integers(_ name: String) -> [Int64] { (members[name]?.array ?? []).compactMap(\.integer) }
    self.segment = segment
    self.partition = partition
    pks = members["pks"]?.array ?? []
    timestamps = integers("timestamps")
    rowIDs = integers("row_ids")
    rowsPerBinlog = integers("rows_per_binlog").map { Int($0) }
    deletes = (members["deletes"]?.array ?? []).compactMap { pair in
      guard let pair = pair.array, pair.count == 2, let timestamp = pair[1].integer else { return nil }
      return (pair[0], timestamp)
    }
    deletedRows = Set(integers("deleted_rows").map { Int($0) })
  }
}
