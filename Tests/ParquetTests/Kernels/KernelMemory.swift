import ByteBuffers

@testable import Parquet

/// Holds the memory of a test's kernels, which know pointers only, until the test is over.
final class KernelArena {
  private var blocks: [AlignedBuffer] = []

  /// A source, or what a kernel works on in place: integers, with room for more of them.
  func memory<T: FixedWidthInteger>(_ integers: [T], room: Int = 0) -> KernelMemory {
    let memory = memory(count: max(integers.count, room) * MemoryLayout<T>.size)
    integers.withUnsafeBytes { source in
      if let base = source.baseAddress { memory.base.copyMemory(from: base, byteCount: source.count) }
    }
    return memory
  }

  /// A target.
  func memory(count: Int, filledWith byte: UInt8 = KernelMemory.untouched) -> KernelMemory {
    let block = AlignedBuffer(capacity: count)
    block.base.initializeMemory(as: UInt8.self, repeating: byte, count: count + AlignedBuffer.spareBytes)
    blocks.append(block)
    return KernelMemory(base: block.base, count: count)
  }
}

/// Memory as the kernels find it: exactly as large as what it holds, with the spare bytes of every block behind it.
struct KernelMemory {
  /// What a target holds before it is written, so that a stray store is seen.
  static let untouched: UInt8 = 0xee

  let base: UnsafeMutableRawPointer
  let count: Int

  func pointer<T>(to type: T.Type) -> UnsafeMutablePointer<T> { base.assumingMemoryBound(to: T.self) }

  var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: count)) }

  func integers<T: FixedWidthInteger>(_ type: T.Type) -> [T] {
    (0..<count / MemoryLayout<T>.size).map { pointer(to: T.self)[$0] }
  }
}

extension SeededGenerator {
  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// Flags of which about so many of a hundred are false, alone or in runs.
  mutating func flags(_ count: Int, percentFalse: Int) -> [Bool] {
    let longest = int(0...1) == 0 ? 1 : 100
    var flags: [Bool] = []
    while flags.count < count {
      let run = min(int(1...longest), count - flags.count)
      flags += Array(repeating: int(0...99) >= percentFalse, count: run)
    }
    return flags
  }
}
