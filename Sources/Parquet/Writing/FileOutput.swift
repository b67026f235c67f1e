internal import ByteBuffers

/// What has been written of a file, which is how far its offsets count.
struct FileOutput {
  /// Bytes that are gathered before small structures go to the sink, and taken out of a scratch space at once.
  static let runBytes = 1 << 20

  private static let magic = Array("PAR1".utf8)

  let sink: any ByteSink
  /// Bytes written.
  private(set) var offset: Int64 = 0

  init(_ sink: any ByteSink) {
    self.sink = sink
  }

  mutating func put(_ bytes: Bytes) async throws(ParquetError) {
    do {
      try await sink.write(bytes)
    } catch {
      throw .wrapping(error)
    }
    offset += Int64(bytes.count)
  }

  mutating func putMagicAtStart() async throws(ParquetError) {
    if offset == 0 { try await put(Bytes(FileOutput.magic)) }
  }

  /// Copies bytes out of a scratch space.
  mutating func put(_ range: Range<Int>, of scratch: (any ScratchSpace)?) async throws(ParquetError) {
    guard let scratch else { return }
    var at = range.lowerBound
    while at < range.upperBound {
      let end = min(range.upperBound, at + FileOutput.runBytes)
      let bytes: Bytes
      do {
        bytes = try await scratch.read(at..<end)
      } catch {
        throw .wrapping(error)
      }
      guard bytes.count == end - at else {
        throw ParquetError(.storage, "The scratch space gave back \(bytes.count) bytes of \(end - at).")
      }
      try await put(bytes)
      at = end
    }
  }

  mutating func putFooter(_ body: Bytes) async throws(ParquetError) {
    guard let length = UInt32(exactly: body.count) else {
      throw ParquetError(.limitExceeded, "The footer would have \(body.count) bytes; write larger row groups.")
    }
    var tail = ByteWriter(capacity: body.count + 8)
    tail.append(body)
    tail.append(integer: length)
    tail.append(FileOutput.magic)
    try await put(tail.take())
  }
}
