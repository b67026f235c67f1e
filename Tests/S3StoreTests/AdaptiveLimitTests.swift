import Testing

@testable import S3Store

@Suite("How many requests are under way")
struct AdaptiveLimitTests {
  @Test("The limit is halved once for all requests that were under way, and grows by one a round")
  func halving() {
    var state = AdaptiveLimitState(most: 8)
    let numbers = (0..<8).map { _ in state.begin() }
    #expect(!state.hasRoom)
    for number in numbers {
      state.end()
      state.slowDown(number)
    }
    #expect(state.limit == 4)
    for _ in 0..<4 { state.succeed() }
    #expect(state.limit > 4.8 && state.limit < 5)
    let next = state.begin()
    state.slowDown(next)
    #expect(state.limit < 2.5)
    for _ in 0..<1000 { state.succeed() }
    #expect(state.limit == 8)
  }

  @Test("One request is always allowed")
  func one() {
    var state = AdaptiveLimitState(most: 0)
    for _ in 0..<10 {
      let number = state.begin()
      state.end()
      state.slowDown(number)
    }
    #expect(state.limit == 1 && state.hasRoom)
  }

  @Test("Those who wait come first, a cancelled one leaves the line, and no place is lost")
  func waiting() async throws {
    let limit = AdaptiveLimit(most: 2)
    let first = try #require(await limit.begin())
    let second = try #require(await limit.begin())
    let waiting = (0..<20).map { _ in Task { await limit.begin() } }
    for task in waiting.enumerated() where task.offset % 2 == 0 { task.element.cancel() }
    for task in waiting.enumerated() where task.offset % 2 == 0 { #expect(await task.element.value == nil) }
    #expect(limit.running == 2)
    limit.end(first, .success)
    limit.end(second, .success)
    for task in waiting.enumerated() where task.offset % 2 == 1 {
      let number = try #require(await task.element.value)
      #expect(limit.running <= 2)
      limit.end(number, .success)
    }
    #expect(limit.running == 0)
    #expect(await limit.begin() != nil)
  }

  @Test("Cancelling at any moment neither loses a place nor gives one too many")
  func races() async {
    let limit = AdaptiveLimit(most: 3)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<400 {
        group.addTask {
          let task = Task {
            guard let place = await limit.begin() else { return }
            #expect(limit.running <= 3)
            await Task.yield()
            limit.end(place, .success)
          }
          if number % 3 == 0 { task.cancel() }
          await task.value
        }
      }
    }
    #expect(limit.running == 0)
  }
}
