internal import ByteBuffers

/// Parses the headers of a container; every length is checked against the file before it is used.
struct BinlogParser {
  private let name: String

  init(_ name: String) {
    self.name = name
  }

  /// An event header.
  ///
  ///     offset  size
  ///     0       8    timestamp, unsigned
  ///     8       1    type
  ///     9       4    length of the event: header, data and payload
  ///     13      4    offset of the next event; some writers leave it at -1, so it is not used
  struct Header {
    var timestamp: UInt64
    var kind: BinlogEvent.Kind
    var length: Int
  }

  /// The descriptor event without its extra.
  struct DescriptorHead {
    var descriptor: BinlogDescriptor
    var extra: Range<Int>
    var end: Int { extra.upperBound }
  }

  func error(_ message: String, at offset: Int) -> BackfillError {
    BackfillError(.dataRead, message, path: name, offset: offset)
  }

  /// Runs a piece of parsing and gives its errors a place.
  private func located<R>(
    _ what: String,
    at base: Int,
    _ body: () throws(ByteCursorError) -> R
  ) throws(BackfillError) -> R {
    do {
      return try body()
    } catch {
      throw self.error("The file ends in the middle of \(what); it was cut short.", at: base + error.offset)
    }
  }

  /// Checks the first four bytes.
  func magic(_ bytes: Bytes) throws(BackfillError) {
    let value: UInt32 = try located("its first four bytes", at: 0) { () throws(ByteCursorError) in
      var cursor = ByteCursor(bytes.span)
      return try cursor.integer()
    }
    if value == BinlogLayout.parquetMagic {
      throw error(
        "This is a Parquet file without a binlog container: the segment is StorageV2, not StorageV1. "
          + "Read it through a snapshot.",
        at: 0
      )
    }
    guard value == BinlogLayout.magic else {
      throw error("This is no binlog: its magic number is not BC FA FF 00.", at: 0)
    }
  }

  private static func header(_ cursor: inout ByteCursor) throws(ByteCursorError) -> Header {
    let timestamp: UInt64 = try cursor.integer()
    let kind = BinlogEvent.Kind(rawValue: try cursor.byte())
    let length: Int32 = try cursor.integer()
    try cursor.skip(4)
    return Header(timestamp: timestamp, kind: kind, length: Int(length))
  }

  /// Parses the descriptor event up to its extra.
  ///
  ///     offset  size  behind the event header
  ///     0       8     collection        32  8  start timestamp
  ///     8       8     partition         40  8  end timestamp
  ///     16      8     segment           48  4  payload type
  ///     24      8     field             52  8  sizes of the fixed parts of all event types
  ///                                     60  4  length of the extra, which follows
  func descriptorHead(_ bytes: Bytes, fileSize: Int) throws(BackfillError) -> DescriptorHead {
    let (header, descriptor, extraLength) = try located("its descriptor", at: 0) { () throws(ByteCursorError) in
      var cursor = ByteCursor(bytes.span)
      try cursor.skip(BinlogLayout.magicSize)
      let header = try BinlogParser.header(&cursor)
      var descriptor = BinlogDescriptor(
        collection: try cursor.integer(),
        partition: try cursor.integer(),
        segment: try cursor.integer(),
        field: try cursor.integer(),
        payloadType: .none,
        startTimestamp: try cursor.integer(),
        endTimestamp: try cursor.integer(),
        headerTimestamp: header.timestamp,
        originalSize: nil
      )
      descriptor.payloadType = DataType(rawValue: try cursor.integer())
      try cursor.skip(BinlogLayout.postHeaderLengths.count)
      let extraLength: Int32 = try cursor.integer()
      return (header, descriptor, Int(extraLength))
    }
    let start = BinlogLayout.magicSize
    guard header.kind == .descriptor else {
      throw error("The first event has type \(header.kind.rawValue); it must be a descriptor (0).", at: start + 8)
    }
    let extraStart = start + BinlogLayout.headerSize + BinlogLayout.descriptorSize
    guard (0...BinlogLayout.extraLimit).contains(extraLength) else {
      throw error("The descriptor's extra has the impossible length \(extraLength).", at: extraStart - 4)
    }
    let end = extraStart + extraLength
    guard header.length == end - start else {
      throw error(
        "The descriptor's length is \(header.length), but its parts have \(end - start) bytes.",
        at: start + 9
      )
    }
    guard end <= fileSize else {
      throw error("The descriptor ends at \(end), behind the file's end at \(fileSize); it was cut short.", at: start)
    }
    return DescriptorHead(descriptor: descriptor, extra: extraStart..<end)
  }

  /// Completes a descriptor with its extra, a JSON object.
  func descriptor(_ head: DescriptorHead, _ bytes: Bytes) throws(BackfillError) -> BinlogDescriptor {
    var descriptor = head.descriptor
    guard !head.extra.isEmpty else { return descriptor }
    let document: JSONValue
    do {
      document = try JSONValue(parsing: bytes[head.extra], source: name, code: .dataRead)
    } catch {
      throw self.error("The descriptor's extra is not JSON.", at: head.extra.lowerBound)
    }
    if document == .null { return descriptor }
    guard let extra = document.object else {
      throw error("The descriptor's extra is not a JSON object.", at: head.extra.lowerBound)
    }
    guard extra["edek"] == nil, extra["encryption_zone"] == nil else {
      throw error("The file is encrypted (its descriptor has a data key); encrypted segments cannot be read.", at: 0)
    }
    descriptor.originalSize = extra["original_size"]?.integer
    descriptor.isNullable = extra["nullable"]?.bool ?? false
    descriptor.version = extra["version"]?.string
    return descriptor
  }

  /// Parses the header of a data event and the two timestamps behind it.
  func event(_ bytes: Bytes, at offset: Int, fileSize: Int) throws(BackfillError) -> BinlogEvent {
    let (header, start, end) = try located("an event header", at: offset) { () throws(ByteCursorError) in
      var cursor = ByteCursor(bytes.span)
      let header = try BinlogParser.header(&cursor)
      let start: UInt64 = try cursor.integer()
      let end: UInt64 = try cursor.integer()
      return (header, start, end)
    }
    guard header.kind != .descriptor else { throw error("The file has a second descriptor.", at: offset + 8) }
    let fixed = BinlogLayout.headerSize + BinlogLayout.dataSize
    guard header.length >= fixed else {
      throw error("An event has the impossible length \(header.length).", at: offset + 9)
    }
    guard header.length <= fileSize - offset else {
      throw error(
        "An event ends at \(offset + header.length), behind the file's end at \(fileSize); it was cut short.",
        at: offset + 9
      )
    }
    return BinlogEvent(
      kind: header.kind,
      startTimestamp: start,
      endTimestamp: end,
      headerTimestamp: header.timestamp,
      payload: offset + fixed..<offset + header.length
    )
  }
}
