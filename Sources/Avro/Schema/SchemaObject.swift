/// The members of an object of a schema's JSON.
struct SchemaObject {
  private let members: [AvroJSON.Member]

  /// The members by which a type is named.
  static let naming = ["name", "namespace", "aliases"]

  init(_ members: [AvroJSON.Member]) {
    self.members = members
  }

  subscript(name: String) -> AvroJSON? { members.first { $0.name == name }?.value }

  func required(_ name: String) throws(AvroError) -> AvroJSON {
    guard let value = self[name] else {
      throw AvroError(.invalidSchema, "The member '\(name)' is missing.")
    }
    return value
  }

  func text(_ name: String) throws(AvroError) -> String {
    let value = try required(name)
    guard let text = value.string else {
      throw AvroError(.invalidSchema, "The member '\(name)' is \(value.kind), not a text.")
    }
    return text
  }

  func texts(_ name: String) throws(AvroError) -> [String]? {
    guard let value = self[name] else { return nil }
    guard let elements = value.array else {
      throw AvroError(.invalidSchema, "The member '\(name)' is \(value.kind), not an array of texts.")
    }
    let texts = elements.compactMap(\.string)
    guard texts.count == elements.count else {
      throw AvroError(.invalidSchema, "The member '\(name)' has an element that is not a text.")
    }
    return texts
  }

  /// All members but the type and those named.
  func attributes(without known: [String]) -> [AvroJSON.Member] {
    members.filter { $0.name != "type" && !known.contains($0.name) }
  }

  // MARK: - Names

  /// The name of a type and its aliases, in full.
  func name(namespace: String) throws(AvroError) -> SchemaName {
    let own = try self["namespace"].flatMap { $0 == .null ? nil : $0 } == nil ? namespace : text("namespace")
    let full = try SchemaObject.full(try text("name"), namespace: own)
    let home = String(SchemaName.namespace(full))
    var aliases: [String] = []
    for alias in try texts("aliases") ?? [] { aliases.append(try SchemaObject.full(alias, namespace: home)) }
    return SchemaName(full: full, aliases: aliases)
  }

  /// A fullname: a name with a dot is one already.
  static func full(_ name: String, namespace: String) throws(AvroError) -> String {
    let full = name.contains(".") || namespace.isEmpty ? name : namespace + "." + name
    for part in full.split(separator: ".", omittingEmptySubsequences: false) { try check(part, "name") }
    return full
  }

  /// Names are letters, digits and underscores of ASCII, and begin with no digit.
  static func check(_ name: some StringProtocol, _ what: String) throws(AvroError) {
    let isRight = name.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
      default: false
      }
    }
    guard isRight, !name.isEmpty else {
      throw AvroError(
        .invalidSchema,
        "'\(name.prefix(200))' is no \(what): those are letters, digits and underscores, and begin with no digit."
      )
    }
  }
}
