/// What a segment join will do; making one writes nothing.
public struct JoinPlan: Sendable, Hashable, Codable {
  /// One segment of a plan.
  public struct Segment: Sendable, Hashable, Codable {
    /// Id of the segment.
    public var id: Int64
    /// Id of its partition.
    public var partition: Int64
    /// Physical rows, deleted ones included.
    public var rows: Int64
    /// Files that are read.
    public var filesToRead: Int
    /// Bytes of these files.
    public var bytesToRead: Int64
    /// Keys of the files that are written.
    public var outputs: [String]
    /// Whether an earlier run of the same plan has done it.
    public var isDone: Bool
  }

  /// Identity: the hash of everything that decides what is written.
  public var planID: String
  /// Id of the collection.
  public var collectionID: Int64
  /// What happens to matched and unmatched rows.
  public var mode: String
  /// How the new values are held: `gather` keeps them in memory.
  public var strategy: String
  /// Why.
  public var strategyReason: String
  /// Field that is joined on.
  public var joinKey: String
  /// Fields that are filled.
  public var fields: [String]
  /// Files of new values.
  public var inputFiles: [String]
  /// Rows of the new values.
  public var inputRows: Int64
  /// Bytes of the new values' files.
  public var inputBytes: Int64
  /// Bytes of memory that the new values and their index will take, estimated.
  public var estimatedMemory: Int64
  /// Bytes of memory to stay under.
  public var memoryBudget: Int64
  /// Segments in the order they are processed.
  public var segments: [Segment]
  /// What the user should know, one sentence each.
  public var warnings: [String]

  /// Rows of all segments.
  public var rows: Int64 { segments.reduce(0) { $0 + $1.rows } }
  /// Bytes that are read of all segments.
  public var bytesToRead: Int64 { segments.reduce(0) { $0 + $1.bytesToRead } }

  /// A table for a person.
  public var summary: String {
    var lines = [
      "plan        \(planID)",
      "collection  \(collectionID): \(segments.count) segments, \(rows) rows, \(bytesToRead) bytes to read",
      "new values  \(inputFiles.count) files, \(inputRows) rows, \(inputBytes) bytes",
      "join        \(mode) of \(fields.joined(separator: ", ")) on \(joinKey)",
      "strategy    \(strategy): \(strategyReason)",
    ]
    for segment in segments {
      lines.append(
        "  segment \(segment.id) (partition \(segment.partition)): \(segment.rows) rows, reads \(segment.filesToRead) files, "
          + "writes \(segment.outputs.count) files\(segment.isDone ? ", done before" : "")"
      )
    }
    lines += warnings.map { "warning: \($0)" }
    return lines.joined(separator: "\n")
  }
}

/// Something that happened during a run.
public struct BackfillProgress: Sendable, Hashable {
  /// A part of a run.
  public enum Phase: String, Sendable, Hashable {
    /// Segments and new values are looked at.
    case planning
    /// New values are read and indexed.
    case loading
    /// Rows are checked for nulls that cannot be written.
    case checking
    /// Segments are joined and written.
    case joining
    /// Files of an earlier run are checked.
    case verifying
  }

  /// The part that the run is in.
  public var phase: Phase
  /// Rows done in this part.
  public var rowsDone: Int64
  /// Rows that this part has.
  public var rowsTotal: Int64
  /// Segments done in this part.
  public var segmentsDone: Int
  /// Segments that this part has.
  public var segmentsTotal: Int
}
