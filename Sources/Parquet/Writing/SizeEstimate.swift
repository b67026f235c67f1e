internal import ByteBuffers

/// The most that the open row group can take in the file, from what it took at the last look and the rows since.
///
/// It is generous, and follows from the rows alone: what ends up in a row group must not depend on when its rows were
/// encoded.
struct SizeEstimate {
  /// Rows of a leaf, as they lie in their columns.
  struct Load: Equatable {
    var rows = 0
    /// Level entries.
    var entries = 0
    /// Bytes of the slots in PLAIN encoding; those of variable width with the four bytes of their length.
    var weight = 0

    static func += (left: inout Load, right: Load) {
      left.rows += right.rows
      left.entries += right.entries
      left.weight += right.weight
    }
  }

  /// Bytes of a page header, and what levels, encodings and codecs add to a page however small it is.
  private static let pageBytes = 256

  private let plans: [LeafPlan]
  private var known = 0
  private var loads: [Load]

  init(_ plans: [LeafPlan]) {
    self.plans = plans
    loads = Array(repeating: Load(), count: plans.count)
  }

  /// Adds rows of a checked column, that of the leaf's field.
  mutating func add(_ column: Column, _ rows: Range<Int>, leaf: Int) {
    loads[leaf] += SizeEstimate.load(of: column, rows, plans[leaf])
  }

  /// Notes what the row group takes up to here.
  mutating func setKnown(_ bytes: Int) {
    known = bytes
    for leaf in loads.indices { loads[leaf] = Load() }
  }

  /// The most bytes that the row group takes.
  var bytes: Int {
    zip(plans, loads).reduce(known) { $0 + SizeEstimate.bytes(of: $1.1, $1.0) }
  }

  /// Encodings and codecs may enlarge what they cannot shrink, but not to twice its size.
  private static func bytes(of load: Load, _ plan: LeafPlan) -> Int {
    guard load.rows > 0 else { return 0 }
    let pages = min(load.rows, load.weight / plan.pageBytes + load.rows / plan.pageRows + 2)
    let dictionary = plan.usesDictionary ? plan.dictionaryBytes : 0
    return 2 * load.weight + 4 * load.entries + pageBytes * pages + dictionary
  }

  /// What some rows of a field's column are to one of its leaves; what lies under nulls does not count.
  static func load(of column: Column, _ rows: Range<Int>, _ plan: LeafPlan) -> Load {
    var load = Load(rows: rows.count)
    var column = column
    // Slots in stretches, since what is under a null list lies between others.
    var stretches = [rows]
    for place in plan.path.places {
      switch (place.step, column.storage) {
      case (.structure(let field), .structure(let fields)): column = fields[field]
      case (.list, .list(let offsets, let elements)):
        // A list without elements has an entry all the same.
        load.entries += stretches.reduce(0) { $0 + $1.count }
        stretches = stretches.flatMap { elementStretches(offsets, column.validity, $0) }
        column = elements
      default: return load
      }
    }
    for slots in stretches where !slots.isEmpty {
      load.entries += slots.count
      load.weight += weight(of: column, slots, plan)
    }
    return load
  }

  /// Where the elements of some lists are.
  private static func elementStretches(_ offsets: Bytes, _ validity: Validity?, _ lists: Range<Int>) -> [Range<Int>] {
    var start = PlainEncoder.offset(offsets.base, lists.lowerBound)
    var stretches: [Range<Int>] = []
    if let validity {
      for list in lists where !validity.isValid(list) {
        let end = PlainEncoder.offset(offsets.base, list)
        let next = PlainEncoder.offset(offsets.base, list + 1)
        guard next > end else { continue }
        stretches.append(start..<end)
        start = next
      }
    }
    return stretches + [start..<PlainEncoder.offset(offsets.base, lists.upperBound)]
  }

  private static func weight(of column: Column, _ slots: Range<Int>, _ plan: LeafPlan) -> Int {
    if case .fixed(let width) = plan.layout { return slots.count * width }
    let lengths = slots.count * PlainEncoder.lengthBytes
    switch column.storage {
    case .variable(let offsets, _):
      guard let bits = column.validity?.bits.base else {
        let (start, end) = (slots.lowerBound, slots.upperBound)
        return lengths + PlainEncoder.offset(offsets.base, end) - PlainEncoder.offset(offsets.base, start)
      }
      return PlainEncoder.slots(
        offsets: offsets.base,
        bits: bits,
        at: slots.lowerBound,
        count: slots.count,
        reaching: .max
      ).weight
    case .dictionary(let indices, let values):
      guard case .variable(let offsets, _) = values.storage, values.count > 0 else { return lengths }
      let indices = indices.base.assumingMemoryBound(to: UInt32.self)
      var bytes = lengths
      for slot in slots where column.isValid(slot) {
        let index = Int(indices[slot])
        bytes &+= PlainEncoder.offset(offsets.base, index &+ 1) &- PlainEncoder.offset(offsets.base, index)
      }
      return bytes
    case .fixed, .list, .structure: return lengths
    }
  }
}
