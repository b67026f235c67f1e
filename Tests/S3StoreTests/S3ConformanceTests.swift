import BackfillConformance
import ObjectStores
import Testing

@testable import S3Store

@Suite("S3 keeps the contract", .needsS3Server)
struct S3ConformanceTests {
  @Test("The S3 store keeps the contract", arguments: ObjectStoreConformance.scenarios)
  func contract(_ scenario: ObjectStoreConformance.Scenario) async throws {
    var options = ObjectStoreConformance.Options()
    options.mayRefusePathLikeKeys = true
    options.tagsFollowContent = true
    try await ObjectStoreConformance(options: options) { try await TestServer.bucket() }.run(scenario)
  }
}
