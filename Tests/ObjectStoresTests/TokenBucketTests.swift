import Testing

@testable import ObjectStores

@Suite("Deciding how long to wait")
struct TokenBucketTests {
  private static let millisecond: Int64 = 1_000_000
  private static let second: Int64 = 1_000_000_000

  @Test("A burst goes at once, what follows at the rate")
  func burst() {
    var bucket = TokenBucket(rate: 10, burst: 5)
    for _ in 0..<5 { #expect(bucket.take(1, at: 0) == 0) }
    // Each has to wait for those before it.
    for place in 1...3 { #expect(bucket.take(1, at: 0) == Int64(place) * 100 * TokenBucketTests.millisecond) }
    // 100 ms bring one token of the three that are owed.
    #expect(bucket.take(1, at: 100 * TokenBucketTests.millisecond) == 300 * TokenBucketTests.millisecond)
  }

  @Test("A pause brings no more than the burst")
  func pause() {
    var bucket = TokenBucket(rate: 10, burst: 5)
    #expect(bucket.take(5, at: 0) == 0)
    #expect(bucket.take(5, at: 100 * TokenBucketTests.second) == 0)
    #expect(bucket.take(1, at: 100 * TokenBucketTests.second) == 100 * TokenBucketTests.millisecond)
  }

  @Test("More than the burst is possible, and waits for all of it")
  func large() {
    var bucket = TokenBucket(rate: 10, burst: 5)
    #expect(bucket.take(25, at: 0) == 2 * TokenBucketTests.second)
    #expect(bucket.take(1, at: 0) == 2100 * TokenBucketTests.millisecond)
    var without = TokenBucket(rate: 10, burst: 0)
    #expect(without.take(1, at: 0) == 100 * TokenBucketTests.millisecond)
    #expect(without.take(1, at: TokenBucketTests.second) == 100 * TokenBucketTests.millisecond)
  }

  @Test("What is put back can be taken anew")
  func putBack() {
    var bucket = TokenBucket(rate: 10, burst: 5)
    #expect(bucket.take(5, at: 0) == 0)
    #expect(bucket.take(3, at: 0) == 300 * TokenBucketTests.millisecond)
    bucket.putBack(3)
    #expect(bucket.take(1, at: 0) == 100 * TokenBucketTests.millisecond)
    bucket.putBack(100)
    #expect(bucket.take(6, at: 0) == 100 * TokenBucketTests.millisecond)
  }

  @Test("A clock that goes back brings nothing, and a wait has a limit")
  func extremes() {
    var bucket = TokenBucket(rate: 10, burst: 5)
    #expect(bucket.take(5, at: TokenBucketTests.second) == 0)
    #expect(bucket.take(1, at: 0) == 100 * TokenBucketTests.millisecond)
    #expect(bucket.take(0, at: TokenBucketTests.second) == 100 * TokenBucketTests.millisecond)
    #expect(bucket.take(.greatestFiniteMagnitude, at: 0) == TokenBucket.longestWait)
    var slow = TokenBucket(rate: .leastNonzeroMagnitude, burst: 0)
    #expect(slow.take(1, at: .min) == TokenBucket.longestWait)
    #expect(slow.take(1, at: 0) == TokenBucket.longestWait)
  }

  @Test("Whatever is asked for and when, no stretch of time gets more than rate and burst")
  func rateHolds() {
    var state: UInt64 = 7
    var bucket = TokenBucket(rate: 100, burst: 20)
    var now: Int64 = 0
    var starts: [(time: Int64, tokens: Double)] = []
    for _ in 0..<2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      now += Int64(state >> 40) * 2
      let tokens = Double((state >> 33) % 4)
      starts.append((now + bucket.take(tokens, at: now), tokens))
    }
    for first in stride(from: 0, to: starts.count, by: 37) {
      var sum = 0.0
      for last in first..<starts.count {
        sum += starts[last].tokens
        let seconds = Double(starts[last].time - starts[first].time) / 1e9
        if sum > 20 + 100 * seconds + 4 { Issue.record("\(sum) tokens in \(seconds) s, from take \(first) to \(last)") }
      }
    }
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $0.time <= $1.time }, "who came first begins first")
  }

  @Test("Of requests and bytes the longer wait counts")
  func throttle() {
    var throttle = Throttle(requests: TokenBucket(rate: 10, burst: 1), bytes: TokenBucket(rate: 1000, burst: 1000))
    #expect(throttle.take(.init(requests: 1, bytes: 1000), at: 0) == 0)
    #expect(throttle.take(.init(requests: 1, bytes: 50), at: 0) == 100 * TokenBucketTests.millisecond)
    #expect(throttle.take(.init(requests: 1, bytes: 950), at: 0) == 1000 * TokenBucketTests.millisecond)
    throttle.putBack(.init(requests: 1, bytes: 950))
    #expect(throttle.take(.init(bytes: 50), at: 0) == 100 * TokenBucketTests.millisecond)
    // Who moves no bytes does not wait for those that are owed; who reads does, also before it knows how many.
    #expect(throttle.take(.init(requests: 1), at: 0) == 200 * TokenBucketTests.millisecond)
    #expect(throttle.take(.init(bytes: 0), at: 0) == 100 * TokenBucketTests.millisecond)
    #expect(throttle.take(.init(), at: 0) == 0)
    var none = Throttle(requests: nil, bytes: nil)
    #expect(none.take(.init(requests: 1_000_000, bytes: .max), at: 0) == 0)
  }
}
