import ByteBuffers
import ObjectStores
import Testing

@testable import MilvusStorage

@Suite("Finding segments")
struct SegmentListingTests {
  private func store(_ keys: [String]) async throws -> MemoryStore {
    let store = MemoryStore()
    for key in keys { try await store.put(ObjectKey(key), Bytes(utf8: key), PutOptions()) }
    return store
  }

  @Test("Files are sorted into segments by number, not by text")
  func ordering() async throws {
    let store = try await store([
      "insert_log/1/2/30/100/10", "insert_log/1/2/30/100/9", "insert_log/1/2/4/100/1", "insert_log/1/10/5/100/1",
      "delta_log/1/2/30/8", "stats_log/1/2/30/100/7", "insert_log/7/2/30/100/10",
    ])
    let listing = try await SegmentListing(.init(collection: 1), in: store)
    #expect(listing.segments.map(\.id) == [4, 30, 5])
    #expect(listing.segments[1].fields[100]?.map(\.logID) == [9, 10])
    #expect(listing.segments[1].deltaLogs.map(\.logID) == [8])
    #expect(listing.segments[1].statsLogs[100]?.count == 1)
    #expect(listing.segments[1].dataByteCount == UInt64("insert_log/1/2/30/100/10insert_log/1/2/30/100/9".utf8.count))
    #expect(listing.warnings.isEmpty)
  }

  @Test("Segments that have deletes only apply to their partition, or to all")
  func deleteSegments() async throws {
    let store = try await store([
      "insert_log/1/2/30/100/10", "insert_log/1/3/31/100/10", "delta_log/1/2/50/1", "delta_log/1/-1/51/1",
    ])
    let all = try await SegmentListing(.init(collection: 1), in: store)
    #expect(all.segments.map(\.id) == [30, 31])
    #expect(all.deleteSegments.map(\.id) == [51, 50])
    #expect(all.deleteSegments(for: all.segments[0]).map(\.id) == [51, 50])
    #expect(all.deleteSegments(for: all.segments[1]).map(\.id) == [51])
    let one = try await SegmentListing(.init(collection: 1, partition: 3), in: store)
    #expect(one.segments.map(\.id) == [31])
    #expect(one.deleteSegments.map(\.id) == [51])
  }

  @Test("Keys that belong to no segment are reported and left out")
  func garbage() async throws {
    let store = try await store([
      "insert_log/1/2/30/100/10", "insert_log/1/2/30/100/010", "insert_log/1/2/30/100/+5", "insert_log/1/2/30/README",
      "insert_log/1/2/30/100/10.tmp", "insert_log/1/2/31/_data/0_x.parquet",
      "insert_log/1/2/30/100/99999999999999999999",
      "delta_log/1/2/30/100/10", "insert_log/1/2/32/100/1", "insert_log/1/3/32/100/1",
    ])
    let listing = try await SegmentListing(.init(collection: 1), in: store)
    #expect(listing.segments.map(\.id) == [30, 32, 32])
    #expect(listing.segments[0].fields[100]?.count == 1)
    #expect(listing.warnings.count == 3)
    #expect(listing.warnings.contains { $0.hasPrefix("6 objects") })
    #expect(listing.warnings.contains { $0.contains("StorageV3") })
    #expect(listing.warnings.contains { $0.contains("several partitions: 2, 3") })
  }

  @Test("Keys that a journal lists are no input")
  func excluded() async throws {
    let store = try await store(["insert_log/1/2/30/100/10", "insert_log/1/2/30/105/10"])
    let request = SegmentListing.Request(collection: 1, excluding: ["insert_log/1/2/30/105/10"])
    let listing = try await SegmentListing(request, in: store)
    #expect(listing.segments.map(\.fieldIDs) == [[100]])
  }

  @Test("A missing collection is an error that names those there are")
  func missingCollection() async throws {
    let store = try await store(["insert_log/1/2/30/100/10", "insert_log/7/2/30/100/10"])
    await #expect {
      _ = try await SegmentListing(.init(collection: 5), in: store)
    } throws: { error in
      "\(error)".contains("Known collections are 1, 7") && (error as? BackfillError)?.code == .schemaValidation
    }
    await #expect {
      _ = try await SegmentListing(.init(collection: 5), in: MemoryStore())
    } throws: { error in
      "\(error)".contains("check the root path")
    }
  }

  @Test("A collection without rows has no segments, and that is no error")
  func emptyCollection() async throws {
    let store = try await store(["insert_log/1/2/30/100/10"])
    #expect(try await SegmentListing(.init(collection: 5, isKnown: true), in: store).segments.isEmpty)
    #expect(try await SegmentListing(.init(collection: 1, partition: 9), in: store).segments.isEmpty)
  }
}
