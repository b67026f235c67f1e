internal import ByteBuffers

extension EncryptionInfo {
  /// Decodes what stands before an encrypted footer; what follows it is not looked at.
  ///
  /// Source: parquet.thrift, `struct FileCryptoMetaData`.
  init(fileCryptoMetadata bytes: Bytes) throws(ParquetError) {
    var reader = CompactReader(bytes.span)
    var algorithm: Algorithm?
    var keyMetadata: Bytes?
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: algorithm = try Algorithm(reading: &reader, field)
      case 2: keyMetadata = bytes[try reader.binary(field)]
      default: try reader.skip(field.type)
      }
    }
    guard let algorithm else { throw .corrupt("The encrypted footer does not name its algorithm.", offset: 0) }
    self.init(algorithm: algorithm, footerKeyMetadata: keyMetadata)
  }
}

extension EncryptionInfo.Algorithm {
  /// Decodes the union, of which only the member matters; nil when none is set.
  @_lifetime(reader: copy reader)
  init?(reading reader: inout CompactReader, _ field: CompactReader.Field) throws(ParquetError) {
    try reader.structure(field)
    var result: EncryptionInfo.Algorithm?
    var previous: Int16 = 0
    while let member = try reader.field(after: &previous) {
      switch member.id {
      case 1: result = .gcm
      case 2: result = .gcmCounter
      default: result = .unknown(member.id)
      }
      try reader.skip(member.type)
    }
    guard let result else { return nil }
    self = result
  }
}

extension ColumnEncryption {
  /// Decodes the union; key metadata is a slice of `whole`, whose span the reader walks.
  @_lifetime(reader: copy reader)
  init(reading reader: inout CompactReader, _ field: CompactReader.Field, from whole: Bytes) throws(ParquetError) {
    try reader.structure(field)
    var result = ColumnEncryption.unknown
    var previous: Int16 = 0
    while let member = try reader.field(after: &previous) {
      switch member.id {
      case 1:
        result = .footerKey
        try reader.skip(member.type)
      case 2:
        try reader.structure(member)
        var metadata: Bytes?
        var inner: Int16 = 0
        while let field = try reader.field(after: &inner) {
          // Field 1 is the path of the column, which its place says already.
          if field.id == 2 { metadata = whole[try reader.binary(field)] } else { try reader.skip(field.type) }
        }
        result = .columnKey(metadata: metadata)
      default: try reader.skip(member.type)
      }
    }
    self = result
  }
}
