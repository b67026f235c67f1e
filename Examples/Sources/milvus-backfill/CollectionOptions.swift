import ArgumentParser
import Backfill
import CommandLineSupport
import S3Store

/// Where the collection is and what it looks like.
struct CollectionOptions: ParsableArguments {
  @Option(help: "Location of the Milvus root: the folder that has insert_log in it.")
  var root: String?

  @Option(help: "Id of the collection.")
  var collectionID: String?

  @Option(
    help: "Location of the schema: a plain schema file, a DescribeCollection answer, pymilvus' schema, or a snapshot."
  )
  var schema: String?

  @Option(help: "Only this partition: its id, or its name where the schema or --partitions knows it.")
  var partition: String?

  @Option(help: "Location of a saved ShowPartitions answer, which knows the partitions' names.")
  var partitions: String?

  @Option(name: .customLong("s3-bucket"), help: "Bucket of the Milvus root, instead of --root.")
  var bucket: String?

  @Option(name: .customLong("s3-root-path"), help: "Prefix of the Milvus root in --s3-bucket; default files.")
  var rootPath: String?

  @OptionGroup(title: "S3") var s3: S3Options

  func apply(to reader: inout ConfigurationReader) throws {
    let settings = s3.settings
    reader.configuration.resolver.registerS3(try settings.template())
    reader.configuration.s3BucketName = bucket
    // Beside --root an endpoint says where s3:// is.
    if root == nil { reader.configuration.s3Endpoint = settings.endpoint }
    if let rootPath { reader.configuration.s3RootPath = rootPath }
    reader.configuration.root = root
    reader.configuration.schema = schema
    reader.configuration.partitionName = partition
    reader.configuration.partitions = partitions
    reader.configuration.collectionID = reader.integer(collectionID, "--collection-id")
  }
}
