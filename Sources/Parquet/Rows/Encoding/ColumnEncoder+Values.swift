extension ColumnEncoder {
  /// Encodes any value as the next slot.
  func encode<T: Encodable>(_ value: T) throws {
    if let standard = value as? any ColumnEncodable {
      try standard.encode(into: self)
    } else if let convertible = value as? any ParquetConvertible {
      try encode(converted: convertible)
    } else {
      let before = try beginValue()
      try value.encode(to: self)
      try endValue(before)
    }
  }

  private func encode<C: ParquetConvertible>(converted value: C) throws {
    guard let form = value.parquetForm else {
      throw invalid(value, "\(value) cannot be written as \(C.ParquetForm.self).")
    }
    try encode(form)
  }

  private func leaf(_ value: Any) throws -> LeafColumn {
    guard case .leaf(let leaf) = kind else { throw mismatch(value) }
    return leaf
  }

  func mismatch(_ value: Any) -> EncodingError { invalid(value, "cannot hold a value of \(type(of: value)).") }

  private func misfit(_ value: Any) -> EncodingError { invalid(value, "\(value) does not fit.") }

  private func append(number: some FixedWidthInteger) throws {
    try append(withUnsafeBytes(of: number.littleEndian) { Array($0) })
  }

  func encode(boolean value: Bool) throws {
    guard try leaf(value).type == .boolean else { throw mismatch(value) }
    try append(CollectionOfOne(value ? 1 : 0))
  }

  /// Numbers go into DATE, TIME and TIMESTAMP columns as they are.
  func encode<T: FixedWidthInteger>(integer value: T) throws {
    let leaf = try leaf(value)
    if leaf.decimalScale != nil {
      guard let number = Int128(exactly: value) else { throw misfit(value) }
      return try encode(decimal: ParquetDecimal(unscaled: number, scale: 0))
    }
    switch (leaf.type, leaf.node.logicalType) {
    case (.int32, .integer(let width, isSigned: false)), (.int64, .integer(let width, isSigned: false)):
      guard let number = UInt64(exactly: value), width >= 64 || number >> UInt64(width) == 0 else {
        throw misfit(value)
      }
      if leaf.type == .int32 {
        try append(number: UInt32(truncatingIfNeeded: number))
      } else {
        try append(number: number)
      }
    case (.int32, let annotation):
      var bits: Int8 = 32
      if case .integer(let width, _) = annotation { bits = width }
      guard let number = Int32(exactly: value), bits >= 32 || abs(Int64(number) * 2 + 1) < 1 << Int64(bits) else {
        throw misfit(value)
      }
      try append(number: number)
    case (.int64, _):
      guard let number = Int64(exactly: value) else { throw misfit(value) }
      try append(number: number)
    case (.float, _):
      guard let number = Float(exactly: value) else { throw misfit(value) }
      try append(number: number.bitPattern)
    case (.double, _):
      guard let number = Double(exactly: value) else { throw misfit(value) }
      try append(number: number.bitPattern)
    default: throw mismatch(value)
    }
  }

  func encode(float value: Float) throws {
    switch try leaf(value).type {
    case .float: try append(number: value.bitPattern)
    case .double: try append(number: Double(value).bitPattern)
    default: throw mismatch(value)
    }
  }

  /// A FLOAT column takes the nearest number.
  func encode(double value: Double) throws {
    switch try leaf(value).type {
    case .float:
      guard Float(value).isFinite || !value.isFinite else { throw misfit(value) }
      try append(number: Float(value).bitPattern)
    case .double: try append(number: value.bitPattern)
    default: throw mismatch(value)
    }
  }

  func encode(text value: String) throws {
    let leaf = try leaf(value)
    switch (leaf.type, leaf.node.logicalType) {
    case (_, .decimal): throw mismatch(value)
    case (.byteArray, _): try append(value.utf8, variable: true)
    case (.fixedLengthByteArray, .uuid) where leaf.length == 16:
      guard let uuid = ParquetUUID(value) else { throw misfit(value) }
      try append(uuid.bytes)
    default: throw mismatch(value)
    }
  }

  func encode(bytes value: [UInt8]) throws {
    let leaf = try leaf(value)
    switch leaf.type {
    case .byteArray: try append(value, variable: true)
    case .fixedLengthByteArray:
      guard value.count == leaf.length else { throw invalid(value, "cannot hold \(value.count) bytes.") }
      try append(value)
    default: throw mismatch(value)
    }
  }

  func encode(decimal value: ParquetDecimal) throws {
    let leaf = try leaf(value)
    guard let scale = leaf.decimalScale, case .decimal(_, let precision) = leaf.node.logicalType else {
      throw mismatch(value)
    }
    guard let number = value.rescaled(to: scale)?.unscaled, String(number.magnitude).utf8.count <= Int(precision) else {
      throw misfit(value)
    }
    switch leaf.type {
    case .int32:
      guard let number = Int32(exactly: number) else { throw misfit(value) }
      try append(number: number)
    case .int64:
      guard let number = Int64(exactly: number) else { throw misfit(value) }
      try append(number: number)
    case .byteArray, .fixedLengthByteArray:
      let isFixed = leaf.type == .fixedLengthByteArray
      // The shortest form has one bit for the sign.
      let bits = 128 - (number < 0 ? ~number : number).leadingZeroBitCount + 1
      let length = isFixed ? leaf.length : (bits + 7) / 8
      guard let bytes = ParquetDecimal(unscaled: number, scale: scale).bigEndian(length: length) else {
        throw misfit(value)
      }
      try append(bytes, variable: !isFixed)
    default: throw mismatch(value)
    }
  }

  func encode(timestamp value: ParquetTimestamp) throws {
    let leaf = try leaf(value)
    guard leaf.type == .int64, case .timestamp(_, let unit) = leaf.node.logicalType else { throw mismatch(value) }
    guard let ticks = value.ticks(unit) else {
      throw invalid(value, "\(value) is not a whole number of the column's unit in 64 bits. Round it first.")
    }
    try append(number: ticks)
  }

  func encode(date value: ParquetDate) throws {
    let leaf = try leaf(value)
    guard leaf.type == .int32, leaf.node.logicalType == .date else { throw mismatch(value) }
    try append(number: value.daysSince1970)
  }

  func encode(time value: ParquetTime) throws {
    let leaf = try leaf(value)
    guard case .time(_, let unit) = leaf.node.logicalType else { throw mismatch(value) }
    let (ticks, rest) = value.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000 / unit.ticksPerSecond)
    guard rest == 0 else {
      throw invalid(value, "\(value) is not a whole number of the column's unit. Round it first.")
    }
    guard leaf.type == .int32 else { return try append(number: ticks) }
    guard let small = Int32(exactly: ticks) else { throw misfit(value) }
    try append(number: small)
  }

  func encode(interval value: ParquetInterval) throws {
    let leaf = try leaf(value)
    guard leaf.length == 12, leaf.node.logicalType == .interval else { throw mismatch(value) }
    try append(value.bytes)
  }

  func encode(uuid value: ParquetUUID) throws {
    let leaf = try leaf(value)
    switch leaf.type {
    case .fixedLengthByteArray where leaf.length == 16: try append(value.bytes)
    case .byteArray: try append(value.description.utf8, variable: true)
    default: throw mismatch(value)
    }
  }

  /// Encodes the elements of a list.
  func encode<E: Encodable>(elements: some Sequence<E>) throws {
    guard case .list = kind else { throw mismatch(elements) }
    let before = try beginValue()
    try openList()
    for element in elements { try children[0].encode(element) }
    try endValue(before)
  }

  /// Encodes the entries of a map, in order of their keys where they have one.
  func encode<K: Encodable & Hashable, V: Encodable>(entries: [K: V]) throws {
    let before = try beginValue()
    if case .structure = kind {
      try entries.encode(to: self)
      return try endValue(before)
    }
    guard case .map = kind else { throw mismatch(entries) }
    try openList()
    let entry = children[0]
    for key in sortedKeys(entries) {
      guard let value = entries[key] else { continue }
      let entryBefore = try entry.beginValue()
      try entry.openStructure()
      try entry.children[0].encode(key)
      try entry.children[1].encode(value)
      try entry.endValue(entryBefore)
    }
    try endValue(before)
  }
}

/// Keys in their order where they have one, so that the same dictionary becomes the same bytes.
private func sortedKeys<K: Hashable, V>(_ entries: [K: V]) -> [K] {
  func sorted<C: Comparable>(_ type: C.Type) -> [K] {
    entries.keys.sorted { left, right in
      guard let left = left as? C, let right = right as? C else { return false }
      return left < right
    }
  }
  if let comparable = K.self as? any Comparable.Type { return sorted(comparable) }
  return Array(entries.keys)
}
