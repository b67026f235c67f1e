internal import ByteBuffers

/// What the chunk holds in memory, and how its encoded pages leave it before the row group is complete.
extension LeafWriter {
  /// Bytes of encoded data pages, wherever they are.
  var storedBytes: Int { chunk.movedBytes + pages.count }

  /// Whether no dictionary page can come before the data pages, so that these may go to the file at once.
  var canStream: Bool { mode == .plain && chunk.dictionaryPages == 0 }

  /// Memory that the leaf takes at most apart from its encoded pages; follows from the rows alone.
  ///
  /// A buffer may be twice as large as what is in it, and keeps the size of the largest page so far.
  var workingBytes: Int {
    let copies = plan.column.encoding == .plain ? 2 : 4
    let weight = max(chunk.largestPage.weight, page.weight)
    let levels = plan.path.isFlat ? 0 : 4 * max(chunk.largestPage.entries, page.entries)
    return copies * weight + levels + (plan.usesDictionary ? dictionary.heldBytes : 0) + (filter?.byteCount ?? 0)
  }

  /// Takes the encoded pages out of memory; the caller puts them elsewhere.
  func movePages() -> [Bytes] {
    chunk.movedBytes += pages.count
    return pages.take(isEnd: false)
  }

  /// Notes where moved pages are in the scratch space.
  func noteStored(_ range: Range<Int>) {
    if let last = chunk.stored.last, last.upperBound == range.lowerBound {
      chunk.stored[chunk.stored.count - 1] = last.lowerBound..<range.upperBound
    } else {
      chunk.stored.append(range)
    }
  }

  /// Gives buffers back that have grown; only between two chunks.
  func releaseBuffers() {
    values = ByteWriter(pool: pool)
    transcoded = ByteWriter(pool: pool)
    scratch = ByteWriter(pool: pool)
    shredder = Shredder()
    expanded = nil
    repetitionLevels = ByteWriter(pool: pool)
    definitionLevels = ByteWriter(pool: pool)
    if case .fixed(let width) = plan.layout {
      dictionary = DictionaryEncoder(width: width, pool: pool)
    } else {
      dictionary = DictionaryEncoder(width: nil, pool: pool)
    }
    startValues()
  }
}
