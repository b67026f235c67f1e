public import ObjectStores

/// The segments of a collection, found by listing its files.
public struct SegmentListing: Sendable {
  /// Segments that have rows, by partition, then by id.
  public var segments: [V1Segment]
  /// Segments that have deletes only (L0), in the same order.
  public var deleteSegments: [V1Segment]
  /// Keys that belong to no StorageV1 segment, one sentence each.
  public var warnings: [String]

  /// The delete segments whose deletes apply to a segment: those of its partition, and of all partitions.
  ///
  /// - Parameter segment: a segment that has rows.
  /// - Returns: segments out of ``deleteSegments``.
  public func deleteSegments(for segment: V1Segment) -> [V1Segment] {
    deleteSegments.filter { $0.partition == segment.partition || $0.partition == SegmentListing.allPartitions }
  }

  /// The partition id of deletes that apply to every partition.
  public static let allPartitions: Int64 = -1

  /// What is listed.
  public struct Request: Sendable {
    /// Id of the collection.
    public var collection: Int64
    /// Id of the only partition wanted; nil for all.
    public var partition: Int64?
    /// Keys that do not count, because an unfinished run wrote them.
    public var excluding: Set<ObjectKey>
    /// Whether the collection is known to exist, from a server for example; it may then have no files at all.
    public var isKnown: Bool

    /// Describes what is listed.
    ///
    /// - Parameters:
    ///   - collection: id of the collection.
    ///   - partition: id of the only partition wanted.
    ///   - excluding: keys that do not count.
    ///   - isKnown: whether the collection is known to exist.
    public init(
      collection: Int64,
      partition: Int64? = nil,
      excluding: Set<ObjectKey> = [],
      isKnown: Bool = false
    ) {
      self.collection = collection
      self.partition = partition
      self.excluding = excluding
      self.isKnown = isKnown
    }
  }

  /// Lists the files of a collection.
  ///
  /// - Parameters:
  ///   - request: which collection and partition.
  ///   - store: a store rooted at the Milvus root, the folder that has `insert_log` in it.
  /// - Throws: ``BackfillError/Code/schemaValidation`` when there is no such collection, naming those there are;
  ///   ``BackfillError/Code/connection`` when the store cannot be listed.
  public init(_ request: Request, in store: any ObjectStore) async throws(BackfillError) {
    var builder = SegmentListingBuilder(request)
    do {
      for tree in [StoragePaths.insertLog, StoragePaths.deltaLog, StoragePaths.statsLog] {
        for prefix in builder.prefixes(tree) {
          for try await object in store.objects(prefix: prefix) { builder.add(object, tree: tree) }
        }
      }
      if !builder.sawAnything, !request.isKnown { try await SegmentListing.explainAbsence(request, store) }
    } catch {
      throw BackfillError.wrapping(error, as: .connection)
    }
    (segments, deleteSegments, warnings) = builder.finish()
  }

  /// A partition without files is fine where the collection has some; else the error names what is there.
  private static func explainAbsence(_ request: Request, _ store: any ObjectStore) async throws {
    let root = ObjectKey(StoragePaths.insertLog + "/")
    var known: [String] = []
    var list = ListRequest(prefix: root, delimiter: "/")
    repeat {
      let page = try await store.list(list)
      known += page.commonPrefixes.map { String($0.text.dropFirst(root.bytes.count).dropLast()) }
      list.continuation = page.continuation
    } while list.continuation != nil
    if known.contains("\(request.collection)") { return }
    let shown = known.prefix(10).joined(separator: ", ") + (known.count > 10 ? ", ..." : "")
    throw BackfillError(
      .schemaValidation,
      known.isEmpty
        ? "There is no '\(root)' below the root, so no collection has segments there; check the root path "
          + "(the folder that has '\(StoragePaths.insertLog)' in it, by default 'files')."
        : "Collection \(request.collection) has no segments. Known collections are \(shown).",
      path: root.text
    )
  }
}

