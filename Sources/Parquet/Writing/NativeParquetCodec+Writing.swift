public import ByteBuffers

extension NativeParquetCodec: ParquetCodec {
  /// Begins a file.
  public func openWriter(
    _ sink: any ByteSink,
    schema: ParquetSchema,
    properties: WriterProperties
  ) throws(ParquetError) -> any ParquetFileWriter {
    try NativeParquetWriter(sink: sink, schema: schema, properties: properties)
  }
}
