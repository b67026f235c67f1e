import ByteBuffers
import Testing

@testable import Parquet

/// Sections with damage end in an error or in values; a trap, or a store outside a buffer, would end the process.
struct EncodedDamageTests {
  private static let count = 300

  private struct Section {
    let name: String
    let bytes: [UInt8]
    let layout: ColumnBuilder.Layout
    let decoder: (Bytes) throws(ParquetError) -> ValueDecoder
  }

  private func sections(_ generator: inout SeededGenerator) -> [Section] {
    let most = Self.count
    let numbers = (0..<most).map { _ in Int64(truncatingIfNeeded: generator.next() >> 45) }
    var texts: [[UInt8]] = []
    for _ in 0..<most {
      let kept = (texts.last ?? []).prefix(Int.random(in: 0...20, using: &generator))
      texts.append(kept + [UInt8](repeating: 7, count: Int.random(in: 0...20, using: &generator)))
    }
    let fixed = texts.map { Array(($0 + [UInt8](repeating: 1, count: 6)).prefix(6)) }
    let wide = EncodedValues.integers(numbers, width: 8)
    let arrays = ColumnBuilder.Layout.variable
    return [
      Section(name: "INT32", bytes: EncodedValues.deltas(numbers, bits: 32), layout: .fixed(width: 4)) {
        (bytes) throws(ParquetError) in try DeltaBinaryPackedDecoder(bytes, width: 4, most: most)
      },
      Section(name: "INT64", bytes: EncodedValues.deltas(numbers), layout: .fixed(width: 8)) {
        (bytes) throws(ParquetError) in try DeltaBinaryPackedDecoder(bytes, width: 8, most: most)
      },
      Section(name: "lengths", bytes: EncodedValues.deltaLength(texts), layout: arrays) {
        (bytes) throws(ParquetError) in try DeltaLengthByteArrayDecoder(bytes, most: most, valueLimit: 1000)
      },
      Section(name: "prefixes", bytes: EncodedValues.deltaBytes(texts), layout: arrays) {
        (bytes) throws(ParquetError) in try DeltaByteArrayDecoder(bytes, width: nil, most: most, valueLimit: 1000)
      },
      Section(name: "fixed prefixes", bytes: EncodedValues.deltaBytes(fixed), layout: .fixed(width: 6)) {
        (bytes) throws(ParquetError) in try DeltaByteArrayDecoder(bytes, width: 6, most: most, valueLimit: 1000)
      },
      Section(name: "streams", bytes: EncodedValues.streams(wide, width: 8), layout: .fixed(width: 8)) {
        (bytes) throws(ParquetError) in try ByteStreamSplitDecoder(bytes, width: 8)
      },
      Section(name: "plain", bytes: EncodedValues.plain(texts, width: nil), layout: arrays) {
        (bytes) throws(ParquetError) in PlainBytesDecoder(bytes, valueLimit: 1000)
      },
      Section(name: "booleans", bytes: [9, 0, 0, 0, 0xc8, 1, 1, 0x0d, 1, 2, 3, 0xc8, 1], layout: .fixed(width: 1)) {
        (bytes) throws(ParquetError) in try RunLengthBooleanDecoder(bytes)
      },
    ]
  }

  /// Decodes and steps over as long as it goes.
  private func tryDecoding(_ bytes: [UInt8], _ section: Section, _ generator: inout SeededGenerator) -> Int {
    var done = 0
    do throws(ParquetError) {
      let decoder = try section.decoder(Bytes(bytes))
      while done < Self.count {
        let step = min(Self.count - done, Int.random(in: 1...200, using: &generator))
        if Int.random(in: 0..<4, using: &generator) == 0 {
          try decoder.skip(step)
        } else {
          let values = try decoder.values(step, section.layout, byteLimit: 1 << 16)
          #expect(values.count == step)
        }
        done += step
      }
    } catch {
      #expect([.corrupt, .limitExceeded].contains(error.code), "\(section.name): \(error)")
    }
    return done
  }

  @Test func `a section that is cut off is an error`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    for section in sections(&generator) where section.name != "booleans" {
      #expect(tryDecoding(section.bytes, section, &generator) == Self.count, "\(section.name)")
      for length in 0..<section.bytes.count {
        let done = tryDecoding(Array(section.bytes[..<length]), section, &generator)
        // Streams of one length are values, fewer than there were.
        #expect(done < Self.count, "\(section.name) cut at \(length), seed \(Surroundings.seed)")
      }
    }
  }

  @Test func `changed bytes are errors or values`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    for section in sections(&generator) {
      for round in 0..<3000 {
        var changed = section.bytes
        // Headers are where damage does most.
        let end = round % 2 == 0 ? min(60, changed.count) : changed.count
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          let values: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &generator)]
          changed[Int.random(in: 0..<end, using: &generator)] = values.randomElement(using: &generator) ?? 0
        }
        _ = tryDecoding(changed, section, &generator)
      }
    }
  }
}
