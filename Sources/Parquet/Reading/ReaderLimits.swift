/// How much a reader takes from one file before it gives up.
///
/// Files from outside may claim anything; every limit has a default that real files do not reach, and exceeding one is
/// ``ParquetError/Code/limitExceeded``, which names it.
public struct ReaderLimits: Sendable, Hashable {
  /// Bytes of a footer.
  public var footerBytes = 256 << 20
  /// Elements of a schema, groups included.
  public var schemaElements = 100_000
  /// Nesting of a schema.
  public var schemaDepth = 64
  /// Bytes of a page after decompression.
  public var pageBytes = 1 << 30
  /// Bytes of a page header.
  public var pageHeaderBytes = 1 << 20
  /// Bytes of one value.
  public var valueBytes = 256 << 20
  /// Bytes that one column of a batch may hold.
  public var batchBytes = 1 << 30

  /// Creates the default limits.
  public init() {}
}

/// How a reader works.
public struct ReaderOptions: Sendable {
  /// How much it takes from one file.
  public var limits = ReaderLimits()
  /// Bytes of a column chunk that are fetched at a time.
  public var fetchBytes = 8 << 20
  /// Bytes at the end of the file that are fetched with the first read; most footers fit.
  public var tailBytes = 64 << 10
  /// Whether the bytes of pages are compared with the checksums that their writer left; not every writer does.
  public var verifiesChecksums = false

  /// Creates the default options.
  public init() {}
}
