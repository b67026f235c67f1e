import ArgumentParser
import Backfill
import CommandLineSupport

struct DumpCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Show the rows of a segment in physical order.",
    discussion: """
      One JSON object a row. A vector is "0x" and its bytes in hexadecimal, JSON and
      $meta are their text, an Array is a list. With --canonical: one object with
      columns, nrows and rows.

      EXAMPLES
        milvus-backfill dump --root milvus --collection-id 47 --schema s.json \\
          --segment 4709 --limit 5
        milvus-backfill dump --root milvus --collection-id 47 --schema s.json \\
          --segment 4709 --fields id,title,Timestamp --apply-deletes --canonical
      """
  )

  @OptionGroup var collection: CollectionOptions

  @Option(help: "Id of the segment.")
  var segment: Int64

  @Option(help: "Names of fields, RowID and Timestamp among them; default all fields of the schema.")
  var fields: String?

  @Option(help: "The most rows to show.")
  var limit: Int?

  @Flag(help: "One JSON object: {\"columns\":[...],\"nrows\":N,\"rows\":[[...],...]}.")
  var canonical = false

  @Flag(help: "Leave out rows that were deleted.")
  var applyDeletes = false

  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    var reader = ConfigurationReader()
    try collection.apply(to: &reader)
    let configuration = try reader.finishCollection()
    let stored = try await StoredCollection(opening: configuration)
    let found = try stored.segment(segment)
    let rows = try await SegmentReader(found, schema: stored.schema, store: stored.store, codec: configuration.codec)
    let chosen = try chooseFields(stored.schema)
    let deletes =
      applyDeletes
      ? try await DeleteSet(
        for: found,
        in: stored.listing,
        schema: stored.schema,
        store: stored.store,
        codec: configuration.codec
      ) : DeleteSet()
    let dump = try SegmentDump(rows, fields: chosen, deletes: deletes)
    if canonical {
      try await writeCanonical(dump, chosen ?? stored.schema.fields, console)
    } else {
      try await writeLines(dump, console)
    }
    return .done
  }

  private func chooseFields(_ schema: CollectionSchema) throws -> [FieldSchema]? {
    guard let fields else { return nil }
    var chosen: [FieldSchema] = []
    var unknown: [String] = []
    for name in fields.split(separator: ",").map(String.init) {
      if let field = schema.field(named: name) { chosen.append(field) } else { unknown.append(name) }
    }
    guard unknown.isEmpty else {
      let known = (schema.fields.map(\.name) + ["RowID", "Timestamp"]).joined(separator: ", ")
      throw ProgramFailure.usage("--fields names \(unknown.joined(separator: ", ")); the schema has: \(known).")
    }
    return chosen
  }

  private func writeLines(_ dump: SegmentDump, _ console: Console) async throws {
    var left = limit ?? .max
    while left > 0, let rows = try await dump.next() {
      try Task.checkCancellation()
      for row in rows.liveRows.prefix(left) {
        var line: [UInt8] = []
        try rows.appendObject(row, to: &line)
        line.append(UInt8(ascii: "\n"))
        try console.write(line)
      }
      left -= min(left, rows.liveRows.count)
    }
  }

  private func writeCanonical(_ dump: SegmentDump, _ fields: [FieldSchema], _ console: Console) async throws {
    var out: [UInt8] = []
    var header = JSONWriter()
    header.beginArray()
    for field in fields { header.value(field.name) }
    header.endArray()
    out += Array("{\"columns\":".utf8) + header.take()
    var body: [UInt8] = []
    var count = 0
    // The number of rows stands before the rows, and with deletes it is known only behind them.
    while count < limit ?? .max, let rows = try await dump.next() {
      try Task.checkCancellation()
      for row in rows.liveRows.prefix((limit ?? .max) - count) {
        if count > 0 { body.append(UInt8(ascii: ",")) }
        try rows.appendList(row, to: &body)
        count += 1
      }
    }
    out += Array(",\"nrows\":\(count),\"rows\":[".utf8)
    try console.write(out)
    try console.write(body)
    try console.write(Array("]}\n".utf8))
  }
}
