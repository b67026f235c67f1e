internal import ByteBuffers

/// The open row group: its end, and the memory that it takes until then.
extension NativeParquetWriter {
  /// Ends the row group and begins the next one.
  func finishRowGroup() async throws(ParquetError) {
    try await output.putMagicAtStart()
    var written = WrittenRowGroup(
      group: RowGroup(columns: [], totalByteSize: 0, rowCount: Int64(cut.rows), sortingColumns: sortingColumns),
      pageCounts: []
    )
    var filters: [Bytes?] = []
    for leaf in leaves {
      let chunk = try leaf.finishChunk()
      let start = (leaf === leaves.first ? streamStart : nil) ?? output.offset
      var metadata = chunk.metadata
      metadata.dataPageOffset += start
      metadata.dictionaryPageOffset? += start
      written.group.totalByteSize += metadata.uncompressedSize
      written.pageCounts.append(chunk.pageCounts)
      indexes.add(chunk, group: groups.count, leaf: written.group.columns.count, at: start)
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
    cut.startGroup()
    try await startRowGroup()
  }

  private func startRowGroup() async throws(ParquetError) {
    streamStart = nil
    guard memory != nil else { return }
    for leaf in leaves { leaf.releaseBuffers() }
    guard let scratch else { return }
    do {
      try await scratch.removeAll()
    } catch {
      throw .wrapping(error)
    }
  }

  /// Size of the open row group, which follows from its rows alone.
  var sizes: RowGroupCut.Sizes {
    var result = RowGroupCut.Sizes(bytes: leaves.reduce(0) { $0 + $1.byteCount })
    guard memory != nil else { return result }
    for leaf in leaves {
      result.memory += leaf.workingBytes
      if !canMovePages(of: leaf) { result.memory += leaf.storedBytes }
    }
    return result
  }

  /// Rows that are appended at once.
  var stepRows: Int {
    guard let memory else { return .max }
    return memory.step(rows: cut.rows, bytes: leaves.reduce(0) { $0 + $1.byteCount })
  }

  private func canMovePages(of leaf: LeafWriter) -> Bool {
    scratch != nil || leaf === leaves.first && leaf.canStream
  }

  /// Moves encoded pages out of memory when there are many: those of the first leaf to the sink, if nothing can come
  /// before them, the others to the scratch space.
  func makeRoom() async throws(ParquetError) {
    guard let memory else { return }
    let movable = leaves.filter { canMovePages(of: $0) }
    guard movable.reduce(0, { $0 + $1.pages.count }) >= memory.movedBytes else { return }
    for leaf in movable where leaf.pages.count > 0 {
      // Pages that went to the scratch space already have to come first.
      if leaf === leaves.first, leaf.canStream, leaf.chunk.stored.isEmpty {
        try await output.putMagicAtStart()
        streamStart = streamStart ?? output.offset
        for run in leaf.movePages() { try await output.put(run) }
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
