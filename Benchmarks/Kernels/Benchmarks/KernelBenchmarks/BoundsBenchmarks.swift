internal import Benchmark

@testable internal import Parquet

/// The least and the greatest of floats, and whether one is NaN.
func boundsBenchmarks() {
  var generator = FixedGenerator()
  let floats = (0..<Workload.count).map { _ in Float.random(in: -1...1, using: &generator) }
  bounds(of: floats, .float)
  bounds(of: floats.map(Double.init), .double)
}

private func bounds<T: BinaryFloatingPoint & BitwiseCopyable>(of values: [T], _ order: BoundsOrder) {
  let plain = Workload(values.withUnsafeBytes { Array($0) })
  measure("bounds of floats of \(MemoryLayout<T>.size) bytes") {
    var bounds = BoundsCollector(order: order)
    bounds.add(plain: plain.base, byteCount: plain.array.count, count: values.count)
    blackHole(bounds.nanCount)
  } reference: {
    let numbers = values.filter { !$0.isNaN }
    blackHole((numbers.min(), numbers.max(), values.count - numbers.count))
  }
}
