/// The way from a top-level field down to one leaf, as the columns are nested.
struct ValuePath: Equatable {
  /// What stands on the way.
  enum Step: Equatable {
    /// A structure, whose field at this position comes next.
    case structure(field: Int)
    /// A list, whose elements come next.
    case list
  }

  /// A step and what it does to the levels.
  struct Place: Equatable {
    var step: Step
    /// Definition level from which on the slot is not null.
    var definition: UInt8
    /// Number of lists around the slot.
    var repetition: UInt8
  }

  var places: [Place] = []
  /// Whether the leaf's own slots can be null where there is an entry for them.
  var isNullable = false

  /// Whether the field itself is the leaf.
  var isFlat: Bool { places.isEmpty }

  /// Whether the field is a list of values.
  var isListOfValues: Bool { places.count == 1 && places[0].step == .list }

  /// The ways to the leaves of a field, in their order.
  static func all(_ shape: FieldShape) -> [ValuePath] {
    func place(_ step: Step) -> Place {
      Place(
        step: step,
        definition: UInt8(clamping: shape.definitionLevel),
        repetition: UInt8(clamping: shape.repetitionLevel)
      )
    }
    func below(_ child: FieldShape, _ steps: [Place]) -> [ValuePath] {
      all(child).map { ValuePath(places: steps + $0.places, isNullable: $0.isNullable) }
    }
    switch shape.kind {
    case .values: return [ValuePath(isNullable: shape.isNullable)]
    case .structure(let fields):
      return fields.enumerated().flatMap { below($0.element, [place(.structure(field: $0.offset))]) }
    case .list(let element): return below(element, [place(.list)])
    case .map(let key, let value):
      let entry = UInt8(clamping: shape.definitionLevel + 1)
      let depth = UInt8(clamping: shape.repetitionLevel + 1)
      return [key, value].enumerated().flatMap { position, child in
        below(child, [place(.list), Place(step: .structure(field: position), definition: entry, repetition: depth)])
      }
    }
  }

  /// The column of the leaf below a column of the field; nil when the column is nested otherwise.
  func leafColumn(of column: Column) -> Column? {
    var column = column
    for place in places {
      switch (place.step, column.storage) {
      case (.structure(let field), .structure(let fields)) where fields.indices.contains(field): column = fields[field]
      case (.list, .list(_, let elements)): column = elements
      default: return nil
      }
    }
    return column
  }
}
