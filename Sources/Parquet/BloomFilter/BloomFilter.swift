internal import ByteBuffers

/// A set that may claim to hold a value that it does not, but never denies one that it does: lets a reader skip a
/// column chunk that is searched for single values.
///
/// It consists of blocks of eight 32-bit words. The upper half of a value's hash chooses the block, the lower half one
/// bit in each word of it. Source: parquet-format, BloomFilter.md, "Split block Bloom filters".
public struct BloomFilter: Sendable, Hashable {
  /// Sizes in bytes that a filter may have.
  public static let sizes = 32...(128 << 20)

  static let blockWords = 8
  static let blockBytes = 32

  /// Eight words a block.
  private(set) var words: [UInt32]

  /// Creates an empty filter of the least power of two of bytes that keeps the rate, within ``sizes``.
  ///
  /// - Parameters:
  ///   - distinctValues: how many different values it is made for.
  ///   - falsePositiveRate: share of other values that it may claim to hold, above 0 and below 1.
  public init(distinctValues: Int, falsePositiveRate: Double) {
    self.init(byteCount: BloomFilter.byteCount(distinctValues: distinctValues, falsePositiveRate: falsePositiveRate))
  }

  /// - Parameter byteCount: a multiple of 32.
  init(byteCount: Int) {
    words = [UInt32](repeating: 0, count: byteCount / 4)
  }

  init(words: [UInt32]) {
    self.words = words
  }

  /// Bytes of the bits.
  public var byteCount: Int { words.count * 4 }

  /// A filter's size in bytes: a power of two.
  ///
  /// - Parameters:
  ///   - distinctValues: how many different values it is made for.
  ///   - falsePositiveRate: share of other values that it may claim to hold.
  /// - Returns: the bytes of its bits.
  public static func byteCount(distinctValues: Int, falsePositiveRate: Double) -> Int {
    // Eight bits are looked at, each of them in a part of its own.
    let bits = -8 * Double(max(distinctValues, 1)) / ln(1 - eighthRoot(falsePositiveRate))
    var size = sizes.lowerBound
    while size < sizes.upperBound, Double(size) * 8 < bits { size *= 2 }
    return size
  }

  /// Adds a value by its hash.
  ///
  /// - Parameter hash: of the value's PLAIN bytes; see `BloomFilter.hash`.
  public mutating func insert(hash: UInt64) {
    words.withUnsafeMutableBufferPointer { BloomFilter.insert(hash, into: $0) }
  }

  /// Whether a value may have been added; false is certain.
  ///
  /// - Parameter hash: of the value's PLAIN bytes; see `BloomFilter.hash`.
  /// - Returns: false when the value was certainly not added.
  public func mightContain(hash: UInt64) -> Bool {
    let block = BloomFilter.block(hash, of: words.count / BloomFilter.blockWords)
    let low = UInt32(truncatingIfNeeded: hash)
    for (word, salt) in BloomFilter.salts.enumerated() {
      let bit = UInt32(1) &<< ((low &* salt) &>> 27)
      if words[block * BloomFilter.blockWords + word] & bit == 0 { return false }
    }
    return true
  }

  /// The same set in a filter of half the size, or more halvings, down to what `distinctValues` need.
  ///
  /// Halving joins neighbouring blocks, since the block is chosen by the leading bits of the hash: the result is what
  /// a filter of that size would have become.
  mutating func shrink(distinctValues: Int, falsePositiveRate: Double) {
    let wanted = BloomFilter.byteCount(distinctValues: distinctValues, falsePositiveRate: falsePositiveRate)
    while byteCount > wanted, words.count.isMultiple(of: 2 * BloomFilter.blockWords) {
      let half = words.count / 2
      for word in 0..<half {
        let from = word / BloomFilter.blockWords * 2 * BloomFilter.blockWords + word % BloomFilter.blockWords
        words[word] = words[from] | words[from + BloomFilter.blockWords]
      }
      words.removeLast(half)
    }
  }

  /// Adds PLAIN values that lie one behind the other.
  ///
  /// - Parameters:
  ///   - values: the first one.
  ///   - byteCount: bytes of them all.
  ///   - width: bytes of a value; nil where each stands behind its 32-bit length.
  mutating func insert(plain values: UnsafeRawPointer, byteCount: Int, width: Int?) {
    words.withUnsafeMutableBufferPointer { words in
      var at = 0
      while at < byteCount {
        var length = width ?? 0
        if width == nil {
          length = Int(UInt32(littleEndian: values.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
          at &+= PlainEncoder.lengthBytes
        }
        BloomFilter.insert(XXHash64.hash(values + at, count: length), into: words)
        at &+= length
      }
    }
  }

  @inline(__always)
  private static func insert(_ hash: UInt64, into words: UnsafeMutableBufferPointer<UInt32>) {
    guard let base = words.baseAddress else { return }
    let block = base + block(hash, of: words.count / blockWords) &* blockWords
    let low = UInt32(truncatingIfNeeded: hash)
    block[0] |= 1 &<< ((low &* 0x47b6_137b) &>> 27)
    block[1] |= 1 &<< ((low &* 0x4497_4d91) &>> 27)
    block[2] |= 1 &<< ((low &* 0x8824_ad5b) &>> 27)
    block[3] |= 1 &<< ((low &* 0xa2b7_289d) &>> 27)
    block[4] |= 1 &<< ((low &* 0x7054_95c7) &>> 27)
    block[5] |= 1 &<< ((low &* 0x2df1_424b) &>> 27)
    block[6] |= 1 &<< ((low &* 0x9efc_4947) &>> 27)
    block[7] |= 1 &<< ((low &* 0x5c6b_fb31) &>> 27)
  }

  private static let salts: [UInt32] = [
    0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31,
  ]

  /// Spreads the upper half of a hash over the blocks.
  @inline(__always)
  private static func block(_ hash: UInt64, of count: Int) -> Int {
    Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: count)) &>> 32)
  }
}
