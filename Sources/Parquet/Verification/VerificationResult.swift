extension ParquetVerification {
  /// How bad a finding is.
  public enum Severity: String, Sendable, Hashable {
    /// The format forbids it: a reader may fail or return wrong rows.
    case fault
    /// Odd or out of reach; readers cope.
    case remark
  }

  /// One thing that is wrong or odd, and where.
  public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// How bad it is.
    public var severity: Severity
    /// What was found and what the file says.
    public var what: String
    /// Index of the row group.
    public var rowGroup: Int?
    /// Dotted path of the column.
    public var column: String?
    /// Number of the data page in its chunk, from 0.
    public var page: Int?
    /// Byte offset in the file: of the page, the index, the footer, or the chunk.
    public var offset: Int64?

    /// What and where in one line.
    public var description: String {
      var places: [String] = []
      if let rowGroup { places.append("row group \(rowGroup)") }
      if let column { places.append("column \(column)") }
      if let page { places.append("page \(page)") }
      if let offset { places.append("offset \(offset)") }
      return places.isEmpty ? what : "\(what) (\(places.joined(separator: ", ")))"
    }
  }

  /// How much of each kind was compared.
  public struct Counts: Sendable, Hashable {
    /// Row groups walked.
    public var rowGroups = 0
    /// Column chunks decoded.
    public var chunks = 0
    /// Column chunks that cannot be looked into: encrypted, in another file, or in an encoding or codec that is not
    /// read.
    public var uncheckedChunks = 0
    /// Pages decoded, dictionaries included.
    public var pages = 0
    /// Values decoded, without nulls.
    public var values: Int64 = 0
    /// Nulls and empty lists.
    public var nulls: Int64 = 0
    /// Page checksums compared.
    public var checksums = 0
    /// Chunks with statistics.
    public var statistics = 0
    /// Chunks with bounds in an order that is known.
    public var bounds = 0
    /// Offset indexes compared.
    public var offsetIndexes = 0
    /// Column indexes compared.
    public var columnIndexes = 0
    /// Chunks with size statistics.
    public var sizeStatistics = 0
    /// Bloom filters that every value was looked up in.
    public var bloomFilters = 0
    /// Text values, which have to be UTF-8.
    public var texts: Int64 = 0

    /// Each kind with a name that people read, in order.
    public var named: [(name: String, count: Int64)] {
      [
        ("row groups", Int64(rowGroups)), ("column chunks", Int64(chunks)), ("pages", Int64(pages)),
        ("values", values), ("nulls", nulls), ("UTF-8 texts", texts), ("page checksums", Int64(checksums)),
        ("statistics", Int64(statistics)), ("bounds", Int64(bounds)), ("offset indexes", Int64(offsetIndexes)),
        ("column indexes", Int64(columnIndexes)), ("size statistics", Int64(sizeStatistics)),
        ("bloom filters", Int64(bloomFilters)), ("unchecked column chunks", Int64(uncheckedChunks)),
      ]
    }

    /// Nothing yet.
    public init() {}
  }

  /// What a verification found.
  public struct Result: Sendable {
    /// The most findings that are kept.
    public static let mostFindings = 1000

    /// Findings in the order of the file.
    public internal(set) var findings: [Finding] = []
    /// Findings that were not kept because there are too many.
    public internal(set) var omittedFindings = 0
    /// Faults in all, also those that were not kept.
    public internal(set) var faultCount = 0
    /// How much was compared.
    public internal(set) var counts = Counts()

    /// The first thing that the format forbids.
    public var firstFault: Finding? { findings.first { $0.severity == .fault } }
  }
}

/// Where something was found.
struct Place {
  var rowGroup: Int?
  var column: String?
  var page: Int?
  var offset: Int64?

  init(rowGroup: Int? = nil, column: String? = nil, page: Int? = nil, offset: Int64? = nil) {
    self.rowGroup = rowGroup
    self.column = column
    self.page = page
    self.offset = offset
  }

  init(_ error: ParquetError) {
    self.init(rowGroup: error.rowGroup, column: error.column, offset: error.offset.map { Int64($0) })
  }

  /// The same place, more exactly.
  func at(page: Int? = nil, offset: Int64?) -> Place {
    Place(rowGroup: rowGroup, column: column, page: page ?? self.page, offset: offset ?? self.offset)
  }
}

/// Gathers findings; used by the one task that verifies.
final class VerificationLog {
  private(set) var result = ParquetVerification.Result()

  var counts: ParquetVerification.Counts {
    get { result.counts }
    set { result.counts = newValue }
  }

  func fault(_ what: String, _ place: Place) {
    result.faultCount += 1
    // A fault is kept in any case when it is the first.
    add(.fault, what, place, always: result.faultCount == 1)
  }

  func remark(_ what: String, _ place: Place) {
    add(.remark, what, place, always: false)
  }

  private func add(_ severity: ParquetVerification.Severity, _ what: String, _ place: Place, always: Bool) {
    guard always || result.findings.count < ParquetVerification.Result.mostFindings else {
      result.omittedFindings += 1
      return
    }
    result.findings.append(
      ParquetVerification.Finding(
        severity: severity,
        what: what,
        rowGroup: place.rowGroup,
        column: place.column,
        page: place.page,
        offset: place.offset
      )
    )
  }
}
