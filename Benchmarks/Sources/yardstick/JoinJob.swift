import MilvusStorage
import ObjectStores
import Parquet
import Synchronization

/// The join over the plain Parquet segments of `gen.py`, driven through the library's join core.
struct JoinJob: Sendable {
  let data: String
  let out: String
  let threads: Int
  let mode: JoinMode
  let codec: ColumnCodec
  let batchSize: Int

  /// What one run did.
  struct Outcome {
    var rows: Int64 = 0
    var matched: Int64 = 0
    var bytes: Int64 = 0
    var phases: [(name: String, duration: Duration)] = []
  }

  static let key = FieldSchema(id: 100, name: "pk", dataType: .int64, isPrimaryKey: true)
  static let targets = [
    FieldSchema(id: 101, name: "s", dataType: .varChar, isNullable: true, maxLength: 65_535),
    FieldSchema(id: 102, name: "i", dataType: .int32, isNullable: true),
    FieldSchema(id: 103, name: "vec", dataType: .floatVector, isNullable: true, dimension: 128),
  ]

  func run() async throws -> Outcome {
    let clock = ContinuousClock()
    let input = try LocalStore(root: data + "/job", options: readOnly)
    let output = try LocalStore(root: out)
    let start = clock.now
    let (newValues, lastRead) = try await readNewValues(input, clock)
    let indexed = clock.now
    let segments = try await segmentFolders(input)
    var outcome = try await joinAll(segments, newValues, input, output)
    outcome.phases = [
      ("read_new", start.duration(to: lastRead)), ("index", lastRead.duration(to: indexed)),
      ("segments", indexed.duration(to: clock.now)),
    ]
    return outcome
  }

  private var readOnly: LocalStoreOptions {
    var options = LocalStoreOptions()
    options.createRoot = false
    return options
  }

  /// Reads and indexes the new values; also tells when the last of them had been read.
  private func readNewValues(
    _ store: LocalStore,
    _ clock: ContinuousClock
  ) async throws -> (NewValues, ContinuousClock.Instant) {
    let lastRead = Mutex(clock.now)
    let columns = NewValuesFile.Columns(
      key: JoinJob.key.name,
      keyField: JoinJob.key,
      values: JoinJob.targets.map { ($0.name, $0) }
    )
    let file = try await NewValuesFile(ObjectSource("new.parquet", in: store), columns: columns)
    let newValues = try await NewValues([file]) { _ in
      let now = clock.now
      lastRead.withLock { $0 = now }
    }
    return (newValues, lastRead.withLock { $0 })
  }

  private func segmentFolders(_ store: LocalStore) async throws -> [String] {
    var folders: [String] = []
    for try await object in store.objects(prefix: "seg/") {
      let parts = object.key.text.split(separator: "/")
      if parts.count == 3, parts[2] == "0.parquet" { folders.append(String(parts[1])) }
    }
    return folders
  }

  private func joinAll(
    _ segments: [String],
    _ newValues: NewValues,
    _ input: LocalStore,
    _ output: LocalStore
  ) async throws -> Outcome {
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      var total = Outcome()
      for (index, segment) in segments.enumerated() {
        if index >= threads, let done = try await group.next() { total.add(done) }
        group.addTask { try await join(segment, newValues, input, output) }
      }
      for try await done in group { total.add(done) }
      return total
    }
  }

  @concurrent
  private func join(
    _ segment: String,
    _ newValues: NewValues,
    _ input: LocalStore,
    _ output: LocalStore
  ) async throws -> Outcome {
    let source = try await ObjectSource(ObjectKey("seg/\(segment)/0.parquet"), in: input)
    let reader = try await NativeParquetCodec().openReader(source)
    let keys = try ParquetRows(reader, column: JoinJob.key.name)
    let existing = try JoinJob.targets.map { field in
      field.dataType.isVector || !mode.readsExisting ? nil : try ParquetRows(reader, column: "old_" + field.name)
    }
    let files = try await SegmentFiles(JoinJob.targets, folder: segment, in: output, codec: codec)
    let join = SegmentJoin(newValues, mode: mode, batchSize: batchSize)
    let counts = try await join.join(keys: keys, existing: existing, into: files)
    return Outcome(rows: counts.rows, matched: counts.matched, bytes: try await files.close())
  }
}

extension JoinJob.Outcome {
  mutating func add(_ other: Self) {
    rows += other.rows
    matched += other.matched
    bytes += other.bytes
  }
}
