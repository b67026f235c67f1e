import ByteBuffers
import ObjectStores
import Parquet
import Synchronization
import Testing

@testable import MilvusStorage

/// What is written when: requests are made side by side, but a run that ends anywhere must leave a tree that can be
/// resumed.
@Suite("Order of writing")
struct BackfillOrderTests {
  private let fixture = V1Fixture(name: "multi_binlog")
  private let schema = """
    {"fields":[{"id":100,"name":"id","type":"Int64","is_primary":true},
    {"id":200,"name":"a","type":"Int64","nullable":true},{"id":201,"name":"b","type":"Int64","nullable":true},
    {"id":202,"name":"c","type":"Int64","nullable":true},{"id":203,"name":"d","type":"Int64","nullable":true}]}
    """

  /// A job whose output goes to a store of the test's.
  private func configuration(_ output: any ObjectStore) async throws -> BackfillConfiguration {
    let values = MemoryStore()
    let numbers = JoinTestData.integers(Array(0..<1000))
    let file = try await JoinTestData.file(
      ["pk", "a", "b", "c", "d"].map { SchemaNode($0, .int64) },
      Array(repeating: numbers, count: 5)
    )
    try await values.put("new.parquet", try await file.read(0..<file.size), PutOptions())
    try await values.put("schema.json", Bytes(utf8: schema), PutOptions())
    let root = try fixture.store()
    var configuration = BackfillConfiguration(
      root: "milvus://root",
      collectionID: try fixture.schema().collectionID ?? 0,
      schema: "values://schema.json"
    )
    configuration.input = ["values://new.parquet"]
    configuration.outputRoot = "output://"
    configuration.parallelism = 2
    configuration.resolver.register("milvus") { (_) throws(ObjectStoreError) in (root, "") }
    configuration.resolver.register("output") { (_) throws(ObjectStoreError) in (output, "") }
    configuration.resolver.register("values") { (uri) throws(ObjectStoreError) in
      (values, ObjectKey(String(uri.dropFirst("values://".count))))
    }
    return configuration
  }

  private func contents(_ store: any ObjectStore) async throws -> [String: Bytes] {
    var found: [String: Bytes] = [:]
    for try await object in store.objects(prefix: "") { found[object.key.text] = try await store.read(object.key).1 }
    return found
  }

  @Test("The plan comes first, a segment's record after its files were read again, the result last; files side by side")
  func order() async throws {
    let recorder = RecordingStore(base: MemoryStore())
    let result = try await MilvusBackfill.run(try await configuration(recorder)).get()
    let events = recorder.events
    func ends(_ kind: StoreOperation.Kind, _ part: String) -> [Int] {
      events.indices.filter { events[$0].isEnd && events[$0].kind == kind && events[$0].key.contains(part) }
    }
    func begins(_ part: String) throws -> Int {
      try #require(events.firstIndex { !$0.isEnd && $0.kind == .put && $0.key.contains(part) })
    }
    let plan = try #require(ends(.put, "/plan.json").first)
    #expect(try begins("insert_log/") > plan)
    let published = try begins("/result.json")
    for (id, segment) in result.segmentResults {
      let record = try begins("/segments/\(id).json")
      #expect(segment.files.count > 8)
      for file in segment.files {
        let put = try #require(ends(.put, file.key).first)
        // Once it is durable it is opened again: its length is asked for, and then its bytes.
        let flush = try #require(ends(.flush, "").first { $0 > put })
        let reads = ends(.head, file.key).filter { $0 > flush && $0 < record }
        #expect(flush < record && reads.count == 1)
        #expect(ends(.getRanges, file.key).contains { $0 > flush && $0 < record })
      }
      #expect(try #require(ends(.put, "/segments/\(id).json").first) < published)
    }
    #expect(events.last?.key.hasSuffix("/result.json") == true)
    #expect(2...16 * 2 ~= recorder.mostPuts)
  }

