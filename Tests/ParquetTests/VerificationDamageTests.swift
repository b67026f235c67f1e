import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Files that pyarrow wrote, changed in one place each: the verification has to name that place.
@Suite(.enabled(if: Surroundings.python != nil, "no pyarrow"))
struct VerificationDamageTests {
  /// Columns of the file: 0 number, 1 text, 2 real, 3 list, 4 coded (in a dictionary), 5 flag.
  private static let script = """
    import sys, pyarrow as pa, pyarrow.parquet as pq
    n = 100
    t = pa.table({
      'number': pa.array([None if i % 10 == 3 else i for i in range(n)], pa.int32()),
      'text': pa.array([f'text {i:03}' for i in range(n)]),
      'real': pa.array([float('nan') if i == 5 else i / 2 for i in range(n)]),
      'list': pa.array([None if i % 7 == 0 else list(range(i % 4)) for i in range(n)], pa.list_(pa.int64())),
      'coded': pa.array([i % 5 for i in range(n)], pa.int64()),
      'flag': [i % 3 == 0 for i in range(n)],
    })
    pq.write_table(t, sys.argv[1], row_group_size=50, data_page_size=1, write_batch_size=10, compression='none',
      data_page_version=sys.argv[2], use_dictionary=['coded'], write_page_index=True,
      write_page_checksum=sys.argv[3] == 'crc')
    """

