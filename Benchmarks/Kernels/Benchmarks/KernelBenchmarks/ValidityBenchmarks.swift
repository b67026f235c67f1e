internal import Benchmark
internal import ByteBuffers

@testable internal import Parquet

/// Nulls: their bits, their levels, and the slots that values make room for.
func validityBenchmarks() {
  var generator = FixedGenerator()
  let count = Workload.count
  for percent in [1, 10, 50] {
    let isValid = generator.flags(count, percentFalse: percent)
    let valid = isValid.count { $0 }
    let bits = Workload(ReferenceKernels.bytes(isValid))
    for width in [1, 4, 8, 16] {
      let slots = Workload(generator.bytes(count * width))
      measure("spread values of \(width) bytes with \(percent) in 100 null") {
        spreadSlots(slots.base, width: width, bits: bits.base, firstBit: 0, count: count, valid: valid)
      } reference: {
        blackHole(ReferenceKernels.spread(slots.array, width: width, isValid))
      }
    }
    let dense = (0...Int32(count)).map { $0 }
    let offsets = Workload(bytes(of: dense)).pointer(to: Int32.self)
    measure("spread offsets with \(percent) in 100 null") {
      spreadOffsets(offsets, bits: bits.base, firstBit: 0, count: count, valid: valid)
    } reference: {
      blackHole(ReferenceKernels.spread(offsets: dense, isValid))
    }
    runBenchmark(isValid, percent)
    let definitions = Workload(isValid.map { $0 ? 3 : UInt8.random(in: 0...2, using: &generator) })
    let flags = Workload.target(count).assumingMemoryBound(to: UInt8.self)
    measure("flags of slots in lists with \(percent) in 100 null") {
      blackHole(slotFlags(definitions.pointer(to: UInt8.self), 0..<count, slotLevel: 1, maximum: 3, into: flags))
    } reference: {
      blackHole(ReferenceKernels.slotFlags(definitions.array, slotLevel: 1, maximum: 3))
    }
  }
  bitBenchmarks(&generator)
}

private func runBenchmark(_ isValid: [Bool], _ percent: Int) {
  let levels: [UInt8] = isValid.map { $0 ? 1 : 0 }
  var out = ByteWriter()
  levels.withUnsafeBufferPointer { buffer in
    if let first = buffer.baseAddress {
      HybridEncoder.encode(first, count: levels.count, width: 1, into: &out)
    }
  }
  let runs = Workload(out.take().array)
  let target = Workload.target(levels.count)
  measure("unpack runs of bits with \(percent) in 100 null") {
    var at = UnsafeRawPointer(runs.base)
    blackHole(unpackBitRuns(&at, end: at + runs.array.count, to: target, targetBit: 0, count: levels.count))
  } reference: {
    blackHole(ReferenceKernels.bitRuns(runs.array, most: levels.count).values)
  }
}

private func bitBenchmarks(_ generator: inout FixedGenerator) {
  let count = Workload.count
  let isValid = generator.flags(count, percentFalse: 10)
  let bits = Workload(ReferenceKernels.bytes(isValid))
  let target = Workload.target(count)
  let flags = Workload(isValid.map { $0 ? 1 : 0 })
  measure("copy bits") {
    blackHole(copyBits(bits.base, sourceBit: 0, to: target, targetBit: 3, count: count))
  } reference: {
    blackHole((0..<count).map { ReferenceKernels.bit(bits.array, $0) })
  }
  measure("count ones") {
    blackHole(ValidityWords.ones(bits.base, 0, count))
  } reference: {
    blackHole((0..<count).count { ReferenceKernels.bit(bits.array, $0) })
  }
  measure("pack flags") {
    packFlags(flags.pointer(to: UInt8.self), count: count, to: target, targetBit: 0)
  } reference: {
    blackHole(ReferenceKernels.bytes(isValid))
  }
}
