internal import ByteBuffers
public import ObjectStores
internal import Parquet

/// A collection as it lies on storage: its schema and its segments.
public struct StoredCollection: Sendable {
  /// A store rooted at the Milvus root.
  public let store: any ObjectStore
  /// The schema, the dynamic field included.
  public let schema: CollectionSchema
  /// The segments.
  public let listing: SegmentListing

  /// Opens the collection that a configuration names: loads its schema and lists its segments.
  ///
  /// - Parameter configuration: root, collection, schema and partition count; the rest is not looked at.
  /// - Throws: ``BackfillError/Code/engineConfiguration`` with everything that is missing,
  ///   ``BackfillError/Code/schemaValidation`` when the schema is wrong or the root has no such collection.
  public init(opening configuration: BackfillConfiguration) async throws(BackfillError) {
    let problems = configuration.collectionProblems()
    guard problems.isEmpty else {
      throw BackfillError(.engineConfiguration, problems.joined(separator: "\n"))
    }
    let document = try await StoredCollection.schema(configuration)
    store = try StoredCollection.root(configuration)
    let collection = configuration.collectionID ?? document.collectionID ?? 0
    let partition = try await StoredCollection.partition(configuration, document)
    listing = try await SegmentListing(
      SegmentListing.Request(collection: collection, partition: partition),
      in: store
    )
    var schema = try document.adoptingDynamicField(from: Set(listing.segments.flatMap(\.fieldIDs)))
    schema.collectionID = collection
    self.schema = schema
  }

  /// The segment with an id.
  ///
  /// - Parameter id: the segment's id.
  /// - Returns: the segment.
  /// - Throws: ``BackfillError/Code/schemaValidation`` naming the first segments there are.
  public func segment(_ id: Int64) throws(BackfillError) -> V1Segment {
    if let segment = listing.segments.first(where: { $0.id == id }) { return segment }
    let known = listing.segments.prefix(10).map { "\($0.id)" }.joined(separator: ", ")
    let more = listing.segments.count > 10 ? ", ..." : ""
    throw BackfillError(
      .schemaValidation,
      known.isEmpty
        ? "There is no segment \(id): the collection has no segments with rows."
        : "There is no segment \(id); there are: \(known)\(more).",
      segment: id
    )
  }

  private static func root(_ configuration: BackfillConfiguration) throws(BackfillError) -> any ObjectStore {
    do {
      if let root = configuration.root { return try configuration.resolver.folder(root) }
      let bucket = configuration.s3BucketName ?? ""
      return try configuration.resolver.folder("s3://\(bucket)/\(configuration.s3RootPath)")
    } catch {
      throw BackfillError.wrapping(error, as: .connection, path: configuration.root)
    }
  }

  private static func schema(_ configuration: BackfillConfiguration) async throws(BackfillError) -> CollectionSchema {
    let location = configuration.schema ?? ""
    let bytes = try await StoredCollection.document(location, configuration)
    return try CollectionSchema(json: bytes, source: location)
  }

  private static func document(
    _ location: String,
    _ configuration: BackfillConfiguration
  ) async throws(BackfillError) -> Bytes {
    do {
      let (store, key) = try configuration.resolver.object(location)
      return try await store.read(key, limit: 64 << 20).1
    } catch {
      throw BackfillError.wrapping(error, as: .schemaValidation, path: location)
    }
  }

  private static func partition(
    _ configuration: BackfillConfiguration,
    _ schema: CollectionSchema
  ) async throws(BackfillError) -> Int64? {
    guard let name = configuration.partitionName else { return nil }
    var schema = schema
    if let location = configuration.partitions {
      let bytes = try await document(location, configuration)
      schema.partitions.merge(try CollectionSchema.partitions(json: bytes, source: location)) { $1 }
    }
    if let id = schema.partitionID(name) { return id }
    let known = schema.partitions.values.sorted().joined(separator: ", ")
    throw BackfillError(
      .schemaValidation,
      known.isEmpty
        ? "The name of partition '\(name)' is not known; give its id, or a ShowPartitions answer (partitions, --partitions)."
        : "There is no partition '\(name)'; known are: \(known)."
    )
  }
}
