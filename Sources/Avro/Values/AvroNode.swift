public import ByteBuffers

/// A value and where it stands, for reading what a program expects; what is otherwise is refused with its place.
///
///     let manifest = AvroNode(value)
///     for group in try manifest["column_groups"].items {
///       let format = try group["format"].string
///     }
///
/// Unions are stepped through: a node is that of the branch's value.
public struct AvroNode: Sendable {
  /// The value; never a union.
  public let value: AvroValue
  private let place: Place?

  /// A step from the outermost value, and those before it.
  ///
  /// Paths are put together only for errors.
  private final class Place: Sendable {
    enum Step: Sendable {
      case field(String)
      case item(Int)
      case entry(String)
    }

    let step: Step
    let outer: Place?

    init(_ step: Step, in outer: Place?) {
      self.step = step
      self.outer = outer
    }

    var text: String {
      switch step {
      case .field(let name): name
      case .item(let index): AvroError.step(index)
      case .entry(let key): AvroError.step(key: key)
      }
    }
  }

  /// Takes an outermost value.
  ///
  /// - Parameter value: the value.
  public init(_ value: AvroValue) {
    self.value = value.unwrapped
    place = nil
  }

  private init(_ value: AvroValue, _ step: Place.Step, in outer: Place?) {
    self.value = value.unwrapped
    place = Place(step, in: outer)
  }

  /// Where the value stands, as `column_groups[2].path`.
  public var path: String {
    var path = ""
    var place = place
    while let step = place {
      path = AvroError.joined(step.text, path)
      place = step.outer
    }
    return path
  }

  /// An error that says where the value stands.
  ///
  /// - Parameters:
  ///   - code: its kind.
  ///   - message: what is wrong.
  /// - Returns: the error.
  public func failure(_ code: AvroError.Code, _ message: String) -> AvroError {
    var error = AvroError(code, message)
    error.path = path
    return error
  }

  private func mismatch(_ wanted: String) -> AvroError {
    failure(.schemaMismatch, "The value is \(value.kind.rawValue), and \(wanted) was expected.")
  }
}

/// What is inside a value.
extension AvroNode {
  /// A field of a record.
  ///
  /// - Parameter field: its name.
  /// - Throws: when the value is no record, or has no such field.
  public subscript(field: String) -> AvroNode {
    get throws(AvroError) {
      guard let node = try optional(field) else {
        throw failure(.schemaMismatch, "The record has no field '\(field)'.")
      }
      return node
    }
  }

  /// A field of a record; nil when its type has none of this name.
  ///
  /// - Parameter field: its name.
  /// - Returns: the field.
  /// - Throws: when the value is no record.
  public func optional(_ field: String) throws(AvroError) -> AvroNode? {
    try record[field].map { AvroNode($0, .field(field), in: place) }
  }

  /// The value as a record.
  public var record: AvroRecord {
    get throws(AvroError) {
      guard case .record(let record) = value else { throw mismatch("a record") }
      return record
    }
  }

  /// The elements of an array.
  public var items: [AvroNode] {
    get throws(AvroError) {
      guard case .array(let elements) = value else { throw mismatch("an array") }
      return elements.enumerated().map { AvroNode($1, .item($0), in: place) }
    }
  }

  /// The entries of a map, in order.
  public var entries: [(key: String, value: AvroNode)] {
    get throws(AvroError) {
      guard case .map(let map) = value else { throw mismatch("a map") }
      return map.entries.map { ($0.key, AvroNode($0.value, .entry($0.key), in: place)) }
    }
  }

  /// The value itself; nil when it is null.
  public var ifPresent: AvroNode? {
    if case .null = value { return nil }
    return self
  }
}

/// What a value is.
extension AvroNode {
  /// A text.
  public var string: String {
    get throws(AvroError) {
      guard case .string(let text) = value else { throw mismatch("a string") }
      return text
    }
  }

  /// The texts of an array of them.
  public var strings: [String] {
    get throws(AvroError) {
      guard case .array(let elements) = value else { throw mismatch("an array") }
      var texts: [String] = []
      texts.reserveCapacity(elements.count)
      for (index, element) in elements.enumerated() {
        guard case .string(let text) = element.unwrapped else {
          throw AvroNode(element, .item(index), in: place).mismatch("a string")
        }
        texts.append(text)
      }
      return texts
    }
  }

  /// A truth value.
  public var boolean: Bool {
    get throws(AvroError) {
      guard case .boolean(let value) = value else { throw mismatch("a boolean") }
      return value
    }
  }

  /// An integer of 32 bits.
  public var int: Int32 {
    get throws(AvroError) {
      guard case .int(let value) = value else { throw mismatch("an int") }
      return value
    }
  }

  /// An integer of 64 bits, or of 32.
  public var long: Int64 {
    get throws(AvroError) {
      switch value {
      case .int(let value): return Int64(value)
      case .long(let value): return value
      default: throw mismatch("a long")
      }
    }
  }

  /// A floating point number of 64 bits, or of 32.
  public var double: Double {
    get throws(AvroError) {
      switch value {
      case .float(let value): return Double(value)
      case .double(let value): return value
      default: throw mismatch("a double")
      }
    }
  }

  /// Bytes, or those of a fixed.
  public var bytes: Bytes {
    get throws(AvroError) {
      switch value {
      case .bytes(let bytes), .fixed(let bytes): return bytes
      default: throw mismatch("bytes")
      }
    }
  }

  /// The symbol of an enum.
  public var symbol: String {
    get throws(AvroError) {
      guard case .enumeration(let symbol) = value else { throw mismatch("an enum") }
      return symbol
    }
  }
}
