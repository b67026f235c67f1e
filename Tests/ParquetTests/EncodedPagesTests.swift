import ByteBuffers
import Testing

@testable import Parquet

/// Pages that carry each encoding, and pages that must not.
struct EncodedPagesTests {
  /// Opens a page of version 1 of the only column.
  private func open(
    _ node: SchemaNode,
    _ encoding: Encoding,
    _ body: [UInt8],
    count: Int,
    levels: Encoding = .rle
  ) throws -> OpenPage {
    let kind = PageHeader.Kind.dataV1(
      .init(valueCount: count, encoding: encoding, definitionLevels: levels, repetitionLevels: levels)
    )
    let bytes = try PageHeader.encoded(kind, uncompressedSize: body.count, compressedSize: body.count)
    let raw = RawPage(header: try PageHeader(bytes.span), body: Bytes(body), offset: 4)
    let leaf = ParquetSchema([node]).leaves[0]
    let page = try OpenPage(raw, leaf: leaf, codec: .uncompressed, dictionary: nil, limits: ReaderLimits())
    return try #require(page)
  }

  @Test func `bit-packed levels stand before the values without a length`() throws {
    // Ten definition levels of one bit, 1011_0001 11, then seven values minus one: six ones.
    let node = SchemaNode("a", .int32, repetition: .optional)
    let values = EncodedValues.integers([10, 20, 30, 40, 50, 60], width: 4)
    let body: [UInt8] = [0b1011_0001, 0b1100_0000] + values.flatMap { $0 }
    var page = try open(node, .plain, body, count: 10, levels: .bitPacked)
    let builder = try ColumnBuilder(.fixed(width: 4), capacity: 10, byteLimit: 1 << 20)
    var levels = try #require(page.definitionLevels)
    for step in [3, 7] {
      let valid = try builder.decodeValidity(step, from: &levels)
      try page.values.decode(valid, into: builder)
      builder.spread(step, valid: valid)
    }
    page.definitionLevels = levels
    let column = builder.finish()
    let got = (0..<10).map { column.isValid($0) ? column.bytes(at: $0).array[0] : nil }
    #expect(got == [10, nil, 20, 30, nil, nil, nil, 40, 50, 60])
  }

  @Test func `bit-packed levels of lists have the width of the highest level`() throws {
    let node = SchemaNode.list("a", of: SchemaNode("element", .int32, repetition: .optional), repetition: .optional)
    // Repetition 0 1 0 0 in four bits; definition 3 2 0 1 in two bits each.
    let body: [UInt8] = [0b0100_0000, 0b1110_0001, 7, 0, 0, 0]
    let page = try open(node, .plain, body, count: 4, levels: .bitPacked)
    var repetition = try #require(page.repetitionLevels)
    var definition = try #require(page.definitionLevels)
    var got = [UInt8](repeating: 9, count: 8)
    try repetition.decodeLevels(into: &got, count: 4, maximum: 1)
    #expect(got[..<4] == [0, 1, 0, 0])
    try definition.decodeLevels(into: &got, count: 4, maximum: 3)
    #expect(got[..<4] == [3, 2, 0, 1])
    #expect(try page.values.values(1, .fixed(width: 4)) == [[7, 0, 0, 0]])
  }

  @Test func `a block of bit-packed levels that is too short is an error`() {
    let node = SchemaNode("a", .int32, repetition: .optional)
    let error = #expect(throws: ParquetError.self) { try open(node, .plain, [0xff], count: 9, levels: .bitPacked) }
    #expect(error?.description.contains("9 bit-packed levels have 2 bytes") == true)
    #expect(throws: ParquetError.self) { try open(node, .plain, [0xff], count: 9, levels: .plain) }
  }

  @Test func `an encoding that a type cannot have is refused with both names`() {
    let nodes = PhysicalType.allCases.map { SchemaNode("a", $0, length: $0 == .fixedLengthByteArray ? 5 : 0) }
    let legal: [Encoding: Set<PhysicalType>] = [
      .rle: [.boolean], .bitPacked: [], .deltaBinaryPacked: [.int32, .int64], .deltaLengthByteArray: [.byteArray],
      .deltaByteArray: [.byteArray, .fixedLengthByteArray],
      .byteStreamSplit: [.float, .double, .int32, .int64, .fixedLengthByteArray],
      Encoding(rawValue: 10): [], Encoding(rawValue: 1): [], Encoding(rawValue: -3): [],
    ]
    for (encoding, types) in legal {
      for (type, node) in zip(PhysicalType.allCases, nodes) {
        if types.contains(type) {
          #expect(throws: Never.self, "\(encoding) of \(type.name)") { try open(node, encoding, [], count: 0) }
          continue
        }
        let error = #expect(throws: ParquetError.self) { try open(node, encoding, [], count: 0) }
        let text = error?.description ?? ""
        #expect(text.contains(encoding.description) && text.contains(type.name), "\(text)")
        #expect(error?.code == .unsupported || error?.code == .corrupt)
      }
    }
  }

