public import ByteBuffers

/// Reads the records of an object container file, block by block.
///
///     header  { long count, long size, count records in size bytes, 16 bytes sync marker }*
public struct AvroFileReader: Sendable {
  /// Schema, codec and metadata of the file.
  public let header: AvroFileHeader
  private let decoder: AvroDecoder
  private let limits: AvroLimits
  private var window: SourceWindow
  /// Where the next block begins.
  private var position: Int
  /// The index of the next block.
  private var block = 0
  private var open: OpenBlock?

  /// A block of which some records were delivered.
  private struct OpenBlock {
    let index: Int
    let bytes: Bytes
    /// Where `bytes` lie in the file; nil when they were compressed.
    let base: Int?
    var rest: Int
    var offset = 0
  }

  /// Most bytes of count and size of a block.
  private static let longestBlockHead = 20
  /// Bytes that are read first.
  private static let firstRead = 64 << 10

  /// Opens a file: reads its header.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - schema: what records are to be; as they were written unless it is given.
  ///   - limits: what reading may take.
  /// - Throws: what is wrong with the file, and where it does not match the schema.
  public init(
    _ source: any RandomAccessSource,
    as schema: AvroSchema? = nil,
    limits: AvroLimits = AvroLimits()
  ) async throws(AvroError) {
    self.limits = limits
    window = SourceWindow(source)
    do throws(AvroError) {
      (header, position) = try await AvroFileReader.header(&window, limits: limits)
      if let schema {
        decoder = try AvroDecoder(writer: header.schema, reader: schema, limits: limits)
      } else {
        decoder = AvroDecoder(header.schema, limits: limits)
      }
    } catch {
      throw error.located(file: source.name)
    }
  }

  private static func header(
    _ window: inout SourceWindow,
    limits: AvroLimits
  ) async throws(AvroError) -> (AvroFileHeader, Int) {
    let first = min(window.size, firstRead, limits.headerBytes)
    do throws(AvroError) {
      return try AvroFileHeader.parse(try await window.bytes(0..<first), limits: limits)
    } catch {
      let most = min(window.size, limits.headerBytes)
      guard error.code == .truncated, most > first || most < window.size else { throw error }
      do throws(AvroError) {
        return try AvroFileHeader.parse(try await window.bytes(0..<most), limits: limits)
      } catch {
        guard error.code == .truncated, most < window.size else { throw error }
        throw AvroError(.limitExceeded, "The header has more than \(limits.headerBytes) bytes (headerBytes).")
      }
    }
  }

  /// The next record; nil at the end of the file.
  ///
  /// - Returns: the record.
  /// - Throws: where the file is wrong. What follows is undefined then: the reader is of no more use.
  public mutating func next() async throws(AvroError) -> AvroValue? {
    while true {
      if let value = try nextOfBlock() { return value }
      guard position < window.size else { return nil }
      let index = block
      do throws(AvroError) {
        open = try await nextBlock()
      } catch {
        throw error.located(file: window.name, block: index)
      }
      block += 1
    }
  }

  /// All records that were not delivered yet.
  ///
  /// - Returns: the records.
  /// - Throws: where the file is wrong, or when there are more than the limit says.
  public mutating func rest() async throws(AvroError) -> [AvroValue] {
    var records: [AvroValue] = []
    while let record = try await next() {
      guard records.count < limits.records else {
        throw AvroError(.limitExceeded, "The file has more than \(limits.records) records (records).")
          .located(file: window.name)
      }
      records.append(record)
    }
    return records
  }

  /// The record of a file that has exactly one.
  ///
  /// - Returns: the record.
  /// - Throws: where the file is wrong, and when it has none or several.
  public mutating func only() async throws(AvroError) -> AvroValue {
    guard let record = try await next() else {
      throw AvroError.corrupt("The file has no record, and one was expected.").located(file: window.name)
    }
    guard try await next() == nil else {
      throw AvroError.corrupt("The file has several records, and one was expected.").located(file: window.name)
    }
    return record
  }

  // MARK: - Blocks

  private mutating func nextOfBlock() throws(AvroError) -> AvroValue? {
    guard var block = open else { return nil }
    do throws(AvroError) {
      guard block.rest > 0 else {
        guard block.offset == block.bytes.count else {
          throw .corrupt("\(block.bytes.count - block.offset) bytes follow the last record.", offset: block.offset)
        }
        open = nil
        return nil
      }
      let (value, end) = try decoder.decodePrefix(block.bytes, from: block.offset)
      block.offset = end
      block.rest -= 1
      open = block
      return value
    } catch {
      throw error.shifted(by: block.base ?? 0).located(file: window.name, block: block.index)
    }
  }

  private mutating func nextBlock() async throws(AvroError) -> OpenBlock {
    let headEnd = min(position + AvroFileReader.longestBlockHead, window.size)
    let head = try await window.bytes(position..<headEnd)
    let (count, size, length) = try blockHead(head)
    let start = position + length
    let end = start + size + AvroFileHeader.syncMarkerSize
    let whole = try await window.bytes(start..<end)
    let stored = whole[0..<size]
    guard whole[size..<whole.count] == header.syncMarker else {
      throw .corrupt("The sync marker behind the block is not that of the header.", offset: start + size)
    }
    var bytes = stored
    if header.codec == .deflate {
      do throws(AvroError) {
        bytes = try Deflate.decompress(stored, limit: limits.decompressedBytes)
      } catch {
        throw error.offset == nil ? AvroError(error.code, error.message, offset: start) : error
      }
    }
    try check(count, in: bytes.count, at: position)
    let block = OpenBlock(index: block, bytes: bytes, base: header.codec == .null ? start : nil, rest: Int(count))
    position = end
    return block
  }

  /// Reads count and size of a block, and checks the size.
  private func blockHead(_ head: Bytes) throws(AvroError) -> (count: Int64, size: Int, length: Int) {
    do throws(AvroError) {
      var reader = try BinaryReader(head.span, of: head, from: 0, longestValue: 0)
      let count = try reader.long()
      let at = reader.offset
      let size = try reader.long()
      guard count >= 0, size >= 0 else {
        throw .corrupt("A block of \(count) records in \(size) bytes.", offset: 0)
      }
      guard size <= Int64(limits.blockBytes) else {
        throw AvroError(
          .limitExceeded,
          "A block has \(size) bytes, more than the limit of \(limits.blockBytes) (blockBytes).",
          offset: at
        )
      }
      let left = window.size - position - reader.offset - AvroFileHeader.syncMarkerSize
      guard size <= Int64(left) else {
        throw AvroError(.truncated, "A block of \(size) bytes where the file has \(max(left, 0)) left.", offset: at)
      }
      return (count, Int(size), reader.offset)
    } catch {
      throw error.shifted(by: position)
    }
  }

  private func check(_ count: Int64, in size: Int, at offset: Int) throws(AvroError) {
    let minimum = header.schema.table.minimumSizes[header.schema.index]
    if minimum > 0, count > Int64(size / minimum) {
      throw .corrupt("A block of \(count) records in \(size) bytes.", offset: offset)
    }
    // Records without bytes are bounded by nothing else.
    guard count <= Int64(max(limits.records, size)) else {
      throw AvroError(.limitExceeded, "A block has more than \(limits.records) records (records).", offset: offset)
    }
  }
}
