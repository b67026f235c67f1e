import Testing

@testable import MilvusStorage

/// What is wrong with a configuration is told at once.
@Suite("The configuration")
struct ConfigurationTests {
  @Test("A complete configuration has no problems")
  func complete() {
    var configuration = BackfillConfiguration(root: "root", collectionID: 1, schema: "schema.json")
    configuration.input = ["new.parquet"]
    #expect(configuration.problems() == [])
  }

  @Test("Every mistake is listed")
  func everyMistake() {
    var configuration = BackfillConfiguration()
    configuration.batchSize = 0
    configuration.parallelism = 0
    configuration.memoryBudget = 1
    configuration.compression = .zstd(level: 40)
    configuration.completeTree = true
    configuration.customOutputPath = "x"
    configuration.columnMapping = [ColumnMapping("a", to: "b"), ColumnMapping("a", to: "b")]
    let problems = configuration.problems().joined(separator: "\n")
    for word in [
      "root", "collectionID", "new values", "batchSize", "parallelism", "memoryBudget", "zstd level", "completeTree",
      "customOutputPath", "source 'a' twice", "target 'b' twice",
    ] {
      #expect(problems.contains(word), "'\(word)' is not named")
    }
  }

  @Test("A root and an object storage exclude each other")
  func twoRoots() {
    var configuration = BackfillConfiguration(root: "root", collectionID: 1, schema: "schema.json")
    configuration.input = ["new.parquet"]
    configuration.s3Endpoint = "localhost:9000"
    #expect(configuration.problems().count == 1)
  }

  @Test("The API's defaults are kept, for tests too")
  func defaults() {
    let configuration = BackfillConfiguration.forTest(collectionName: "c", pkFieldToRead: 100)
    #expect(configuration.milvusURI == "http://localhost:19530")
    #expect(configuration.milvusToken == "root:Milvus")
    #expect(configuration.databaseName == "default")
    #expect(configuration.collectionName == "c")
    #expect(configuration.pkFieldToRead == 100)
    #expect(configuration.s3Endpoint == "localhost:9000")
    #expect(configuration.s3BucketName == "a-bucket")
    #expect(configuration.s3RootPath == "files")
    #expect(configuration.s3Region == "us-east-1")
    #expect(!configuration.s3UsesSSL)
    #expect(configuration.batchSize == 1024)
    #expect(configuration.customOutputPath == nil)
    #expect(configuration.mode == .coalesce)
  }
}
