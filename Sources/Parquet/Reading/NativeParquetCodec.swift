public import ByteBuffers

/// The library's own Parquet reader and writer.
public struct NativeParquetCodec: Sendable {
  /// How files are read.
  public var readerOptions: ReaderOptions
  /// Makes a scratch space for a writer that has a memory budget; nil when such writers end their row groups early.
  public var makeScratch: (@Sendable () throws -> any ScratchSpace)?

  /// Creates the codec.
  ///
  /// - Parameter readerOptions: how files are read.
  public init(readerOptions: ReaderOptions = ReaderOptions()) {
    self.readerOptions = readerOptions
  }

  /// Opens a file for reading: reads and checks its footer.
  public func openReader(_ source: any RandomAccessSource) async throws(ParquetError) -> any ParquetFileReader {
    do {
      return try await NativeParquetReader(source, options: readerOptions)
    } catch {
      throw error.located(file: source.name)
    }
  }
}

/// An opened file.
///
///     PAR1 | column chunks ... | indexes | footer (Thrift) | footer length, 32 bits | PAR1
struct NativeParquetReader: ParquetFileReader {
  let metadata: FileMetadata
  let source: TailCachedSource
  var options: ReaderOptions
  /// Where the footer begins: no page can lie behind.
  let footerStart: Int

  init(_ source: any RandomAccessSource, options: ReaderOptions) async throws(ParquetError) {
    guard source.size >= 12 else {
      throw ParquetError(
        .notParquet,
        "The file has \(source.size) bytes; the smallest Parquet file has 12. It is empty or was not written completely."
      )
    }
    let cached = try await TailCachedSource(source, tailBytes: options.tailBytes)
    let tail = cached.tail
    let magic = tail[tail.count - 4..<tail.count].array
    if magic == Array("PARE".utf8) { throw try await NativeParquetReader.encryptedFooter(cached) }
    guard magic == Array("PAR1".utf8) else {
      throw ParquetError(
        .notParquet,
        "The file does not end in PAR1. It is not Parquet or was cut off.",
        offset: source.size - 4
      )
    }
    let length = Int((tail.base + tail.count - 8).loadUnaligned(as: UInt32.self))
    guard length <= source.size - 12 else {
      throw .corrupt("The footer claims \(length) bytes of a file of \(source.size).", offset: source.size - 8)
    }
    guard length <= options.limits.footerBytes else {
      throw ParquetError(
        .limitExceeded,
        "The footer has \(length) bytes, more than the limit footerBytes of \(options.limits.footerBytes)."
      )
    }
    footerStart = source.size - 8 - length
    let footer: Bytes
    do {
      footer = try await cached.read(footerStart..<source.size - 8)
    } catch {
      throw ParquetError.wrapping(error)
    }
    do {
      metadata = try FileMetadata(footer: footer, limits: options.limits)
    } catch {
      throw error.shifted(by: footerStart)
    }
    self.source = cached
    self.options = options
  }

  /// What to say of a file with an encrypted footer: which key it takes, as far as that can be told.
  ///
  ///     FileCryptoMetaData (Thrift) | encrypted footer | length of both, 32 bits | PARE
  private static func encryptedFooter(_ source: TailCachedSource) async throws(ParquetError) -> ParquetError {
    let tail = source.tail
    let end = source.size - 8
    let length = Int((tail.base + tail.count - 8).loadUnaligned(as: UInt32.self))
    let unnamed = ParquetError(.encrypted, "The footer is encrypted. Encrypted files cannot be read.", offset: end + 4)
    guard length <= end - 4 else { return unnamed }
    let start = end - length
    let bytes: Bytes
    do {
      bytes = try await source.read(start..<min(end, start + longestCryptoMetadata))
    } catch {
      throw .wrapping(error)
    }
    guard let info = try? EncryptionInfo(fileCryptoMetadata: bytes) else { return unnamed }
    return info.footerError.located(offset: start)
  }

  /// Bytes of an encrypted footer that are searched for what names its key.
  private static let longestCryptoMetadata = 64 << 10

  func rows(_ selection: RowSelection) throws(ParquetError) -> any ColumnBatchReader {
    let fields = selection.fields ?? Array(metadata.schema.fields.indices)
    let groups = selection.rowGroups ?? Array(metadata.rowGroups.indices)
    guard fields.allSatisfy({ metadata.schema.fields.indices.contains($0) }),
      groups.allSatisfy({ metadata.rowGroups.indices.contains($0) })
    else {
      throw ParquetError(.invalidArgument, "The selection names a field or a row group that the file does not have.")
    }
    guard options.threads > 1 else { return try BatchReader(self, selection, threads: 1) }
    return try ParallelBatchReader(self, selection)
  }
}
