import Avro
import ByteBuffers

/// Values as the JSON of the expectations: records and maps as objects, bytes in hex.
enum PlainJSON {
  /// `path` changes each text of a field `path` or `paths` below the part of a manifest that has the name.
  static func json(_ value: AvroValue, part: String = "", path: (String, String) -> String = { $1 }) -> AvroJSON {
    json(value, part: part, isPath: false, path)
  }

  private static func json(
    _ value: AvroValue,
    part: String,
    isPath: Bool,
    _ path: (String, String) -> String
  ) -> AvroJSON {
    func member(_ name: String, _ value: AvroValue) -> AvroJSON.Member {
      AvroJSON.Member(
        name,
        json(value, part: part.isEmpty ? name : part, isPath: name == "path" || name == "paths", path)
      )
    }
    switch value {
    case .null: return .null
    case .boolean(let value): return .boolean(value)
    case .int(let value): return .number("\(value)")
    case .long(let value): return .number("\(value)")
    case .float(let value): return .number("\(value)")
    case .double(let value): return .number("\(value)")
    case .bytes(let bytes), .fixed(let bytes): return .string(AvroText.hex(bytes.array))
    case .string(let text): return .string(isPath ? path(part, text) : text)
    case .enumeration(let symbol): return .string(symbol)
    case .union(_, let value): return json(value, part: part, isPath: isPath, path)
    case .array(let elements): return .array(elements.map { json($0, part: part, isPath: isPath, path) })
    case .map(let map): return .object(map.entries.map { member($0.key, $0.value) })
    case .record(let record): return .object(zip(record.schema.fields, record.values).map { member($0.name, $1) })
    }
  }

  /// Where milvus-storage finds what a manifest names, below the folder of a segment.
  static func resolved(_ base: String) -> (String, String) -> String {
    let parent = base.lastIndex(of: "/").map { String(base[..<$0]) } ?? ""
    return { part, path in
      switch part {
      case "column_groups": "\(base)/_data/\(path)"
      case "delta_logs": "\(base)/_delta/\(path)"
      case "stats": "\(base)/_stats/\(path)"
      case "indexes": "\(base)/_index/\(path)"
      default: "\(parent)/lobs/\(path)"
      }
    }
  }

  /// Members in the order of their names, so that objects can be compared.
  static func sorted(_ json: AvroJSON) -> AvroJSON {
    changed(json) { $0.sorted { $0.name < $1.name } }
  }

  static func without(_ json: AvroJSON, _ name: String) -> AvroJSON {
    changed(json) { members in members.filter { $0.name != name } }
  }

  static func replaced(_ json: AvroJSON, _ name: String, by other: AvroJSON.Member) -> AvroJSON {
    changed(json) { members in members.map { $0.name == name ? other : $0 } }
  }

  private static func changed(_ json: AvroJSON, _ change: ([AvroJSON.Member]) -> [AvroJSON.Member]) -> AvroJSON {
    switch json {
    case .object(let members):
      .object(change(members.map { AvroJSON.Member($0.name, changed($0.value, change)) }))
    case .array(let elements): .array(elements.map { changed($0, change) })
    default: json
    }
  }
}
