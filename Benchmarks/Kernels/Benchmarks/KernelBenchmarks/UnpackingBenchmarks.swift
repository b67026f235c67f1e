internal import Benchmark

@testable internal import Parquet

func unpackingBenchmarks() {
  var generator = FixedGenerator()
  let count = Workload.count
  let source = Workload(generator.bytes(count * 8))
  let target = Workload.target(count * 8)

  for width in [1, 5, 10, 16, 20] {
    measure("unpack indices of \(width) bits") {
      unpackBits(
        source.base,
        firstValue: 0,
        width: width,
        into: target.assumingMemoryBound(to: UInt32.self),
        count: count
      )
    } reference: {
      blackHole(ReferenceKernels.unpack(source.array, first: 0, width: width, count: count))
    }
  }
  for width in [1, 2, 5] {
    measure("unpack levels of \(width) bits") {
      blackHole(
        unpackLevels(
          source.base,
          firstValue: 0,
          width: width,
          into: target.assumingMemoryBound(to: UInt8.self),
          count: count
        )
      )
    } reference: {
      blackHole(ReferenceKernels.unpack(source.array, first: 0, width: width, count: count))
    }
    measure("count levels of \(width) bits") {
      blackHole(countLevels(source.base, firstValue: 0, width: width, equalTo: 1, count: count))
    } reference: {
      blackHole(ReferenceKernels.unpack(source.array, first: 0, width: width, count: count).count { $0 == 1 })
    }
  }
}
