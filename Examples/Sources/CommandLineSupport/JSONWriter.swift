/// Writes one JSON value after the other into a buffer; commas and indents come by themselves.
public struct JSONWriter: Sendable {
  private var bytes: [UInt8] = []
  private let isPretty: Bool
  /// Whether each open object or array has an element already.
  private var open: [Bool] = []
  private var followsKey = false

  /// Creates an empty writer.
  ///
  /// - Parameter isPretty: one element a line, indented by two spaces.
  public init(isPretty: Bool = false) {
    self.isPretty = isPretty
  }

  /// Bytes that wait in the buffer.
  public var count: Int { bytes.count }

  /// Hands out what was written and empties the buffer; open objects stay open.
  ///
  /// - Returns: the bytes.
  public mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// Begins an object.
  public mutating func beginObject() { begin(UInt8(ascii: "{")) }

  /// Ends the innermost object.
  public mutating func endObject() { end(UInt8(ascii: "}")) }

  /// Begins an array.
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }

  /// Ends the innermost array.
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  /// Writes the name of an object's next member.
  ///
  /// - Parameter name: the name.
  public mutating func key(_ name: String) {
    separate()
    bytes.append(jsonString: name)
    bytes.append(UInt8(ascii: ":"))
    if isPretty { bytes.append(UInt8(ascii: " ")) }
    followsKey = true
  }

  /// Writes a string.
  public mutating func value(_ text: String) {
    separate()
    bytes.append(jsonString: text)
  }

  /// Writes a whole number.
  public mutating func value(_ number: some BinaryInteger) {
    separate()
    bytes.append(text: number.description)
  }

  /// Writes a number; NaN and infinities become strings.
  public mutating func value(_ number: Double) {
    separate()
    bytes.append(json: number)
  }

  /// Writes true or false.
  public mutating func value(_ flag: Bool) {
    separate()
    bytes.append(text: flag ? "true" : "false")
  }

  /// Writes null.
  public mutating func null() {
    separate()
    bytes.append(text: "null")
  }

  /// Writes a value that `body` appends as JSON.
  ///
  /// - Parameter body: appends exactly one JSON value.
  public mutating func raw(_ body: (inout [UInt8]) -> Void) {
    separate()
    body(&bytes)
  }

  /// Writes a member; left out when the value is nil.
  public mutating func field(_ name: String, _ text: String?) {
    guard let text else { return }
    key(name)
    value(text)
  }

  /// Writes a member; left out when the value is nil.
  public mutating func field(_ name: String, _ number: (some BinaryInteger)?) {
    guard let number else { return }
    key(name)
    value(number)
  }

  /// Writes a member; left out when the value is nil.
  public mutating func field(_ name: String, _ number: Double?) {
    guard let number else { return }
    key(name)
    value(number)
  }

  /// Writes a member; left out when the value is nil.
  public mutating func field(_ name: String, _ flag: Bool?) {
    guard let flag else { return }
    key(name)
    value(flag)
  }

  private mutating func begin(_ mark: UInt8) {
    separate()
    bytes.append(mark)
    open.append(false)
  }

  private mutating func end(_ mark: UInt8) {
    let hadElements = open.popLast() ?? false
    if isPretty, hadElements { newLine() }
    bytes.append(mark)
  }

  /// Writes what stands between the element before and the next.
  private mutating func separate() {
    if followsKey {
      followsKey = false
      return
    }
    guard let hasElements = open.last else { return }
    if hasElements { bytes.append(UInt8(ascii: ",")) }
    open[open.count - 1] = true
    if isPretty { newLine() }
  }

  private mutating func newLine() {
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * open.count))
  }
}
