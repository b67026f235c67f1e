import ByteBuffers
import ObjectStores
import Parquet
import Synchronization
import Testing

@testable import MilvusStorage

/// Whole runs over a collection that a real server wrote, kept in memory.
@Suite("Runs")
struct BackfillRunTests {
  private let fixture = V1Fixture(name: "multi_binlog")
  private let schema = """
    {"fields":[{"id":100,"name":"id","type":"Int64","is_primary":true},
    {"id":200,"name":"score","type":"Int64","nullable":true},
    {"id":201,"name":"note","type":"VarChar","max_length":50,"nullable":true},
    {"id":202,"name":"must","type":"Int64"}]}
    """

  /// A root, a schema and new values for some keys of the collection, each location a scheme of its own.
  private func configuration(
    _ root: any ObjectStore,
    field: String = "score"
  ) async throws -> BackfillConfiguration {
    let values = MemoryStore()
    let keys: [Int64?] = Array(0..<1000)
    let numbers: [Int64?] = keys.map { key in key.map { $0 * 7 } }
    let file = try await JoinTestData.file(
      [SchemaNode("pk", .int64), SchemaNode(field, .int64)],
      [JoinTestData.integers(keys), JoinTestData.integers(numbers)]
    )
    try await values.put("new.parquet", try await file.read(0..<file.size), PutOptions())
    try await values.put("schema.json", Bytes(utf8: schema), PutOptions())
    let collection = try fixture.schema().collectionID ?? 0
    var configuration = BackfillConfiguration(
      root: "milvus://root",
      collectionID: collection,
      schema: "values://schema.json"
    )
    configuration.input = ["values://new.parquet"]
    configuration.resolver.register("milvus") { (_) throws(ObjectStoreError) in (root, "") }
    configuration.resolver.register("values") { (uri) throws(ObjectStoreError) in
      (values, ObjectKey(String(uri.dropFirst("values://".count))))
    }
    return configuration
  }

  private func contents(_ store: any ObjectStore) async throws -> [ObjectKey: String] {
    var found: [ObjectKey: String] = [:]
    for try await object in store.objects(prefix: "") { found[object.key] = object.etag }
    return found
  }

  @Test("A second run finds the first one's journal, checks its files and changes nothing")
  func secondRun() async throws {
    let root = try await fixture.memoryStore()
    let configuration = try await configuration(root)
    let first = try await MilvusBackfill.run(configuration).get()
    #expect(!first.wasAlreadyComplete)
    #expect(first.totalRowsWritten == 2400)
    let before = try await contents(root)
    let second = try await MilvusBackfill.run(configuration).get()
    #expect(second.wasAlreadyComplete)
    #expect(second.planID == first.planID)
    #expect(second.totalMatchedRows == first.totalMatchedRows)
    #expect(try await contents(root) == before)
  }

  @Test("A written file that was changed afterwards is found by the second run")
  func changedFile() async throws {
    let root = try await fixture.memoryStore()
    let configuration = try await configuration(root)
    let first = try await MilvusBackfill.run(configuration).get()
    let file = try #require(first.segmentResults.values.first?.files.last)
    var bytes = try await root.read(ObjectKey(file.key)).1.array
    bytes[bytes.count / 2] ^= 1
    try await root.put(ObjectKey(file.key), Bytes(bytes), PutOptions())
    let error = await #expect(throws: BackfillError.self) { _ = try await MilvusBackfill.run(configuration).get() }
    #expect(error?.path == file.key)
  }

