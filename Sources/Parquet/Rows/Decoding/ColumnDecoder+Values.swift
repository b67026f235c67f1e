extension ColumnDecoder {
  /// Decodes any type from a slot.
  func value<T: Decodable>(_ type: T.Type, at slot: Int) throws -> T {
    switch strategy(type) {
    case .standard(let standard):
      guard let value = try standard.decode(from: self, at: slot) as? T else { throw mismatch(type, at: slot) }
      return value
    case .converted(let convertible):
      guard let value = try converted(convertible, at: slot) as? T else { throw mismatch(type, at: slot) }
      return value
    case .codable:
      let before = self.slot
      self.slot = slot
      defer { self.slot = before }
      return try T(from: self)
    }
  }

  private func converted<C: ParquetConvertible>(_ type: C.Type, at slot: Int) throws -> C {
    let form = try value(C.ParquetForm.self, at: slot)
    guard let value = C(parquetForm: form) else { throw corrupted("\(form) is not a value of \(C.self).", at: slot) }
    return value
  }

  @inline(__always)
  private func source(_ type: Any.Type, at slot: Int) throws -> LeafSource {
    guard case .leaf(let source) = kind else { throw mismatch(type, at: slot) }
    guard !isNull(slot) else { throw noValue(type, at: slot) }
    return source
  }

  func boolean(at slot: Int) throws -> Bool {
    guard try source(Bool.self, at: slot) == .boolean else { throw mismatch(Bool.self, at: slot) }
    return (base + slot).load(as: UInt8.self) != 0
  }

  /// Numbers of DATE, TIME and TIMESTAMP columns are delivered as they are stored.
  @inline(__always)
  func integer<T: FixedWidthInteger>(_ type: T.Type, at slot: Int) throws -> T {
    if decimalScale != nil { return try integerOfDecimal(type, at: slot) }
    switch try source(type, at: slot) {
    case .signed64: return try fit((base + slot &* 8).loadUnaligned(as: Int64.self), type, slot)
    case .signed32: return try fit((base + slot &* 4).loadUnaligned(as: Int32.self), type, slot)
    case .unsigned64: return try fit((base + slot &* 8).loadUnaligned(as: UInt64.self), type, slot)
    case .unsigned32: return try fit((base + slot &* 4).loadUnaligned(as: UInt32.self), type, slot)
    default: throw mismatch(type, at: slot)
    }
  }

  @inline(__always)
  private func fit<S: FixedWidthInteger, T: FixedWidthInteger>(_ number: S, _ type: T.Type, _ slot: Int) throws -> T {
    guard let result = T(exactly: number) else { throw corrupted("\(number) does not fit \(type).", at: slot) }
    return result
  }

  private func integerOfDecimal<T: FixedWidthInteger>(_ type: T.Type, at slot: Int) throws -> T {
    let number = try decimal(type, at: slot)
    guard let whole = number.rescaled(to: 0), let result = T(exactly: whole.unscaled) else {
      throw corrupted("\(number) does not fit \(type).", at: slot)
    }
    return result
  }

  /// The nearest number; a finite one that would become infinite is refused, and so is an inexact integer.
  @inline(__always)
  func floatingPoint<T: BinaryFloatingPoint & LosslessStringConvertible>(_ type: T.Type, at slot: Int) throws -> T {
    if decimalScale != nil {
      let number = try decimal(type, at: slot)
      return try narrow(number.doubleValue, type, slot)
    }
    switch try source(type, at: slot) {
    case .double: return try narrow((base + slot &* 8).loadUnaligned(as: Double.self), type, slot)
    case .float: return T((base + slot &* 4).loadUnaligned(as: Float.self))
    case .half: return T(widenedHalf((base + slot &* 2).loadUnaligned(as: UInt16.self)))
    case .signed32, .signed64, .unsigned32, .unsigned64:
      let number = try integer(Int128.self, at: slot)
      guard let result = T(exactly: number) else { throw corrupted("\(number) does not fit \(type).", at: slot) }
      return result
    default: throw mismatch(type, at: slot)
    }
  }

  @inline(__always)
  private func narrow<T: BinaryFloatingPoint>(_ number: Double, _ type: T.Type, _ slot: Int) throws -> T {
    let result = T(number)
    guard result.isFinite || !number.isFinite else { throw corrupted("\(number) does not fit \(type).", at: slot) }
    return result
  }

  /// The bytes of a slot of a byte array, fixed or not; nil for other leaves.
  func bytes(_ type: Any.Type, at slot: Int) throws -> UnsafeRawBufferPointer? {
    switch try source(type, at: slot) {
    case .variable:
      let range = range(slot)
      return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    case .fixed(let length): return UnsafeRawBufferPointer(start: base + slot * length, count: length)
    case .int96: return UnsafeRawBufferPointer(start: base + slot * 12, count: 12)
    default: return nil
    }
  }

  func text(at slot: Int) throws -> String {
    switch (try source(String.self, at: slot), annotation) {
    case (.fixed(16), .uuid): return ParquetUUID(bytes: base + slot * 16).description
    case (_, .decimal), (_, .interval), (.int96, _): throw mismatch(String.self, at: slot)
    default: break
    }
    guard let bytes = try bytes(String.self, at: slot) else { throw mismatch(String.self, at: slot) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw corrupted("the \(bytes.count) bytes are not UTF-8; decode them as [UInt8].", at: slot)
    }
    return text
  }

  /// A number of a DECIMAL column; `type` is what asks for it.
  func decimal(_ type: Any.Type, at slot: Int) throws -> ParquetDecimal {
    let source = try source(type, at: slot)
    guard let scale = decimalScale ?? (source.isInteger ? 0 : nil) else {
      throw mismatch(type, at: slot)
    }
    switch source {
    case .signed32:
      return ParquetDecimal(unscaled: Int128((base + slot * 4).loadUnaligned(as: Int32.self)), scale: scale)
    case .signed64:
      return ParquetDecimal(unscaled: Int128((base + slot * 8).loadUnaligned(as: Int64.self)), scale: scale)
    case .unsigned32, .unsigned64:
      return ParquetDecimal(unscaled: try integer(Int128.self, at: slot), scale: scale)
    default: break
    }
    guard let bytes = try bytes(type, at: slot) else { throw mismatch(type, at: slot) }
    guard let number = ParquetDecimal(bigEndian: bytes, scale: scale) else {
      throw corrupted("the number of \(bytes.count) bytes does not fit 128 bits.", at: slot)
    }
    return number
  }

  func timestamp(at slot: Int) throws -> ParquetTimestamp {
    switch (try source(ParquetTimestamp.self, at: slot), annotation) {
    case (.int96, _): return ParquetTimestamp(int96: base + slot * 12)
    case (.signed64, .timestamp(let utc, let unit)):
      let ticks = (base + slot * 8).loadUnaligned(as: Int64.self)
      return ParquetTimestamp(ticks: ticks, unit: unit, isAdjustedToUTC: utc)
    default: throw mismatch(ParquetTimestamp.self, at: slot)
    }
  }

  func date(at slot: Int) throws -> ParquetDate {
    guard try source(ParquetDate.self, at: slot) == .signed32, annotation == .date else {
      throw mismatch(ParquetDate.self, at: slot)
    }
    return ParquetDate(daysSince1970: (base + slot * 4).loadUnaligned(as: Int32.self))
  }

  func time(at slot: Int) throws -> ParquetTime {
    guard case .time(let utc, let unit) = annotation else { throw mismatch(ParquetTime.self, at: slot) }
    let ticks = try integer(Int64.self, at: slot)
    let (nanoseconds, overflow) = ticks.multipliedReportingOverflow(by: 1_000_000_000 / unit.ticksPerSecond)
    guard !overflow else { throw corrupted("\(ticks) \(unit.name) is not a time of day.", at: slot) }
    return ParquetTime(nanoseconds: nanoseconds, isAdjustedToUTC: utc)
  }

  func interval(at slot: Int) throws -> ParquetInterval {
    guard try source(ParquetInterval.self, at: slot) == .fixed(12), annotation == .interval else {
      throw mismatch(ParquetInterval.self, at: slot)
    }
    return ParquetInterval(bytes: base + slot * 12)
  }

  func uuid(at slot: Int) throws -> ParquetUUID {
    guard try source(ParquetUUID.self, at: slot) == .variable else {
      guard case .leaf(.fixed(16)) = kind else { throw mismatch(ParquetUUID.self, at: slot) }
      return ParquetUUID(bytes: base + slot * 16)
    }
    let text = try text(at: slot)
    guard let uuid = ParquetUUID(text) else { throw corrupted("'\(text)' is not a UUID.", at: slot) }
    return uuid
  }
}

extension LeafSource {
  fileprivate var isInteger: Bool {
    switch self {
    case .signed32, .signed64, .unsigned32, .unsigned64: true
    default: false
    }
  }
}

/// IEEE half precision: 1 bit sign, 5 bits exponent, 10 bits fraction.
func widenedHalf(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1f
  let fraction = UInt32(bits & 0x3ff)
  switch exponent {
  case 0:
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
