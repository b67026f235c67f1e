import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Page checksums: their values, and what is done with wrong ones.
struct PageChecksumTests {
  private static var verifying: ReaderOptions {
    var options = ReaderOptions()
    options.verifiesChecksums = true
    return options
  }

  private func checksum(_ pieces: [UInt8]...) -> UInt32 {
    let bytes = pieces.map { Bytes($0) }
    func piece(_ index: Int) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: bytes[index].base, count: bytes[index].count)
    }
    return withExtendedLifetime(bytes) {
      switch bytes.count {
      case 1: PageChecksum.of(piece(0))
      case 2: PageChecksum.of(piece(0), piece(1))
      default: PageChecksum.of(piece(0), UnsafeRawBufferPointer(start: nil, count: 0), piece(1), piece(2))
      }
    }
  }

  @Test func `checksums are those of CRC-32, in any number of pieces`() {
    // The check value that catalogues of checksums give for this polynomial.
    #expect(checksum(Array("123456789".utf8)) == 0xcbf4_3926)
    #expect(checksum(Array("1234".utf8), Array("56789".utf8)) == 0xcbf4_3926)
    #expect(checksum(Array("1".utf8), [], Array("23456789".utf8)) == 0xcbf4_3926)
    #expect(checksum([]) == 0)
    #expect(PageChecksum.of() == 0)
  }

  /// Files of the corpus that carry checksums, and how many of their pages have a wrong one.
  static let files: [(String, wrong: Int)] = [
    ("datapage_v1-uncompressed-checksum", 0), ("datapage_v1-snappy-compressed-checksum", 0),
    ("plain-dict-uncompressed-checksum", 0), ("rle-dict-snappy-checksum", 0),
    ("datapage_v1-corrupt-checksum", 2), ("rle-dict-uncompressed-corrupt-checksum", 2),
  ]

  @Test(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"), arguments: files)
  func `wrong checksums of the corpus are found where they are looked for`(_ name: String, _ wrong: Int) async throws {
    let corpus = try #require(Surroundings.corpus)
    let file = try Surroundings.bytes(corpus.appendingPathComponent("data/\(name).parquet"))
    let source = MemorySource(Bytes(file), name: name)
    let rows = try await readTable(source) { 1000 }.rows.count
    #expect(rows > 0)
    guard wrong > 0 else {
      #expect(try await readTable(source, options: Self.verifying) { 1000 }.rows.count == rows)
      return
    }
    do throws(ParquetError) {
      _ = try await readTable(source, options: Self.verifying) { 1000 }
      Issue.record("\(name) was read")
    } catch {
      #expect(error.code == .corrupt)
      #expect(error.message.contains("checksum is"))
      // In both files the first page is one of the wrong ones.
      #expect(error.offset == 4)
      #expect(error.column != nil && error.rowGroup == 0 && error.file == name)
    }
    let wrongPages = try await countWrongPages(source)
    #expect(wrongPages == wrong)
  }

  private func countWrongPages(_ source: MemorySource) async throws -> Int {
    var (wrongPages, checked) = (0, 0)
    for chunk in try await StoredPages.chunks(of: source) {
      for page in chunk.pages {
        guard let stated = page.header.checksum else { continue }
        let found = page.body.withUnsafeBytes { PageChecksum.of($0) }
        if found != stated { wrongPages += 1 }
        checked += 1
      }
    }
    #expect(checked > 0)
    return wrongPages
  }

  @Test(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
  func `one wrong bit of a page body is found, wherever it lies`() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("sums-\(UUID().uuidString).parquet")
    defer { try? FileManager.default.removeItem(at: path) }
    let script = """
      import sys, pyarrow as pa, pyarrow.parquet as pq
      t = pa.table({'a': [None if i % 7 == 0 else i * i % 50 for i in range(400)], 'b': [[i, None] for i in range(400)]})
      pq.write_table(t, sys.argv[1], write_page_checksum=True, compression='lz4', data_page_version=sys.argv[2],
                     data_page_size=300, write_batch_size=50)
      """
    var generator = SeededGenerator(Surroundings.seed)
    for version in ["1.0", "2.0"] {
      try Surroundings.run(try #require(Surroundings.python), ["-c", script, path.path, version])
      let file = try Surroundings.bytes(path)
      let source = MemorySource(Bytes(file))
      #expect(try await readTable(source, options: Self.verifying) { 100 }.rows.count == 400)
      let pages = try await StoredPages.chunks(of: source).flatMap(\.pages)
      #expect(pages.count > 6)
      for page in pages {
        #expect(page.header.checksum != nil)
        var changed = file
        let at = page.offset + page.header.headerSize + Int.random(in: 0..<page.body.count, using: &generator)
        changed[at] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        do throws(ParquetError) {
          _ = try await readTable(MemorySource(Bytes(changed)), options: Self.verifying) { 100 }
          Issue.record("byte \(at) was changed unnoticed, seed \(Surroundings.seed)")
        } catch {
          #expect(error.message.contains("checksum is"))
          #expect(error.offset == page.offset)
        }
      }
    }
  }
}