  static func file(version: String = "1.0", checksums: Bool = false) throws -> ChangeableFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("damage-\(UUID().uuidString).parquet")
    defer { try? FileManager.default.removeItem(at: path) }
    let python = try #require(Surroundings.python)
    try Surroundings.run(python, ["-c", script, path.path, version, checksums ? "crc" : "none"])
    return try ChangeableFile(try Surroundings.bytes(path))
  }

  /// What is to be found first.
  struct Expected {
    var word: String
    var severity = ParquetVerification.Severity.fault
    var rowGroup: Int?
    var column: String?
    var page: Int?
    /// The most findings: one as a rule, and a second one where a page cannot be decoded at all.
    var most = 2
  }

  private func expect(_ file: ChangeableFile, _ expected: Expected, line: Int = #line) async throws {
    let result = try await VerificationTests.verify(file.bytes)
    let all = result.findings.map { "\($0.severity.rawValue): \($0)" }
    let location = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
    guard let found = result.findings.first(where: { $0.severity == expected.severity }) else {
      Issue.record("nothing was found for '\(expected.word)'", sourceLocation: location)
      return
    }
    #expect(found.what.contains(expected.word), "\(all)", sourceLocation: location)
    #expect(found.rowGroup == expected.rowGroup, "\(all)", sourceLocation: location)
    #expect(found.column == expected.column, "\(all)", sourceLocation: location)
    #expect(found.page == expected.page, "\(all)", sourceLocation: location)
    #expect(found.offset != nil, "\(all)", sourceLocation: location)
    // One place was changed: nothing else may be blamed for it.
    #expect(result.findings.count <= expected.most, "\(all)", sourceLocation: location)
  }

  @Test(arguments: ["1.0", "2.0"], [false, true])
  func `an unchanged file has no finding`(_ version: String, _ checksums: Bool) async throws {
    let file = try Self.file(version: version, checksums: checksums)
    #expect(file.bytes == (try ChangeableFile(file.bytes)).bytes)
    let result = try await VerificationTests.verify(file.bytes)
    #expect(result.findings.isEmpty, "\(result.findings.map(\.description))")
    #expect(result.counts.pages == 70)
    #expect(result.counts.offsetIndexes == 12)
    #expect(result.counts.columnIndexes == 12)
    #expect(result.counts.checksums == (checksums ? 70 : 0))
  }

  @Test func `wrong statistics of a chunk are found`() async throws {
    let sound = try Self.file()
    var file = sound
    file.footer[4, 1, 1, 0, 3, 12, 3] = .number(6, type: 6)
    try await expect(file, Expected(word: "state 6 nulls", rowGroup: 1, column: "number"))
    file = sound
    file.footer[4, 0, 1, 0, 3, 12, 5] = .bytes([48, 0, 0, 0])
    try await expect(file, Expected(word: "upper bound of the statistics, 48", rowGroup: 0, column: "number"))
    file = sound
    file.footer[4, 0, 1, 1, 3, 12, 6] = .bytes(Array("text 0001".utf8))
    try await expect(file, Expected(word: "lower bound", rowGroup: 0, column: "text"))
    file = sound
    file.footer[4, 0, 1, 1, 3, 12, 6] = .bytes(Array("tex".utf8))
    file.footer[4, 0, 1, 1, 3, 12, 8] = .flag(true)
    try await expect(file, Expected(word: "exact", rowGroup: 0, column: "text"))
    file = sound
    file.footer[4, 0, 1, 1, 3, 12, 6] = .bytes(Array("tex".utf8))
    file.footer[4, 0, 1, 1, 3, 12, 8] = .flag(false)
    #expect(try await VerificationTests.verify(file.bytes).findings.isEmpty)
    file = sound
    file.footer[4, 0, 1, 0, 3, 12, 6] = .bytes([0, 0, 0])
    try await expect(file, Expected(word: "has 3 bytes", rowGroup: 0, column: "number"))
    file = sound
    file.footer[4, 0, 1, 2, 3, 12, 9] = .number(2, type: 6)
    try await expect(file, Expected(word: "state 2 NaN", rowGroup: 0, column: "real"))
    file = sound
    file.footer[4, 0, 1, 0, 3, 12, 4] = .number(46, type: 6)
    try await expect(file, Expected(word: "46 distinct", rowGroup: 0, column: "number"))
  }

  @Test func `wrong counts, sizes and places in the footer are found`() async throws {
    let sound = try Self.file()
    var file = sound
    file.footer[4, 0, 1, 1, 3, 5] = .number(49, type: 6)
    try await expect(file, Expected(word: "50 values", rowGroup: 0, column: "text"))
    file = sound
    file.footer[4, 0, 1, 3, 3, 5] = sound.footer[4, 0, 1, 3, 3, 5]?.adding(1)
    var result = try await VerificationTests.verify(file.bytes)
    #expect(result.firstFault?.column == "list.list.element")
    file = sound
    file.footer[3] = .number(99, type: 6)
    try await expect(file, Expected(word: "99 rows", severity: .remark))
    file = sound
    file.footer[4, 0, 1, 2, 3, 7] = sound.footer[4, 0, 1, 2, 3, 7]?.adding(-1)
    try await expect(file, Expected(word: "bytes", severity: .remark, rowGroup: 0, column: "real"))
    file = sound
    file.footer[4, 0, 2] = .number(5, type: 6)
    try await expect(file, Expected(word: "states 5 bytes", severity: .remark, rowGroup: 0))
    file = sound
    file.footer[4, 0, 1, 1, 3, 9] = sound.footer[4, 0, 1, 0, 3, 9]
    result = try await VerificationTests.verify(file.bytes)
    #expect(result.firstFault?.what.contains("share bytes") == true)
    #expect(result.firstFault?.column != nil)
    file = sound
    file.body[0] = 0
    try await expect(file, Expected(word: "does not begin with PAR1"))
    file = sound
    file.footer[4, 0, 3] = .number(51, type: 6)
    result = try await VerificationTests.verify(file.bytes)
    #expect(result.findings.contains { $0.severity == .fault && $0.what.contains("states 51") && $0.rowGroup == 0 })
    file = sound
    file.footer[4, 0, 1, 0, 4] = .number(1 << 40, type: 6)
    result = try await VerificationTests.verify(file.bytes)
    #expect(result.firstFault?.what.contains("outside the file") == true)
  }

  @Test func `an offset index that names other pages is found`() async throws {
    let sound = try Self.file()
    for (field, word) in [(1, "the place"), (2, "the size"), (3, "the first row")] {
      var file = sound
      try file.changeIndex(4, 0) { $0[1, 2, field] = $0[1, 2, field]?.adding(1) }
      try await expect(file, Expected(word: word, rowGroup: 0, column: "number", page: 2))
    }
    var file = sound
    try file.changeIndex(4, 4) { $0[1, 4] = nil }
    try await expect(file, Expected(word: "4 pages; the chunk has 5", rowGroup: 0, column: "coded"))
  }

  @Test func `a column index that says something else of a page is found`() async throws {
    let sound = try Self.file()
    var file = sound
    try file.changeIndex(6, 0) { $0[1, 3] = .flag(true) }
    try await expect(file, Expected(word: "nulls alone", rowGroup: 0, column: "number", page: 3))
    file = sound
    try file.changeIndex(6, 0) { $0[5, 1] = .number(2, type: 6) }
    try await expect(file, Expected(word: "states 2 nulls", rowGroup: 0, column: "number", page: 1))
    file = sound
    try file.changeIndex(6, 0) { $0[2, 1] = .bytes([11, 0, 0, 0]) }
    try await expect(
      file,
      Expected(word: "lower bound of the column index, 11", rowGroup: 0, column: "number", page: 1)
    )
    file = sound
    try file.changeIndex(6, 1) { $0[3, 4] = .bytes(Array("text 048".utf8)) }
    try await expect(file, Expected(word: "upper bound of the column index", rowGroup: 0, column: "text", page: 4))
    file = sound
    try file.changeIndex(6, 0) { $0[4] = .number(2, type: 5) }
    try await expect(file, Expected(word: "descend", rowGroup: 0, column: "number"))
    file = sound
    try file.changeIndex(6, 3) { index in
      let count = 4 * (index[1]?.elements.count ?? 0)
      index[7] = .list(Array(repeating: .number(0, type: 6), count: count), type: 6)
    }
    let result = try await VerificationTests.verify(file.bytes)
    #expect(result.firstFault?.what.contains("definition levels") == true)
    #expect(result.firstFault?.page == 0)
  }

  @Test func `wrong size statistics are found`() async throws {
    let sound = try Self.file()
    var file = sound
    let histogram = [ThriftTree.number(1, type: 6), .number(99, type: 6)]
    file.footer[4, 0, 1, 0, 3, 16] = .structure([.init(id: 3, value: .list(histogram, type: 6))])
    try await expect(file, Expected(word: "definition levels as [1, 99]", rowGroup: 0, column: "number"))
    file = sound
    file.footer[4, 0, 1, 1, 3, 16] = .structure([.init(id: 1, value: .number(401, type: 6))])
    let wrong = "401 bytes of values; there are 400"
    try await expect(file, Expected(word: wrong, severity: .remark, rowGroup: 0, column: "text"))
  }

  @Test func `damaged pages are found`() async throws {
    var file = try Self.file(checksums: true)
    let offset = file.pageOffset(1, rowGroup: 1)
    let body = try file.pageBody(at: offset)
    file.body[body + 20] ^= 1
    var result = try await VerificationTests.verify(file.bytes)
    #expect(result.firstFault?.what.contains("checksum") == true)
    #expect(result.firstFault?.offset == Int64(offset))
    #expect(result.firstFault?.rowGroup == 1)

    file = try Self.file()
    let text = try file.pageBody(at: file.pageOffset(1))
    let first = try #require(file.body[text...].firstIndex(of: UInt8(ascii: "x")))
    file.body[first] = 0xff
    result = try await VerificationTests.verify(file.bytes)
    #expect(result.firstFault?.what.contains("UTF-8") == true)
    #expect(result.firstFault?.page == 0)
    #expect(result.firstFault?.column == "text")

    file = try Self.file()
    try file.changeHeader(at: file.pageOffset(4)) { $0[7, 1] = $0[7, 1]?.adding(-1) }
    result = try await VerificationTests.verify(file.bytes)
    #expect(result.firstFault?.what.contains("outside the dictionary of 4") == true)
    #expect(result.firstFault?.column == "coded")
  }

  @Test func `wrong counts in page headers are found`() async throws {
    var file = try Self.file(version: "2.0")
    try file.changeHeader(at: file.pageOffset(0)) { $0[8, 2] = $0[8, 2]?.adding(1) }
    try await expect(file, Expected(word: "states 2 nulls; it has 1", rowGroup: 0, column: "number", page: 0))
    file = try Self.file(version: "2.0")
    try file.changeHeader(at: file.pageOffset(3)) { $0[8, 3] = $0[8, 3]?.adding(1) }
    try await expect(file, Expected(word: "rows; it has", rowGroup: 0, column: "list.list.element", page: 0))
  }

  @Test func `a bloom filter that lacks a value is found`() async throws {
    let sound = try Self.file()
    var file = sound
    func add(_ filter: BloomFilter, column: Int = 4) {
      let bytes = filter.encoded().array
      file.footer[4, 0, 1, column, 3, 14] = .number(Int64(file.body.count), type: 6)
      file.footer[4, 0, 1, column, 3, 15] = .number(Int64(bytes.count), type: 5)
      file.body += bytes
    }
    var filter = BloomFilter(byteCount: 64)
    for value in Int64(0)..<4 { filter.insert(hash: BloomFilter.hash(value)) }
    add(filter)
    try await expect(file, Expected(word: "bloom filter does not know", rowGroup: 0, column: "coded", page: 0, most: 5))
    filter.insert(hash: BloomFilter.hash(Int64(4)))
    file = sound
    add(filter)
    let result = try await VerificationTests.verify(file.bytes)
    #expect(result.findings.isEmpty, "\(result.findings.map(\.description))")
    #expect(result.counts.bloomFilters == 1)
    // Spark gives BOOLEAN columns filters that it adds nothing to.
    file = sound
    add(BloomFilter(byteCount: 32), column: 5)
    try await expect(file, Expected(word: "BOOLEAN", severity: .remark, rowGroup: 0, column: "flag", most: 1))
  }

  @Test func `a footer that cannot be read is a fault, a file that is none an error`() async throws {
    var bytes = try Self.file().bytes
    bytes[bytes.count - 5] = 0x7f
    let result = try await VerificationTests.verify(bytes)
    #expect(result.firstFault?.what.contains("footer") == true)
    await #expect(throws: ParquetError.self) { try await VerificationTests.verify(Array("no Parquet file".utf8)) }
  }
}
