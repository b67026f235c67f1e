public import ByteBuffers

extension NativeParquetCodec: ParquetCodec {
  /// Begins a file.
  public func openWriter(
    _ sink: any ByteSink,
    schema: ParquetSchema,
    properties: WriterProperties
  ) throws(ParquetError) -> any ParquetFileWriter {
    throw ParquetError(.unsupported, "Writing comes with the writer.")
  }
}
