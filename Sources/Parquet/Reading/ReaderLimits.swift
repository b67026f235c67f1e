/// How much a reader takes from one file before it gives up.
///
/// Files from outside may claim anything; every limit has a default that real files do not reach, and exceeding one is
/// ``ParquetError/Code/limitExceeded``, which names it.
public struct ReaderLimits: Sendable, Hashable {
  /// Bytes of a footer.
  public var footerBytes = 256 << 20
  /// Columns of a file: leaves of its schema.
  public var columns = 100_000
  /// Elements of a schema, groups included.
  public var schemaElements = 200_000
  /// Nesting of a schema.
  public var schemaDepth = 64
  /// Bytes of a page after decompression.
  public var pageBytes = 1 << 30
  /// Bytes of the dictionary of a chunk after decompression.
  public var dictionaryBytes = 1 << 30
  /// Bytes of a page header.
  public var pageHeaderBytes = 1 << 20
  /// Bytes of one value.
  public var valueBytes = 256 << 20
  /// Bytes that one column of a batch may hold; a batch has fewer rows than asked for where more would exceed it.
  public var batchBytes = 1 << 30
  /// Bytes that reading rows may take in all, with one batch in the caller's hands.
  ///
  /// Batches have fewer rows than asked for where rows are large, less is fetched at a time, and a page or a row that
  /// does not fit is an error. What a source takes for itself is not counted, nor is the footer.
  public var memoryBytes = 4 << 30
  /// Bytes of the page index of one chunk; a larger one is not used.
  public var pageIndexBytes = 64 << 20
  /// Bytes of a bloom filter; a larger one is not used.
  public var bloomFilterBytes = 128 << 20

  /// Creates the default limits.
  public init() {}
}

/// How a reader works.
public struct ReaderOptions: Sendable {
  /// How much it takes from one file.
  public var limits = ReaderLimits()
  /// Row groups, and where there are fewer of them, columns, that are decoded at the same time.
  ///
  /// With more than one, batches end with their row groups, and row groups are decoded ahead of the caller as far as
  /// ``ReaderLimits/memoryBytes`` goes; the rows and their order are the same.
  public var threads = 1
  /// Readers of one file that work at the same time, each with these limits.
  var readers = 1
  /// Bytes of a column chunk that are fetched at a time.
  public var fetchBytes = 8 << 20
  /// Bytes at the end of the file that are fetched with the first read; most footers fit.
  public var tailBytes = 64 << 10
  /// Whether the bytes of pages are compared with the checksums that their writer left; not every writer does.
  public var verifiesChecksums = false
  /// Whether row groups are left out by the statistics in the footer; the rows delivered do not depend on it.
  public var usesStatistics = true
  /// Whether row groups are left out by their bloom filters; the rows delivered do not depend on it.
  public var usesBloomFilters = true
  /// Whether pages are left out by the page index; the rows delivered do not depend on it.
  public var usesPageIndex = true

  /// Creates the default options.
  public init() {}
}
