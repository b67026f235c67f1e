import Foundation

/// The Arrow schema that writers of the Arrow family leave in the note "ARROW:schema", in base64.
///
///     FF FF FF FF | Int32 size | FlatBuffers of a Message, its header a Schema
///
/// A FlatBuffers table begins with the distance back to its vtable:
///
///     vtable  UInt16 its bytes | UInt16 bytes of the table | UInt16 for each field: where it lies in the table, 0: absent
///     table   Int32 distance to the vtable | ...; a vector, string or table is a UInt32 distance forward
struct ArrowSchema {
  static let key = "ARROW:schema"
  /// Fields of the tables of Arrow's Message.fbs and Schema.fbs, by number.
  private enum Slot {
    static let header = 2, fields = 1, dictionary = 4, children = 5
  }
  private static let deepest = 100

  private var bytes: [UInt8]
  /// Fields that may still be looked at: many places can lead to one field, but a schema has no more than fit.
  private var fieldsLeft: Int

  private init?(_ note: String) {
    guard let data = Data(base64Encoded: note), data.count >= 12 else { return nil }
    bytes = [UInt8](data)
    fieldsLeft = data.count / 8
  }

  /// The same schema without dictionary types: what they stand for is left.
  ///
  /// Arrow's readers do not fill dictionaries from delta encoded pages.
  ///
  /// - Returns: nil when the note is no such schema.
  static func withoutDictionaries(_ note: String) -> String? {
    guard var schema = ArrowSchema(note) else { return nil }
    let message = 8
    guard let root = schema.forward(message), let header = schema.target(root, Slot.header),
      schema.dropDictionaries(header, Slot.fields, depth: 0)
    else { return nil }
    return Data(schema.bytes).base64EncodedString()
  }

  /// Drops the dictionaries of the fields listed in a slot of a table, and of theirs; false where the bytes make no sense.
  private mutating func dropDictionaries(_ table: Int, _ slot: Int, depth: Int) -> Bool {
    guard depth < ArrowSchema.deepest else { return false }
    guard let vector = target(table, slot) else { return true }
    guard let count = number(vector, bytes: 4), count <= bytes.count / 4 else { return false }
    for index in 0..<count {
      fieldsLeft -= 1
      guard fieldsLeft >= 0, let field = forward(vector + 4 + 4 * index) else { return false }
      if let place = place(field, Slot.dictionary) {
        // Tables of the same shape share a vtable, so all of these are fields with a dictionary.
        bytes[place.entry] = 0
        bytes[place.entry + 1] = 0
      }
      guard dropDictionaries(field, Slot.children, depth: depth + 1) else { return false }
    }
    return true
  }

  /// Where the vtable speaks of a field that a table has, and where the field lies.
  private func place(_ table: Int, _ slot: Int) -> (entry: Int, field: Int)? {
    guard let distance = number(table, bytes: 4) else { return nil }
    let vtable = table - Int(Int32(truncatingIfNeeded: distance))
    let entry = vtable + 4 + 2 * slot
    guard let size = number(vtable, bytes: 2), entry + 2 <= vtable + size, let offset = number(entry, bytes: 2),
      offset > 0
    else { return nil }
    return (entry, table + offset)
  }

  private func target(_ table: Int, _ slot: Int) -> Int? {
    place(table, slot).flatMap { forward($0.field) }
  }

  /// What the distance at `position` leads to.
  private func forward(_ position: Int) -> Int? {
    guard let distance = number(position, bytes: 4), distance > 0, position + distance < bytes.count else { return nil }
    return position + distance
  }

  private func number(_ position: Int, bytes count: Int) -> Int? {
    guard position >= 0, position + count <= bytes.count else { return nil }
    return (0..<count).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
  }
}
