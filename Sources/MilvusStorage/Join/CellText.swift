internal import Glibc

/// Whether two runs of bytes are equal.
@inline(__always)
func bytesAreEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
  memcmp(left, right, count) == 0
}

/// Whether bytes are well-formed UTF-8 (Unicode 15, table 3-7).
func isUTF8(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
  var at = start
  let end = start + count
  while at < end {
    if end - at >= 8, at.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
      at += 8
      continue
    }
    let lead = at.load(as: UInt8.self)
    if lead < 0x80 {
      at += 1
      continue
    }
    guard let length = sequenceLength(lead), end - at >= length else { return false }
    let second = at.load(fromByteOffset: 1, as: UInt8.self)
    guard secondByteRange(lead).contains(second) else { return false }
    for index in 2..<max(length, 2) where at.load(fromByteOffset: index, as: UInt8.self) & 0xc0 != 0x80 {
      return false
    }
    at += length
  }
  return true
}

private func sequenceLength(_ lead: UInt8) -> Int? {
  switch lead {
  case 0xc2...0xdf: 2
  case 0xe0...0xef: 3
  case 0xf0...0xf4: 4
  default: nil
  }
}

private func secondByteRange(_ lead: UInt8) -> ClosedRange<UInt8> {
  switch lead {
  case 0xe0: 0xa0...0xbf
  case 0xed: 0x80...0x9f
  case 0xf0: 0x90...0xbf
  case 0xf4: 0x80...0x8f
  default: 0x80...0xbf
  }
}
