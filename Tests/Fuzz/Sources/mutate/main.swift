import ByteBuffers
import CFuzz
import Dispatch
import Foundation
import FuzzTargets

/// Damages files of a folder at random and reads them whole.
///
///     mutate FOLDER COUNT SEED [FIRST]
///
/// Case i of a seed is the same whatever ran before it: `mutate FOLDER 1 SEED I` repeats it alone. Needs the address
/// sanitizer, which ends the program at the first wrong access; the case's number was printed before.
func run() async throws -> Int32 {
  let arguments = CommandLine.arguments
  guard arguments.count >= 4, let count = UInt64(arguments[2]), let seed = UInt64(arguments[3]) else {
    print("usage: mutate FOLDER COUNT SEED [FIRST]")
    return 2
  }
  let first = arguments.count > 4 ? UInt64(arguments[4]) ?? 0 : 0
  let files = try Originals.read(URL(fileURLWithPath: arguments[1]))
  print("\(files.count) files, seed \(seed), cases \(first)..<\(first + count)")
  fuzz_watch_allocations()
  var slowest: (nanoseconds: UInt64, index: UInt64) = (0, 0)
  var largest: (bytes: Int, index: UInt64) = (0, 0)
  var wrong = 0
  var read = 0
  for index in first..<first + count {
    var mutator = Mutator(seed: seed &+ index &* 0x9e37_79b9_7f4a_7c15)
    let original = files[mutator.weighted(files)]
    let damaged = mutator.damage(original.bytes)
    if index % 1000 == 0 || count == 1 { note("case \(index), \(original.name)") }
    CrashNote.write(seed, index)
    _ = fuzz_largest_allocation()
    let start = fuzz_cpu_nanoseconds()
    if await FuzzTarget.file.run(Bytes(damaged)) > 0 { read += 1 }
    let took = fuzz_cpu_nanoseconds() - start
    let allocated = Int(fuzz_largest_allocation())
    if took > slowest.nanoseconds { slowest = (took, index) }
    if allocated > largest.bytes { largest = (allocated, index) }
    if took > 1_000_000_000 {
      print("case \(index), \(original.name): took \(Double(took) / 1e9) s of CPU")
      wrong += 1
    }
    if allocated > max(FuzzTarget.largestAllocation, 2 * damaged.count) {
      print("case \(index), \(original.name): allocated \(allocated) bytes at once")
      wrong += 1
    }
  }
  print(
    "\(count) cases, \(read) with rows, \(wrong) wrong; slowest \(slowest.nanoseconds / 1_000_000) ms (case \(slowest.index)), "
      + "largest allocation \(largest.bytes >> 10) KiB (case \(largest.index))"
  )
  return wrong == 0 ? 0 : 1
}

func note(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}

exit(try await run())
