public import ByteBuffers

/// A StorageV1 file, of which the container is read and the payloads are left where they are.
///
///     offset  size
///     0       4    magic BC FA FF 00
///     4       ...  descriptor event
///     ...     ...  data events, normally one
public struct Binlog: Sendable {
  /// The file.
  public let source: any RandomAccessSource
  /// What the file says of itself.
  public let descriptor: BinlogDescriptor
  /// Runs of rows, in their order.
  public let events: [BinlogEvent]
  /// The bytes read so far, from the file's start, so that small files are read once.
  private var prefix: Bytes

  /// Bytes that the first read asks for: enough for the descriptor and the first event's header.
  public static let prefixSize = 4096

  /// Reads the container of a file: its headers, not its payloads.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - prefixSize: bytes that the first read asks for; a file that is read whole anyway may ask for more.
  /// - Throws: ``BackfillError/Code/dataRead`` with path and offset.
  public init(
    opening source: any RandomAccessSource,
    prefixSize: Int = Binlog.prefixSize
  ) async throws(BackfillError) {
    let smallest = BinlogLayout.magicSize + BinlogLayout.headerSize + BinlogLayout.descriptorSize
    var window = BinlogWindow(source)
    let first = try await window.read(0..<min(source.size, max(prefixSize, smallest)))
    let parser = BinlogParser(source.name)
    try parser.magic(first)
    let head = try parser.descriptorHead(first, fileSize: source.size)
    let whole = try await window.read(0..<head.end)
    descriptor = try parser.descriptor(head, whole)
    var events: [BinlogEvent] = []
    var at = head.end
    while at < source.size {
      guard events.count < BinlogLayout.eventLimit else {
        throw parser.error("The file has more than \(BinlogLayout.eventLimit) events.", at: at)
      }
      let length = min(BinlogLayout.headerSize + BinlogLayout.dataSize, source.size - at)
      let bytes = try await window.read(at..<at + length)
      let event = try parser.event(bytes, at: at, fileSize: source.size)
      events.append(event)
      at = event.payload.upperBound
    }
    guard !events.isEmpty else {
      throw parser.error("The file ends after its descriptor: it holds no rows. It was probably cut short.", at: at)
    }
    self.source = source
    self.events = events
    prefix = window.prefix
  }

  /// Bytes that are better read at once: over a network a request takes as long as the bytes of a small file.
  static func usefulPrefix(of source: any RandomAccessSource) -> Int {
    source.isLocal ? prefixSize : 64 << 10
  }

  /// The container without the bytes it was read from, for keeping many of them.
  var withoutBytes: Binlog {
    var copy = self
    copy.prefix = .empty
    return copy
  }

  /// The payload of an event as a file of its own, which a Parquet reader opens in place.
  ///
  /// - Parameter event: one of ``events``.
  /// - Returns: a source over the payload.
  public func payload(of event: BinlogEvent) -> SubrangeSource {
    SubrangeSource(source, event.payload, prefix: prefix)
  }
}

/// Reads near the start of a file, served from what was read before where possible.
struct BinlogWindow {
  private let source: any RandomAccessSource
  private(set) var prefix = Bytes.empty

  init(_ source: any RandomAccessSource) {
    self.source = source
  }

  /// Reads a range that lies within the file.
  mutating func read(_ range: Range<Int>) async throws(BackfillError) -> Bytes {
    if range.upperBound <= prefix.count { return prefix[range] }
    let bytes: Bytes
    do {
      bytes = try await source.read(range)
    } catch {
      throw BackfillError.wrapping(error, as: .dataRead, path: source.name)
    }
    if range.lowerBound == 0 { prefix = bytes }
    return bytes
  }
}