  @Test("A field that already has data is written to a separate tree only")
  func fieldWithData() async throws {
    let root = try await fixture.memoryStore()
    _ = try await MilvusBackfill.run(try await configuration(root)).get()
    var again = try await configuration(root)
    again.mode = .overwrite
    let error = await #expect(throws: BackfillError.self) { _ = try await MilvusBackfill.run(again).get() }
    #expect(error?.message.contains("'score' already has data") == true)
    let tree = MemoryStore()
    again.outputRoot = "tree://"
    again.resolver.register("tree") { (_) throws(ObjectStoreError) in (tree, "") }
    let result = try await MilvusBackfill.run(again).get()
    #expect(result.totalRowsWritten == 2400)
    #expect(
      try await contents(tree).keys.allSatisfy { $0.text.hasPrefix("insert_log/") || $0.text.hasPrefix("backfill/") }
    )
  }

  @Test("A null into a field that is not nullable ends the run before anything is written")
  func nullIntoRequired() async throws {
    let root = try await fixture.memoryStore()
    let before = try await contents(root)
    var configuration = try await configuration(root, field: "must")
    let error = await #expect(throws: BackfillError.self) { _ = try await MilvusBackfill.run(configuration).get() }
    #expect(error?.message.contains("null in field 'must'") == true)
    #expect(error?.remedy == .caller)
    #expect(try await contents(root) == before)
    configuration.onNull = .default
    #expect(try await MilvusBackfill.run(configuration).get().success)
  }

  @Test("The connector's layout is one Parquet file a segment with all fields")
  func connectorLayout() async throws {
    let root = try await fixture.memoryStore()
    var configuration = try await configuration(root)
    configuration.layout = .connector
    configuration.customOutputPath = "custom/place"
    let result = try await MilvusBackfill.run(configuration).get()
    let segment = try #require(result.segmentResults.values.first)
    let key = "custom/place/new_field/binlog_0/task_0_0/\(segment.segmentID).parquet"
    #expect(segment.outputPath == key)
    let file = try await NativeParquetCodec().openReader(try await ObjectSource(ObjectKey(key), in: root))
    #expect(file.metadata.rowCount == 2400)
    #expect(file.metadata.schema.fields.map(\.name) == ["score"])
    #expect(file.metadata.schema.fields.map(\.fieldID) == [200])
  }

  @Test("A plan writes nothing and names the files that a run writes")
  func plan() async throws {
    let root = try await fixture.memoryStore()
    let configuration = try await configuration(root)
    let before = try await contents(root)
    let plan = try await MilvusBackfill.plan(configuration).get()
    #expect(try await contents(root) == before)
    let result = try await MilvusBackfill.run(configuration).get()
    #expect(plan.planID == result.planID)
    #expect(Set(plan.segments.flatMap(\.outputs)) == Set(result.segmentResults.values.flatMap { $0.files.map(\.key) }))
  }

  @Test("A complete tree has everything of the collection, and is not changed by a second run")
  func completeTree() async throws {
    let root = try await fixture.memoryStore()
    let tree = MemoryStore()
    var configuration = try await configuration(root)
    configuration.outputRoot = "tree://"
    configuration.completeTree = true
    configuration.resolver.register("tree") { (_) throws(ObjectStoreError) in (tree, "") }
    let result = try await MilvusBackfill.run(configuration).get()
    let written = Set(result.segmentResults.values.flatMap { $0.files.map { ObjectKey($0.key) } })
    let source = try await contents(root)
    let copied = try await contents(tree).keys.filter { !$0.text.hasPrefix("backfill/") && !written.contains($0) }
    #expect(Set(copied) == Set(source.keys))
    for key in copied { #expect(try await tree.read(key).1 == (try await root.read(key).1)) }
    #expect(try await MilvusBackfill.run(configuration).get().wasAlreadyComplete)
  }

  @Test("A partition is known by its id, or by its name from a ShowPartitions answer")
  func partitions() async throws {
    let fixture = V1Fixture(name: "partitions_deletes")
    let answers = MemoryStore()
    try await answers.put("schema.json", try fixture.bytes("grpc/DescribeCollection.json"), PutOptions())
    try await answers.put("partitions.json", try fixture.bytes("grpc/ShowPartitions.json"), PutOptions())
    let root = try await fixture.memoryStore()
    var configuration = BackfillConfiguration(
      root: "milvus://root",
      collectionID: try fixture.schema().collectionID ?? 0,
      schema: "values://schema.json"
    )
    configuration.resolver.register("milvus") { (_) throws(ObjectStoreError) in (root, "") }
    configuration.resolver.register("values") { (uri) throws(ObjectStoreError) in
      (answers, ObjectKey(String(uri.dropFirst("values://".count))))
    }
    configuration.partitionName = "p2021"
    let unknown = await #expect(throws: BackfillError.self) { _ = try await StoredCollection(opening: configuration) }
    #expect(unknown?.message.contains("'p2021'") == true)
    configuration.partitions = "values://partitions.json"
    let named = try await StoredCollection(opening: configuration)
    let partition = try #require(named.listing.segments.first?.partition)
    configuration.partitionName = "\(partition)"
    let numbered = try await StoredCollection(opening: configuration)
    #expect(named.listing.segments == numbered.listing.segments)
    #expect(named.listing.segments.allSatisfy { $0.partition == partition })
    #expect(!named.listing.segments.isEmpty)
  }

  @Test("Resuming a plan whose inputs changed is refused")
  func resumeChanged() async throws {
    let root = try await fixture.memoryStore()
    var configuration = try await configuration(root)
    configuration.resume = "0123456789abcdef0123456789abcdef"
    let error = await #expect(throws: BackfillError.self) { _ = try await MilvusBackfill.run(configuration).get() }
    #expect(error?.message.contains("cannot be resumed") == true)
  }

  @Test("Progress goes through the phases and ends with all rows")
  func progress() async throws {
    let root = try await fixture.memoryStore()
    let seen = Mutex<[BackfillProgress]>([])
    _ = try await MilvusBackfill.run(try await configuration(root)) { event in seen.withLock { $0.append(event) } }
      .get()
    let events = seen.withLock { $0 }
    var phases: [BackfillProgress.Phase] = []
    for event in events where phases.last != event.phase { phases.append(event.phase) }
    #expect(phases == [.planning, .loading, .joining])
    #expect(events.last?.rowsDone == 2400)
    #expect(events.last?.segmentsDone == 1)
  }
}
