internal import Benchmark
internal import ByteBuffers

@testable internal import Parquet

/// BYTE_STREAM_SPLIT and DELTA_BINARY_PACKED.
func byteStreamBenchmarks() {
  var generator = FixedGenerator()
  let count = Workload.count
  for width in [2, 4, 8, 16] {
    let source = Workload(generator.bytes(count * width))
    let target = Workload.target(count * width)
    measure("join byte streams of \(width) bytes") {
      ByteStreams.join(source.base, stride: count, width: width, into: target, count: count)
    } reference: {
      blackHole(ReferenceKernels.join(source.array, width: width))
    }
    measure("split byte streams of \(width) bytes") {
      ByteStreams.split(source.base, width: width, count: count, into: target, stride: count)
    } reference: {
      blackHole(ReferenceKernels.split(source.array, width: width))
    }
  }
  for width in [5, 12, 40] {
    deltaBenchmark(width, &generator)
  }
}

/// A whole decoder: the kernel behind it is generic, and slow when it is called from another module.
private func deltaBenchmark(_ width: Int, _ generator: inout FixedGenerator) {
  let count = Workload.count
  var last: Int64 = 0
  let values = (0..<count).map { _ in
    last += Int64.random(in: 0..<(1 << Int64(width)), using: &generator)
    return last
  }
  let source = Workload(bytes(of: values))
  var writer = ByteWriter()
  DeltaBinaryPackedEncoder.encode(source.base, count: count, width: 8, into: &writer)
  let page = writer.take()
  let packed = generator.bytes(count * 8)
  measure("decode deltas of \(width) bits") {
    blackHole(try? decoded(page, count))
  } reference: {
    blackHole(
      ReferenceKernels.sumDeltas(packed, first: 0, width: width, least: 0, after: 0, count: count, bits: 64)
    )
  }
}

private func decoded(_ page: Bytes, _ count: Int) throws -> ColumnBuilder {
  let builder = try ColumnBuilder(.fixed(width: 8), capacity: count, byteLimit: 1 << 20)
  try DeltaBinaryPackedDecoder(page, width: 8, most: count).decode(count, into: builder)
  return builder
}
