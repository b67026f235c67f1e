import ByteBuffers
import Foundation
import MilvusStorage
import ObjectStores
import Parquet
import Testing

@testable import S3Store

/// A segment join over real segments, on local files or with everything in a bucket.
struct JoinJob: Sendable, CustomTestStringConvertible {
  /// The folder of the segments.
  let fixture: String
  /// The folder of new values; nil for some that are made.
  let values: String?

  var testDescription: String { values.map { "\(fixture), \($0)" } ?? fixture }

  static let all = [
    JoinJob(fixture: "all_types", values: "vectors"), JoinJob(fixture: "all_types", values: "scalars"), large,
  ]
  /// The one of the most files.
  static let large = JoinJob(fixture: "multi_binlog", values: nil)

  private struct Row: Encodable {
    var id: Int64
    var title: String
    var a: Int64?
    var b: String?
    var c: Double?
    var d: Bool?
    var e: Int64
    var f: String
  }

  private static let madeSchema = """
    {"fields":[{"id":100,"name":"id","type":"Int64","is_primary":true},
    {"id":101,"name":"title","type":"VarChar","max_length":100,"nullable":true},
    {"id":200,"name":"a","type":"Int64","nullable":true},
    {"id":201,"name":"b","type":"VarChar","max_length":99,"nullable":true},
    {"id":202,"name":"c","type":"Double","nullable":true},{"id":203,"name":"d","type":"Bool","nullable":true},
    {"id":204,"name":"e","type":"Int64","nullable":true},
    {"id":205,"name":"f","type":"VarChar","max_length":99,"nullable":true}]}
    """

  private static func folder(_ path: String) -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return tests.appendingPathComponent("Fixtures/\(path)").path
  }

  private var root: String { JoinJob.folder("milvus-v1/\(fixture)/files") }

  /// The files of new values and their schema, by name.
  private func inputs() async throws -> [String: Bytes] {
    if let values {
      let store = try LocalStore(root: JoinJob.folder("new-values/\(values)"))
      return [
        "new.parquet": try await store.read("input.parquet").1, "schema.json": try await store.read("schema.json").1,
      ]
    }
    let rows = (0..<1500).map { number -> Row in
      let id = Int64(number &* 7919 % 3000)
      return Row(
        id: id,
        title: "title \(id)",
        a: number % 3 == 0 ? nil : id * 7,
        b: number % 5 == 0 ? nil : String(repeating: "text ", count: number % 9),
        c: Double(number) / 7,
        d: number % 2 == 0,
        e: -id,
        f: "\(id)"
      )
    }
    return [
      "new.parquet": Bytes(try await ParquetEncoder().encode(rows)), "schema.json": Bytes(utf8: JoinJob.madeSchema),
    ]
  }

  private func configuration(_ place: String) throws -> BackfillConfiguration {
    let names = try FileManager.default.contentsOfDirectory(atPath: root + "/insert_log")
    var configuration = BackfillConfiguration(
      root: place + "/root",
      collectionID: names.compactMap { Int64($0) }.first ?? 0,
      schema: place + "/schema.json"
    )
    configuration.input = [place + "/new.parquet"]
    configuration.columnMapping = []
    configuration.mode = .overwrite
    configuration.outputRoot = place + "/output"
    configuration.outputResult = place + "/result.json"
    return configuration
  }

  /// What a run on local files writes.
  func expected() async throws -> Output {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("join-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try LocalStore(root: folder.path)
    for (name, bytes) in try await inputs() { try await store.put(ObjectKey(name), bytes, PutOptions()) }
    try FileManager.default.copyItem(atPath: root, toPath: folder.path + "/root")
    let result = try await MilvusBackfill.run(try configuration(folder.path)).get()
    return try await Output(in: store, planID: result.planID)
  }

  /// Puts segments and new values into a bucket.
  func prepare(_ bucket: S3ObjectStore) async throws {
    for (name, bytes) in try await inputs() { try await bucket.put(ObjectKey(name), bytes, PutOptions()) }
    let source = try LocalStore(root: root)
    for try await object in source.objects(prefix: "") {
      try await bucket.put(ObjectKey("root/" + object.key.text), try await source.read(object.key).1, PutOptions())
    }
  }

  /// The join over what ``prepare(_:)`` has put.
  func run(_ configuration: S3Configuration, progress: @escaping MilvusBackfill.ProgressHandler = { _ in }) async throws
    -> BackfillResult
  {
    var job = try self.configuration("s3://\(configuration.bucket)")
    job.resolver.registerS3(configuration)
    return try await MilvusBackfill.run(job, progress: progress).get()
  }

  /// What a run has written.
  struct Output: Equatable {
    /// The column files, by key.
    var files: [String: Bytes] = [:]
    /// The result document, with a name in place of the plan's, which depends on where the inputs are.
    var document: String
    /// The same in the journal.
    var published: String

    init(in store: any ObjectStore, planID: String) async throws {
      func text(_ key: String) async throws -> String {
        let bytes = try await store.read(ObjectKey(key)).1
        return String(decoding: bytes.array, as: UTF8.self).replacingOccurrences(of: planID, with: "PLAN")
      }
      let root = "output/"
      document = try await text("result.json")
      published = try await text(root + "backfill/\(planID)/result.json")
      for try await object in store.objects(prefix: ObjectKey(root + "insert_log/")) {
        files[object.key.text] = try await store.read(object.key).1
      }
    }
  }
}
