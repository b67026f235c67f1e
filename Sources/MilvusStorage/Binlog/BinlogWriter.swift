public import ByteBuffers

/// Puts a Parquet file into a StorageV1 container: a descriptor and one insert event.
///
/// The bytes depend on the arguments alone, so the same payload gives the same file.
public struct BinlogWriter: Sendable, Hashable {
  /// What the file says of itself.
  public var descriptor: BinlogDescriptor
  /// What kind of event the payload becomes.
  public var kind: BinlogEvent.Kind
  /// Timestamp of the event's first row.
  public var startTimestamp: UInt64
  /// Timestamp of the event's last row.
  public var endTimestamp: UInt64
  /// Timestamp in the event's header.
  public var headerTimestamp: UInt64

  /// Creates a writer whose event has the descriptor's timestamps.
  ///
  /// - Parameters:
  ///   - descriptor: what the file says of itself.
  ///   - kind: what kind of event the payload becomes.
  public init(_ descriptor: BinlogDescriptor, kind: BinlogEvent.Kind = .insert) {
    self.descriptor = descriptor
    self.kind = kind
    startTimestamp = descriptor.startTimestamp
    endTimestamp = descriptor.endTimestamp
    headerTimestamp = descriptor.headerTimestamp
  }

  /// Creates a writer for the column of another field beside an existing binlog: all ids and timestamps are copied.
  ///
  /// - Parameters:
  ///   - existing: a binlog of the same rows, usually of the key.
  ///   - field: the field whose values are written.
  ///   - originalSize: bytes of the values before compression.
  public init(beside existing: Binlog, field: FieldSchema, originalSize: Int64) {
    var descriptor = existing.descriptor
    descriptor.field = field.id
    descriptor.payloadType = field.dataType
    descriptor.originalSize = originalSize
    descriptor.isNullable = field.isNullable
    descriptor.version = nil
    self.init(descriptor)
    guard let first = existing.events.first, let last = existing.events.last else { return }
    startTimestamp = first.startTimestamp
    endTimestamp = last.endTimestamp
    headerTimestamp = first.headerTimestamp
  }

  /// The bytes that stand before a payload.
  ///
  /// - Parameter payloadCount: bytes of the payload.
  /// - Returns: magic, descriptor event, and the event's header and timestamps.
  /// - Throws: ``BackfillError/Code/write`` when the payload is too long for the container's 32-bit lengths.
  public func header(payloadCount: Int) throws(BackfillError) -> Bytes {
    let extra = extraJSON
    let descriptorLength = BinlogLayout.headerSize + BinlogLayout.descriptorSize + extra.count
    let descriptorEnd = BinlogLayout.magicSize + descriptorLength
    let fixed = BinlogLayout.headerSize + BinlogLayout.dataSize
    guard payloadCount <= Int(Int32.max) - descriptorEnd - fixed else {
      throw BackfillError(
        .write,
        "A column file of \(payloadCount) bytes does not fit a StorageV1 container, which ends at 2 GiB.",
        segment: descriptor.segment
      )
    }
    var out = ByteWriter(capacity: descriptorEnd + fixed)
    out.append(integer: BinlogLayout.magic)
    append(header: .descriptor, descriptor.headerTimestamp, length: descriptorLength, to: &out)
    out.append(integer: descriptor.collection)
    out.append(integer: descriptor.partition)
    out.append(integer: descriptor.segment)
    out.append(integer: descriptor.field)
    out.append(integer: descriptor.startTimestamp)
    out.append(integer: descriptor.endTimestamp)
    out.append(integer: descriptor.payloadType.rawValue)
    out.append(BinlogLayout.postHeaderLengths)
    out.append(integer: Int32(extra.count))
    out.append(extra)
    append(header: kind, headerTimestamp, length: fixed + payloadCount, to: &out)
    out.append(integer: startTimestamp)
    out.append(integer: endTimestamp)
    return out.take()
  }

  /// Puts a payload into a container.
  ///
  /// - Parameter payload: a whole Parquet file.
  /// - Returns: the bytes of the binlog.
  /// - Throws: ``BackfillError/Code/write`` when the payload is too long.
  public func wrap(_ payload: Bytes) throws(BackfillError) -> Bytes {
    let header = try header(payloadCount: payload.count)
    var out = ByteWriter(capacity: header.count + payload.count)
    out.append(header)
    out.append(payload)
    return out.take()
  }

  private func append(
    header kind: BinlogEvent.Kind,
    _ timestamp: UInt64,
    length: Int,
    to out: inout ByteWriter
  ) {
    let next = out.count + length
    out.append(integer: timestamp)
    out.append(kind.rawValue)
    out.append(integer: Int32(length))
    out.append(integer: Int32(next))
  }

  /// `{"nullable":true,"original_size":"24000"}`, keys sorted as servers do; the size must be text.
  private var extraJSON: [UInt8] {
    var members: [String] = []
    if descriptor.isNullable { members.append("\"nullable\":true") }
    members.append("\"original_size\":\"\(descriptor.originalSize ?? 0)\"")
    return Array("{\(members.joined(separator: ","))}".utf8)
  }
}
