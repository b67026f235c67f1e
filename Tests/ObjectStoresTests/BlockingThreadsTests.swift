import Foundation
import Synchronization
import Testing

@testable import ObjectStores

@Suite("Threads for calls that block")
struct BlockingThreadsTests {
  /// What a call has done.
  private final class Progress: Sendable {
    let hasBegun = Atomic(false)
    let hasEnded = Atomic(false)
    let mayEnd = DispatchSemaphore(value: 0)
  }

  @Test("a call that has begun is waited for when its task is cancelled", .timeLimit(.minutes(10)))
  func begunCall() async throws {
    let threads = try BlockingThreads(limit: 1)
    let progress = Progress()
    let task = Task {
      try await threads.run("key") { (cancellation) throws(ObjectStoreError) in
        progress.hasBegun.store(true, ordering: .relaxed)
        progress.mayEnd.wait()
        progress.hasEnded.store(true, ordering: .relaxed)
        try cancellation.check("key")
      }
    }
    let returned = Task {
      let error = try await failure { try await task.value }
      return (error.code, progress.hasEnded.load(ordering: .relaxed))
    }
    try await eventually { progress.hasBegun.load(ordering: .relaxed) }
    task.cancel()
    // Time for a wrong call to return before its function has ended.
    try await Task.sleep(for: .milliseconds(50))
    progress.mayEnd.signal()
    let (code, hadEnded) = try await returned.value
    #expect(code == .cancelled && hadEnded)
  }

  @Test("a call that has not begun ends at once when its task is cancelled, and never begins", .timeLimit(.minutes(10)))
  func queuedCall() async throws {
    let threads = try BlockingThreads(limit: 1)
    let busy = DispatchSemaphore(value: 0)
    threads.post { busy.wait() }
    let progress = Progress()
    let task = Task {
      try await threads.run("key") { (_) throws(ObjectStoreError) in progress.hasBegun.store(true, ordering: .relaxed) }
    }
    try await Task.sleep(for: .milliseconds(10))
    task.cancel()
    #expect(try await failure { try await task.value }.code == .cancelled)
    busy.signal()
    try await threads.run("other") { (_) throws(ObjectStoreError) in }
    let hasBegun = progress.hasBegun.load(ordering: .relaxed)
    #expect(!hasBegun)
  }
}