  @Test func `a sequence of deltas cannot have more values than its page`() throws {
    let bytes = EncodedValues.deltas([1, 2, 3])
    #expect(throws: Never.self) { try open(SchemaNode("a", .int64), .deltaBinaryPacked, bytes, count: 3) }
    #expect(throws: ParquetError.self) { try open(SchemaNode("a", .int64), .deltaBinaryPacked, bytes, count: 2) }
  }

  @Test func `plain values are stepped over as they are decoded`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    for count in [0, 1, 9, 200, 3000] {
      let arrays = (0..<count).map { _ in
        (0..<Int.random(in: 0...30, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      }
      let fixed = arrays.map { Array(($0 + [1, 2, 3, 4, 5]).prefix(5)) }
      let flags = arrays.map { [UInt8($0.count % 2)] }
      let bits = EncodedValues.packed(flags.map { UInt64($0[0]) }, width: 1)
      let cases: [(decoder: ValueDecoder, layout: ColumnBuilder.Layout, values: [[UInt8]], spare: Int)] = [
        (PlainBytesDecoder(Bytes(EncodedValues.plain(arrays, width: nil)), valueLimit: 100), .variable, arrays, 1),
        (PlainFixedDecoder(Bytes(fixed.flatMap { $0 }), width: 5), .fixed(width: 5), fixed, 1),
        (PlainBooleanDecoder(Bytes(bits)), .fixed(width: 1), flags, 8),
      ]
      for (decoder, layout, values, spare) in cases {
        let got = try decoder.allValues(count, layout, skipping: true, &generator)
        let same = got.indices.allSatisfy { got[$0] == nil || got[$0] == values[$0] }
        #expect(same, "\(count) values, seed \(Surroundings.seed)")
        #expect(throws: ParquetError.self) { try decoder.skip(spare) }
      }
    }
  }

  @Test func `booleans in runs are as computed by hand, and come back`() throws {
    func encoded(_ flags: [Bool]) -> [UInt8] {
      var bits = BitAppender(pool: .shared)
      let bytes = flags.map { UInt8($0 ? 1 : 0) }
      bytes.withUnsafeBytes { if let base = $0.baseAddress { bits.append(lowBitsOf: base, count: bytes.count) } }
      var out = ByteWriter()
      RunLengthBooleanEncoder.encode(bits: bits, into: &out)
      return out.take().array
    }
    #expect(encoded([]) == [0, 0, 0, 0])
    // Copies: 100 << 1 = 200 = 0xc8 0x01. Packed: one group of 8, 1 << 1 | 1.
    #expect(encoded([Bool](repeating: true, count: 100)) == [3, 0, 0, 0, 0xc8, 1, 1])
    #expect(encoded([true, false, true]) == [2, 0, 0, 0, 3, 0b101])
    // One group, then 64 + 3 zeros as copies.
    #expect(
      encoded([true, false] + [Bool](repeating: false, count: 73)) == [5, 0, 0, 0, 3, 1, 0x86, 1, 0]
    )
    var generator = SeededGenerator(Surroundings.seed)
    for count in Array(0...20) + [63, 64, 65, 127, 128, 129, 500, 5000] {
      var flags: [Bool] = []
      while flags.count < count {
        let size = Bool.random(using: &generator) ? 1 : Int.random(in: 1...300, using: &generator)
        flags += [Bool](repeating: Bool.random(using: &generator), count: size)
      }
      flags = Array(flags.prefix(count))
      for skipping in [false, true] {
        let decoder = try RunLengthBooleanDecoder(Bytes(encoded(flags)))
        let got = try decoder.allValues(count, .fixed(width: 1), skipping: skipping, &generator)
        let same = got.indices.allSatisfy { got[$0] == nil || got[$0] == [flags[$0] ? 1 : 0] }
        #expect(same, "\(count) values, seed \(Surroundings.seed)")
      }
    }
  }
}
