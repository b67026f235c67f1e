internal import Benchmark

/// Times are those of a million values, so a millisecond is a nanosecond a value.
///
/// Each kernel stands beside its reference, which is the one that the tests hold it against.
let benchmarks: @Sendable () -> Void = {
  // Whoever shares the core takes half of it: a kernel is slower only where it takes twice as long as was committed.
  let tolerance = BenchmarkThresholds(relative: [.p90: 100])
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput],
    timeUnits: .microseconds,
    warmupIterations: 2,
    scalingFactor: .mega,
    maxDuration: .milliseconds(500),
    thresholds: [.wallClock: tolerance, .throughput: tolerance]
  )
  unpackingBenchmarks()
  byteArrayBenchmarks()
  gatheringBenchmarks()
  validityBenchmarks()
  boundsBenchmarks()
  byteStreamBenchmarks()
}

/// Measures `kernel`, and `reference` beside it, each of which takes ``Workload/count`` values a call.
func measure(_ name: String, _ kernel: @escaping () -> Void, reference: @escaping () -> Void) {
  for (kind, body) in [("", kernel), (" by the reference", reference)] {
    // The harness finds a threshold only by a name without spaces.
    Benchmark((name + kind).replacing(" ", with: "-")) { benchmark in
      for _ in 0..<benchmark.scaledIterations.count / Workload.count { body() }
    }
  }
}
