internal import ByteBuffers
internal import Parquet

/// What happens when a key occurs twice in the new values.
public enum DuplicateKeyRule: String, Sendable, Hashable, CaseIterable {
  /// The run fails and names the first ten.
  case error
  /// The row that comes last, in the order of files and rows, counts.
  case lastWins
}

extension NewValues {
  /// Rows that are decoded at a time.
  private static let batchRows = 8192

  /// Reads files of new values and indexes their keys.
  ///
  /// - Parameters:
  ///   - files: opened files, all with the same targets, in order.
  ///   - onDuplicateKey: what happens when a key occurs twice.
  ///   - memoryLimit: bytes of memory that the rows may need; files that claim more are refused.
  ///   - progress: called now and then with the number of rows read.
  /// - Throws: ``BackfillError/Code/dataRead`` naming the first wrong rows, duplicate keys and null keys.
  public convenience init(
    _ files: [NewValuesFile],
    onDuplicateKey: DuplicateKeyRule = .error,
    memoryLimit: Int64 = 256 << 30,
    progress: @Sendable (Int64) -> Void = { _ in }
  ) async throws(BackfillError) {
    guard let first = files.first else { throw BackfillError(.schemaValidation, "There are no new values.") }
    let stated = files.reduce(Int64(0)) { $0 &+ max(0, $1.rowCount) }
    guard stated <= NewValuesFile.mostRows else {
      throw BackfillError(
        .dataRead,
        "The new values have \(stated) rows; at most \(NewValuesFile.mostRows) can be joined at once."
      )
    }
    let estimate = files.reduce(Int64(0)) { saturatingAdd($0, $1.estimatedMemory) }
    guard estimate <= memoryLimit else {
      throw BackfillError(
        .engineConfiguration,
        "The new values need about \(estimate >> 20) MiB of memory; the limit is \(memoryLimit >> 20) MiB."
      )
    }
    let rows = Int(stated)
    let keys = CellStore(first.keyConverter.layout, capacity: rows)
    let stores = first.converters.map { CellStore($0.layout, capacity: rows) }
    for file in files {
      try await NewValues.load(file, keys: keys, stores: stores, capacity: rows, progress: progress)
    }
    let keyType = first.keyConverter.target.dataType
    let table = try NewValues.index(keys, column: first.keyConverter.source, rule: onDuplicateKey)
    self.init(
      targets: first.converters.map(\.target),
      stores: stores,
      table: table,
      keyType: keyType,
      rowCount: Int64(keys.count)
    )
  }

  private static func load(
    _ file: NewValuesFile,
    keys: CellStore,
    stores: [CellStore],
    capacity: Int,
    progress: @Sendable (Int64) -> Void
  ) async throws(BackfillError) {
    var problems = ProblemList()
    var row: Int64 = 0
    do {
      let batches = try file.reader.rows(RowSelection(fields: [file.keyField] + file.fields))
      while let batch = try await batches.next(limit: batchRows) {
        try Task.checkCancellation()
        guard keys.count + batch.rowCount <= capacity else {
          throw BackfillError(.dataRead, "The file holds more rows than its footer states.", path: file.name)
        }
        file.keyConverter.convert(batch.columns[0], firstRow: row, into: keys, problems: &problems)
        for (index, converter) in file.converters.enumerated() {
          converter.convert(batch.columns[index + 1], firstRow: row, into: stores[index], problems: &problems)
        }
        row += Int64(batch.rowCount)
        progress(Int64(keys.count))
      }
    } catch {
      throw BackfillError.wrapping(error, as: .dataRead, path: file.name)
    }
    try problems.check(.dataRead, path: file.name)
  }

  /// Builds the table; null keys and duplicates are reported together.
  private static func index(
    _ keys: CellStore,
    column: String,
    rule: DuplicateKeyRule
  ) throws(BackfillError) -> KeyTable {
    let replacing = rule == .lastWins
    var problems = ProblemList()
    if keys.nullCount > 0 {
      let row = (0..<keys.count).first { !keys.isValid($0) } ?? 0
      problems.add(
        "Key column '\(column)' is null in \(keys.nullCount) rows, the first is row \(row). Leave these rows out of the input."
      )
    }
    var duplicates = ProblemList()
    var table: KeyTable
    switch keys.layout {
    case .fixed(let width):
      table = KeyTable(rows: keys.count, keys: .integers)
      for row in 0..<keys.count where keys.isValid(row) {
        let key = keys.integer(row, width: width)
        if table.insert(integer: key, row: UInt32(row), replacing: replacing) != nil, !replacing {
          duplicates.add("\(key)")
        }
      }
    case .variable:
      table = KeyTable(rows: keys.count, keys: .bytes(keys))
      for row in 0..<keys.count where keys.isValid(row) {
        if table.insert(bytesOf: UInt32(row), in: keys, replacing: replacing) != nil, !replacing {
          duplicates.add("'\(keys.text(row))'")
        }
      }
    }
    if !duplicates.isEmpty {
      let more = duplicates.count > duplicates.lines.count ? ", ..." : ""
      problems.add(
        "Key column '\(column)' has \(duplicates.count) duplicate keys: \(duplicates.lines.joined(separator: ", "))\(more). "
          + "Remove them, or let the last row win (onDuplicateKey, --on-duplicate-key lastWins)."
      )
    }
    try problems.check(.dataRead)
    return table
  }
}

extension CellStore {
  fileprivate func integer(_ row: Int, width: Int) -> Int64 {
    width == 8
      ? (fixedCells + row * 8).load(as: Int64.self) : Int64((fixedCells + row * 4).load(as: Int32.self))
  }

  fileprivate func text(_ row: Int) -> String {
    let bytes = UnsafeRawBufferPointer(start: addresses[row], count: Int(cellLengths[row]))
    return String(decoding: bytes, as: UTF8.self)
  }
}
