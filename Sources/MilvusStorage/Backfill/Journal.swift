internal import ByteBuffers
internal import FoundationEssentials
internal import ObjectStores

/// What a plan will write, recorded before the first object is written.
struct PlanRecord: Codable, Hashable, Sendable {
  struct Segment: Codable, Hashable, Sendable {
    var id: Int64
    var partition: Int64
    var rows: Int64
    var keys: [String]
  }

  var planID: String
  var collection: Int64
  var mode: String
  var fields: [String]
  var segments: [Segment]
  /// Files that are copied into a separate tree as they are.
  var copies: [String]

  /// Everything that the plan joins and writes.
  var keys: Set<String> { Set(segments.flatMap(\.keys)) }
}

/// What was written for one segment, recorded when it is complete and durable.
struct SegmentRecord: Codable, Hashable, Sendable {
  var segment: Int64
  var partition: Int64
  var rows: Int64
  var matched: Int64
  var usedExisting: [Int64]
  var usedNew: [Int64]
  var nulls: [Int64]
  var files: [WrittenObject]
}

/// The record of a plan beside its output.
///
///     backfill/{plan}/plan.json             every key, before it is written
///     backfill/{plan}/segments/{id}.json    every segment, when it is done
///     backfill/{plan}/result.json           the result document, last
///
/// All of them are create-only and depend on the plan alone, so a rerun finds equal ones.
struct Journal: Sendable {
  static let folder = "backfill"

  let store: any ObjectStore
  let planID: String

  private var root: ObjectKey { ObjectKey("\(Journal.folder)/\(planID)") }
  private var planKey: ObjectKey { root.appending("plan.json") }
  var resultKey: ObjectKey { root.appending("result.json") }

  private func segmentKey(_ segment: Int64) -> ObjectKey {
    root.appending("segments").appending("\(segment).json")
  }

  /// The plans whose journals are in a store.
  static func plans(in store: any ObjectStore) async throws(BackfillError) -> [PlanRecord] {
    var keys: [ObjectKey] = []
    do {
      for try await object in store.objects(prefix: ObjectKey(folder + "/"))
      where object.key.text.hasSuffix("/plan.json") {
        keys.append(object.key)
      }
    } catch {
      throw BackfillError.wrapping(error, as: .connection)
    }
    return try await concurrentMap(keys, limit: SideBySide.requests) { (_, key) throws(BackfillError) in
      try await plan(key, in: store)
    }
  }

  private static func plan(_ key: ObjectKey, in store: any ObjectStore) async throws(BackfillError) -> PlanRecord {
    let bytes: Bytes
    do {
      bytes = try await store.read(key).1
    } catch {
      throw BackfillError.wrapping(error, as: .connection)
    }
    guard let record = Journal.decode(PlanRecord.self, bytes), key.text == "\(folder)/\(record.planID)/plan.json" else {
      throw BackfillError(
        .dataRead,
        "The journal cannot be read. Remove its folder if the plan is no longer needed.",
        path: key.text
      )
    }
    return record
  }

  /// Records the plan before anything is written.
  func begin(_ record: PlanRecord) async throws(BackfillError) {
    try await create(planKey, Journal.encode(record))
  }

  /// Records a segment as done.
  func finish(_ record: SegmentRecord) async throws(BackfillError) {
    try await create(segmentKey(record.segment), Journal.encode(record))
  }

  /// What was recorded for a segment; nil when it is not done.
  func finished(_ segment: Int64) async throws(BackfillError) -> SegmentRecord? {
    guard let bytes = try await read(segmentKey(segment)) else { return nil }
    guard let record = Journal.decode(SegmentRecord.self, bytes) else {
      throw BackfillError(
        .dataRead,
        "The journal of the segment cannot be read; remove this object to redo it.",
        path: segmentKey(segment).text,
        segment: segment
      )
    }
    return record
  }

  /// The published result document; nil when the plan is not complete.
  func result() async throws(BackfillError) -> Bytes? {
    try await read(resultKey)
  }

  /// Publishes the result document.
  func publish(_ document: Bytes) async throws(BackfillError) {
    try await create(resultKey, document)
  }

  private func read(_ key: ObjectKey) async throws(BackfillError) -> Bytes? {
    do {
      return try await store.read(key).1
    } catch  where error.code == .notFound {
      return nil
    } catch {
      throw BackfillError.wrapping(error, as: .dataRead, path: key.text)
    }
  }

  private func create(_ key: ObjectKey, _ bytes: Bytes) async throws(BackfillError) {
    try await putOnce(key, bytes, in: store, planID: planID, durability: .immediate)
  }

  static func encode(_ value: some Encodable) throws(BackfillError) -> Bytes {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do {
      return Bytes(Array(try encoder.encode(value)) + [UInt8(ascii: "\n")])
    } catch {
      throw BackfillError(.unexpected, "A record cannot be encoded: \(error)", remedy: .library)
    }
  }

  static func decode<T: Decodable>(_ type: T.Type, _ bytes: Bytes) -> T? {
    try? JSONDecoder().decode(type, from: Data(bytes.array))
  }
}

/// Puts an object that may be there already from an earlier run of the same plan: equal bytes are a success.
func putOnce(
  _ key: ObjectKey,
  _ bytes: Bytes,
  in store: any ObjectStore,
  planID: String,
  durability: Durability
) async throws(BackfillError) {
  do {
    try await store.put(key, bytes, PutOptions(.create, durability: durability))
  } catch  where error.code == .alreadyExists {
    let found: Bytes
    do {
      found = try await store.read(key, limit: .max).1
    } catch {
      throw BackfillError.wrapping(error, as: .write, path: key.text)
    }
    guard found == bytes else {
      throw BackfillError(
        .write,
        "The object exists with other content than plan \(planID) would write. "
          + "Another plan, or another program, wrote it; remove it, or write to another place.",
        path: key.text
      )
    }
  } catch {
    throw BackfillError.wrapping(error, as: .write, path: key.text)
  }
}
