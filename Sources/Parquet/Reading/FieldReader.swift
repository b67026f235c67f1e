/// Reads the column of one top-level field, batch by batch.
final class FieldReader {
  let shape: FieldShape
  private let leaves: [LeafReader]

  init(_ context: ReadingContext, field: Int, keepsDictionary: Bool) throws(ParquetError) {
    let schema = context.reader.metadata.schema
    shape = schema.shapes[field]
    let withLevels = RecordAssembly.leavesWithLevels(shape)
    var readers: [LeafReader] = []
    for leaf in FieldReader.leafShapes(shape) {
      readers.append(
        try LeafReader(
          LeafCursor(context, leaf: schema.leaves[leaf.shape.leaves.lowerBound]),
          slotLevel: leaf.shape.slotLevel,
          entryLevels: leaf.entryLevels,
          keepsLevels: withLevels.contains(leaf.shape.leaves.lowerBound),
          keepsDictionary: keepsDictionary,
          limits: context.options.limits
        )
      )
    }
    leaves = readers
  }

  /// The leaves of a shape, each with the definition level from which on the lists around it have entries, by
  /// repetition level.
  static func leafShapes(
    _ shape: FieldShape,
    _ entryLevels: [UInt8] = [0]
  ) -> [(shape: FieldShape, entryLevels: [UInt8])] {
    switch shape.kind {
    case .values: return [(shape, entryLevels)]
    case .structure(let fields): return fields.flatMap { leafShapes($0, entryLevels) }
    case .list, .map:
      let inner = entryLevels + [UInt8(clamping: shape.definitionLevel + 1)]
      return shape.children.flatMap { leafShapes($0, inner) }
    }
  }

  /// Reads some rows.
  func read(_ parts: [RowPart], _ allowance: BatchAllowance) async throws(ParquetError) -> Column {
    var batches: [LeafBatch] = []
    for leaf in leaves { batches.append(try await leaf.read(parts, allowance)) }
    let assembly = RecordAssembly(leaves: batches, firstLeaf: shape.leaves.lowerBound, rows: RowPart.rows(parts))
    do {
      return try assembly.column(shape)
    } catch {
      throw error.located(column: shape.name)
    }
  }

  /// Forgets where it is, so that rows that were read can be read again.
  func rewind() {
    for leaf in leaves { leaf.rewind() }
  }

  /// Checks that no row is left.
  func finish() async throws(ParquetError) {
    for leaf in leaves { try await leaf.finish() }
  }
}
