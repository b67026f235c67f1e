internal import Benchmark

/// Memory of a benchmark, which is held until the process ends: the same bytes as pointers and as an array.
struct Workload {
  /// Values that a call of a kernel takes: what they are read from and written to stays in the second cache.
  static let count = 10_000

  let array: [UInt8]
  let base: UnsafeMutableRawPointer

  init(_ array: [UInt8]) {
    self.array = array
    base = Workload.target(array.count)
    base.copyMemory(from: array, byteCount: array.count)
  }

  /// Room for so many bytes, and those that kernels touch behind them.
  static func target(_ count: Int) -> UnsafeMutableRawPointer {
    let base = UnsafeMutableRawPointer.allocate(byteCount: count + 64, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: count + 64)
    return base
  }

  func pointer<T>(to type: T.Type) -> UnsafeMutablePointer<T> { base.assumingMemoryBound(to: T.self) }
}

/// A random generator that is the same in every run (SplitMix64).
struct FixedGenerator: RandomNumberGenerator {
  private var state: UInt64 = 20_261_121

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  mutating func flags(_ count: Int, percentFalse: Int) -> [Bool] {
    (0..<count).map { _ in Int.random(in: 0...99, using: &self) >= percentFalse }
  }
}

/// The bytes of integers, as they lie in memory.
func bytes<T: FixedWidthInteger>(of integers: [T]) -> [UInt8] {
  integers.withUnsafeBytes { Array($0) }
}
