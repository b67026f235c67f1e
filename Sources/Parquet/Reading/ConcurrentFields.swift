internal import Synchronization

/// Fields of a file that are read at the same time, each by one task.
struct ConcurrentFields: @unchecked Sendable {
  // Sendable: a field is read by the one task that took its number; the caller waits for all of them.

  private let fields: [FieldReader]

  init(_ fields: [FieldReader]) {
    self.fields = fields
  }

  /// Reads some rows of every field.
  func read(
    _ parts: [RowPart],
    _ allowance: BatchAllowance,
    _ threads: Int
  ) async throws(ParquetError) -> [Column] {
    let rows = Rows(parts: parts)
    let next = NextNumber(end: fields.count)
    let results = await withTaskGroup(of: [(Int, Result<Column, ParquetError>)].self) { group in
      for _ in 0..<min(threads, fields.count) {
        group.addTask { await readSome(next, rows, allowance) }
      }
      var results: [(Int, Result<Column, ParquetError>)] = []
      for await some in group { results += some }
      return results
    }
    var columns: [Column] = []
    for (_, result) in results.sorted(by: { $0.0 < $1.0 }) { columns.append(try result.get()) }
    return columns
  }

  /// Reads field after field, until others have taken the rest.
  private func readSome(
    _ next: NextNumber,
    _ rows: Rows,
    _ allowance: BatchAllowance
  ) async -> [(Int, Result<Column, ParquetError>)] {
    var results: [(Int, Result<Column, ParquetError>)] = []
    while let number = next.take() {
      do throws(ParquetError) {
        results.append((number, .success(try await fields[number].read(rows.parts, allowance))))
      } catch {
        // The others still read what they took: whoever goes back to fewer rows has to find all of them at one place.
        results.append((number, .failure(error)))
      }
    }
    return results
  }

  /// What is read; nobody changes it meanwhile.
  private struct Rows: @unchecked Sendable {
    let parts: [RowPart]
  }
}

/// Hands out numbers, each once.
private final class NextNumber: Sendable {
  private let next = Atomic(0)
  private let end: Int

  init(end: Int) {
    self.end = end
  }

  func take() -> Int? {
    let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
    return number < end ? number : nil
  }
}
