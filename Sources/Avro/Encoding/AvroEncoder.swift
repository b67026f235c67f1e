public import ByteBuffers

/// Writes single values in Avro's binary encoding.
///
/// What was read with a schema is written the same with it, but for two things that the encoding leaves open: arrays and
/// maps become one block each, without its size in bytes, and integers are as short as they can be. Every known writer
/// does so too.
///
/// A value has to be of the schema's types exactly: an `int` is no `long`. Two liberties are taken: a value that is no
/// union is written as the first branch that it fits where the schema has a union, and a record of another schema is
/// written when it has the same name and the same fields.
public struct AvroEncoder: Sendable {
  /// The schema that values are written with.
  public let schema: AvroSchema
  private let limits: AvroLimits

  /// Makes an encoder.
  ///
  /// - Parameters:
  ///   - schema: what values are written with.
  ///   - limits: how deep values may be.
  public init(_ schema: AvroSchema, limits: AvroLimits = AvroLimits()) {
    self.schema = schema
    self.limits = limits
  }

  /// Encodes a value.
  ///
  /// - Parameter value: the value.
  /// - Returns: its bytes.
  /// - Throws: where it does not fit the schema.
  public func encode(_ value: AvroValue) throws(AvroError) -> Bytes {
    var output = ByteWriter()
    try encode(value, into: &output)
    return output.take()
  }

  /// Appends the bytes of a value; after an error a part of them may have been appended.
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - output: what they are appended to.
  /// - Throws: where the value does not fit the schema.
  public func encode(_ value: AvroValue, into output: inout ByteWriter) throws(AvroError) {
    let writer = ValueWriter(schema.table, limits: limits)
    try writer.append(value, schema.index, depth: 0, to: &output)
  }
}
