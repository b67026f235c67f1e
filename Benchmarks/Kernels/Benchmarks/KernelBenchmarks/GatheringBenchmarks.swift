internal import Benchmark

@testable internal import Parquet

/// Values that indices of a dictionary of 1,000 name.
func gatheringBenchmarks() {
  var generator = FixedGenerator()
  let count = Workload.count
  let named = (0..<count).map { _ in UInt32.random(in: 0..<1000, using: &generator) }
  let indices = Workload(bytes(of: named)).pointer(to: UInt32.self)
  let target = Workload.target(count * 64)

  measure("check indices") {
    blackHole(indicesLie(indices, count, below: 1000))
  } reference: {
    blackHole(named.allSatisfy { $0 < 1000 })
  }
  for width in [4, 8, 12, 16] {
    let values = Workload(generator.bytes(1000 * width))
    measure("gather values of \(width) bytes") {
      gatherFixed(values.base, width, indices, count, into: target)
    } reference: {
      blackHole(ReferenceKernels.gather(values.array, width: width, named))
    }
  }
  for lengths in [8...24, 0...48] {
    let values = (0..<1000).map { _ in generator.bytes(Int.random(in: lengths, using: &generator)) }
    let whole = ReferenceKernels.gather(values, (0..<1000).map { UInt32($0) })
    let data = Workload(whole.bytes)
    let bounds = Workload(bytes(of: whole.offsets)).pointer(to: Int32.self)
    let offsets = Workload.target(4 * count + 4).assumingMemoryBound(to: Int32.self)
    let longest = longestValue(bounds, 1000)
    measure("gather byte arrays of \(lengths.lowerBound)-\(lengths.upperBound) bytes") {
      // As the decoder does: short ones are not measured before.
      if longest > shortArray { blackHole(gatheredBytes(bounds, indices, count)) }
      blackHole(
        gatherVariable(data.base, bounds, longest: longest, indices, count, into: target, offsets: offsets)
      )
    } reference: {
      blackHole(ReferenceKernels.gather(values, named))
    }
  }
}
