/// How the coding keys of a type find the columns of a file.
struct KeyMatching: Sendable {
  let strategy: ParquetDecoder.KeyDecodingStrategy

  /// The key that asks for a field.
  ///
  /// - Parameters:
  ///   - name: the field's name.
  ///   - parents: names of the fields around it, from the top.
  func key(of name: String, below parents: [String]) -> String {
    switch strategy {
    case .useDefaultKeys: name
    case .convertFromSnakeCase: camelCase(name)
    case .custom(let convert): convert((parents + [name]).map { FieldKey($0) }).stringValue
    }
  }
}

/// A field's name, or a position, as a coding key.
struct FieldKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ name: String) {
    stringValue = name
    intValue = nil
  }

  init(index: Int) {
    stringValue = "Index \(index)"
    intValue = index
  }

  init?(stringValue: String) {
    self.init(stringValue)
  }

  init?(intValue: Int) {
    self.init(index: intValue)
  }
}

/// `trip_id` as `tripId`; underscores at both ends stay, and so does a name without any between.
func camelCase(_ name: String) -> String {
  guard let first = name.firstIndex(where: { $0 != "_" }), let last = name.lastIndex(where: { $0 != "_" }) else {
    return name
  }
  let words = name[first...last].split(separator: "_")
  guard words.count > 1 else { return name }
  let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
  let suffix = name[name.index(after: last)...]
  return name[..<first] + words[0].lowercased() + rest.joined() + suffix
}

/// `tripId` as `trip_id`: a word begins with a capital; of a run of capitals the last one does when small letters follow.
func snakeCase(_ name: String) -> String {
  let letters = Array(name)
  var result = ""
  for (index, letter) in letters.enumerated() {
    if letter.isUppercase, index > 0, letters[index - 1] != "_" {
      let next = index + 1 < letters.count ? letters[index + 1] : nil
      if !letters[index - 1].isUppercase || next?.isLowercase == true { result += "_" }
    }
    result += letter.lowercased()
  }
  return result
}
