internal import Crypto

/// A decimal in digits, with `scale` of them behind the point.
func decimalText(_ slot: UnsafeRawBufferPointer, scale: Int, isBytes: Bool) -> String {
  let bytes = isBytes ? Array(slot) : slot.reversed()
  var (digits, isNegative) = decimalDigits(bigEndian: bytes)
  if digits.count <= scale { digits.insert(contentsOf: repeatElement(0, count: scale + 1 - digits.count), at: 0) }
  var text = isNegative ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index == digits.count - scale { text.append(".") }
    text.append(String(digit))
  }
  return text
}

/// Drops zeros behind the point.
func trimmedDecimal(_ text: String) -> String {
  var rest = text[...]
  if rest.contains(".") {
    while rest.hasSuffix("0") { rest = rest.dropLast() }
    if rest.hasSuffix(".") { rest = rest.dropLast() }
  }
  return rest == "-0" ? "0" : String(rest)
}

/// The digits of a two's complement integer of any length.
private func decimalDigits(bigEndian bytes: [UInt8]) -> (digits: [UInt8], isNegative: Bool) {
  let isNegative = (bytes.first ?? 0) >= 0x80
  let padding: UInt8 = isNegative ? 0xff : 0
  var magnitude = Array(bytes.drop { $0 == padding })
  if isNegative {
    // Negate: the complement plus one.
    magnitude.insert(padding, at: 0)
    var carry = true
    for index in magnitude.indices.reversed() {
      magnitude[index] = ~magnitude[index] &+ (carry ? 1 : 0)
      carry = carry && magnitude[index] == 0
    }
  }
  var limbs = limbs(bigEndian: magnitude)
  var digits: [UInt8] = []
  while !limbs.isEmpty {
    var group = divideByBillion(&limbs)
    // All groups but the leading one have nine digits.
    for _ in 0..<9 where group > 0 || !limbs.isEmpty {
      digits.append(UInt8(group % 10))
      group /= 10
    }
  }
  return (digits.isEmpty ? [0] : digits.reversed(), isNegative && !digits.isEmpty)
}

/// A magnitude as 32-bit limbs, the most significant first and not zero.
private func limbs(bigEndian bytes: [UInt8]) -> [UInt32] {
  var limbs: [UInt32] = []
  var limb: UInt32 = 0
  for (index, byte) in bytes.enumerated() {
    limb = limb << 8 | UInt32(byte)
    guard (bytes.count - index) % 4 == 1 else { continue }
    if limb > 0 || !limbs.isEmpty { limbs.append(limb) }
    limb = 0
  }
  return limbs
}

/// Divides a magnitude by 1,000,000,000 and returns the remainder.
private func divideByBillion(_ limbs: inout [UInt32]) -> UInt32 {
  var remainder: UInt64 = 0
  for index in limbs.indices {
    let value = remainder << 32 | UInt64(limbs[index])
    limbs[index] = UInt32(value / 1_000_000_000)
    remainder = value % 1_000_000_000
  }
  if limbs.first == 0 { limbs.removeFirst() }
  return UInt32(remainder)
}

/// Length and SHA-256 of a long text.
func canonicalDigest(_ bytes: UnsafeRawBufferPointer) -> String {
  var hasher = SHA256()
  hasher.update(bufferPointer: bytes)
  var hex: [UInt8] = []
  for byte in hasher.finalize() { hex.append(hexDigitsOf: byte) }
  return "sha256:\(bytes.count):\(String(decoding: hex, as: UTF8.self))"
}

/// A day of the proleptic Gregorian calendar.
func dateText(_ daysSince1970: Int128) -> String {
  // Eras of 400 years begin on 1 March, so that the leap day is the last of its year.
  let shifted = daysSince1970 + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return "\(year < 0 ? "-" : "")\(padded(year.magnitude, 4))-\(padded(month.magnitude, 2))-\(padded(day.magnitude, 2))"
}

/// A time of day; the fraction has as many digits as it needs.
func timeText(_ nanoseconds: Int128) -> String {
  guard nanoseconds >= 0 else { return "-" + timeText(-nanoseconds) }
  let seconds = nanoseconds / 1_000_000_000
  let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0.magnitude, 2) }
  var fraction = padded((nanoseconds % 1_000_000_000).magnitude, 9)[...]
  while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
  return clock.joined(separator: ":") + (fraction.isEmpty ? "" : ".\(fraction)")
}

/// A date and a time of day.
func timestampText(_ nanoseconds: Int128) -> String {
  let perDay: Int128 = 86_400_000_000_000
  let time = ((nanoseconds % perDay) + perDay) % perDay
  return "\(dateText((nanoseconds - time) / perDay))T\(timeText(time))"
}

/// Hexadecimal digits in groups of 8, 4, 4, 4 and 12.
func uuidText(_ bytes: UnsafeRawBufferPointer) -> String {
  var text: [UInt8] = []
  for (index, byte) in bytes.enumerated() {
    if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
    text.append(hexDigitsOf: byte)
  }
  return String(decoding: text, as: UTF8.self)
}

private func padded(_ value: UInt128, _ width: Int) -> String {
  let digits = value.description
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
