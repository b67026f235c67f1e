import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Files that need a key are refused, and the refusal says which key.
struct EncryptedFilesTests {
  static let files: [String] =
    Surroundings.corpus.map { Surroundings.files($0, endings: [".parquet.encrypted"]) } ?? []

  private static func source(_ file: String) throws -> MemorySource {
    let corpus = try #require(Surroundings.corpus)
    return MemorySource(Bytes(try Surroundings.bytes(corpus.appendingPathComponent(file))), name: file)
  }

  @Test func `the corpus has its thirteen encrypted files`() {
    #expect(Self.files.count == 13)
  }

  @Test(arguments: files.filter { !$0.contains("plaintext_footer") })
  func `an encrypted footer is refused with its algorithm and its key`(_ file: String) async throws {
    let source = try Self.source(file)
    let error = try #require(
      await #expect(throws: ParquetError.self) { _ = try await NativeParquetCodec().openReader(source) }
    )
    // The keys as the corpus' own README names them; the Java file has a document in place of a name.
    let key = file.contains("java") ? #"{"keyMaterialType":"PKMT1","# : "kf'"
    let algorithm = file.contains("_ctr") ? "AES_GCM_CTR_V1;" : "AES_GCM_V1;"
    #expect(error.code == .encrypted)
    #expect(error.file == file)
    #expect(error.description.contains("encrypted with \(algorithm) the footer key is needed (key metadata '\(key)"))
  }

  @Test(arguments: [
    ("data/encrypt_columns_plaintext_footer.parquet.encrypted", ["double_field": "kc1", "float_field": "kc2"]),
    (
      "data/aes256/encrypt_columns_plaintext_footer.parquet.encrypted",
      [
        "double_field": "kc1", "float_field": "kc2", "boolean_field": "kc3", "int32_field": "kc4", "ba_field": "kc5",
        "flba_field": "kc6", "int64_field": "kc7", "int96_field": "kc8",
      ]
    ),
  ])
  func `encrypted columns of a readable footer are refused with their keys`(
    _ file: String,
    _ keys: [String: String]
  ) async throws {
    let source = try Self.source(file)
    let reader = try await NativeParquetCodec().openReader(source)
    #expect(reader.metadata.encryption?.algorithm == .gcm)
    #expect(reader.metadata.encryption?.footerKeyMetadata == Bytes(utf8: "kf"))
    for (index, field) in reader.metadata.schema.fields.enumerated() {
      let leaf = try #require(reader.metadata.schema.leafRanges[index].first)
      let rows = try reader.rows(RowSelection(fields: [index]))
      guard let key = keys[field.name] else {
        #expect(try await rows.next(limit: 1) != nil)
        continue
      }
      let encryption = reader.metadata.rowGroups[0].columns[leaf].encryption
      #expect(encryption == .columnKey(metadata: Bytes(utf8: key)))
      let said = "encrypted with AES_GCM_V1; the column key is needed (key metadata '\(key)')"
      let error = try #require(await #expect(throws: ParquetError.self) { _ = try await rows.next(limit: 1) })
      #expect(error.code == .encrypted && error.description.contains(said), "\(error)")
      let listing = try #require(
        #expect(throws: ParquetError.self) {
          _ = try ParquetPages(source, metadata: reader.metadata, rowGroup: 0, leaf: leaf)
        }
      )
      #expect(listing.code == .encrypted && listing.description.contains(said), "\(listing)")
    }
  }

  @Test func `key metadata that cannot be printed is shown in hexadecimal, and long ones are cut`() {
    let info = EncryptionInfo(algorithm: .gcmCounter, footerKeyMetadata: Bytes([0x0a, 0xff]))
    #expect(info.footerError.description.contains("(key metadata 0x0aff)"))
    let long = EncryptionInfo.columnError(.columnKey(metadata: Bytes(utf8: String(repeating: "k", count: 65))), in: nil)
    #expect(long.description.contains("'\(String(repeating: "k", count: 64))…'"))
    #expect(EncryptionInfo.columnError(.unknown, in: info).description.contains("does not say with which key"))
  }

  @Test(arguments: [0, 1, 5, 40])
  func `a damaged encrypted footer is still called encrypted`(_ length: UInt32) async throws {
    let body = Array("PAR1".utf8) + [UInt8](repeating: 0xee, count: 20)
    let tail = (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(8 * $0)) } + Array("PARE".utf8)
    let error = try #require(
      await #expect(throws: ParquetError.self) {
        _ = try await NativeParquetCodec().openReader(MemorySource(Bytes(body + tail)))
      }
    )
    #expect(error.code == .encrypted)
  }
}
