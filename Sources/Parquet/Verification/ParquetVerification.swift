public import ByteBuffers

/// Decodes everything of a file and compares it with everything that the file says of itself.
///
/// Memory is bounded as in reading: one page, its dictionary and the indexes of one chunk at a time. Use it to find out
/// whether a file is whole and honest; reading alone does not look at statistics, indexes and checksums.
///
///     let result = try await ParquetVerification(source).run()
///     if let fault = result.firstFault { print(fault) }
public struct ParquetVerification: Sendable {
  private let source: any RandomAccessSource
  private let options: ReaderOptions

  /// Prepares a verification; nothing is read yet.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - options: how much is taken from the file; checksums are compared in any case.
  public init(_ source: any RandomAccessSource, options: ReaderOptions = ReaderOptions()) {
    self.source = source
    self.options = options
  }

  /// Verifies the whole file; what is wrong with it is in the result.
  ///
  /// - Parameter onProgress: told now and then how many bytes of column chunks are done, and how many there are.
  /// - Returns: findings in the order of the file.
  /// - Throws: what says nothing of the file or leaves nothing to verify: `notParquet`, `encrypted`, `limitExceeded`,
  ///   and `storage` errors.
  public func run(
    onProgress: (@Sendable (_ done: Int64, _ total: Int64) -> Void)? = nil
  ) async throws(ParquetError) -> Result {
    let log = VerificationLog()
    do throws(ParquetError) {
      try await verify(log, onProgress)
    } catch {
      throw error.located(file: source.name)
    }
    return log.result
  }

  private func verify(
    _ log: VerificationLog,
    _ onProgress: (@Sendable (Int64, Int64) -> Void)?
  ) async throws(ParquetError) {
    var options = options
    // Compared here, so that a page is looked into even where its checksum is wrong.
    options.verifiesChecksums = false
    let reader: NativeParquetReader
    do throws(ParquetError) {
      reader = try await NativeParquetReader(source, options: options)
    } catch  where error.code == .corrupt {
      log.fault("The footer cannot be read: \(error.message)", Place(error))
      return
    }
    let footer = FooterVerification(reader, log)
    try await footer.run()
    let total = footer.chunkBytes
    let leaves = LeafReading.all(reader.metadata.schema)
    var done: Int64 = 0
    for rowGroup in reader.metadata.rowGroups.indices {
      for (leaf, chunk) in zip(leaves, reader.metadata.rowGroups[rowGroup].columns) {
        guard !Task.isCancelled else {
          throw ParquetError(.storage, "The verification was cancelled.", underlying: CancellationError())
        }
        try await ChunkVerification(reader, leaf, rowGroup: rowGroup, log).run()
        done += max(0, chunk.compressedSize)
        onProgress?(done, total)
      }
      log.counts.rowGroups += 1
    }
  }
}

/// A leaf with what is needed to judge its levels.
struct LeafReading {
  let leaf: LeafColumn
  /// Definition level from which on an entry has a slot.
  let slotLevel: Int
  /// Definition level from which on the list of a repetition level has an entry.
  let entryLevels: [UInt8]

  /// All leaves of a schema, in order.
  static func all(_ schema: ParquetSchema) -> [LeafReading] {
    schema.shapes.flatMap { shape in
      FieldReader.leafShapes(shape).map { found in
        LeafReading(
          leaf: schema.leaves[found.shape.leaves.lowerBound],
          slotLevel: found.shape.slotLevel,
          entryLevels: found.entryLevels
        )
      }
    }
  }
}
