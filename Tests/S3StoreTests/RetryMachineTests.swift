import Testing

@testable import S3Store

@Suite("When requests are repeated")
struct RetryMachineTests {
  private var policy: RetryPolicy {
    var policy = RetryPolicy()
    policy.attempts = 5
    policy.baseDelay = .milliseconds(100)
    policy.longestDelay = .seconds(1)
    policy.longestTotal = .seconds(10)
    return policy
  }

  @Test("Waits grow to three times the one before, up to the longest, and attempts are counted")
  func growing() {
    var machine = RetryMachine(policy)
    var budget = RetryBudget(100)
    var waits: [RetryMachine.Decision] = []
    for _ in 0..<5 { waits.append(machine.decide(.passing, elapsed: .zero, chance: 1, budget: &budget)) }
    #expect(
      waits == [
        .retry(after: .milliseconds(300)), .retry(after: .milliseconds(900)), .retry(after: .seconds(1)),
        .retry(after: .seconds(1)), .giveUp,
      ]
    )
    #expect(machine.attempts == 5 && budget.left == 96)
  }

  @Test("The shortest wait is the base, whatever chance says")
  func shortest() {
    var machine = RetryMachine(policy)
    var budget = RetryBudget(100)
    #expect(machine.decide(.passing, elapsed: .zero, chance: 0, budget: &budget) == .retry(after: .milliseconds(100)))
  }

  @Test("A store that says how long to wait is waited for, but not beyond the time that there is")
  func askedFor() {
    var budget = RetryBudget(100)
    var machine = RetryMachine(policy)
    let throttled = RetryMachine.Cause.throttled(after: .seconds(7))
    #expect(machine.decide(throttled, elapsed: .zero, chance: 0, budget: &budget) == .retry(after: .seconds(7)))
    #expect(machine.decide(throttled, elapsed: .seconds(7), chance: 0, budget: &budget) == .giveUp)
  }

  @Test("A budget that is used up ends all repetitions, and successes fill it again")
  func budget() {
    var budget = RetryBudget(1)
    var machine = RetryMachine(policy)
    #expect(machine.decide(.passing, elapsed: .zero, chance: 0, budget: &budget) != .giveUp)
    #expect(machine.decide(.passing, elapsed: .zero, chance: 0, budget: &budget) == .giveUp)
    budget.succeed()
    budget.succeed()
    #expect(budget.left == 1)
    #expect(machine.decide(.passing, elapsed: .zero, chance: 0, budget: &budget) != .giveUp)
  }

  @Test("What was corrected is sent again at once, four times at most; what is final is not")
  func corrections() {
    var budget = RetryBudget(0)
    var machine = RetryMachine(policy)
    for _ in 0..<4 {
      #expect(machine.decide(.corrected, elapsed: .zero, chance: 1, budget: &budget) == .retry(after: .zero))
    }
    #expect(machine.decide(.corrected, elapsed: .zero, chance: 1, budget: &budget) == .giveUp)
    #expect(machine.decide(.final, elapsed: .zero, chance: 1, budget: &budget) == .giveUp)
  }
}
