import ArgumentParser
import Backfill
import CommandLineSupport

/// `parquet schema`.
struct SchemaCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the schema in the format's own notation, with field ids and logical types.",
    discussion: """
      Examples:
        parquet schema trips.parquet
        parquet schema file:///data/trips.parquet --json
      """
  )

  @Argument(help: "The file.")
  var file: String

  @OptionGroup(title: "S3") var s3: S3Options
  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    let (_, reader) = try await openFile(file, s3)
    let schema = reader.metadata.schema
    guard common.json else {
      try console.print(schema.description)
      return .done
    }
    var writer = JSONWriter(isPretty: true)
    writer.beginArray()
    for field in schema.fields { SchemaCommand.write(field, to: &writer) }
    writer.endArray()
    try console.write(writer.take() + [UInt8(ascii: "\n")])
    return .done
  }

  private static func write(_ node: SchemaNode, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.field("name", node.name)
    writer.field("repetition", node.repetition.name)
    writer.field("logicalType", node.logicalType?.name)
    writer.field("fieldId", node.fieldID)
    switch node.content {
    case .values(let type, let length):
      writer.field("type", type.name)
      if type == .fixedLengthByteArray { writer.field("length", length) }
    case .group(let children):
      writer.key("fields")
      writer.beginArray()
      for child in children { write(child, to: &writer) }
      writer.endArray()
    }
    writer.endObject()
  }
}
