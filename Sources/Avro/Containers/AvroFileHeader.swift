public import ByteBuffers

/// The header of an object container file.
///
///     "Obj" 01, map<bytes> metadata, 16 bytes sync marker
///
/// The metadata have the schema as `avro.schema` and the codec as `avro.codec`.
public struct AvroFileHeader: Sendable {
  /// An entry of the metadata.
  public struct Entry: Hashable, Sendable {
    /// Its key.
    public let key: String
    /// Its value.
    public let value: Bytes

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - key: its key; those that begin with `avro.` belong to Avro.
    ///   - value: its value.
    public init(_ key: String, _ value: Bytes) {
      self.key = key
      self.value = value
    }
  }

  /// The schema that the file's records were written with.
  public let schema: AvroSchema
  /// How its blocks are compressed.
  public let codec: AvroCodec
  /// All metadata, in order, also those of Avro.
  public let metadata: [Entry]
  /// The bytes that stand behind every block.
  public let syncMarker: Bytes

  static let magic: [UInt8] = [0x4f, 0x62, 0x6a, 0x01]
  static let syncMarkerSize = 16
  static let schemaKey = "avro.schema"
  static let codecKey = "avro.codec"

  private static let metadataType: SchemaTable = {
    let types = SchemaShape.primitives + [.map(bytesType)]
    return SchemaTable(types.map { SchemaType(shape: $0, attributes: []) }, text: "", root: types.count - 1)
  }()
  private static let bytesType = 6

  /// Whether a file begins like an object container file.
  ///
  /// - Parameter bytes: its first four bytes or more.
  /// - Returns: true when it does.
  public static func isContainer(_ bytes: Bytes) -> Bool {
    bytes.withUnsafeBytes { $0.starts(with: magic) }
  }

  /// Makes the header of a new file.
  ///
  /// - Parameters:
  ///   - schema: what records are written with.
  ///   - codec: how blocks are compressed.
  ///   - metadata: other metadata, whose keys do not begin with `avro.`.
  ///   - syncMarker: 16 bytes that do not occur elsewhere; random ones unless they are given.
  /// - Throws: when the schema is too deep, the codec is unknown, a key belongs to Avro or the marker is too short or long.
  public init(
    _ schema: AvroSchema,
    codec: AvroCodec = .null,
    metadata: [Entry] = [],
    syncMarker: Bytes? = nil
  ) throws(AvroError) {
    for entry in metadata where entry.key.hasPrefix("avro.") {
      throw AvroError(.invalidArgument, "The metadata '\(entry.key)' is Avro's; choose another key.")
    }
    let marker = syncMarker ?? Bytes((0..<AvroFileHeader.syncMarkerSize).map { _ in UInt8.random(in: 0...255) })
    guard marker.count == AvroFileHeader.syncMarkerSize else {
      throw AvroError(.invalidArgument, "A sync marker has 16 bytes, and this one has \(marker.count).")
    }
    self.schema = schema
    self.codec = try AvroFileHeader.checked(codec)
    self.metadata =
      [
        Entry(AvroFileHeader.schemaKey, Bytes(utf8: try schema.text)),
        Entry(AvroFileHeader.codecKey, Bytes(utf8: codec.rawValue)),
      ] + metadata
    self.syncMarker = marker
  }

  private static func checked(_ codec: AvroCodec) throws(AvroError) -> AvroCodec {
    guard AvroCodec.known.contains(codec) else {
      let names = AvroCodec.known.map(\.rawValue).joined(separator: ", ")
      throw AvroError(.unsupported, "The codec '\(codec.rawValue.prefix(200))' is not supported; these are: \(names).")
    }
    return codec
  }

  /// Parses the first bytes of a file.
  ///
  /// - Returns: the header, and where it ends.
  static func parse(_ bytes: Bytes, limits: AvroLimits) throws(AvroError) -> (header: AvroFileHeader, end: Int) {
    guard isContainer(bytes) else {
      throw AvroError(.notAvro, "This is no Avro object container file: it does not begin with 'Obj' and 1.", offset: 0)
    }
    var limits = limits
    limits.valueBytes = limits.headerBytes
    let decoder = AvroDecoder(AvroSchema(metadataType, metadataType.root), limits: limits)
    let (value, end) = try decoder.decodePrefix(bytes, from: magic.count)
    guard bytes.count - end >= syncMarkerSize else {
      throw AvroError(.truncated, "The file ends in its header.", offset: end)
    }
    let marker = Bytes(bytes[end..<end + syncMarkerSize].array)
    return (try AvroFileHeader(value, marker, limits: limits), end + syncMarkerSize)
  }

  private init(_ map: AvroValue, _ marker: Bytes, limits: AvroLimits) throws(AvroError) {
    guard case .map(let map) = map else { throw .corrupt("The metadata are no map.") }
    metadata = map.entries.compactMap { entry in
      guard case .bytes(let value) = entry.value else { return nil }
      return Entry(entry.key, Bytes(value.array))
    }
    guard let text = metadata.last(where: { $0.key == AvroFileHeader.schemaKey })?.value else {
      throw .corrupt("The file has no schema: '\(AvroFileHeader.schemaKey)' is missing in its metadata.")
    }
    schema = try AvroSchema(text, limits: limits)
    let name = metadata.last { $0.key == AvroFileHeader.codecKey }?.value
    codec = try AvroFileHeader.checked(
      try name.map { name throws(AvroError) in AvroCodec(rawValue: try BinaryReader.text(name)) } ?? .null
    )
    syncMarker = marker
  }

  func append(to output: inout ByteWriter) {
    output.append(AvroFileHeader.magic)
    if !metadata.isEmpty { output.append(zigzag: Int64(metadata.count)) }
    for entry in metadata {
      ValueWriter.append(entry.key, to: &output)
      output.append(zigzag: Int64(entry.value.count))
      output.append(entry.value)
    }
    output.append(UInt8(0))
    output.append(syncMarker)
  }
}
