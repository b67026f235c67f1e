internal import ByteBuffers

/// Looks at single values: text has to be UTF-8, and a bloom filter has to know every value.
struct ValueVerification {
  private let leaf: LeafColumn
  private let log: VerificationLog
  private let isText: Bool
  var bloomFilter: BloomFilter?
  var place = Place()
  /// Findings of one kind are told once a page.
  private var toldOfText: Int?
  private var toldOfFilter: Int?

  init(_ leaf: LeafColumn, _ log: VerificationLog) {
    self.leaf = leaf
    self.log = log
    switch leaf.node.logicalType {
    case .string, .enumeration, .json: isText = leaf.type == .byteArray
    default: isText = false
    }
  }

  /// Looks at the slots of a column without nulls.
  mutating func inspect(_ column: Column) {
    if isText, case .variable(let offsets, let data) = column.storage {
      log.counts.texts += Int64(column.count)
      if toldOfText != place.page, !isUTF8(offsets, data, column.count) {
        toldOfText = place.page
        log.fault("A text value is not UTF-8.", place)
      }
    }
    guard let bloomFilter, toldOfFilter != place.page else { return }
    for row in 0..<column.count where !bloomFilter.mightContain(hash: BloomFilter.hash(column.bytes(at: row))) {
      toldOfFilter = place.page
      log.fault("The bloom filter does not know a value of the page.", place)
      return
    }
  }

  /// Whether all values are valid: their bytes joined are, and each value begins with a character.
  private func isUTF8(_ offsets: Bytes, _ data: Bytes, _ count: Int) -> Bool {
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    let bytes = data.base.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count where bounds[index] < bounds[index + 1] && bytes[Int(bounds[index])] & 0xc0 == 0x80 {
      return false
    }
    let text = UnsafeBufferPointer(start: bytes, count: data.count)
    return (try? UTF8Span(validating: text.span)) != nil
  }
}
