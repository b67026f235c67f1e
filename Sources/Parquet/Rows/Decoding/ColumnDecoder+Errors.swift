/// Thrown where a field of the row has no column yet; the row is decoded again once it has.
struct FieldNotRead: Error {}

extension ColumnDecoder {
  /// Row, keys and positions down to the slot that is being decoded.
  var codingPath: [any CodingKey] {
    guard let parent else { return [FieldKey(index: context.firstRow + slot)] }
    if parent.kind.isStructure { return parent.codingPath + [FieldKey(key)] }
    return parent.codingPath + [FieldKey(index: slot - parent.range(parent.slot).lowerBound)]
  }

  /// The row that is being decoded.
  private var row: Int {
    guard let parent else { return context.firstRow + slot }
    return parent.row
  }

  /// `Column 'a.b', which holds INT32, row 3`: the beginning of messages.
  private var place: String {
    path.isEmpty ? "Row \(row)" : "Column '\(path.joined(separator: "."))', which holds \(contents), row \(row)"
  }

  func mismatch(_ type: Any.Type, at slot: Int, _ hint: String = "") -> DecodingError {
    self.slot = slot
    return .typeMismatch(
      type,
      DecodingError.Context(codingPath: codingPath, debugDescription: "\(place): cannot be decoded as \(type).\(hint)")
    )
  }

  func noValue(_ type: Any.Type, at slot: Int) -> DecodingError {
    self.slot = slot
    return .valueNotFound(
      type,
      DecodingError.Context(
        codingPath: codingPath,
        debugDescription: "\(place): null, where \(type) needs a value. Declare the property Optional."
      )
    )
  }

  func corrupted(_ what: String, at slot: Int) -> DecodingError {
    self.slot = slot
    return .dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: "\(place): \(what)"))
  }

  func noField(_ key: any CodingKey) -> DecodingError {
    let holder = path.isEmpty ? "The file" : "Column '\(path.joined(separator: "."))'"
    let names = children.map { "'\($0.key)'" }
    let list = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", and \(names.count - 20) more" : "")
    return .keyNotFound(
      key,
      DecodingError.Context(
        codingPath: codingPath,
        debugDescription: "\(holder) has no field for the key '\(key.stringValue)'; its fields' keys are \(list)."
      )
    )
  }
}