  @Test("Whichever put fails, what was recorded is there, and another run completes the tree with the same bytes")
  func everyPut() async throws {
    let whole = MemoryStore()
    let planID = try await MilvusBackfill.run(try await configuration(whole)).get().planID
    let expected = try await contents(whole)
    let puts = expected.count
    for failing in [0, 1, puts / 2, puts - 3, puts - 2, puts - 1] {
      for isLost in [false, true] {
        let base = MemoryStore()
        let recorder = RecordingStore(base: base, failingPut: failing, isLost: isLost)
        let error = await #expect(throws: BackfillError.self) {
          _ = try await MilvusBackfill.run(try await configuration(recorder)).get()
        }
        #expect(error?.code != .cancelled, "put \(failing)")
        let left = try await contents(base)
        #expect(left.allSatisfy { expected[$0.key] == $0.value }, "put \(failing)")
        if left.keys.contains(where: { $0.hasPrefix("insert_log/") }) {
          #expect(left["backfill/\(planID)/plan.json"] != nil)
        }
        let isComplete = left["backfill/\(planID)/result.json"] != nil
        #expect(isComplete == (isLost && failing == puts - 1))
        if left.keys.contains(where: { $0.contains("/segments/") }) {
          #expect(
            left.filter { $0.key.hasPrefix("insert_log/") }.count
              == expected.filter { $0.key.hasPrefix("insert_log/") }.count
          )
        }
        let again = try await MilvusBackfill.run(try await configuration(base)).get()
        #expect(again.planID == planID && again.wasAlreadyComplete == isComplete)
        #expect(try await contents(base) == expected, "put \(failing)")
      }
    }
  }

  @Test("A cancelled run ends soon, leaves whole files only, and another run completes the tree")
  func cancelled() async throws {
    let whole = MemoryStore()
    _ = try await MilvusBackfill.run(try await configuration(whole)).get()
    let expected = try await contents(whole)
    for stop in stride(from: 1, to: expected.count, by: 9) {
      let base = MemoryStore()
      let recorder = RecordingStore(base: base)
      let configuration = try await configuration(recorder)
      let run = Task { await MilvusBackfill.run(configuration) }
      recorder.callAfterPut(stop) { run.cancel() }
      if case .failure(let error) = await run.value { #expect(error.code == .cancelled) }
      #expect(try await contents(base).allSatisfy { expected[$0.key] == $0.value })
      _ = try await MilvusBackfill.run(try await self.configuration(base)).get()
      #expect(try await contents(base) == expected)
    }
  }
}

/// A store that notes what begins and ends when, and fails one put.
private final class RecordingStore: WrappingStore {
  struct Event {
    var kind: StoreOperation.Kind
    var key: String
    var isEnd: Bool
  }

  private struct State {
    var events: [Event] = []
    var begun = 0
    var done = 0
    var running = 0
    var mostPuts = 0
    var action: (after: Int, call: @Sendable () -> Void)?
  }

  private final class Scope: StoreScope {
    private let store: RecordingStore
    private let operation: StoreOperation
    private let isLost: Bool

    init(_ store: RecordingStore, _ operation: StoreOperation, isLost: Bool) {
      self.store = store
      self.operation = operation
      self.isLost = isLost
    }

    func end(_ outcome: StoreOutcome) async throws(ObjectStoreError) {
      store.note(operation, isEnd: true)
      if isLost { throw ObjectStoreError(.transport, "The answer is lost.", key: operation.key) }
    }
  }

  let base: any ObjectStore
  private let failingPut: Int?
  private let isLost: Bool
  private let state = Mutex(State())

  init(base: any ObjectStore, failingPut: Int? = nil, isLost: Bool = false) {
    self.base = base
    self.failingPut = failingPut
    self.isLost = isLost
  }

  var events: [Event] { state.withLock { $0.events } }
  var mostPuts: Int { state.withLock { $0.mostPuts } }

  /// Does something when so many puts have ended.
  func callAfterPut(_ count: Int, _ call: @escaping @Sendable () -> Void) {
    let isPast = state.withLock { state in
      state.action = (count, call)
      return state.done >= count
    }
    if isPast { call() }
  }

  func begin(_ operation: StoreOperation) async throws(ObjectStoreError) -> any StoreScope {
    let number = note(operation, isEnd: false)
    // Others get their turn, as they do while a network is waited for.
    for _ in 0..<20 { await Task.yield() }
    let fails = operation.kind == .put && number == failingPut
    if fails, !isLost { throw ObjectStoreError(.transport, "The put fails.", key: operation.key) }
    return Scope(self, operation, isLost: fails)
  }

  /// The number of the put.
  @discardableResult
  private func note(_ operation: StoreOperation, isEnd: Bool) -> Int {
    let (number, call) = state.withLock { state -> (Int, (@Sendable () -> Void)?) in
      state.events.append(Event(kind: operation.kind, key: operation.key?.text ?? "", isEnd: isEnd))
      guard operation.kind == .put else { return (-1, nil) }
      state.running += isEnd ? -1 : 1
      state.mostPuts = max(state.mostPuts, state.running)
      if isEnd { state.done += 1 } else { state.begun += 1 }
      return (state.begun - 1, isEnd && state.done == state.action?.after ? state.action?.call : nil)
    }
    call?()
    return number
  }
}
