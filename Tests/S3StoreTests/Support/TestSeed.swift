import Foundation

/// The seed of random tests: `BACKFILL_TEST_SEED`, or a new one, which is printed.
enum TestSeed {
  static let value: UInt64 = {
    let given = ProcessInfo.processInfo.environment["BACKFILL_TEST_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0..<1 << 31)
    print("BACKFILL_TEST_SEED=\(seed)")
    return seed
  }()
}

/// A random generator that repeats itself for a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
