import Avro
import ByteBuffers

/// Spells values out as `Tests/Tools/avro_peer.py` does: bits of floating point numbers, texts and bytes in hex, maps in
/// the order of their keys, unions without their branch.
enum AvroText {
  static func line(_ value: AvroValue) -> String {
    switch value {
    case .null: "n"
    case .boolean(let value): value ? "t" : "f"
    case .int(let value): "\(value)"
    case .long(let value): "\(value)"
    case .float(let value): "F" + hex(value.bitPattern)
    case .double(let value): "D" + hex(value.bitPattern)
    case .bytes(let bytes), .fixed(let bytes): "x" + hex(bytes.array)
    case .string(let text): "s" + hex(Array(text.utf8))
    case .enumeration(let symbol): "e" + symbol
    case .array(let elements): "[" + elements.map(line).joined(separator: ",") + "]"
    case .map(let map):
      "{" + map.entries.map { hex(Array($0.key.utf8)) + ":" + line($0.value) }.sorted().joined(separator: ",") + "}"
    case .record(let record):
      "(" + zip(record.schema.fields, record.values).map { $0.name + "=" + line($1) }.joined(separator: ",") + ")"
    case .union(_, let value): line(value)
    }
  }

  private static func hex<T: FixedWidthInteger>(_ bits: T) -> String {
    hex((0..<T.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: bits >> T($0 * 8)) })
  }

  private static let digits = Array("0123456789abcdef".utf8)

  static func hex(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// The error of a call, which has to fail.
func failure<T>(_ body: () throws -> T) -> AvroError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? AvroError
  }
}

/// The error of a call, which has to fail.
func failure<T>(_ body: () async throws -> T) async -> AvroError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? AvroError
  }
}
