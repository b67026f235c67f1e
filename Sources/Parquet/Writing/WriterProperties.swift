/// How a writer works; the defaults are what other readers understand best.
public struct WriterProperties: Sendable, Hashable {
  /// How one column is written.
  public struct ColumnProperties: Sendable, Hashable {
    /// Compression of the pages.
    public var codec: CompressionCodec = .zstd
    /// Compression level; nil for the codec's default, and for codecs that have no levels.
    ///
    /// GZIP has 0 to 9 and by default 6, BROTLI 0 to 11 and 5, ZSTD its library's range up to 22 and 3.
    public var level: Int?
    /// Whether values go into a dictionary first.
    ///
    /// A dictionary that grows beyond ``WriterProperties/dictionaryBytes``, or does not make a chunk's first page
    /// smaller, is given up for `encoding`. BOOLEAN has none.
    public var usesDictionary = false
    /// How values are laid out that do not go through a dictionary; it has to fit every leaf of the field.
    public var encoding = ValueEncoding.plain
    /// Whether bounds and null counts are written; bounds are left out for FIXED_LEN_BYTE_ARRAY of more than 64 bytes.
    public var writesStatistics = true
    /// Whether the places of pages are written and, with `writesStatistics`, their bounds: what readers skip pages by.
    public var writesPageIndex = true
    /// How large a bloom filter is written for each row group; nil for none, which it has to be for BOOLEAN.
    public var writesBloomFilter: BloomFilterProperties?

    /// Creates the default properties.
    public init() {}

    /// Creates properties with some compression.
    ///
    /// - Parameters:
    ///   - codec: compression of the pages.
    ///   - level: compression level; nil for the codec's default.
    ///   - usesDictionary: whether values go into a dictionary first.
    public init(codec: CompressionCodec, level: Int? = nil, usesDictionary: Bool = false) {
      self.codec = codec
      self.level = level
      self.usesDictionary = usesDictionary
    }
  }

  /// The form of data pages.
  public enum PageVersion: Sendable, Hashable {
    /// Levels and values are compressed together: what every reader knows.
    case v1
    /// Only values are compressed.
    case v2
  }

  /// How columns are written that `columns` does not name.
  public var defaults = ColumnProperties()
  /// How single top-level fields are written, by position.
  public var columns: [Int: ColumnProperties] = [:]
  /// How single leaves are written, by position among ``ParquetSchema/leaves``; these win over `columns`.
  public var leaves: [Int: ColumnProperties] = [:]
  /// The form of data pages.
  public var pageVersion = PageVersion.v1
  /// Bytes of values after which a page ends.
  public var pageBytes = 1 << 20
  /// Rows after which a page ends.
  public var pageRows = 20_000
  /// Bytes after which a row group ends: of encoded pages and dictionaries, and of values that are not encoded yet.
  ///
  /// It ends after any row, not only where pages end. Its bytes are looked at after every 16 to 4096 rows, more often
  /// the closer they are to the limit: it passes the limit by few rows, unless rows suddenly become large.
  public var rowGroupBytes = 128 << 20
  /// Rows after which a row group ends.
  public var rowGroupRows = 1 << 20
  /// Bytes after which a dictionary is given up.
  public var dictionaryBytes = 1 << 20
  /// Whether each page gets a checksum.
  public var writesChecksums = true
  /// Whether chunks say what their values take in memory and how their levels are distributed.
  public var writesSizeStatistics = true
  /// What the rows of each row group are sorted by, most significant first.
  ///
  /// The caller vouches for the order: it is written down and not checked.
  public var sortingColumns: [SortingColumn] = []
  /// Bytes that the writer holds at most; nil for no limit but that of a row group.
  ///
  /// Counted are open pages, encoded pages and dictionaries. A row group ends early where it would take more, unless the
  /// writer has a scratch space, to which encoded pages go then; those of the first leaf go to the sink at once as long
  /// as no dictionary page can come before them. Rows are looked at up to 256 at a time, so rows of many megabytes may
  /// pass it by as much. What stays outside of it: the memory of the codec, and about 200 bytes a page of indexes.
  public var memoryBudget: Int?
  /// Columns and row groups that are encoded at the same time; the file is the same with any number of threads.
  ///
  /// From two on the writer holds on to batches, and a row group is encoded while others are gathered and written: in
  /// memory are up to that many row groups, the one that is written, and the open one. A row group whose bytes may reach
  /// ``rowGroupBytes`` has to be encoded before its end is known, so then only its columns share the threads. With a
  /// ``memoryBudget`` there is one thread.
  public var threads = 1
  /// Notes in the footer.
  public var keyValues: [KeyValue] = []
  /// The writing application; readers parse it as `name version x.y.z`.
  public var createdBy = "swift-backfill version 0.1.0"

  /// Creates the default properties.
  public init() {}
}
