import ArgumentParser
import ByteBuffers
import Glibc
import ObjectStores
import S3Store

struct S3Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "s3",
    abstract: "Reads ranges and small objects from a bucket, and lists it, with several requests at a time.",
    discussion: """
      The bucket holds what Tools/compare_s3.py puts there: large/, 8 objects of 64 MiB; small/, 4,000 objects of 4,096 \
      bytes; list/, any number of objects. Keys and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and \
      AWS_REGION. One run more than asked for is made first, and not told of.

      EXAMPLES
        yardstick s3 --endpoint http://127.0.0.1:7480 --bucket tests --case small
      """
  )

  enum Case: String, ExpressibleByArgument {
    /// Ranges of 4 MiB of the large objects, 4 at a time.
    case ranges
    /// The small objects, 16 at a time.
    case small
    /// The keys of list/.
    case list
  }

  @Option(help: "Where the server is, http://host:port.")
  var endpoint: String

  @Option(help: "The bucket.")
  var bucket: String

  @Option(name: .customLong("case"), help: "ranges, small or list.")
  var kind: Case

  @Option(help: "Times the case is run.")
  var runs = 3

  private static let rangeBytes: UInt64 = 4 << 20

  func validate() throws {
    guard runs > 0 else { throw ValidationError("--runs is \(runs); it must be at least 1.") }
  }

  func run() async throws {
    func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    let keys = S3Credentials(
      accessKeyID: variable("AWS_ACCESS_KEY_ID"),
      secretAccessKey: variable("AWS_SECRET_ACCESS_KEY")
    )
    let region = variable("AWS_REGION")
    let store = try S3ObjectStore(
      S3Configuration(
        bucket: bucket,
        region: region.isEmpty ? "us-east-1" : region,
        endpoint: endpoint,
        credentials: StaticCredentials(keys)
      )
    )
    let objects = kind == .list ? [] : try await objects(store)
    for run in 0...runs {
      let stopwatch = Stopwatch()
      let (count, bytes) = try await self.run(store, objects)
      let figures = stopwatch.figures()
      guard run > 0 else { continue }
      let members = [#""case": "\#(kind.rawValue)""#] + figures + [#""count": \#(count)"#, #""bytes": \#(bytes)"#]
      print("{\(members.joined(separator: ", "))}")
    }
  }

  /// What is read, which is known beforehand.
  private func objects(_ store: S3ObjectStore) async throws -> [ObjectMetadata] {
    var objects: [ObjectMetadata] = []
    for try await object in store.objects(prefix: kind == .ranges ? "large/" : "small/") { objects.append(object) }
    return objects
  }

  private func run(_ store: S3ObjectStore, _ objects: [ObjectMetadata]) async throws -> (count: Int, bytes: Int) {
    switch kind {
    case .list:
      var count = 0
      for try await _ in store.objects(prefix: "list/") { count += 1 }
      return (count, 0)
    case .small:
      return try await read(objects.map { ($0.key, 0..<$0.size) }, atOnce: 16) { job in
        try await store.read(job.0).1.count
      }
    case .ranges:
      let jobs = objects.flatMap { object in
        stride(from: 0, to: object.size, by: UInt64.Stride(S3Command.rangeBytes)).map { start in
          (object.key, start..<min(start + S3Command.rangeBytes, object.size))
        }
      }
      return try await read(jobs, atOnce: 4) { job in try await store.getRange(job.0, job.1).count }
    }
  }

  private func read(
    _ jobs: [(ObjectKey, Range<UInt64>)],
    atOnce: Int,
    _ one: @escaping @Sendable ((ObjectKey, Range<UInt64>)) async throws -> Int
  ) async throws -> (count: Int, bytes: Int) {
    let bytes = try await withThrowingTaskGroup(of: Int.self) { group in
      for lane in 0..<atOnce {
        group.addTask {
          var bytes = 0
          for number in stride(from: lane, to: jobs.count, by: atOnce) { bytes += try await one(jobs[number]) }
          return bytes
        }
      }
      return try await group.reduce(0, +)
    }
    return (jobs.count, bytes)
  }
}
