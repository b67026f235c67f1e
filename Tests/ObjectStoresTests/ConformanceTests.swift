import BackfillConformance
import ObjectStores
import Testing

@Suite("Every store keeps the contract")
struct ConformanceTests {
  @Test("The memory store keeps the contract", arguments: ObjectStoreConformance.scenarios)
  func memory(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await ObjectStoreConformance { MemoryStore() }.run(scenario)
  }

  @Test("A prefix of a memory store keeps the contract", arguments: ObjectStoreConformance.scenarios)
  func memoryPrefix(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await ObjectStoreConformance { try await PrefixStoreTests.partOf(MemoryStore()) }.run(scenario)
  }

  @Test("The local store keeps the contract", arguments: ObjectStoreConformance.scenarios)
  func local(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await onFolder(scenario) { try LocalStore(root: $0) }
  }

  @Test("A local store that removes empty folders keeps the contract", arguments: ObjectStoreConformance.scenarios)
  func localWithoutEmptyFolders(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await onFolder(scenario) { root in
      var options = LocalStoreOptions()
      options.removeEmptyParents = true
      options.threads = 2
      options.readSize = 100_000
      return try LocalStore(root: root, options: options)
    }
  }

  @Test(
    "A local store that leaves every read to its threads keeps the contract",
    arguments: ObjectStoreConformance.scenarios
  )
  func localWithoutCachedReads(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await onFolder(scenario) { root in
      var options = LocalStoreOptions()
      options.usesCachedReads = false
      return try LocalStore(root: root, options: options)
    }
  }

  @Test("A prefix of a local store keeps the contract", arguments: ObjectStoreConformance.scenarios)
  func localPrefix(_ scenario: ObjectStoreConformance.Scenario) async throws {
    try await onFolder(scenario) { try await PrefixStoreTests.partOf(try LocalStore(root: $0)) }
  }

  /// Checks a scenario on a store in a temporary folder, and that no hidden file is left there.
  private func onFolder(
    _ scenario: ObjectStoreConformance.Scenario,
    _ makeStore: @escaping @Sendable (String) async throws -> any ObjectStore
  ) async throws {
    let folder = try TemporaryFolder()
    var options = ObjectStoreConformance.Options()
    options.mayRefusePathLikeKeys = true
    try await ObjectStoreConformance(options: options) { try await makeStore(folder.path) }.run(scenario)
    try await eventually { folder.temporaries.isEmpty }
  }
}
