internal import ByteBuffers
internal import ObjectStores
internal import Parquet

/// Opens what was written again and compares it with what was recorded.
struct FileCheck: Sendable {
  let task: JoinTask

  /// Checks files: length, container, Parquet footer, rows; with `full` every byte as well.
  func check(_ files: [WrittenObject], full: Bool) async throws(BackfillError) {
    _ = try await concurrentMap(
      files,
      limit: SideBySide.requests,
      mostBytes: SideBySide.bytes,
      bytes: { full ? max(0, $0.byteCount) : 0 }
    ) { (_, file) throws(BackfillError) in
      try await check(file, full: full)
    }
  }

  private func check(_ file: WrittenObject, full: Bool) async throws(BackfillError) {
    let key = ObjectKey(file.key)
    let source: ObjectSource
    do {
      source = try await ObjectSource(key, in: task.output)
    } catch {
      throw BackfillError.wrapping(error, as: .write, path: file.key)
    }
    guard source.size == Int(file.byteCount) else {
      throw mismatch(file, "it has \(source.size) bytes instead of \(file.byteCount)")
    }
    if full {
      let bytes: Bytes
      do {
        bytes = try await source.read(0..<source.size)
      } catch {
        throw BackfillError.wrapping(error, as: .write, path: file.key)
      }
      guard checksum(bytes) == file.checksum else { throw mismatch(file, "its bytes are others") }
    }
    let rows = try await rowCount(file, source)
    guard rows == file.rowCount else { throw mismatch(file, "it has \(rows) rows instead of \(file.rowCount)") }
  }

  private func rowCount(_ file: WrittenObject, _ source: ObjectSource) async throws(BackfillError) -> Int64 {
    do {
      guard file.fieldID != nil else {
        return try await task.configuration.codec.openReader(source).metadata.rowCount
      }
      let binlog = try await Binlog(opening: source, prefixSize: Binlog.usefulPrefix(of: source))
      var rows: Int64 = 0
      for event in binlog.events {
        rows += try await task.configuration.codec.openReader(binlog.payload(of: event)).metadata.rowCount
      }
      return rows
    } catch {
      let cause = BackfillError.wrapping(error, as: .write, path: file.key)
      // A run that ends, or a store that does not answer, says nothing of the file.
      guard cause.code != .cancelled, cause.remedy == .caller else { throw cause }
      throw mismatch(file, "it cannot be opened: \(cause.message)")
    }
  }

  private func mismatch(_ file: WrittenObject, _ what: String) -> BackfillError {
    BackfillError(
      .write,
      "A written file is not what was recorded: \(what). Remove it together with the plan's journal and run again.",
      remedy: .environment,
      path: file.key
    )
  }
}
