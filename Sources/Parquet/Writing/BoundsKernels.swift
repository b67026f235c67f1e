internal import ByteBuffers

/// The extremes of `known` and `count` values; a NaN compares with nothing and so is left out.
@inline(__always)
func extremes<T: Comparable & BitwiseCopyable>(
  _ values: UnsafeRawPointer,
  _ count: Int,
  _ known: (least: T, greatest: T)
) -> (least: T, greatest: T) {
  // Four lanes, since each comparison waits for the one before it.
  var (first, second, third, fourth) = (known, known, known, known)
  var index = 0
  while index &+ 4 <= count {
    widen(&first, values, index)
    widen(&second, values, index &+ 1)
    widen(&third, values, index &+ 2)
    widen(&fourth, values, index &+ 3)
    index &+= 4
  }
  while index < count {
    widen(&first, values, index)
    index &+= 1
  }
  return (
    min(min(first.least, second.least), min(third.least, fourth.least)),
    max(max(first.greatest, second.greatest), max(third.greatest, fourth.greatest))
  )
}

@inline(__always)
private func widen<T: Comparable & BitwiseCopyable>(
  _ bounds: inout (least: T, greatest: T),
  _ values: UnsafeRawPointer,
  _ index: Int
) {
  let value = values.loadUnaligned(fromByteOffset: index &* MemoryLayout<T>.stride, as: T.self)
  bounds.least = value < bounds.least ? value : bounds.least
  bounds.greatest = value > bounds.greatest ? value : bounds.greatest
}

/// The first eight bytes as a number that compares as they do, zeros behind a shorter value; eight bytes can be loaded.
@inline(__always)
private func leadingBytes(_ value: UnsafeRawPointer, _ length: Int) -> UInt64 {
  let word = UInt64(bigEndian: value.loadUnaligned(as: UInt64.self))
  return length >= 8 ? word : word & ~(UInt64.max >> UInt64(8 &* length))
}

/// The same for bytes behind which nothing may be loaded.
private func leadingBytes(of value: UnsafeRawBufferPointer) -> UInt64 {
  value.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(56 - 8 * $1.offset) }
}

/// The extremes of `known` and of byte strings in PLAIN encoding; `width` is nil where each stands behind its length.
///
/// Most values lie between the bounds so far, which the leading eight bytes show without a look at the rest.
func byteExtremes(
  _ values: UnsafeRawPointer,
  _ byteCount: Int,
  width: Int?,
  known: (UnsafeRawBufferPointer, UnsafeRawBufferPointer)?
) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
  var at = 0
  var bounds = known
  var leading = known.map { (least: leadingBytes(of: $0.0), greatest: leadingBytes(of: $0.1)) } ?? (0, .max)
  while at < byteCount {
    let value = plainValue(values, &at, width: width)
    let head = value.baseAddress.map { leadingBytes($0, value.count) } ?? 0
    guard let (least, greatest) = bounds else {
      bounds = (value, value)
      leading = (head, head)
      continue
    }
    if head <= leading.least, ByteOrder.precedes(value, least) {
      bounds = (value, greatest)
      leading.least = head
    } else if head >= leading.greatest, ByteOrder.precedes(greatest, value) {
      bounds = (least, value)
      leading.greatest = head
    }
  }
  return bounds ?? (UnsafeRawBufferPointer(start: nil, count: 0), UnsafeRawBufferPointer(start: nil, count: 0))
}

/// The PLAIN value at `at`, which is moved behind it.
@inline(__always)
private func plainValue(_ values: UnsafeRawPointer, _ at: inout Int, width: Int?) -> UnsafeRawBufferPointer {
  let length: Int
  if let width {
    length = width
  } else {
    length = Int(UInt32(littleEndian: values.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    at &+= PlainEncoder.lengthBytes
  }
  defer { at &+= length }
  return UnsafeRawBufferPointer(start: values + at, count: length)
}

/// The same for big-endian numbers in two's complement.
func decimalExtremes(
  _ values: UnsafeRawPointer,
  _ byteCount: Int,
  width: Int?,
  known: (UnsafeRawBufferPointer, UnsafeRawBufferPointer)?
) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
  var at = 0
  var bounds = known
  while at < byteCount {
    let value = plainValue(values, &at, width: width)
    guard let (least, greatest) = bounds else {
      bounds = (value, value)
      continue
    }
    if ByteOrder.decimalPrecedes(value, least) {
      bounds = (value, greatest)
    } else if ByteOrder.decimalPrecedes(greatest, value) {
      bounds = (least, value)
    }
  }
  return bounds ?? (UnsafeRawBufferPointer(start: nil, count: 0), UnsafeRawBufferPointer(start: nil, count: 0))
}

/// NaN values among `count`: those that do not equal themselves.
@inline(__always)
func nans<T: BinaryFloatingPoint & BitwiseCopyable>(
  _ values: UnsafeRawPointer,
  _ count: Int,
  _ type: T.Type
) -> Int {
  var found = 0
  for index in 0..<count {
    let value = values.loadUnaligned(fromByteOffset: index &* MemoryLayout<T>.stride, as: T.self)
    found &+= value == value ? 0 : 1
  }
  return found
}

@inline(__always)
func half(_ values: UnsafeRawPointer, _ index: Int) -> UInt16 {
  UInt16(littleEndian: values.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
}
