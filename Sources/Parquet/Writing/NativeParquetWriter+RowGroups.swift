internal import ByteBuffers

/// Row groups: their ends, how they are written, and the memory that the open one takes.
extension NativeParquetWriter {
  /// Whether the open row group ends behind its last row.
  func isRowGroupComplete() async throws(ParquetError) -> Bool {
    if cut.isFull { return true }
    if memory != nil {
      try await encodeWaiting()
    } else {
      guard cut.isLookDue else { return false }
      let most = RowGroupCut.Sizes(bytes: estimate.bytes)
      if cut.hasRoom(most) {
        cut.planLook(most)
        return false
      }
      try await encodeWaiting()
      estimate.setKnown(sizes.bytes)
    }
    guard cut.isLookDue else { return false }
    let sizes = sizes
    guard cut.hasRoom(sizes) else { return true }
    cut.planLook(sizes)
    return false
  }

  /// Encodes the rows that wait.
  func encodeWaiting() async throws(ParquetError) {
    guard memory == nil, encoders.lanes == nil else { return try await open.encode(encoders.lanes) }
    try await open.encodeInSteps(of: NativeParquetWriter.streamedBytes) { () async throws(ParquetError) in
      guard let first = open.leaves.first, first.canStream else { return }
      if first.pages.count >= NativeParquetWriter.streamedBytes { try await stream(first) }
    }
  }

  /// Ends the row group and begins the next one.
  func finishRowGroup() async throws(ParquetError) {
    let rows = Int64(cut.rows)
    if let lanes = encoders.lanes {
      closing.append(ClosingRowGroup(open, rows: rows, lanes))
      open = encoders.take()
      // While one is written, as many as there are threads are encoded.
      if closing.count > lanes.count { try await putFirstClosing() }
    } else {
      try await encodeWaiting()
      try await put(try await open.finish(nil), rows: rows)
      try await startRowGroup()
    }
    cut.startGroup()
    estimate.setKnown(0)
  }

  /// Waits for the first of the row groups that are being encoded, and writes it.
  func putFirstClosing() async throws(ParquetError) {
    let first = closing.removeFirst()
    do throws(ParquetError) {
      try await put(try await first.chunks(), rows: first.rows)
    } catch {
      throw error.located(rowGroup: groups.count)
    }
    encoders.give(back: first.encoder)
  }

  private func put(_ chunks: [WrittenChunk], rows: Int64) async throws(ParquetError) {
    try await output.putMagicAtStart()
    var written = WrittenRowGroup(
      group: RowGroup(columns: [], totalByteSize: 0, rowCount: rows, sortingColumns: sortingColumns),
      pageCounts: []
    )
    var filters: [Bytes?] = []
    for (leaf, chunk) in chunks.enumerated() {
      let start = (leaf == 0 ? streamStart : nil) ?? output.offset
      var metadata = chunk.metadata
      metadata.dataPageOffset += start
      metadata.dictionaryPageOffset? += start
      written.group.totalByteSize += metadata.uncompressedSize
      written.pageCounts.append(chunk.pageCounts)
      indexes.add(chunk, group: groups.count, leaf: leaf, at: start)
      written.group.columns.append(metadata)
      filters.append(chunk.filter)
      for part in chunk.parts {
        switch part {
        case .bytes(let bytes): try await output.put(bytes)
        case .stored(let range): try await output.put(range, of: scratch)
        }
      }
    }
    for (leaf, filter) in filters.enumerated() {
      guard let filter else { continue }
      let place = IndexLocation(offset: output.offset, length: Int32(clamping: filter.count))
      written.group.columns[leaf].bloomFilter = place
      try await output.put(filter)
    }
    groups.append(written)
  }

  private func startRowGroup() async throws(ParquetError) {
    streamStart = nil
    guard memory != nil else { return }
    for leaf in open.leaves { leaf.releaseBuffers() }
    guard let scratch else { return }
    do {
      try await scratch.removeAll()
    } catch {
      throw .wrapping(error)
    }
  }

  /// Size of the open row group, which follows from its rows alone.
  var sizes: RowGroupCut.Sizes {
    var result = RowGroupCut.Sizes(bytes: open.leaves.reduce(0) { $0 + $1.byteCount })
    guard memory != nil else { return result }
    for leaf in open.leaves {
      result.memory += leaf.workingBytes
      if !canMovePages(of: leaf) { result.memory += leaf.storedBytes }
    }
    return result
  }

  /// Rows that are appended at once.
  var stepRows: Int {
    guard let memory else { return .max }
    return memory.step(rows: cut.rows, bytes: open.leaves.reduce(0) { $0 + $1.byteCount })
  }

  /// Bytes of the first leaf's pages that go to the sink at once where memory is not limited: few enough for them to be
  /// in the processor's caches still.
  private static let streamedBytes = 512 << 10

  /// Moves the pages of the first leaf, which nothing can come before, to the sink.
  private func stream(_ first: LeafWriter) async throws(ParquetError) {
    try await output.putMagicAtStart()
    streamStart = streamStart ?? output.offset
    for run in first.movePages() { try await output.put(run) }
  }

  private func canMovePages(of leaf: LeafWriter) -> Bool {
    scratch != nil || leaf === open.leaves.first && leaf.canStream
  }

  /// Moves encoded pages out of memory when there are many: those of the first leaf to the sink, if nothing can come
  /// before them, the others to the scratch space.
  func makeRoom() async throws(ParquetError) {
    guard let memory else { return }
    let movable = open.leaves.filter { canMovePages(of: $0) }
    guard movable.reduce(0, { $0 + $1.pages.count }) >= memory.movedBytes else { return }
    for leaf in movable where leaf.pages.count > 0 {
      // Pages that went to the scratch space already have to come first.
      if leaf === open.leaves.first, leaf.canStream, leaf.chunk.stored.isEmpty {
        try await stream(leaf)
      } else if let scratch {
        for run in leaf.movePages() {
          do {
            leaf.noteStored(try await scratch.append(run))
          } catch {
            throw .wrapping(error)
          }
        }
      }
    }
  }
}
