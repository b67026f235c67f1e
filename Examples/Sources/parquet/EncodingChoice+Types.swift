import Backfill

extension CopyOptions.EncodingChoice {
  /// The encoding of one leaf; PLAIN where the family has none for its type.
  ///
  /// - Parameters:
  ///   - type: physical type of the leaf.
  ///   - runs: whether booleans are written in runs: in pages of version 2, which only new readers know anyway.
  func encoding(_ type: PhysicalType, runs: Bool) -> ValueEncoding {
    switch (self, type) {
    case (.delta, .boolean): .runLength
    case (_, .boolean): runs ? .runLength : .plain
    case (.delta, .int32), (.delta, .int64): .deltaBinaryPacked
    case (.delta, .byteArray): .deltaLengthByteArray
    case (.delta, .fixedLengthByteArray): .deltaByteArray
    case (.bss, _) where ValueEncoding.byteStreamSplit.types.contains(type): .byteStreamSplit
    default: .plain
    }
  }
}
