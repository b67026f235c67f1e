import ArgumentParser
import Backfill

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

  func apply(to reader: inout ConfigurationReader) {
    reader.configuration.root = root
    reader.configuration.schema = schema
    reader.configuration.partitionName = partition
    reader.configuration.partitions = partitions
    reader.configuration.collectionID = reader.integer(collectionID, "--collection-id")
  }
}
