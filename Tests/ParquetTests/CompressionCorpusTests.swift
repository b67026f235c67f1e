import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Compressed files of the corpus page by page, whatever their encodings and nesting are.
@Suite(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"))
struct CompressionCorpusTests {
  /// Files, and how their pages are compressed.
  static let files: [(String, CompressionCodec)] = [
    ("concatenated_gzip_members", .gzip), ("byte_stream_split_extended.gzip", .gzip), ("rle_boolean_encoding", .gzip),
    ("hadoop_lz4_compressed", .lz4), ("hadoop_lz4_compressed_larger", .lz4), ("non_hadoop_lz4_compressed", .lz4),
    ("lz4_raw_compressed", .lz4Raw), ("lz4_raw_compressed_larger", .lz4Raw), ("datapage_v2.snappy", .snappy),
    ("nested_lists.snappy", .snappy), ("byte_stream_split.zstd", .zstd), ("page_v2_empty_compressed", .zstd),
  ]

  private static func source(_ name: String) throws -> MemorySource {
    let corpus = try #require(Surroundings.corpus)
    return MemorySource(
      Bytes(try Surroundings.bytes(corpus.appendingPathComponent("data/\(name).parquet"))),
      name: name
    )
  }

  /// The compressed section of a page and what it is to yield; nil when nothing of the page is compressed.
  private func section(_ page: RawPage) -> (Bytes, Int)? {
    guard case .dataV2(let header) = page.header.kind else { return (page.body, page.header.uncompressedSize) }
    let levels = header.repetitionLevelBytes + header.definitionLevelBytes
    guard header.isCompressed else { return nil }
    return (page.body[levels..<page.body.count], page.header.uncompressedSize - levels)
  }

  @Test(arguments: files)
  func `every page yields the size that its header states`(_ name: String, _ codec: CompressionCodec) async throws {
    var pages = 0
    for chunk in try await StoredPages.chunks(of: try Self.source(name)) {
      #expect(chunk.chunk.codec == codec)
      var stated = 0
      for page in chunk.pages {
        stated += page.header.headerSize + page.header.uncompressedSize
        guard let (stored, size) = section(page) else { continue }
        #expect(try Decompressor.decompress(stored, codec: codec, size: size).count == size)
        pages += 1
      }
      #expect(stated == chunk.chunk.uncompressedSize)
    }
    #expect(pages > 0)
  }

  @Test func `the page of concatenated members is two members`() async throws {
    let chunk = try #require(try await StoredPages.chunks(of: try Self.source("concatenated_gzip_members")).first)
    let page = try #require(chunk.pages.first { if case .dictionary = $0.header.kind { false } else { true } })
    let bytes = page.body.array
    let members = bytes.indices.dropLast(2).count { bytes[$0] == 0x1f && bytes[$0 + 1] == 0x8b && bytes[$0 + 2] == 8 }
    #expect(members == 2)
  }
}
