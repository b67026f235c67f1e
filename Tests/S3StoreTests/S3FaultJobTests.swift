import ByteBuffers
import MilvusStorage
import ObjectStores
import Synchronization
import Testing

@testable import S3Store

/// The library's main job, a segment join, with segments, new values and output in a store that fails.
@Suite("A join in S3 under faults", .needsS3Server, .serialized)
struct S3FaultJobTests {
  private func expectSame(_ output: JoinJob.Output, _ expected: JoinJob.Output) {
    #expect(Set(output.files.keys) == Set(expected.files.keys))
    for (key, bytes) in expected.files { #expect(output.files[key] == bytes, "\(key)") }
    #expect(output.document == expected.document && output.published == expected.published)
    #expect(output.document.contains("\"planId\" : \"PLAN\"") && expected.files.count > 20)
  }

  @Test("Three requests of ten fail, and the output is that of local files", arguments: JoinJob.all)
  func random(_ job: JoinJob) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    try await job.prepare(scene.bucket)
    scene.proxy.failAtRandom(share: 0.3, seed: TestSeed.value)
    let result = try await job.run(scene.store.configuration)
    let counters = scene.proxy.counters
    print("join: \(counters.requests) requests, \(counters.faults)")
    #expect(counters.requests - (counters.faults["pass"] ?? 0) > counters.requests / 5 && counters.faults.count > 6)
    expectSame(try await JoinJob.Output(in: scene.bucket, planID: result.planID), try await job.expected())
    // A second run, still in the storm, finds everything right and replaces nothing.
    let before = try await scene.bucket.list(ListRequest()).objects
    #expect(try await job.run(scene.store.configuration).wasAlreadyComplete)
    #expect(try await scene.bucket.list(ListRequest()).objects == before)
  }

  @Test("The server is away for ten seconds in the middle, and the output is that of local files")
  func away() async throws {
    let job = JoinJob.large
    let scene = try await FaultScene.make { $0.retry = RetryPolicy() }
    defer { scene.proxy.stop() }
    try await job.prepare(scene.bucket)
    // In the middle of writing: some files are there, others are on their way.
    let expected = try await job.expected()
    let proxy = scene.proxy
    let outage = Task {
      while proxy.requests.filter({ $0.method == "PUT" && $0.path.contains("insert_log") }).count < 10 {
        try await Task.sleep(for: .milliseconds(1))
      }
      proxy.goDown()
      let written = try await scene.bucket.list(ListRequest(prefix: "output/insert_log/")).objects.count
      #expect(written < expected.files.count)
      try await Task.sleep(for: .seconds(10))
      try proxy.comeUp()
    }
    let result = try await job.run(scene.store.configuration)
    try await outage.value
    expectSame(try await JoinJob.Output(in: scene.bucket, planID: result.planID), expected)
  }

  @Test("Wrong keys end the job with the first request that needs them, and are not tried again")
  func wrongKeys() async throws {
    let job = JoinJob.large
    let keys = S3Credentials(accessKeyID: TestServer.keys.accessKeyID, secretAccessKey: "wrong")
    let scene = try await FaultScene.make { configuration in
      configuration.retry = RetryPolicy()
      configuration.credentials = StaticCredentials(keys)
    }
    defer { scene.proxy.stop() }
    try await job.prepare(scene.bucket)
    let error = await #expect(throws: BackfillError.self) { _ = try await job.run(scene.store.configuration) }
    #expect(error?.message.contains("wrong") == false || error?.message.contains("key") == true)
    #expect(scene.proxy.counters.requests == 1)
  }
}
