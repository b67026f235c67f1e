public import ObjectStores
public import Parquet

/// Everything a segment join is told.
///
/// The first part bears the names of the Backfill API, the second is this library's own. Locations are URIs
/// (`file:///path`, a plain path, or a scheme that ``resolver`` knows). ``problems()`` says what is wrong with it.
public struct BackfillConfiguration: Sendable {
  /// Server to ask for the collection, such as `http://localhost:19530`.
  public var milvusURI: String?
  /// Token for the server, `user:password`; never printed.
  public var milvusToken = ""
  /// Database of the collection.
  public var databaseName = "default"
  /// Name of the collection.
  public var collectionName: String?
  /// Only this partition: its id, or its name where the schema or ``partitions`` knows it.
  public var partitionName: String?
  /// Id of the primary key field; found in the schema when nil, checked against it otherwise.
  public var pkFieldToRead: Int64?
  /// Endpoint of the object storage.
  public var s3Endpoint: String?
  /// Bucket of the collection.
  public var s3BucketName: String?
  /// Access key of the bucket.
  public var s3AccessKey: String?
  /// Secret key of the bucket; never printed.
  public var s3SecretKey: String?
  /// Whether the object storage speaks TLS.
  public var s3UsesSSL = false
  /// Milvus' root path in the bucket.
  public var s3RootPath = "files"
  /// Region of the bucket.
  public var s3Region = "us-east-1"
  /// Rows that are handed to a writer at a time; it changes memory, never the bytes written.
  public var batchSize = 1024
  /// Where the connector layout goes: a key below the root of the output; the segment's folder when nil.
  public var customOutputPath: String?

  /// Location of the Milvus root; instead of the s3 properties.
  public var root: String?
  /// Id of the collection, with ``schema``.
  public var collectionID: Int64?
  /// Location of a schema: a plain schema file, a DescribeCollection answer, pymilvus' schema, or a snapshot.
  public var schema: String?
  /// Location of a saved ShowPartitions answer, which knows the partitions' names.
  public var partitions: String?
  /// Locations of the new values: Parquet files, or folders of them.
  public var input: [String] = []
  /// What happens to matched and unmatched rows.
  public var mode = JoinMode.coalesce
  /// Input columns and the fields they fill; empty: columns are called like their fields, the key `pk`.
  public var columnMapping: [ColumnMapping] = []
  /// Field that is joined on; the primary key when nil.
  public var joinKey: String?
  /// Location of a separate tree for the output; needed for fields that already have data.
  public var outputRoot: String?
  /// Whether the separate tree also gets copies of everything else, so that it can be restored.
  public var completeTree = false
  /// How output files are laid out.
  public var layout = OutputLayout.milvus
  /// Location where the result document goes, besides the journal.
  public var outputResult: String?
  /// Compression of output files.
  public var compression = OutputCompression.automatic
  /// Bytes of memory to stay under; half of the machine's when nil.
  public var memoryBudget: Int64?
  /// Segments that are processed at a time; the number of cores when nil.
  public var parallelism: Int?
  /// What happens when a key occurs twice in the new values.
  public var onDuplicateKey = DuplicateKeyRule.error
  /// What happens to a null in a field that cannot hold one.
  public var onNull = NullAction.error
  /// Id of a plan that must be the one to resume; any other is refused.
  public var resume: String?

  /// How locations become stores.
  public var resolver = StoreResolver()
  /// The same for the new values, which may be in a store with other keys; nil where ``resolver`` knows them too.
  public var inputResolver: StoreResolver?
  /// How Parquet is read and written.
  public var codec: any ParquetCodec = NativeParquetCodec()

  /// Creates a configuration that says nothing yet.
  public init() {}

  /// Creates a configuration for a Milvus root in a folder or bucket.
  ///
  /// - Parameters:
  ///   - root: location of the Milvus root.
  ///   - collectionID: id of the collection.
  ///   - schema: location of its schema.
  public init(root: String, collectionID: Int64, schema: String) {
    self.root = root
    self.collectionID = collectionID
    self.schema = schema
  }

  /// The Backfill API's defaults for tests: a server and an object storage on this machine.
  ///
  /// - Parameters:
  ///   - collectionName: name of the collection.
  ///   - pkFieldToRead: id of the primary key field.
  /// - Returns: a configuration to complete.
  public static func forTest(collectionName: String, pkFieldToRead: Int64 = 100) -> BackfillConfiguration {
    var configuration = BackfillConfiguration()
    configuration.milvusURI = "http://localhost:19530"
    configuration.milvusToken = "root:Milvus"
    configuration.collectionName = collectionName
    configuration.pkFieldToRead = pkFieldToRead
    configuration.s3Endpoint = "localhost:9000"
    configuration.s3BucketName = "a-bucket"
    configuration.s3AccessKey = "minioadmin"
    configuration.s3SecretKey = "minioadmin"
    return configuration
  }
}

/// An input column and the field it fills.
public struct ColumnMapping: Sendable, Hashable {
  /// Name of the input column.
  public var source: String
  /// Name of the field.
  public var target: String

  /// Creates a mapping.
  ///
  /// - Parameters:
  ///   - source: name of the input column.
  ///   - target: name of the field.
  public init(_ source: String, to target: String) {
    self.source = source
    self.target = target
  }
}

/// How output files are laid out.
public enum OutputLayout: String, Sendable, Hashable, CaseIterable {
  /// As Milvus keeps them, for adoption.
  case milvus
  /// As the Spark connector's API lays them out: one Parquet file a segment, with all fields.
  case connector
}

/// Compression of output files.
public enum OutputCompression: Sendable, Hashable {
  /// Vectors uncompressed, everything else zstd level 3.
  case automatic
  /// Everything uncompressed.
  case none
  /// Everything zstd of a level.
  case zstd(level: Int)
}

/// What happens to a null in a field that cannot hold one.
public enum NullAction: String, Sendable, Hashable, CaseIterable {
  /// The run fails and names the first rows.
  case error
  /// The field's default value is written, or zero, the empty text, `{}`, the empty array, the zero vector.
  case `default`
}
