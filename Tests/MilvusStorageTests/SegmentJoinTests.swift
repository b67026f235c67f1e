import ByteBuffers
import Foundation
import Parquet
import Testing

@testable import MilvusStorage

/// The join against one made with dictionaries, row by row.
///
/// `JOIN_SEED` repeats a run.
@Suite("The join")
struct SegmentJoinTests {
  private let number = FieldSchema(id: 101, name: "number", dataType: .int64, isNullable: true)
  private let text = FieldSchema(id: 102, name: "text", dataType: .varChar, isNullable: true, maxLength: 100)

  private struct Case {
    var keys: [String]
    var newKeys: [String]
    var newNumbers: [Int64?]
    var newTexts: [String?]
    var oldNumbers: [Int64?]
    var oldTexts: [String?]
  }

  private func random(_ random: inout SplitMix) -> Case {
    let pool = (0..<(1 + Int(random.next() % 200))).map { _ in "\(Int64(bitPattern: random.next()) >> 40)" }
    let rows = Int(random.next() % 300)
    let newKeys = Array(Set(pool)).filter { _ in random.next() % 3 > 0 }.sorted()
    func number() -> Int64? { random.next() % 5 == 0 ? nil : Int64(bitPattern: random.next()) }
    func text() -> String? {
      random.next() % 5 == 0 ? nil : String(repeating: "é", count: Int(random.next() % 20))
    }
    return Case(
      keys: (0..<rows).map { _ in pool[Int(random.next() % UInt64(pool.count))] },
      newKeys: newKeys,
      newNumbers: newKeys.map { _ in number() },
      newTexts: newKeys.map { _ in text() },
      oldNumbers: (0..<rows).map { _ in number() },
      oldTexts: (0..<rows).map { _ in text() }
    )
  }

  /// What a row must get, by the table of modes.
  private func expected<T>(_ mode: JoinMode, _ new: [T?], _ old: [T?], _ data: Case) -> [T?] {
    let index = Dictionary(zip(data.newKeys, new.indices), uniquingKeysWith: { $1 })
    return data.keys.indices.map { row in
      let match = index[data.keys[row]]
      switch mode {
      case .replace: return match.flatMap { new[$0] }
      case .overwrite: return match == nil ? old[row] : match.flatMap { new[$0] }
      case .coalesce: return old[row] ?? match.flatMap { new[$0] }
      }
    }
  }

  @Test("Every mode gives what a join with dictionaries gives", arguments: JoinMode.allCases, [true, false])
  func modes(_ mode: JoinMode, _ hasTextKeys: Bool) async throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["JOIN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    for round in 0..<40 {
      let data = self.random(&random)
      let file = try await newValues(data, hasTextKeys: hasTextKeys)
      let values = try await NewValues([file])
      let output = Collected()
      let join = SegmentJoin(values, mode: mode, batchSize: 1 + Int(random.next() % 64))
      let keys = hasTextKeys ? ColumnRows(texts: data.keys) : ColumnRows(integers: data.keys.map { Int64($0) })
      let counts = try await join.join(
        keys: keys,
        existing: [ColumnRows(integers: data.oldNumbers), ColumnRows(texts: data.oldTexts)],
        into: output
      )
      let note = Comment("JOIN_SEED=\(seed), round \(round)")
      #expect(output.integers == expected(mode, data.newNumbers, data.oldNumbers, data), note)
      #expect(output.texts == expected(mode, data.newTexts, data.oldTexts, data), note)
      #expect(counts.rows == Int64(data.keys.count), note)
      #expect(counts.matched == Int64(data.keys.filter(data.newKeys.contains).count), note)
      #expect(counts.nulls[0] == Int64(output.integers.filter { $0 == nil }.count), note)
    }
  }

  private func newValues(_ data: Case, hasTextKeys: Bool) async throws -> NewValuesFile {
    let keyNode =
      hasTextKeys ? SchemaNode("pk", .byteArray, logicalType: .string) : SchemaNode("pk", .int64)
    let keys =
      hasTextKeys
      ? JoinTestData.texts(data.newKeys) : JoinTestData.integers(data.newKeys.map { Int64($0) })
    let source = try await JoinTestData.file(
      [
        keyNode, SchemaNode("number", .int64, repetition: .optional),
        SchemaNode("text", .byteArray, repetition: .optional, logicalType: .string),
      ],
      [keys, JoinTestData.integers(data.newNumbers), JoinTestData.texts(data.newTexts)]
    )
    let key = FieldSchema(id: 100, name: "pk", dataType: hasTextKeys ? .varChar : .int64, isPrimaryKey: true)
    let columns = NewValuesFile.Columns(key: "pk", keyField: key, values: [("number", number), ("text", text)])
    return try await NewValuesFile(source, columns: columns)
  }

  @Test("Of a key that occurs twice the last row counts, when that is asked for")
  func lastWins() async throws {
    let data = Case(
      keys: ["1", "2"],
      newKeys: ["1", "2", "1"],
      newNumbers: [10, 20, 30],
      newTexts: ["a", "b", "c"],
      oldNumbers: [nil, nil],
      oldTexts: [nil, nil]
    )
    let file = try await newValues(data, hasTextKeys: false)
    let error = await #expect(throws: BackfillError.self) { _ = try await NewValues([file]) }
    #expect(error?.message.contains("duplicate keys: 1.") == true)
    let values = try await NewValues([file], onDuplicateKey: .lastWins)
    let output = Collected()
    _ = try await SegmentJoin(values, mode: .replace).join(
      keys: ColumnRows(integers: [1, 2]),
      existing: [nil, nil],
      into: output
    )
    #expect(output.integers == [30, 20])
    #expect(output.texts == ["c", "b"])
  }

  @Test("A null key of the collection matches nothing")
  func nullKeysOfTheCollection() async throws {
    let data = Case(
      keys: [],
      newKeys: ["0"],
      newNumbers: [5],
      newTexts: ["x"],
      oldNumbers: [],
      oldTexts: []
    )
    let values = try await NewValues([try await newValues(data, hasTextKeys: false)])
    let output = Collected()
    _ = try await SegmentJoin(values, mode: .replace).join(
      keys: ColumnRows(integers: [nil, 0]),
      existing: [nil, nil],
      into: output
    )
    #expect(output.integers == [nil, 5])
  }

  @Test("A refused null ends the join with the rows; a replaced one becomes the given cell")
  func nullRules() async throws {
    let data = Case(keys: [], newKeys: ["7"], newNumbers: [70], newTexts: ["z"], oldNumbers: [], oldTexts: [])
    let values = try await NewValues([try await newValues(data, hasTextKeys: false)])
    let refusing = SegmentJoin(values, mode: .replace, nullRules: [.refused, .allowed])
    let error = await #expect(throws: BackfillError.self) {
      _ = try await refusing.join(
        keys: ColumnRows(integers: [7, 8, 9]),
        existing: [nil, nil],
        firstRow: 100,
        into: Collected()
      )
    }
    #expect(error?.message.contains("Row 101 would get a null in field 'number'") == true)
    #expect(error?.message.contains("Row 102") == true)
    let output = Collected()
    let replacing = SegmentJoin(
      values,
      mode: .replace,
      nullRules: [.replaced(by: [1, 0, 0, 0, 0, 0, 0, 0]), .replaced(by: Array("?".utf8))]
    )
    _ = try await replacing.join(keys: ColumnRows(integers: [7, 8]), existing: [nil, nil], into: output)
    #expect(output.integers == [70, 1])
    #expect(output.texts == ["z", "?"])
  }
}
