import BackfillConformance
import MetricsTestKit
import ObjectStores
import Testing

@Suite("Every wrapper keeps the contract of the store below")
struct WrapperConformanceTests {
  /// Less work: what it is for, parts and races in the store, is not the wrappers'.
  private let options: ObjectStoreConformance.Options = {
    var options = ObjectStoreConformance.Options()
    (options.manyKeys, options.largeObject, options.raceRounds) = (1100, 6 << 20, 4)
    return options
  }()

  @Test("A store of three at a time", .timeLimit(.minutes(5)), arguments: ObjectStoreConformance.scenarios)
  func limited(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await ObjectStoreConformance(options: options) { LimitedStore(MemoryStore(), limit: 3) }.run(scenario)
  }

  @Test("A throttled store", .timeLimit(.minutes(5)), arguments: ObjectStoreConformance.scenarios)
  func throttled(_ scenario: ObjectStoreConformance.Scenario) async throws {
    let rates = ThrottledStore.Rates(
      requestsPerSecond: 20_000,
      bytesPerSecond: 1e9,
      requestBurst: 10,
      byteBurst: 1_000_000
    )
    try await ObjectStoreConformance(options: options) { try ThrottledStore(MemoryStore(), rates: rates) }.run(scenario)
  }

  @Test("A store without faults", arguments: ObjectStoreConformance.scenarios)
  func faultless(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await ObjectStoreConformance(options: options) { FaultyStore(MemoryStore(), plan: FaultPlan(seed: 1)) }.run(
      scenario
    )
  }

  @Test("A measured store", arguments: ObjectStoreConformance.scenarios)
  func metered(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await ObjectStoreConformance(options: options) {
      MeteredStore(MemoryStore(), name: "memory", factory: TestMetrics())
    }
    .run(scenario)
  }

  @Test("All of them around one another", .timeLimit(.minutes(5)), arguments: ObjectStoreConformance.scenarios)
  func stacked(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await ObjectStoreConformance(options: options) {
      let faultless = FaultyStore(PrefixStore(MemoryStore(), prefix: "deep"), plan: FaultPlan())
      let throttled = try ThrottledStore(faultless, rates: ThrottledStore.Rates())
      return MeteredStore(LimitedStore(throttled, limit: 4), name: "memory", factory: TestMetrics())
    }.run(scenario)
  }
}
