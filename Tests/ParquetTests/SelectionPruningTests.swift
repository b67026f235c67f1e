import ByteBuffers
import Testing

@testable import Parquet

/// What bounds allow to leave out, by hand from the specification.
struct SelectionPruningTests {
  private static let schema = ParquetSchema([
    SchemaNode("int", .int32, repetition: .optional),
    SchemaNode("unsigned", .int32, logicalType: .integer(bitWidth: 32, isSigned: false)),
    SchemaNode("real", .double),
    SchemaNode("text", .byteArray, repetition: .optional, logicalType: .string),
    SchemaNode("price", .int64, logicalType: .decimal(scale: 2, precision: 18)),
    SchemaNode("stamp", .int64, logicalType: .timestamp(isAdjustedToUTC: true, unit: .milliseconds)),
    .list("list", of: SchemaNode("element", .int32)),
  ])

  private func mayBeTrue(_ predicate: RowPredicate, _ bounds: ValueBounds) throws -> Bool {
    try BoundPredicate(predicate, schema: Self.schema).mayBeTrue { $0.mayBeTrue(bounds) }
  }

  private func bounds<T: BitwiseCopyable>(_ least: T, _ greatest: T) -> ValueBounds {
    ValueBounds(
      least: withUnsafeBytes(of: least) { Bytes(copying: $0) },
      greatest: withUnsafeBytes(of: greatest) { Bytes(copying: $0) },
      nulls: .none
    )
  }

  @Test func `numbers outside of the bounds are left out`() throws {
    let known = bounds(Int32(5), Int32(9))
    let int = RowPredicate.column("int")
    let four: RowPredicate = int == 4
    let five: RowPredicate = int == 5
    let possible: [RowPredicate] = [
      five, int == 9, int <= 5, int >= 9, int != 7, int > 8.5, int.isIn([1, 6]), .not(int > 5), int.isNotNull,
      .or([four, five]),
    ]
    let impossible: [RowPredicate] = [
      four, int == 10, int < 5, int > 9, int > 9.5, int == 7.5, int.isIn([1, 2, 12]), .not(int > 4), int.isNull,
      .and([four, five]),
    ]
    for predicate in possible { #expect(try mayBeTrue(predicate, known), "\(predicate)") }
    for predicate in impossible { #expect(try !mayBeTrue(predicate, known), "\(predicate)") }
    #expect(try !mayBeTrue(int != 5, bounds(Int32(5), Int32(5))))
  }

  @Test func `unsigned numbers compare without a sign`() throws {
    let known = bounds(UInt32(1), UInt32(0xffff_fff0))
    #expect(try mayBeTrue(RowPredicate.column("unsigned") == 0x8000_0000, known))
    #expect(try !mayBeTrue(RowPredicate.column("unsigned") > 0xffff_fff0, known))
    #expect(try !mayBeTrue(RowPredicate.column("unsigned") < 0, known))
  }

  @Test func `NaN may satisfy a negation unless there is none`() throws {
    let real = RowPredicate.column("real")
    var known = bounds(2.0, 2.0)
    #expect(try mayBeTrue(real != 2.0, known))
    #expect(try mayBeTrue(!(real >= 0), known))
    #expect(try !mayBeTrue(real < 2, known))
    known.mayHaveNaN = false
    #expect(try !mayBeTrue(real != 2.0, known))
    #expect(try mayBeTrue(real < 2, bounds(Double.nan, 5.0)), "a bound that is NaN says nothing")
    #expect(try mayBeTrue(real < 2, bounds(5.0, 4.0)), "bounds that contradict each other say nothing")
    #expect(try mayBeTrue(real == -0.0, bounds(0.0, 1.0)))
    #expect(try !mayBeTrue(real == .double(.nan), known))
  }

  @Test func `shortened bounds of text leave out what lies outside`() throws {
    let known = ValueBounds(least: Bytes(utf8: "b"), greatest: Bytes(utf8: "d"), nulls: .some)
    let text = RowPredicate.column("text")
    #expect(try !mayBeTrue(text == "azzz", known))
    #expect(try mayBeTrue(text == "bzzz", known))
    #expect(try !mayBeTrue(text == "da", known))
    #expect(try !mayBeTrue(text < "b", known))
    #expect(try mayBeTrue(text <= "b", known))
    #expect(try mayBeTrue(text.isNull, known))
    #expect(try !mayBeTrue(text > "", ValueBounds(nulls: .all)))
    #expect(try !mayBeTrue(text.isNotNull, ValueBounds(nulls: .all)))
    #expect(try mayBeTrue(text.isNull, ValueBounds()), "an absent count is not zero")
  }

  @Test func `literals are scaled exactly`() throws {
    // Bounds of 9.99 and of 1.5 s.
    let price = RowPredicate.column("price")
    #expect(try mayBeTrue(price == .decimal(unscaled: 9990, scale: 3), bounds(Int64(999), Int64(999))))
    #expect(try !mayBeTrue(price == .decimal(unscaled: 9991, scale: 3), bounds(Int64(999), Int64(999))))
    #expect(try mayBeTrue(price < 10, bounds(Int64(999), Int64(999))))
    #expect(try !mayBeTrue(price < .decimal(unscaled: 9990, scale: 3), bounds(Int64(999), Int64(999))))
    #expect(try mayBeTrue(price < .decimal(unscaled: 9991, scale: 3), bounds(Int64(999), Int64(999))))
    let stamp = RowPredicate.column("stamp")
    #expect(try mayBeTrue(stamp < .timestamp(nanoseconds: 1_500_000_001), bounds(Int64(1500), Int64(1500))))
    #expect(try !mayBeTrue(stamp == .timestamp(nanoseconds: 1_500_000_001), bounds(Int64(1500), Int64(1500))))
    #expect(try !mayBeTrue(stamp >= .timestamp(nanoseconds: 1_500_000_001), bounds(Int64(1500), Int64(1500))))
  }

  @Test func `what does not fit a column is refused with its name`() {
    let wrong: [RowPredicate] = [
      RowPredicate.column("int") == "text", RowPredicate.column("text") == 5, RowPredicate.column("stamp") == 5,
      RowPredicate.column("price") == 9.99,
      RowPredicate.column("missing") == 5, RowPredicate.column("list") == 5,
      RowPredicate.column("list", "list", "element") == 5,
      RowPredicate.column("int") == true, RowPredicate.column("real") == .date(days: 1),
    ]
    for predicate in wrong {
      let error = #expect(throws: ParquetError.self, "\(predicate)") {
        try BoundPredicate(predicate, schema: Self.schema)
      }
      #expect(error?.code == .invalidArgument)
      #expect(error?.column != nil)
    }
  }

  @Test func `page rows of and are common, of or joined`() throws {
    let chunk: [Range<Int>] = [0..<100, 100..<200, 200..<300]
    let common: [Range<Int>] = [100..<120, 140..<150]
    #expect(RowRanges.intersection([Range(0...149)], [Range(100...119), Range(140...299)]) == common)
    let joined: [Range<Int>] = [0..<60, 200..<300]
    #expect(RowRanges.union([Range(0...49), Range(200...209)], [Range(50...59), Range(205...299)]) == joined)
    #expect(RowRanges.union([], chunk) == [Range(0...299)])
    #expect(RowRanges.intersection(chunk, []).isEmpty)
  }
}
