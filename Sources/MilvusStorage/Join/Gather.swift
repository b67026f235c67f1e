internal import ByteBuffers
internal import Glibc
internal import Parquet

/// Where the value of an output row comes from.
enum CellSource: UInt8 {
  case null = 0
  case newValue = 1
  case existing = 2
}

/// Copies chosen fixed-width cells: from the new values by row number, from the existing column by position, or zero.
func gatherFixed(
  _ sources: UnsafePointer<UInt8>,
  rows: UnsafePointer<UInt32>,
  count: Int,
  width: Int,
  new: UnsafeRawPointer,
  existing: UnsafeRawPointer?,
  into target: UnsafeMutableRawPointer
) {
  switch width {
  case 4: gatherWords(sources, rows, count, new, existing, target, of: UInt32.self)
  case 8: gatherWords(sources, rows, count, new, existing, target, of: UInt64.self)
  default:
    for index in 0..<count {
      let cell = target + index * width
      switch sources[index] {
      case CellSource.newValue.rawValue: memcpy(cell, new + Int(rows[index]) * width, width)
      case CellSource.existing.rawValue:
        if let existing { memcpy(cell, existing + index * width, width) }
      default: memset(cell, 0, width)
      }
    }
  }
}

@inline(__always)
private func gatherWords<T: FixedWidthInteger>(
  _ sources: UnsafePointer<UInt8>,
  _ rows: UnsafePointer<UInt32>,
  _ count: Int,
  _ new: UnsafeRawPointer,
  _ existing: UnsafeRawPointer?,
  _ target: UnsafeMutableRawPointer,
  of type: T.Type
) {
  let from = new.assumingMemoryBound(to: T.self)
  let old = existing?.assumingMemoryBound(to: T.self)
  let to = target.assumingMemoryBound(to: T.self)
  for index in 0..<count {
    switch sources[index] {
    case CellSource.newValue.rawValue: to[index] = from[Int(rows[index])]
    case CellSource.existing.rawValue: to[index] = old?[index] ?? 0
    default: to[index] = 0
    }
  }
}

/// Bytes that the chosen variable-width cells take together.
func variableBytes(
  _ sources: UnsafePointer<UInt8>,
  rows: UnsafePointer<UInt32>,
  count: Int,
  lengths: UnsafePointer<UInt32>,
  existing: UnsafePointer<Int32>?
) -> Int {
  var total = 0
  for index in 0..<count {
    switch sources[index] {
    case CellSource.newValue.rawValue: total &+= Int(lengths[Int(rows[index])])
    case CellSource.existing.rawValue:
      if let existing { total &+= Int(existing[index + 1] &- existing[index]) }
    default: break
    }
  }
  return total
}

/// Copies chosen variable-width cells one behind the other and notes their ends.
///
/// Cells of up to 16 bytes are copied as 16: every buffer has spare bytes behind it.
func gatherVariable(
  _ sources: UnsafePointer<UInt8>,
  rows: UnsafePointer<UInt32>,
  count: Int,
  new: CellStore,
  existing: (offsets: UnsafePointer<Int32>, data: UnsafeRawPointer)?,
  offsets: UnsafeMutablePointer<Int32>,
  into target: UnsafeMutableRawPointer
) {
  let addresses = new.addresses
  let lengths = new.cellLengths
  var at = target
  offsets[0] = 0
  for index in 0..<count {
    var from: UnsafeRawPointer?
    var length = 0
    switch sources[index] {
    case CellSource.newValue.rawValue:
      let row = Int(rows[index])
      from = addresses[row]
      length = Int(lengths[row])
    case CellSource.existing.rawValue:
      if let existing {
        from = existing.data + Int(existing.offsets[index])
        length = Int(existing.offsets[index + 1] &- existing.offsets[index])
      }
    default: break
    }
    if let from, length > 0 {
      if length <= 16 {
        at.storeBytes(of: from.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
      } else {
        memcpy(at, from, length)
      }
      at += length
    }
    offsets[index + 1] = Int32(truncatingIfNeeded: at - target)
  }
}
