import ByteBuffers
import Foundation
import ObjectStores
import Testing

@testable import S3Store

/// Listings of many keys; `BACKFILL_S3_MANY_KEYS` says of how many, 5,000 without it.
@Suite("Many keys in S3", .needsS3Server)
struct S3ManyKeysTests {
  /// A process of its own, so that memory is that of the listing.
  @Test("65: a listing gives every key once and in order, in memory that does not grow with their number")
  func listing() async throws {
    await #expect(processExitsWith: .success) {
      let count = ProcessInfo.processInfo.environment["BACKFILL_S3_MANY_KEYS"].flatMap { Int($0) } ?? 5000
      let store = try await TestServer.bucket { $0.concurrency = 128 }
      try await ManyKeys.fill(store, count)
      // Once for what is allocated but once: connections, buffers, the parser's.
      _ = try await store.list(ListRequest())
      let before = try ManyKeys.residentMemory()
      var seen = 0
      var most = before
      for try await object in store.objects(prefix: "") {
        #expect(object.key == ManyKeys.key(seen) && object.size == 1)
        seen += 1
        if seen.isMultiple(of: 1000) { most = max(most, try ManyKeys.residentMemory()) }
      }
      #expect(seen == count)
      #expect(most - before < 32 << 20, "\((most - before) >> 20) MiB more for \(count) keys")
      print("\(count) keys listed in \((most - before) >> 10) KiB more")
    }
  }
}

private enum ManyKeys {
  /// Long names, so that keeping them would be noticed.
  static func key(_ number: Int) -> ObjectKey {
    let digits = String(number)
    let name = String(repeating: "0", count: 9 - digits.count) + digits
    return ObjectKey("folder/" + name + String(repeating: "x", count: 500))
  }

  static func fill(_ store: S3ObjectStore, _ count: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<128 {
        group.addTask {
          for number in stride(from: lane, to: count, by: 128) {
            try await store.put(key(number), Bytes(utf8: "x"), PutOptions())
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Bytes of this process in memory: the second number of `/proc/self/statm`, in pages.
  static func residentMemory() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return try #require(pages) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
