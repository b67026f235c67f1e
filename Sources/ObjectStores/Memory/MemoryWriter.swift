internal import ByteBuffers
internal import Synchronization

/// Gathers one object of a ``MemoryStore``.
final class MemoryWriter: ObjectWriter {
  private let store: MemoryStore
  private let key: ObjectKey
  private let mode: PutMode
  private let attributes: ObjectAttributes
  /// What was written, nil after the end.
  private let parts = Mutex<[Bytes]?>([])

  init(store: MemoryStore, key: ObjectKey, mode: PutMode, attributes: ObjectAttributes) {
    self.store = store
    self.key = key
    self.mode = mode
    self.attributes = attributes
  }

  func write(_ bytes: Bytes) async throws(ObjectStoreError) {
    try checkCancelled()
    let copy = bytes.withUnsafeBytes { Bytes(copying: $0) }
    let isOver = parts.withLock { parts in
      parts?.append(copy)
      return parts == nil
    }
    if isOver { throw .writerOver(key) }
  }

  func finish() async throws(ObjectStoreError) -> PutResult {
    try checkCancelled()
    guard let parts = takeParts() else { throw .writerOver(key) }
    let count = parts.reduce(0) { $0 + $1.count }
    let block = AlignedBuffer(capacity: count)
    var at = 0
    for part in parts {
      (block.base + at).copyMemory(from: part.base, byteCount: part.count)
      at += part.count
    }
    return try store.store(key, Bytes(block, count: count), mode, attributes)
  }

  func abort() async {
    _ = takeParts()
  }

  private func takeParts() -> [Bytes]? {
    parts.withLock { parts in
      defer { parts = nil }
      return parts
    }
  }

  private func checkCancelled() throws(ObjectStoreError) {
    guard Task.isCancelled else { return }
    _ = takeParts()
    throw .cancelled(key)
  }
}
