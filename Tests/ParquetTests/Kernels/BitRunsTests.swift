import Testing

@testable import Parquet

/// Runs of one-bit values, unpacked as bits, against runs that are read value by value.
@Suite("Runs of bits")
struct BitRunsTests {
  private let arena = KernelArena()

  /// Runs of both kinds: most of them short, some empty, some with headers of more than one byte.
  private func runs(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<count {
      let isPacked = generator.int(0...1) == 1
      let length = generator.int(0...[8, 60, 300][generator.int(0...2)])
      let header = (isPacked ? length / 8 : length) * 2 + (isPacked ? 1 : 0)
      bytes += header < 0x80 ? [UInt8(header)] : [UInt8(header % 0x80 + 0x80), UInt8(header / 0x80)]
      bytes += isPacked ? generator.bytes(length / 8) : [UInt8(generator.int(0...1))]
    }
    return bytes
  }

  /// Unpacks behind `first` ones, and compares with the reference what comes and where it ends.
  private func check(_ bytes: [UInt8], first: Int, most: Int) {
    let source = arena.memory(bytes)
    let expected = ReferenceKernels.bitRuns(bytes, most: most)
    let ones = Array(repeating: true, count: first)
    let size = (first + most + 7) / 8 + 8
    let before = ReferenceKernels.bytes(ones)
    let target = arena.memory(before + Array(repeating: 0, count: size - before.count))
    var at = UnsafeRawPointer(source.base)
    let count = unpackBitRuns(&at, end: at + bytes.count, to: target.base, targetBit: first, count: most)
    #expect(count == expected.values.count, "\(bytes), \(most) at most")
    #expect(at - UnsafeRawPointer(source.base) == expected.end, "\(bytes), \(most) at most")
    let got = (0..<size * 8).map { ReferenceKernels.bit(target.bytes, $0) }
    let zeros = Array(repeating: false, count: size * 8 - first - count)
    #expect(got == ones + expected.values + zeros, "\(bytes), first \(first), \(most) at most")
  }

  @Test func `whole runs of both kinds are unpacked behind any bit, up to a number of values`() {
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<400 {
      let bytes = runs(generator.int(0...30), &generator)
      let all = ReferenceKernels.bitRuns(bytes, most: .max / 2).values.count
      check(bytes, first: generator.int(0...70), most: generator.int(0...1) == 0 ? all : generator.int(0...all + 10))
    }
  }

  @Test func `runs that are cut off anywhere are left where they begin`() {
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<40 {
      let bytes = runs(6, &generator)
      for count in 0...bytes.count { check(Array(bytes[..<count]), first: generator.int(0...20), most: 2000) }
    }
  }

  @Test(arguments: [
    [0x80], [0x80, 0x80, 0x00, 0x01], [0xff, 0xff, 0xff, 0xff, 0x0f, 0x01], [0x03], [0x02], [0x02, 0x02], [0x02, 0x81],
    [0xfe, 0x7f, 0x01], [0xff, 0x7f, 0x55], [0x00, 0x00, 0x01, 0x00, 0x01],
  ])
  func `what is wrong, too long or empty is never more than it says`(_ bytes: [UInt8]) {
    for most in [1, 8, 100, 9000] {
      check(bytes, first: 5, most: most)
      check([0x06, 0x01, 0x03, 0xa5] + bytes, first: 5, most: most + 11)
    }
  }
}
