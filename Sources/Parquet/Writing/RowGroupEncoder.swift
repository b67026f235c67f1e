/// The leaves of one row group, and the rows that they have not been given yet.
///
/// Rows wait here for as long as nobody has to know what they take in the file, so that leaves get many at a time, can
/// be encoded at the same time, and a whole row group can be while the next one is gathered.
final class RowGroupEncoder: @unchecked Sendable {
  // Sendable: rows are added by the writer alone, never while tasks encode; each leaf is used by one task at a time.

  /// Rows of one batch that follow each other.
  private struct Piece {
    let batch: ColumnBatch
    var rows: Range<Int>
  }

  let leaves: [LeafWriter]
  private let fields: [Int]
  private var pieces: [Piece] = []
  /// Rows of the row group that the first leaf has encoded.
  private var rowsOfFirst = 0

  /// Rows of a first step, when nothing is known of their size.
  private static let firstStep = 64

  /// - Parameters:
  ///   - leaves: the encoders.
  ///   - fields: position of each leaf's field.
  init(_ leaves: [LeafWriter], fields: [Int]) {
    self.leaves = leaves
    self.fields = fields
  }

  var hasRows: Bool { !pieces.isEmpty }

  /// Pieces that wait at most.
  private static let mostPieces = 4096

  /// Whether so many batches wait that holding on to them costs more than it saves.
  var isCrowded: Bool { pieces.count >= RowGroupEncoder.mostPieces }

  /// Adds rows of a checked batch, one at least; those of one batch come in their order.
  func add(_ batch: ColumnBatch, _ rows: Range<Int>) {
    // The first row of another batch has number 0, behind which no piece ends.
    if let last = pieces.last, last.rows.upperBound == rows.lowerBound {
      pieces[pieces.count - 1].rows = last.rows.lowerBound..<rows.upperBound
    } else {
      pieces.append(Piece(batch: batch, rows: rows))
    }
  }

  /// Encodes the rows that wait.
  func encode(_ lanes: EncodingLanes?) async throws(ParquetError) {
    guard hasRows else { return }
    if let lanes, leaves.count > 1 {
      _ = try await lanes.map(leaves.count) { (leaf) throws(ParquetError) in try self.encode(leaf: leaf) }
    } else {
      for leaf in leaves.indices { try encode(leaf: leaf) }
    }
    pieces.removeAll(keepingCapacity: true)
  }

  /// Encodes the rows that wait, those of the first leaf in steps.
  ///
  /// - Parameters:
  ///   - bytes: what a step adds to the first leaf's pages, about.
  ///   - afterStep: what is done after each of them.
  func encodeInSteps(
    of bytes: Int,
    afterStep: () async throws(ParquetError) -> Void
  ) async throws(ParquetError) {
    for piece in pieces {
      var at = piece.rows.lowerBound
      while at < piece.rows.upperBound {
        let rows = at..<at + min(piece.rows.upperBound - at, stepRows(bytes))
        try encode(leaf: 0, piece, rows)
        at = rows.upperBound
        try await afterStep()
      }
    }
    for leaf in leaves.indices.dropFirst() { try encode(leaf: leaf) }
    pieces.removeAll(keepingCapacity: true)
  }

  /// Rows of the first leaf that take so many bytes, at the mean size so far.
  private func stepRows(_ bytes: Int) -> Int {
    guard let first = leaves.first, first.canStream else { return .max }
    return rowsOfFirst == 0 ? RowGroupEncoder.firstStep : max(1, bytes / max(1, first.byteCount / rowsOfFirst))
  }

  /// Encodes the rows that wait and ends the chunks.
  func finish(_ lanes: EncodingLanes?) async throws(ParquetError) -> [WrittenChunk] {
    let chunks: [WrittenChunk]
    if let lanes {
      chunks = try await lanes.map(leaves.count) { (leaf) throws(ParquetError) in try self.finish(leaf: leaf) }
    } else {
      var finished: [WrittenChunk] = []
      for leaf in leaves.indices { finished.append(try finish(leaf: leaf)) }
      chunks = finished
    }
    pieces.removeAll(keepingCapacity: true)
    return chunks
  }

  private func encode(leaf: Int) throws(ParquetError) {
    for piece in pieces { try encode(leaf: leaf, piece, piece.rows) }
  }

  private func encode(leaf: Int, _ piece: Piece, _ rows: Range<Int>) throws(ParquetError) {
    try leaves[leaf].append(piece.batch.columns[fields[leaf]], from: rows.lowerBound, count: rows.count)
    if leaf == 0 { rowsOfFirst += rows.count }
  }

  private func finish(leaf: Int) throws(ParquetError) -> WrittenChunk {
    try encode(leaf: leaf)
    if leaf == 0 { rowsOfFirst = 0 }
    return try leaves[leaf].finishChunk()
  }
}
