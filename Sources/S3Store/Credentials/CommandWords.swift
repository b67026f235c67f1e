/// Takes a command apart into words, by the quotes and backslashes of a shell and nothing else of it.
///
/// Inside single quotes everything stands for itself; inside double quotes a backslash protects `"` and `\`; outside it
/// protects any character.
enum CommandWords {
  /// The words of a command; nil if there are none or a quote does not end.
  static func split(_ command: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var characters = command.makeIterator()
    while let character = characters.next() {
      switch (character, quote) {
      case ("'", "'"), ("\"", "\""): quote = nil
      case (_, "'"): word?.append(character)
      case ("\\", _):
        guard let next = characters.next() else { return nil }
        if quote == "\"", next != "\"", next != "\\" { word = (word ?? "") + "\\" }
        word = (word ?? "") + String(next)
      case (_, "\""): word?.append(character)
      case ("'", _), ("\"", _):
        quote = character
        word = word ?? ""
      case (" ", _), ("\t", _):
        if let word { words.append(word) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return quote == nil && !words.isEmpty ? words : nil
  }
}
