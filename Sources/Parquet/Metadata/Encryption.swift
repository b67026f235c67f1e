public import ByteBuffers

/// How a file is encrypted, as far as the file says it in the open.
///
/// Source: parquet.thrift, `struct FileCryptoMetaData` and `union EncryptionAlgorithm`.
public struct EncryptionInfo: Sendable, Hashable {
  /// The cipher of the file's modules.
  public enum Algorithm: Sendable, Hashable, CustomStringConvertible {
    /// AES in Galois counter mode for everything.
    case gcm
    /// AES in Galois counter mode for metadata, in counter mode for pages.
    case gcmCounter
    /// A member of the union that this library does not know.
    case unknown(Int16)

    /// The name in the format's own notation.
    public var description: String {
      switch self {
      case .gcm: "AES_GCM_V1"
      case .gcmCounter: "AES_GCM_CTR_V1"
      case .unknown(let id): "ALGORITHM_\(id)"
      }
    }
  }

  /// The cipher.
  public var algorithm: Algorithm
  /// What the writer noted of the footer key: the one that encrypts the footer, or signs it where it is in the open.
  public var footerKeyMetadata: Bytes?

  /// Describes an encryption.
  ///
  /// - Parameters:
  ///   - algorithm: the cipher.
  ///   - footerKeyMetadata: what the writer noted of the footer key.
  public init(algorithm: Algorithm, footerKeyMetadata: Bytes?) {
    self.algorithm = algorithm
    self.footerKeyMetadata = footerKeyMetadata
  }
}

/// Which key the values of a column chunk are encrypted with.
///
/// Source: parquet.thrift, `union ColumnCryptoMetaData`.
public enum ColumnEncryption: Sendable, Hashable {
  /// The key of the footer.
  case footerKey
  /// A key of the column's own, and what the writer noted of it.
  case columnKey(metadata: Bytes?)
  /// The file does not say, or says it in a way that this library does not know.
  case unknown
}

extension EncryptionInfo {
  /// The refusal of a file whose footer is encrypted.
  var footerError: ParquetError {
    ParquetError(
      .encrypted,
      "The file is encrypted with \(algorithm); the footer key is needed"
        + "\(EncryptionInfo.note(footerKeyMetadata)). Encrypted files cannot be read."
    )
  }

  /// The refusal of an encrypted column.
  static func columnError(_ column: ColumnEncryption, in file: EncryptionInfo?) -> ParquetError {
    let cipher = file.map { " with \($0.algorithm)" } ?? ""
    let key =
      switch column {
      case .footerKey: "; the footer key is needed\(note(file?.footerKeyMetadata))"
      case .columnKey(let metadata): "; the column key is needed\(note(metadata))"
      case .unknown: ", and the file does not say with which key"
      }
    return ParquetError(.encrypted, "The column is encrypted\(cipher)\(key). Leave it out of the projection.")
  }

  /// Longest key metadata that a message shows.
  private static let longestNote = 64

  /// Key metadata for a message: as text where all of it is printable, else in hexadecimal.
  private static func note(_ metadata: Bytes?) -> String {
    guard let metadata, metadata.count > 0 else { return "" }
    let shown = metadata[0..<min(metadata.count, longestNote)].array
    let rest = metadata.count > longestNote ? "…" : ""
    if shown.allSatisfy({ (0x20...0x7e).contains($0) }) {
      return " (key metadata '\(String(decoding: shown, as: UTF8.self))\(rest)')"
    }
    let digits = shown.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return " (key metadata 0x\(digits)\(rest))"
  }
}
