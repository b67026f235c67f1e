public import ByteBuffers

/// What the header of a page says.
public struct PageDescription: Sendable, Hashable {
  /// What a page holds.
  public enum Kind: Sendable, Hashable {
    /// Levels and values, compressed together.
    case dataV1
    /// Levels, then values of which only these may be compressed.
    case dataV2
    /// The dictionary of the chunk.
    case dictionary
    /// An index page, or one of an unknown type with this number.
    case other(Int32)
  }

  /// What the page holds.
  public let kind: Kind
  /// Where its header begins in the file.
  public let offset: Int64
  /// Bytes of its header.
  public let headerSize: Int
  /// Bytes that follow the header.
  public let compressedSize: Int
  /// Bytes of levels and values before compression.
  public let uncompressedSize: Int
  /// Level entries, nulls included; entries of a dictionary; nil for other pages.
  public let valueCount: Int?
  /// Nulls, which only pages of the second version state.
  public let nullCount: Int?
  /// Rows, which only pages of the second version state.
  public let rowCount: Int?
  /// Encoding of the values.
  public let encoding: Encoding?
  /// Whether the values of a page of the second version are compressed.
  public let isCompressed: Bool?
  /// CRC-32 of the bytes that follow the header, if the writer left one.
  public let checksum: UInt32?

  init(_ header: PageHeader, offset: Int) {
    self.offset = Int64(offset)
    headerSize = header.headerSize
    compressedSize = header.compressedSize
    uncompressedSize = header.uncompressedSize
    checksum = header.checksum
    switch header.kind {
    case .dataV1(let page):
      kind = .dataV1
      (valueCount, nullCount, rowCount) = (page.valueCount, nil, nil)
      (encoding, isCompressed) = (page.encoding, nil)
    case .dataV2(let page):
      kind = .dataV2
      (valueCount, nullCount, rowCount) = (page.valueCount, page.nullCount, page.rowCount)
      (encoding, isCompressed) = (page.encoding, page.isCompressed)
    case .dictionary(let count, let encoding):
      kind = .dictionary
      (valueCount, nullCount, rowCount) = (count, nil, nil)
      (self.encoding, isCompressed) = (encoding, nil)
    case .other(let type):
      kind = .other(type)
      (valueCount, nullCount, rowCount) = (nil, nil, nil)
      (encoding, isCompressed) = (nil, nil)
    }
  }
}

/// Walks the pages of one column chunk by their headers alone.
public struct ParquetPages {
  private static let fetchBytes = 64 << 10

  private let stream: PageStream?
  private var entriesLeft: Int64

  /// Begins at the first page.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - metadata: its footer.
  ///   - rowGroup: position of the row group.
  ///   - leaf: position of the leaf.
  ///   - options: how much is taken from the file.
  public init(
    _ source: any RandomAccessSource,
    metadata: FileMetadata,
    rowGroup: Int,
    leaf: Int,
    options: ReaderOptions = ReaderOptions()
  ) throws(ParquetError) {
    guard metadata.rowGroups.indices.contains(rowGroup), metadata.schema.leaves.indices.contains(leaf) else {
      throw ParquetError(.invalidArgument, "The file has no leaf \(leaf) in a row group \(rowGroup).")
    }
    let chunk = metadata.rowGroups[rowGroup].columns[leaf]
    let column = metadata.schema.leaves[leaf].dottedPath
    entriesLeft = chunk.valueCount
    if let encryption = chunk.encryption {
      throw EncryptionInfo.columnError(encryption, in: metadata.encryption)
        .located(file: source.name, column: column, rowGroup: rowGroup)
    }
    guard chunk.valueCount > 0 else {
      stream = nil
      return
    }
    var options = options
    options.fetchBytes = ParquetPages.fetchBytes
    do {
      stream = try PageStream(
        source,
        chunk: chunk,
        dataEnd: max(0, source.size - 8),
        column: column,
        rowGroup: rowGroup,
        options: options
      )
    } catch {
      throw error.located(file: source.name)
    }
    name = source.name
  }

  private var name: String?

  /// The next page; nil behind the last one.
  ///
  /// - Returns: what its header says.
  public mutating func next() async throws(ParquetError) -> PageDescription? {
    guard entriesLeft > 0, let stream else { return nil }
    do {
      guard let (header, offset) = try await stream.nextHeader() else { return nil }
      let page = PageDescription(header, offset: offset)
      if page.kind == .dataV1 || page.kind == .dataV2 { entriesLeft -= Int64(page.valueCount ?? 0) }
      return page
    } catch {
      throw error.located(file: name)
    }
  }
}
