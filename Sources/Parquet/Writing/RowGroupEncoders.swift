internal import ByteBuffers

/// Makes the encoders of a file's row groups, and keeps those that are free.
final class RowGroupEncoders {
  /// Where encoders work at the same time; nil where nothing may.
  let lanes: EncodingLanes?
  /// Position of each leaf's field.
  let fields: [Int]
  private let plans: [LeafPlan]
  private let pool: BufferPool
  private let compressors: Compressors
  private var free: [RowGroupEncoder] = []

  init(_ schema: ParquetSchema, _ plans: [LeafPlan], _ properties: WriterProperties, _ memory: MemoryPlan?) {
    self.plans = plans
    fields = schema.leafRanges.enumerated().flatMap { field, leaves in leaves.map { _ in field } }
    pool = memory.map { BufferPool(retainedBytesLimit: $0.retained) } ?? .shared
    compressors = Compressors(pool: pool)
    // Rows that wait for other threads are not in the budget.
    lanes = memory == nil && properties.threads > 1 ? EncodingLanes(count: properties.threads) : nil
  }

  /// A free encoder, or a new one.
  func take() -> RowGroupEncoder {
    free.popLast()
      ?? RowGroupEncoder(plans.map { LeafWriter($0, compressors: compressors, pool: pool) }, fields: fields)
  }

  /// Keeps an encoder that has finished its row group.
  func give(back encoder: RowGroupEncoder) {
    free.append(encoder)
  }
}
