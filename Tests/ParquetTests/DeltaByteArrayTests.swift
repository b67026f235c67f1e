import ByteBuffers
import Testing

@testable import Parquet

/// DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY against layouts written by the specification.
struct DeltaByteArrayTests {
  private enum Form: CaseIterable {
    case lengths, prefixes, fixed

    func decoder(_ bytes: [UInt8], width: Int, valueLimit: Int = 1 << 20) throws(ParquetError) -> ValueDecoder {
      switch self {
      case .lengths: try DeltaLengthByteArrayDecoder(Bytes(bytes), most: 1 << 20, valueLimit: valueLimit)
      case .prefixes: try DeltaByteArrayDecoder(Bytes(bytes), width: nil, most: 1 << 20, valueLimit: valueLimit)
      case .fixed: try DeltaByteArrayDecoder(Bytes(bytes), width: width, most: 1 << 20, valueLimit: valueLimit)
      }
    }

    func reference(_ values: [[UInt8]]) -> [UInt8] {
      self == .lengths ? EncodedValues.deltaLength(values) : EncodedValues.deltaBytes(values)
    }

    func encoded(_ values: [[UInt8]], width: Int) -> [UInt8] {
      let width = self == .fixed ? width : nil
      let plain = EncodedValues.plain(values, width: width)
      return EncodedValues.encoded(plain) { source, out in
        if self == .lengths {
          DeltaLengthByteArrayEncoder.encode(plain: source, byteCount: plain.count, count: values.count, into: &out)
        } else {
          DeltaByteArrayEncoder.encode(
            plain: source,
            byteCount: plain.count,
            count: values.count,
            width: width,
            into: &out
          )
        }
      }
    }

    func layout(_ width: Int) -> ColumnBuilder.Layout { self == .fixed ? .fixed(width: width) : .variable }
  }

  /// Values that often begin as the one before them, of all lengths that kernels treat differently.
  private func random(_ count: Int, width: Int?, _ generator: inout SeededGenerator) -> [[UInt8]] {
    var values: [[UInt8]] = []
    for _ in 0..<count {
      let length = width ?? [0, 1, 7, 8, 9, 15, 16, 17, 18, 40, 300].randomElement(using: &generator) ?? 0
      let shared = min(length, Int.random(in: 0...length, using: &generator), values.last?.count ?? 0)
      let rest = (0..<length - shared).map { _ in UInt8.random(in: 0...255, using: &generator) }
      values.append((values.last ?? []).prefix(shared) + rest)
    }
    return values
  }

  private static let words = ["axis", "axle", "babble", "babyhood"].map { Array($0.utf8) }

  @Test func `the specification's words are lengths, then bytes`() throws {
    // Lengths 4 4 6 8: deltas 0 2 2 above 0, two bits each.
    let bytes: [UInt8] =
      [0x80, 1, 4, 4, 8, 0, 2, 0, 0, 0, 0b10_1000, 0, 0, 0, 0, 0, 0, 0] + Array("axisaxlebabblebabyhood".utf8)
    #expect(try Form.lengths.decoder(bytes, width: 0).values(4, .variable) == Self.words)
    #expect(Form.lengths.encoded(Self.words, width: 0) == bytes)
  }

