internal import Glibc

/// Byte arrays up to this length are copied without a look at how long they are.
let shortArray = 32

/// Whether all indices are below `limit`, which is at most 2^31.
func indicesLie(_ indices: UnsafePointer<UInt32>, _ count: Int, below limit: Int) -> Bool {
  // One of 31 bits is below the limit if limit - 1 - index is not negative; one of 32 bits is negative itself.
  let last = Int32(clamping: limit &- 1)
  var signs: Int32 = 0
  for at in 0..<count {
    let index = Int32(bitPattern: indices[at])
    signs |= index | (last &- index)
  }
  return signs >= 0
}

/// Copies the values of fixed width that the indices name; up to 16 bytes behind the target may be stored.
func gatherFixed(
  _ values: UnsafeRawPointer,
  _ width: Int,
  _ indices: UnsafePointer<UInt32>,
  _ count: Int,
  into target: UnsafeMutableRawPointer
) {
  switch width {
  case 1: gatherTyped(values, indices, count, target, as: UInt8.self)
  case 2: gatherTyped(values, indices, count, target, as: UInt16.self)
  case 4: gatherTyped(values, indices, count, target, as: UInt32.self)
  case 8: gatherTyped(values, indices, count, target, as: UInt64.self)
  case 16: gatherTyped(values, indices, count, target, as: SIMD16<UInt8>.self)
  case ..<16: gatherShort(values, width, indices, count, target)
  default: for at in 0..<count { memcpy(target + at &* width, values + Int(indices[at]) &* width, width) }
  }
}

@inline(__always)
private func gatherTyped<T: BitwiseCopyable>(
  _ values: UnsafeRawPointer,
  _ indices: UnsafePointer<UInt32>,
  _ count: Int,
  _ target: UnsafeMutableRawPointer,
  as type: T.Type
) {
  let size = MemoryLayout<T>.size
  for at in 0..<count {
    let value = values.loadUnaligned(fromByteOffset: Int(indices[at]) &* size, as: T.self)
    target.storeBytes(of: value, toByteOffset: at &* size, as: T.self)
  }
}

/// Widths below 16: what is stored behind a value is the next one's place, or spare.
private func gatherShort(
  _ values: UnsafeRawPointer,
  _ width: Int,
  _ indices: UnsafePointer<UInt32>,
  _ count: Int,
  _ target: UnsafeMutableRawPointer
) {
  var to = target
  for at in 0..<count {
    let value = values.loadUnaligned(fromByteOffset: Int(indices[at]) &* width, as: SIMD16<UInt8>.self)
    to.storeBytes(of: value, as: SIMD16<UInt8>.self)
    to += width
  }
}

/// Bytes of the longest of `count` byte arrays.
func longestValue(_ bounds: UnsafePointer<Int32>, _ count: Int) -> Int {
  var longest: Int32 = 0
  for index in 0..<count { longest = max(longest, bounds[index &+ 1] &- bounds[index]) }
  return Int(longest)
}

/// Bytes of the byte arrays that the indices name.
func gatheredBytes(_ bounds: UnsafePointer<Int32>, _ indices: UnsafePointer<UInt32>, _ count: Int) -> Int {
  var total = 0
  for index in 0..<count {
    let at = Int(indices[index])
    total &+= Int(bounds[at &+ 1] &- bounds[at])
  }
  return total
}

/// Copies the byte arrays that the indices name and stores their ends behind `offsets[0]`.
///
/// Up to 32 bytes behind the last may be stored; as many behind `data` are loaded.
///
/// - Parameters:
///   - data: the byte arrays of the dictionary, one behind the other.
///   - bounds: where each begins, and the last ends.
///   - longest: bytes of the longest of them; if it is a ``shortArray``, none is looked at before it is copied.
///   - indices: what to copy.
///   - count: number of indices.
///   - target: where the first goes.
///   - offsets: room for one more than there are indices.
/// - Returns: bytes of what was copied.
func gatherVariable(
  _ data: UnsafeRawPointer,
  _ bounds: UnsafePointer<Int32>,
  longest: Int,
  _ indices: UnsafePointer<UInt32>,
  _ count: Int,
  into target: UnsafeMutableRawPointer,
  offsets: UnsafeMutablePointer<Int32>
) -> Int {
  let origin = target - Int(offsets[0])
  var to = target
  if longest <= shortArray {
    for index in 0..<count {
      let at = Int(indices[index])
      let start = bounds[at]
      copy32(data + Int(start), to)
      to += Int(bounds[at &+ 1] &- start)
      offsets[index &+ 1] = Int32(truncatingIfNeeded: to - origin)
    }
    return to - target
  }
  for index in 0..<count {
    let at = Int(indices[index])
    let start = bounds[at]
    let length = Int(bounds[at &+ 1] &- start)
    if length <= shortArray {
      copy32(data + Int(start), to)
    } else {
      memcpy(to, data + Int(start), length)
    }
    to += length
    offsets[index &+ 1] = Int32(truncatingIfNeeded: to - origin)
  }
  return to - target
}
