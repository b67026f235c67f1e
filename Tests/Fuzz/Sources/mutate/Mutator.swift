import Foundation

/// The files that are damaged.
struct Originals {
  let name: String
  let bytes: [UInt8]

  /// Reads every Parquet file below a folder, small ones only: what is in large ones is in small ones too.
  static func read(_ folder: URL) throws -> [Originals] {
    let largest = 300 << 10
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return try names.filter { $0.hasSuffix(".parquet") }.sorted().compactMap { name in
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
      return bytes.count <= largest && bytes.count >= 12 ? Originals(name: name, bytes: bytes) : nil
    }
  }
}

/// Leaves the number of the running case in the working folder, for the script to name it after a crash.
enum CrashNote {
  static func write(_ seed: UInt64, _ index: UInt64) {
    guard index % 16 == 0 || CommandLine.arguments.count > 4 else { return }
    try? Data("\(seed) \(index)\n".utf8).write(to: URL(fileURLWithPath: "mutate-\(seed).case"))
  }
}

/// Changes a file at random; the same seed makes the same changes.
struct Mutator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  /// Picks a file, small ones more often.
  mutating func weighted(_ files: [Originals]) -> Int {
    let one = Int.random(in: 0..<files.count, using: &self)
    let other = Int.random(in: 0..<files.count, using: &self)
    return files[one].bytes.count <= files[other].bytes.count ? one : other
  }

  /// One to four changes.
  mutating func damage(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &self) {
      guard bytes.count > 12 else { break }
      change(&bytes)
    }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = self.place(in: bytes)
    switch Int.random(in: 0..<9, using: &self) {
    case 0, 1: bytes[place] = UInt8.random(in: 0...255, using: &self)
    case 2, 3: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &self)
    case 4:
      let words: [UInt32] = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0010_0000]
      let word = words.randomElement(using: &self) ?? 0
      for index in 0..<4 where place + index < bytes.count { bytes[place + index] = UInt8(word >> (8 * index) & 0xff) }
    case 5:
      // A varint of the largest size.
      for index in 0..<9 where place + index < bytes.count { bytes[place + index] = 0xff }
    case 6:
      let count = min(Int.random(in: 1...64, using: &self), bytes.count - place)
      bytes.removeSubrange(place..<place + count)
    case 7:
      let from = self.place(in: bytes)
      let count = min(Int.random(in: 1...32, using: &self), bytes.count - max(place, from))
      for index in 0..<count { bytes[place + index] = bytes[from + index] }
    default:
      bytes.insert(
        contentsOf: (0..<Int.random(in: 1...8, using: &self)).map { UInt8(truncatingIfNeeded: $0 * 37) },
        at: place
      )
    }
  }

  /// The footer, the first bytes (where small files have their pages' headers and levels), or anywhere.
  private mutating func place(in bytes: [UInt8]) -> Int {
    let length = bytes.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    let footer = max(0, bytes.count - 8 - length)
    switch Int.random(in: 0..<10, using: &self) {
    case 0..<3: return Int.random(in: min(footer, bytes.count - 1)..<bytes.count, using: &self)
    case 3..<6: return Int.random(in: 0..<min(256, bytes.count), using: &self)
    default: return Int.random(in: 0..<bytes.count, using: &self)
    }
  }
}
