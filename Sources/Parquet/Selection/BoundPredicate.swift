/// A predicate on the leaves of one schema, with negations moved down to the tests.
///
/// In three-valued logic that is allowed, and then a row satisfies the whole exactly if the tests that are true of it
/// satisfy it: what is unknown and what is false need not be told apart.
indirect enum BoundPredicate: Sendable {
  case test(LeafTest)
  case all([BoundPredicate])
  case any([BoundPredicate])

  init(_ predicate: RowPredicate, schema: ParquetSchema) throws(ParquetError) {
    self = try BoundPredicate.bind(predicate, schema, isNegated: false)
  }

  private static func bind(
    _ predicate: RowPredicate,
    _ schema: ParquetSchema,
    isNegated: Bool
  ) throws(ParquetError) -> BoundPredicate {
    switch predicate {
    case .comparison(let column, let comparison, let value):
      let literal = try literal(column, schema)
      let test = try ValueTest(literal, comparison, value)
      return .test(LeafTest(literal, test, isNegated: isNegated != (comparison == .notEqual)))
    case .isIn(let column, let values):
      let literal = try literal(column, schema)
      return .test(LeafTest(literal, try ValueTest(literal, isIn: values), isNegated: isNegated))
    case .isNull(let column):
      return .test(LeafTest(try literal(column, schema), .isNull, isNegated: isNegated))
    case .isNotNull(let column):
      return .test(LeafTest(try literal(column, schema), .isNull, isNegated: !isNegated))
    case .and(let parts), .or(let parts):
      var bound: [BoundPredicate] = []
      for part in parts { bound.append(try bind(part, schema, isNegated: isNegated)) }
      if case .and = predicate { return isNegated ? .any(bound) : .all(bound) }
      return isNegated ? .all(bound) : .any(bound)
    case .not(let part):
      return try bind(part, schema, isNegated: !isNegated)
    }
  }

  private static func literal(_ path: [String], _ schema: ParquetSchema) throws(ParquetError) -> Literal {
    let name = RowPredicate.name(path)
    guard let leaf = schema.leaves.first(where: { $0.path == path }) else {
      let isGroup = schema.leaves.contains { $0.path.starts(with: path) }
      throw ParquetError(
        .invalidArgument,
        isGroup
          ? "The predicate compares '\(name)', which is a group; name one of its leaves."
          : "The predicate names a column '\(name)' that the file does not have.",
        column: name
      )
    }
    guard leaf.maxRepetitionLevel == 0 else {
      throw ParquetError(.invalidArgument, "The predicate compares '\(name)', which is inside a list.", column: name)
    }
    return Literal(leaf: leaf, domain: ValueDomain(leaf))
  }

  /// The leaves that are tested, ascending.
  var leaves: [Int] {
    var found: Set<Int> = []
    visit { found.insert($0.leaf.index) }
    return found.sorted()
  }

  /// Calls `body` with every test.
  func visit(_ body: (LeafTest) -> Void) {
    switch self {
    case .test(let test): body(test)
    case .all(let parts), .any(let parts):
      for part in parts { part.visit(body) }
    }
  }

  /// Whether some row can satisfy the predicate when each test can be true of some row, or cannot.
  func mayBeTrue(_ mayTestBeTrue: (LeafTest) -> Bool) -> Bool {
    switch self {
    case .test(let test): mayTestBeTrue(test)
    case .all(let parts): parts.allSatisfy { $0.mayBeTrue(mayTestBeTrue) }
    case .any(let parts): parts.contains { $0.mayBeTrue(mayTestBeTrue) }
    }
  }
}

/// One test of one leaf.
struct LeafTest: Sendable {
  let leaf: LeafColumn
  let domain: ValueDomain
  let test: ValueTest
  /// Whether the test has to be false instead; of a null it is neither, unless the test asks for nulls.
  let isNegated: Bool

  init(_ literal: Literal, _ test: ValueTest, isNegated: Bool) {
    leaf = literal.leaf
    domain = literal.domain
    self.test = test
    self.isNegated = isNegated
  }
}
