/// Which operations of a ``FaultyStore`` fail, and how: drawn from a seed, or listed.
///
/// What happens to an operation depends on the seed and on its number alone, so a sequence of calls fails in the same
/// places every time. Operations are numbered from 0 in the order in which they are begun.
public struct FaultPlan: Sendable, Hashable {
  /// Something that goes wrong.
  public enum Fault: Sendable, Hashable {
    /// It fails and nothing was done.
    case before(ObjectStoreError.Code)
    /// It was done and the answer is lost.
    case after(ObjectStoreError.Code)
    /// The body breaks off; other operations are not touched.
    case brokenBody
    /// It takes longer.
    case delay(Duration)
  }

  /// What the draws depend on.
  public var seed: UInt64
  /// Probability of ``Fault/before(_:)``.
  public var before = 0.0
  /// Probability of ``Fault/after(_:)``.
  public var after = 0.0
  /// Probability that a body breaks off.
  public var brokenBody = 0.0
  /// Probability of a delay.
  public var delay = 0.0
  /// The longest delay; those drawn are evenly spread below it.
  public var longestDelay = Duration.milliseconds(5)
  /// Codes that are drawn from.
  public var codes: [ObjectStoreError.Code] = [.transport, .timeout, .throttled, .server]
  /// Operations that draws are made for; those listed by number fail whatever their kind.
  public var kinds = Set(StoreOperation.Kind.allCases)
  /// Faults of operations with these numbers; nothing is drawn for them.
  public var listed: [UInt64: [Fault]] = [:]

  /// Creates a plan without faults.
  ///
  /// - Parameter seed: what the draws depend on.
  public init(seed: UInt64 = 0) {
    self.seed = seed
  }

  /// What happens to an operation.
  ///
  /// - Parameters:
  ///   - number: of the operation, from 0.
  ///   - kind: of the operation.
  /// - Returns: nothing, or one fault of each kind at most.
  func faults(of number: UInt64, _ kind: StoreOperation.Kind) -> [Fault] {
    if let faults = listed[number] { return faults }
    guard kinds.contains(kind) else { return [] }
    // Every draw is made for every operation, so that changing one probability moves no other fault.
    var draws = Draws(seed: seed, number: number)
    let waits = draws.isHit(delay)
    let share = draws.share()
    let failsBefore = draws.isHit(before)
    let failsAfter = draws.isHit(after)
    let breaks = draws.isHit(brokenBody)
    let code = draws.element(of: codes) ?? .transport
    var faults: [Fault] = []
    if waits { faults.append(.delay(longestDelay * share)) }
    if failsBefore { faults.append(.before(code)) }
    if failsAfter { faults.append(.after(code)) }
    if breaks, kind == .get { faults.append(.brokenBody) }
    return faults
  }

  /// Where a body breaks off.
  ///
  /// - Parameters:
  ///   - number: of the operation that opened it.
  ///   - length: bytes of the body.
  /// - Returns: bytes that arrive, fewer than there are unless there are none.
  func breakingPoint(of number: UInt64, length: UInt64) -> UInt64 {
    var draws = Draws(seed: seed ^ 0x6272_6561_6b, number: number)
    return length == 0 ? 0 : draws.next() % length
  }
}

/// Random numbers that belong to one operation (SplitMix64).
private struct Draws {
  private var state: UInt64

  init(seed: UInt64, number: UInt64) {
    state = seed
    state = next() ^ number
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// From 0 up to, not including, 1.
  mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func isHit(_ probability: Double) -> Bool { share() < probability }

  mutating func element<Element>(of elements: [Element]) -> Element? {
    let drawn = next()
    return elements.isEmpty ? nil : elements[Int(drawn % UInt64(elements.count))]
  }
}
