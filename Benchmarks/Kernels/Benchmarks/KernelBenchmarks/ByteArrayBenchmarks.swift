internal import Benchmark

@testable internal import Parquet

/// PLAIN byte arrays of random lengths.
func byteArrayBenchmarks() {
  var generator = FixedGenerator()
  let count = Workload.count
  for lengths in [0...16, 8...24, 0...48, 60...140] {
    let page = Workload(
      (0..<count).flatMap { _ in
        let length = Int.random(in: lengths, using: &generator)
        return bytes(of: [UInt32(length)]) + generator.bytes(length)
      }
    )
    let room = page.array.count - 4 * count
    let target = Workload.target(room)
    let offsets = Workload.target(4 * count + 4).assumingMemoryBound(to: Int32.self)
    measure("copy byte arrays of \(lengths.lowerBound)-\(lengths.upperBound) bytes") {
      blackHole(
        copyPlainBytes(
          page.base,
          end: UnsafeRawPointer(page.base + page.array.count),
          into: target,
          room: room,
          offsets: offsets,
          count: count,
          valueLimit: 1 << 20
        )
      )
    } reference: {
      blackHole(ReferenceKernels.plainBytes(page.array, count: count))
    }
  }
}
