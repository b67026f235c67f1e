public import ObjectStores

/// Checks that an ``ObjectStore`` keeps the contract, from any test framework.
///
/// Each scenario gets a store of its own. With Swift Testing:
///
///     @Test(arguments: ObjectStoreConformance.scenarios)
///     func theStoreKeepsTheContract(_ scenario: ObjectStoreConformance.Scenario) async throws {
///       try await ObjectStoreConformance { MyStore(empty: ()) }.run(scenario)
///     }
public struct ObjectStoreConformance: Sendable {
  /// What a store may do differently, and how much work the scenarios make.
  public struct Options: Sendable, Hashable {
    /// The store may refuse, with `invalidKey`, keys that a file system cannot hold: an empty segment, `.`, `..`, NUL,
    /// bytes that are not UTF-8, or a key below another object's.
    public var mayRefusePathLikeKeys = false
    /// Entity tags are made of the content, as in S3: versions with the same bytes have the same one.
    public var tagsFollowContent = false
    /// Objects of the large listing, at least 1,001 to need a second page.
    public var manyKeys = 2500
    /// Bytes of a large object; above 10 MiB it has more than two parts in stores that send parts.
    public var largeObject = 11 << 20
    /// Rounds of the scenarios in which callers race.
    public var raceRounds = 12

    /// Creates the default options.
    public init() {}
  }

  /// One behaviour that is checked.
  public struct Scenario: Sendable, CustomStringConvertible {
    /// A number that stays the same over versions.
    public let number: Int
    /// The behaviour, as a sentence.
    public let name: String
    let check: @Sendable (StoreUnderTest) async throws -> Void

    init(_ number: Int, _ name: String, _ check: @escaping @Sendable (StoreUnderTest) async throws -> Void) {
      self.number = number
      self.name = name
      self.check = check
    }

    /// Number and sentence.
    public var description: String { "\(number): \(name)" }
  }

  /// All behaviours, in the order of their numbers.
  public static let scenarios: [Scenario] =
    (reading + ranges + rangesIntoMemory + listing + paging + keys + conditionalPuts + streaming + maintenance
    + metadata).sorted { $0.number < $1.number }

  private let options: Options
  private let makeStore: @Sendable () async throws -> any ObjectStore

  /// Takes what makes stores.
  ///
  /// - Parameters:
  ///   - options: what the store may do differently.
  ///   - makeStore: returns an empty store that nobody else uses.
  public init(options: Options = Options(), makeStore: @escaping @Sendable () async throws -> any ObjectStore) {
    self.options = options
    self.makeStore = makeStore
  }

  /// Checks one behaviour on a fresh store.
  ///
  /// - Parameter scenario: one of ``scenarios``.
  /// - Throws: ``ConformanceFailure`` when the store does not behave so.
  public func run(_ scenario: Scenario) async throws {
    let store = StoreUnderTest(store: try await makeStore(), options: options)
    do {
      try await scenario.check(store)
    } catch let failure as ConformanceFailure {
      throw ConformanceFailure("\(scenario): \(failure.message)")
    } catch {
      throw ConformanceFailure("\(scenario): unexpected error: \(error)")
    }
  }
}

/// A store does not keep the contract.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
  /// The scenario, what was expected and what happened.
  public let message: String

  init(_ message: String) {
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
