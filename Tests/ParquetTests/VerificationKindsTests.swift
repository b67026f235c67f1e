import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Kinds of faults beside those of `VerificationDamageTests`, each made by one change to a sound file.
@Suite(.enabled(if: Surroundings.python != nil, "no pyarrow"))
struct VerificationKindsTests {
  private static let (number, text, real, list, coded) = (0, 1, 2, 3, 4)
  private static let names = ["number", "text", "real", "list.list.element", "coded"]

  /// The faults, or the remarks, of a file.
  private func found(
    _ file: ChangeableFile,
    _ severity: ParquetVerification.Severity = .fault
  ) async throws -> [ParquetVerification.Finding] {
    try await VerificationTests.verify(file.bytes).findings.filter { $0.severity == severity }
  }

  /// Expects a finding with these words in a column of the first row group.
  private func expect(
    _ file: ChangeableFile,
    _ words: String,
    _ column: Int?,
    page: Int? = nil,
    _ severity: ParquetVerification.Severity = .fault,
    line: Int = #line
  ) async throws {
    let findings = try await found(file, severity)
    let location = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
    let all: Comment = "\(findings.map(\.description))"
    guard let finding = findings.first(where: { $0.what.contains(words) }) else {
      Issue.record("no \(severity.rawValue) has '\(words)': \(all)", sourceLocation: location)
      return
    }
    #expect(finding.column == column.map { Self.names[$0] }, all, sourceLocation: location)
    #expect(finding.rowGroup == (column == nil ? nil : 0), all, sourceLocation: location)
    if let page { #expect(finding.page == page, all, sourceLocation: location) }
    #expect(finding.offset != nil, all, sourceLocation: location)
    // A change in one column is not blamed on others.
    #expect(findings.allSatisfy { $0.column == finding.column }, all, sourceLocation: location)
  }

  // MARK: - Footer

  @Test func `a chunk of another type, with a negative count or with too few pages is found`() async throws {
    let sound = try VerificationDamageTests.file()
    var file = sound
    file.footer[4, 0, 1, Self.number, 3, 1] = .number(2, type: 5)
    try await expect(file, "The chunk holds INT64; the schema says INT32.", Self.number)
    file = sound
    file.footer[4, 0, 1, Self.text, 3, 5] = .number(-1, type: 6)
    try await expect(file, "The chunk states -1 values", Self.text)
    // Nothing stands behind these pages that could be taken for one.
    file = replaced(sound, try codedPages(sound), dictionary: 0, data: 1)
    file.footer[4, 0, 1, Self.coded, 3, 5] = .number(53, type: 6)
    try await expect(file, "The chunk ends 3 values early", Self.coded)
    file = sound
    // All pages but the last one.
    file.footer[4, 0, 1, Self.text, 3, 5] = .number(40, type: 6)
    try await expect(file, "The chunk states 40 values in a row group of 50 rows", Self.text)
    try await expect(file, "The column has 40 rows; its row group states 50", Self.text)
  }

  @Test func `a sorting column that is not there is found`() async throws {
    var file = try VerificationDamageTests.file()
    func sorting(_ leaf: Int64) -> ThriftTree {
      .list(
        [
          .structure([
            .init(id: 1, value: .number(leaf, type: 5)), .init(id: 2, value: .flag(false)),
            .init(id: 3, value: .flag(false)),
          ])
        ],
        type: 12
      )
    }
    file.footer[4, 0, 4] = sorting(99)
    let faults = try await found(file)
    #expect(faults.map(\.what) == ["The row group is said to be sorted by leaf 99, which is not there."])
    #expect(faults.first?.rowGroup == 0)
    file.footer[4, 0, 4] = sorting(4)
    #expect(try await found(file).isEmpty)
  }

  @Test func `lists and sizes that do not agree with the pages are remarked on`() async throws {
    let sound = try VerificationDamageTests.file()
    var file = sound
    // RLE for the levels alone.
    file.footer[4, 0, 1, Self.number, 3, 2] = .list([.number(3, type: 5)], type: 5)
    try await expect(file, "The pages use PLAIN, which the chunk's list of encodings lacks", Self.number, .remark)
    file = sound
    file.footer[4, 0, 1, Self.number, 3, 6] = sound.footer[4, 0, 1, Self.number, 3, 6]?.adding(1)
    file.footer[4, 0, 2] = sound.footer[4, 0, 2]?.adding(1)
    try await expect(file, "bytes before compression; the chunk states", Self.number, .remark)
    file = sound
    let note = ThriftTree.structure([.init(id: 1, value: .bytes(Array("a".utf8)))])
    file.footer[5] = .list([note, note], type: 12)
    try await expect(file, "The note 'a' stands there more than once", nil, .remark)
    file = sound
    file.footer[4, 0, 1, Self.real, 3, 12, 5] = .bytes(Datum.double(.nan).bytes)
    try await expect(file, "The upper bound of the statistics is NaN", Self.real, .remark)
  }

  // MARK: - Dictionaries

  /// The coded column's pages, dictionary first, as bytes.
  private func codedPages(_ file: ChangeableFile) throws -> [[UInt8]] {
    let chunk = try #require(file.footer[4, 0, 1, Self.coded, 3])
    var at = file.pageOffset(Self.coded)
    let end = at + Int(try #require(chunk[7]?.number))
    var pages: [[UInt8]] = []
    while at < end {
      let (header, size) = try ThriftTree.parse(file.body, from: at)
      let next = at + size + Int(try #require(header[3]?.number))
      pages.append(Array(file.body[at..<next]))
      at = next
    }
    return pages
  }

  /// The file with other pages in the coded column, which stand behind everything else then, and without its indexes.
  private func replaced(_ sound: ChangeableFile, _ pages: [[UInt8]], dictionary: Int?, data: Int) -> ChangeableFile {
    var file = sound
    let starts = pages.reduce(into: [file.body.count]) { $0.append($0[$0.count - 1] + $1.count) }
    for index in 4...7 { file.footer[4, 0, 1, Self.coded, index] = nil }
    file.footer[4, 0, 1, Self.coded, 3, 7] = .number(Int64(starts[pages.count] - starts[0]), type: 6)
    file.footer[4, 0, 1, Self.coded, 3, 9] = .number(Int64(starts[data]), type: 6)
    file.footer[4, 0, 1, Self.coded, 3, 11] = dictionary.map { .number(Int64(starts[$0]), type: 6) }
    file.body += pages.joined()
    return file
  }

  @Test func `dictionaries that are two, late or elsewhere are found`() async throws {
    let sound = try VerificationDamageTests.file()
    let pages = try codedPages(sound)
    #expect(pages.count == 6)
    #expect(try await found(replaced(sound, pages, dictionary: 0, data: 1)).isEmpty)
    let twice = replaced(sound, [pages[0]] + pages, dictionary: 0, data: 2)
    try await expect(twice, "The chunk has two dictionary pages", Self.coded)
    let late = replaced(sound, [pages[1], pages[0]] + pages[2...], dictionary: nil, data: 0)
    try await expect(late, "The dictionary page stands behind a data page", Self.coded)
    // What is said to be the first data page is the dictionary.
    let elsewhere = replaced(sound, pages, dictionary: 1, data: 0)
    try await expect(elsewhere, "The dictionary page is stated at", Self.coded)
    let unstated = replaced(sound, pages, dictionary: nil, data: 0)
    #expect(try await found(unstated).isEmpty)
    try await expect(unstated, "The chunk does not state its dictionary page", Self.coded, .remark)
    let wrong = replaced(sound, pages, dictionary: 0, data: 2)
    try await expect(wrong, "The first data page is stated at", Self.coded, page: 0)
  }

  // MARK: - Lists

  /// Makes the first entry of a page of the list go on with the row before.
  private func continuing(_ sound: ChangeableFile, at offset: Int, version: String) throws -> ChangeableFile {
    var file = sound
    // Version 1 has the length of the levels in front of them. A run of bits has an odd head, a repeated level an even
    // one, whose length counts from the second bit.
    let levels = try file.pageBody(at: offset) + (version == "1.0" ? 4 : 0)
    if file.body[levels] & 1 == 1 {
      #expect(file.body[levels + 1] & 1 == 0)
      file.body[levels + 1] |= 1
    } else {
      #expect(file.body[levels] == 2 && file.body[levels + 1] == 0)
      file.body[levels + 1] = 1
    }
    return file
  }

  @Test(arguments: ["1.0", "2.0"])
  func `elements without a list, and pages that begin within a row, are found`(_ version: String) async throws {
    let sound = try VerificationDamageTests.file(version: version)
    let index = try ThriftTree.parse(sound.body, from: Int(try #require(sound.footer[4, 0, 1, Self.list, 4]?.number)))
    let pages = index.tree[1]?.elements ?? []
    // A page between two rows with elements: lists of rows that 7 divides are null, of those that 4 divides empty.
    let page = try #require(
      pages.indices.dropFirst().dropLast().first { page in
        let row = pages[page][3]?.number ?? 0
        return [row - 1, row].allSatisfy { $0 % 7 != 0 && $0 % 4 != 0 }
      }
    )
    let first = try continuing(sound, at: sound.pageOffset(Self.list), version: version)
    try await expect(first, "An element continues a list that is null or empty", Self.list, page: 0)
    let within = try continuing(sound, at: Int(try #require(pages[page][1]?.number)), version: version)
    try await expect(within, "The page begins within a row, which the offset index forbids", Self.list, page: page)
    guard version == "2.0" else { return }
    let rows = (pages[page + 1][3]?.number ?? 0) - (pages[page][3]?.number ?? 0)
    try await expect(within, "The page begins within a row.", Self.list, page: page)
    try await expect(within, "The page states \(rows) rows; it has \(rows - 1)", Self.list, page: page)
  }

  @Test func `wrong counts of repetition levels are found`() async throws {
    let sound = try VerificationDamageTests.file()
    var file = sound
    let histogram = ThriftTree.list([.number(50, type: 6), .number(1, type: 6)], type: 6)
    file.footer[4, 0, 1, Self.list, 3, 16] = .structure([.init(id: 2, value: histogram)])
    try await expect(file, "The size statistics count repetition levels as [50, 1]", Self.list)
    file = sound
    try file.changeIndex(6, Self.list) { index in
      index[6] = .list(Array(repeating: .number(0, type: 6), count: 2 * (index[1]?.elements.count ?? 0)), type: 6)
    }
    try await expect(file, "The column index counts repetition levels of the page as [0, 0]", Self.list, page: 0)
    file = sound
    try file.changeIndex(6, Self.list) { index in
      index[7] = .list(Array(repeating: .number(0, type: 6), count: 2 * (index[1]?.elements.count ?? 0)), type: 6)
    }
    try await expect(file, "counts of definition levels for", Self.list, page: 0)
  }

  // MARK: - Indexes and bounds

  @Test func `indexes that lie outside, cannot be read or have other pages are found`() async throws {
    let sound = try VerificationDamageTests.file()
    for field in [4, 6] {
      var file = sound
      file.footer[4, 0, 1, Self.real, field + 1] = .number(1 << 30, type: 5)
      try await expect(file, "An index of 1073741824 bytes lies outside the file's data", Self.real)
      file = sound
      file.footer[4, 0, 1, Self.real, field + 1] = nil
      try await expect(file, "An index of 0 bytes lies outside the file's data", Self.real)
      file = sound
      // An offset index with a row below 0, a column index with a bound too few.
      try file.changeIndex(field, Self.real) { index in
        if field == 4 { index[1, 2, 3] = .number(-1, type: 6) } else { index[2, 4] = nil }
      }
      try await expect(file, "An index cannot be read", Self.real)
    }
    var file = sound
    try file.changeIndex(6, Self.real) { index in
      for list in [1, 2, 3, 5, 8] where index[list] != nil { index[list, 4] = nil }
      for levels in [6, 7] { index[levels] = nil }
    }
    try await expect(file, "The column index has 4 pages; the chunk has 5", Self.real)
  }

  @Test func `a column index with another order, or another count of NaN, is found`() async throws {
    let sound = try VerificationDamageTests.file()
    var file = sound
    // A looser bound of the second page is a good one, but behind that of the third.
    try file.changeIndex(6, Self.number) { $0[3, 1] = .bytes(Datum.int32(1000).bytes) }
    try await expect(file, "its bounds ascend; those of page 2 do not", Self.number)
    file = sound
    try file.changeIndex(6, Self.number) { index in
      index[3, 1] = .bytes(Datum.int32(1000).bytes)
      index[4] = .number(0, type: 5)
    }
    #expect(try await found(file).isEmpty)
    file = sound
    try file.changeIndex(6, Self.real) { index in
      index[8] = .list((0..<5).map { .number($0 == 0 ? 2 : 0, type: 6) }, type: 6)
    }
    try await expect(file, "The column index states 2 NaN values for the page; it has 1", Self.real, page: 0)
  }

  @Test func `wrong deprecated bounds are found where readers may use them`() async throws {
    let sound = try VerificationDamageTests.file()
    var file = sound
    file.footer[4, 0, 1, Self.number, 3, 12, 1] = .bytes(Datum.int32(48).bytes)
    try await expect(file, "outside of the upper bound of the deprecated statistics, 48", Self.number)
    file = sound
    file.footer[4, 0, 1, Self.number, 3, 12, 2] = .bytes(Datum.int32(1).bytes)
    try await expect(file, "outside of the lower bound of the deprecated statistics, 1", Self.number)
    file = sound
    file.footer[4, 0, 1, Self.text, 3, 12, 1] = .bytes([])
    #expect(try await found(file).isEmpty)
  }

  @Test func `bloom filters that lie outside or have another length are found`() async throws {
    let sound = try VerificationDamageTests.file()
    var filter = BloomFilter(byteCount: 64)
    for value in Int64(0)..<5 { filter.insert(hash: BloomFilter.hash(value)) }
    let bytes = filter.encoded().array
    func file(_ stored: [UInt8], at offset: Int? = nil, length: Int?) -> ChangeableFile {
      var file = sound
      file.footer[4, 0, 1, Self.coded, 3, 14] = .number(Int64(offset ?? file.body.count), type: 6)
      file.footer[4, 0, 1, Self.coded, 3, 15] = length.map { .number(Int64($0), type: 5) }
      file.body += stored
      return file
    }
    #expect(try await found(file(bytes, length: bytes.count)).isEmpty)
    #expect(try await found(file(bytes, length: nil)).isEmpty)
    try await expect(file(bytes, at: 2, length: nil), "A bloom filter lies outside the file's data", Self.coded)
    try await expect(file(bytes.dropLast(), length: nil), "bytes runs into the footer", Self.coded)
    let longer = file(bytes + [0], length: bytes.count + 1)
    try await expect(longer, "A bloom filter of \(bytes.count) bytes is stated as \(bytes.count + 1)", Self.coded)
  }
}
