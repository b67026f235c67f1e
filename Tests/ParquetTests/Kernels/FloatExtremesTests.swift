import ByteBuffers
import Testing

@testable import Parquet

/// Bounds of floats, as vectors take them, against those that the standard library finds.
@Suite struct FloatExtremesTests {
  private func check<T: BinaryFloatingPoint & BitwiseCopyable>(_ values: [T], _ order: BoundsOrder) {
    var bounds = BoundsCollector(order: order)
    values.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      bounds.add(plain: base, byteCount: bytes.count, count: values.count)
    }
    var statistics = Statistics()
    bounds.finish(into: &statistics)
    let numbers = values.filter { !$0.isNaN }
    #expect(statistics.nanCount == Int64(values.count - numbers.count), "\(values)")
    func stored(_ value: T?) -> [UInt8]? { value.map { value in withUnsafeBytes(of: value) { Array($0) } } }
    // Of two zeros either may be there: the bounds are -0 and +0.
    let least = numbers.min().map { $0 == 0 ? -T.zero : $0 }
    let greatest = numbers.max().map { $0 == 0 ? T.zero : $0 }
    #expect(statistics.minValue?.array == stored(least), "\(values)")
    #expect(statistics.maxValue?.array == stored(greatest), "\(values)")
  }

  private func value<T: BinaryFloatingPoint>(_ random: inout TestRandom) -> T {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: .nan
    case 1: -.nan
    case 2: .infinity
    case 3: -.infinity
    case 4: Bool.random(using: &random) ? 0 : -0.0
    case 5: Bool.random(using: &random) ? .leastNonzeroMagnitude : -.leastNonzeroMagnitude
    default: T(Double.random(in: -1000...1000, using: &random))
    }
  }

  @Test func `floats of any kind and number have the bounds that they have one by one`() {
    var random = TestRandom(seed: 11)
    for count in 0..<90 {
      for _ in 0..<8 {
        let floats: [Float] = (0..<count).map { _ in value(&random) }
        check(floats, .float)
        let doubles: [Double] = (0..<count).map { _ in value(&random) }
        check(doubles, .double)
      }
    }
  }

  @Test func `the one value that matters is found wherever it is`() {
    for place in 0..<50 {
      for extreme in [Float.nan, 2, -2] {
        var floats = [Float](repeating: 1, count: 50)
        floats[place] = extreme
        check(floats, .float)
        check(floats.map(Double.init), .double)
      }
    }
  }

  @Test func `values that are all NaN have no bounds`() {
    check([Float](repeating: .nan, count: 30), .float)
    check([Double](repeating: -.nan, count: 30), .double)
  }
}
