extension ParquetSchema: CustomStringConvertible {
  /// The schema in the format's own notation, one field a line, with annotations and field ids.
  public var description: String {
    var lines = ["message schema {"]
    for field in fields { ParquetSchema.print(field, depth: 1, into: &lines) }
    lines.append("}")
    return lines.joined(separator: "\n")
  }

  private static func print(_ node: SchemaNode, depth: Int, into lines: inout [String]) {
    let indent = String(repeating: "  ", count: depth)
    let annotation = node.logicalType.map { " (\($0.name))" } ?? ""
    let id = node.fieldID.map { " = \($0)" } ?? ""
    let repetition = node.repetition.name.lowercased()
    switch node.content {
    case .values(let type, let length):
      let size = type == .fixedLengthByteArray ? "(\(length))" : ""
      lines.append("\(indent)\(repetition) \(type.name.lowercased())\(size) \(node.name)\(annotation)\(id);")
    case .group(let children):
      lines.append("\(indent)\(repetition) group \(node.name)\(annotation)\(id) {")
      for child in children { print(child, depth: depth + 1, into: &lines) }
      lines.append("\(indent)}")
    }
  }
}