  @Test func `the specification's words are prefixes, lengths of suffixes, then suffixes`() throws {
    let bytes: [UInt8] =
      // Prefixes 0 2 0 3: deltas 2 -2 3, above -2: 4 0 5 in three bits each: 101_000_100.
      [0x80, 1, 4, 4, 0, 3, 3, 0, 0, 0, 0b0100_0100, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      // Suffixes 4 2 6 5: deltas -2 4 -1, above -2: 0 6 1 in three bits each: 001_110_000.
      + [0x80, 1, 4, 4, 8, 3, 3, 0, 0, 0, 0b0111_0000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      + Array("axislebabbleyhood".utf8)
    #expect(try Form.prefixes.decoder(bytes, width: 0).values(4, .variable) == Self.words)
    #expect(Form.prefixes.encoded(Self.words, width: 0) == bytes)
  }

  @Test(arguments: [1, 2, 5, 12, 15, 16, 17, 40])
  func `values of every form come back, however they are asked for`(_ width: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for form in Form.allCases {
      for count in [0, 1, 2, 127, 128, 129, 130, 2500] {
        let values = random(count, width: form == .fixed ? width : nil, &generator)
        let reference = form.reference(values)
        for bytes in [reference, form.encoded(values, width: width)] {
          for skipping in [false, true] {
            let decoder = try form.decoder(bytes, width: width)
            let got = try decoder.allValues(count, form.layout(width), skipping: skipping, &generator)
            let same = got.indices.allSatisfy { got[$0] == nil || got[$0] == values[$0] }
            #expect(same, "\(form), width \(width), \(count) values, seed \(Surroundings.seed)")
            #expect(throws: ParquetError.self) { try decoder.skip(1) }
          }
        }
      }
    }
  }

  @Test func `lengths that cannot be are errors`() {
    func lengths(_ values: [Int64], _ text: String) -> [UInt8] { EncodedValues.deltas(values) + Array(text.utf8) }
    func prefixed(_ prefixes: [Int64], _ suffixes: [Int64], _ text: String) -> [UInt8] {
      EncodedValues.deltas(prefixes) + lengths(suffixes, text)
    }
    let cases: [(name: String, form: Form, bytes: [UInt8])] = [
      ("a negative length", .lengths, lengths([3, -1], "abc")),
      ("a length of 2^31", .lengths, lengths([3, 1 << 31], "abc")),
      ("a negative sum", .lengths, lengths([-1, 4], "abc")),
      ("more than there is", .lengths, lengths([2, 2], "abc")),
      ("more than a value may have", .lengths, lengths([1, 101], String(repeating: "a", count: 200))),
      ("a prefix of nothing", .prefixes, prefixed([1, 0], [1, 1], "ab")),
      ("a prefix longer than the value before", .prefixes, prefixed([0, 3], [2, 1], "abc")),
      ("a negative prefix", .prefixes, prefixed([0, -1], [2, 2], "abcd")),
      ("a negative suffix", .prefixes, prefixed([0, 2], [2, -1], "abcd")),
      ("more suffix than there is", .prefixes, prefixed([0, 1], [2, 3], "abcd")),
      ("fewer suffixes than prefixes", .prefixes, prefixed([0, 1, 1], [2, 1], "abcd")),
      ("more suffixes than prefixes", .prefixes, prefixed([0, 1], [2, 1, 1], "abcd")),
      ("longer than a value may be", .prefixes, prefixed([0, 60], [60, 60], String(repeating: "a", count: 200))),
      ("a short value of a fixed length", .fixed, prefixed([0, 1], [2, 0], "abcd")),
      ("a long value of a fixed length", .fixed, prefixed([0, 1], [2, 2], "abcd")),
      ("only prefixes", .prefixes, EncodedValues.deltas([0, 0])),
    ]
    for (name, form, bytes) in cases {
      #expect(throws: ParquetError.self, "\(name)") {
        try form.decoder(bytes, width: 2, valueLimit: 100).values(2, form.layout(2))
      }
      #expect(throws: ParquetError.self, "\(name), stepped over") {
        try form.decoder(bytes, width: 2, valueLimit: 100).skip(2)
      }
    }
  }

  @Test func `a small page that stands for much more than the limit is stopped before memory is taken`() throws {
    // 100,000 values that each repeat 10,000 bytes and add one: 1.5 GB from 300 kB.
    let count = 100_000
    let prefixes = [0] + (0..<count - 1).map { Int64(10_000 + $0) }
    let suffixes = [10_000] + [Int64](repeating: 1, count: count - 1)
    let text = [UInt8](repeating: 0x61, count: 10_000 + count)
    let bytes = EncodedValues.deltas(prefixes) + EncodedValues.deltas(suffixes) + text
    let decoder = try Form.prefixes.decoder(bytes, width: 0)
    let builder = try ColumnBuilder(.variable, capacity: count, byteLimit: 1 << 20)
    let error = #expect(throws: ParquetError.self) { try decoder.decode(count, into: builder) }
    #expect(error?.code == .limitExceeded)
    #expect(builder.dataCount <= 1 << 20)
    try Form.prefixes.decoder(bytes, width: 0).skip(count)
  }
}
