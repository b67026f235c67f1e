public import ByteBuffers

/// Reads single values in Avro's binary encoding, of which one has to know the schema: no container, no fingerprint.
///
/// The decoder is made once and used for any number of values, by any number of threads.
public struct AvroDecoder: Sendable {
  /// The schema that values have in memory.
  public let schema: AvroSchema
  let plan: ReadPlan
  let limits: AvroLimits

  /// Makes a decoder of values as they were written.
  ///
  /// - Parameters:
  ///   - schema: what they were written with.
  ///   - limits: what a value may take.
  public init(_ schema: AvroSchema, limits: AvroLimits = AvroLimits()) {
    self.schema = schema
    self.limits = limits
    plan = ReadPlan(schema)
  }

  /// Makes a decoder that delivers values of another schema than they were written with.
  ///
  /// Types are matched by the specification's rules: fields by name or alias, missing ones by default, numbers to larger
  /// types, text to bytes and back, branches of unions by the first that fits. Types that can never match are refused
  /// here; a branch of a union or a symbol of an enum is where it occurs.
  ///
  /// - Parameters:
  ///   - writer: what values were written with.
  ///   - reader: what they are to be in memory.
  ///   - limits: what a value may take.
  /// - Throws: where the schemas do not match.
  public init(writer: AvroSchema, reader: AvroSchema, limits: AvroLimits = AvroLimits()) throws(AvroError) {
    schema = reader
    self.limits = limits
    plan = try SchemaResolution.plan(writer: writer, reader: reader, limits: limits)
  }

  /// Decodes a value that takes all of the bytes.
  ///
  /// - Parameter bytes: the value.
  /// - Returns: the value.
  /// - Throws: where it is wrong.
  public func decode(_ bytes: Bytes) throws(AvroError) -> AvroValue {
    let (value, end) = try decodePrefix(bytes)
    guard end == bytes.count else {
      throw .corrupt("\(bytes.count - end) bytes follow the value.", offset: end)
    }
    return value
  }

  /// Decodes a value behind which others may stand.
  ///
  /// - Parameters:
  ///   - bytes: where the value lies.
  ///   - offset: its first byte.
  /// - Returns: the value, and where it ends.
  /// - Throws: where it is wrong.
  public func decodePrefix(_ bytes: Bytes, from offset: Int = 0) throws(AvroError) -> (value: AvroValue, end: Int) {
    var reader = try ValueReader(bytes.span, of: bytes, from: offset, plan: plan, limits: limits)
    let value = try reader.next()
    return (value, reader.offset)
  }
}
