public import ObjectStores
public import Parquet

extension DeleteSet {
  /// Reads the deletes that apply to a segment: its own, and those of delete segments for its partition.
  ///
  /// - Parameters:
  ///   - segment: a segment that has rows.
  ///   - listing: where it was found.
  ///   - schema: the collection's schema.
  ///   - store: the store that was listed.
  ///   - codec: reads the payloads.
  /// - Throws: ``BackfillError/Code/dataRead`` with path and offset.
  public init(
    for segment: V1Segment,
    in listing: SegmentListing,
    schema: CollectionSchema,
    store: any ObjectStore,
    codec: any ParquetCodec
  ) async throws(BackfillError) {
    self.init()
    for holder in [segment] + listing.deleteSegments(for: segment) {
      for file in holder.deltaLogs {
        let source = ObjectSource(file.metadata, in: store)
        do throws(BackfillError) {
          let log = DeltaLog(source, keyType: schema.primaryKey.dataType, codec: codec)
          try await log.forEach { insert($0) }
        } catch {
          throw error.located(path: file.key.text, segment: holder.id)
        }
      }
    }
  }
}
