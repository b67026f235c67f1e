public import ByteBuffers

extension NativeParquetCodec: ParquetCodec {
  /// Begins a file.
  public func openWriter(
    _ sink: any ByteSink,
    schema: ParquetSchema,
    properties: WriterProperties
  ) throws(ParquetError) -> any ParquetFileWriter {
    let space: (any ScratchSpace)?
    do {
      space = properties.memoryBudget == nil ? nil : try makeScratch?()
    } catch {
      throw .wrapping(error)
    }
    return try NativeParquetWriter(sink: sink, schema: schema, properties: properties, scratch: space)
  }
}