/// Sorts listed keys into segments.
struct SegmentListingBuilder {
  private struct Place: Hashable {
    var partition: Int64
    var segment: Int64
  }

  private let request: SegmentListing.Request
  private var segments: [Place: V1Segment] = [:]
  private var unrelated: [(reason: String, keys: [ObjectKey], count: Int)] = []
  private(set) var sawAnything = false

  init(_ request: SegmentListing.Request) {
    self.request = request
  }

  /// What has to be listed of a tree: deletes of all partitions count for each one.
  func prefixes(_ tree: String) -> [ObjectKey] {
    guard let partition = request.partition else {
      return [StoragePaths.prefix(tree, collection: request.collection)]
    }
    let own = StoragePaths.prefix(tree, collection: request.collection, partition: partition)
    guard tree == StoragePaths.deltaLog else { return [own] }
    let all = StoragePaths.prefix(tree, collection: request.collection, partition: SegmentListing.allPartitions)
    return own == all ? [own] : [own, all]
  }

  /// Takes an object of a tree.
  mutating func add(_ object: ObjectMetadata, tree: String) {
    sawAnything = true
    guard !request.excluding.contains(object.key) else { return }
    let depth = tree == StoragePaths.deltaLog ? 4 : 5
    guard let numbers = StoragePaths.numbers(object.key, in: tree), numbers.count == depth else {
      note(object.key, reason(object.key))
      return
    }
    let place = Place(partition: numbers[1], segment: numbers[2])
    let file = BinlogObject(metadata: object, logID: numbers[depth - 1])
    var segment =
      segments[place]
      ?? V1Segment(id: place.segment, collection: request.collection, partition: place.partition)
    switch tree {
    case StoragePaths.insertLog: segment.fields[numbers[3], default: []].append(file)
    case StoragePaths.deltaLog: segment.deltaLogs.append(file)
    default: segment.statsLogs[numbers[3], default: []].append(file)
    }
    segments[place] = segment
  }

  private func reason(_ key: ObjectKey) -> String {
    let parts = key.text.split(separator: "/")
    let isV3 = parts.contains { ["_data", "_metadata", "_delta", "_stats", "_index"].contains($0) }
    return isV3
      ? "belong to StorageV3 segments, which are read through their manifests"
      : "are named like no file of a segment and are left out"
  }

  private mutating func note(_ key: ObjectKey, _ reason: String) {
    guard let index = unrelated.firstIndex(where: { $0.reason == reason }) else {
      unrelated.append((reason, [key], 1))
      return
    }
    unrelated[index].count += 1
    if unrelated[index].keys.count < 3 { unrelated[index].keys.append(key) }
  }

  /// The segments in their order, those with deletes only apart, and the warnings.
  func finish() -> ([V1Segment], [V1Segment], [String]) {
    var warnings = unrelated.map { entry in
      "\(entry.count) objects \(entry.reason), such as \(entry.keys.map(\.text).joined(separator: ", "))."
    }
    var sorted: [V1Segment] = []
    for var segment in segments.values {
      segment.fields = segment.fields.mapValues { $0.sorted { $0.logID < $1.logID } }
      segment.statsLogs = segment.statsLogs.mapValues { $0.sorted { $0.logID < $1.logID } }
      segment.deltaLogs.sort { $0.logID < $1.logID }
      sorted.append(segment)
    }
    sorted.sort { ($0.partition, $0.id) < ($1.partition, $1.id) }
    let withRows = sorted.filter { !$0.fields.isEmpty }
    for (id, same) in Dictionary(grouping: withRows, by: \.id).sorted(by: { $0.key < $1.key }) where same.count > 1 {
      let partitions = same.map { "\($0.partition)" }.joined(separator: ", ")
      warnings.append("Segment \(id) lies in several partitions: \(partitions).")
    }
    return (withRows, sorted.filter { $0.fields.isEmpty && !$0.deltaLogs.isEmpty }, warnings)
  }
}
