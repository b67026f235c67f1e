public import ByteBuffers

/// Writes an object container file: header, then blocks of records.
///
/// Append records, then call ``finish()``. A file that carries on what another had, its schema, metadata, codec and sync
/// marker, is written with the header that was read.
public struct AvroFileWriter: ~Copyable {
  /// How a file is written.
  public struct Options: Sendable {
    /// Bytes of records after which a block ends, before they are compressed.
    public var blockBytes = 64 << 10
    /// Effort of compression: 1 is fast, 9 is small.
    public var level = 6
    /// How deep records may be.
    public var limits = AvroLimits()

    /// Usual options.
    public init() {}
  }

  private let sink: any ByteSink
  private let header: AvroFileHeader
  private let encoder: AvroEncoder
  private let options: Options
  /// Records of the block that is open.
  private var records = ByteWriter()
  private var count = 0
  /// Bytes that the sink did not get yet.
  private var output = ByteWriter()

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - sink: where it goes.
  ///   - header: its header, new or read from another file.
  ///   - options: how it is written.
  public init(_ sink: any ByteSink, header: AvroFileHeader, options: Options = Options()) {
    self.sink = sink
    self.header = header
    self.options = options
    encoder = AvroEncoder(header.schema, limits: options.limits)
    header.append(to: &output)
  }

  /// Appends a record.
  ///
  /// - Parameter record: a value of the header's schema.
  /// - Throws: where it does not fit the schema, or what the sink threw; the file is of no use then.
  public mutating func append(_ record: AvroValue) async throws(AvroError) {
    try encoder.encode(record, into: &records)
    count += 1
    if records.count >= options.blockBytes { try await flush() }
  }

  /// Writes what was appended so far as a block.
  ///
  /// - Throws: what the sink threw; the file is of no use then.
  public mutating func flush() async throws(AvroError) {
    if count > 0 {
      var block = records.take()
      if header.codec == .deflate { block = try Deflate.compress(block, level: options.level) }
      output.append(zigzag: Int64(count))
      output.append(zigzag: Int64(block.count))
      output.append(block)
      output.append(header.syncMarker)
      count = 0
    }
    guard output.count > 0 else { return }
    let bytes = output.take()
    do {
      try await sink.write(bytes)
    } catch {
      throw AvroError.wrapping(error)
    }
  }

  /// Ends the file; the sink has all of it then.
  ///
  /// - Throws: what the sink threw; the file is of no use then.
  public consuming func finish() async throws(AvroError) {
    try await flush()
  }
}
