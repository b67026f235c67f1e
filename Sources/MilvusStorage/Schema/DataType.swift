/// The type of a field, by its number in Milvus' `schema.proto`; open, so that unknown types can be reported.
public struct DataType: RawRepresentable, Hashable, Sendable {
  /// The number in schemas and binlog descriptors.
  public let rawValue: Int32

  /// Takes a number.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// No type.
  public static let none = DataType(rawValue: 0)
  /// True or false.
  public static let bool = DataType(rawValue: 1)
  /// 8-bit integer.
  public static let int8 = DataType(rawValue: 2)
  /// 16-bit integer.
  public static let int16 = DataType(rawValue: 3)
  /// 32-bit integer.
  public static let int32 = DataType(rawValue: 4)
  /// 64-bit integer.
  public static let int64 = DataType(rawValue: 5)
  /// Single precision.
  public static let float = DataType(rawValue: 10)
  /// Double precision.
  public static let double = DataType(rawValue: 11)
  /// Text; the older name of ``varChar``, still the payload type of delta logs.
  public static let string = DataType(rawValue: 20)
  /// Text of bounded length.
  public static let varChar = DataType(rawValue: 21)
  /// List of scalars.
  public static let array = DataType(rawValue: 22)
  /// JSON text.
  public static let json = DataType(rawValue: 23)
  /// Well-known binary.
  public static let geometry = DataType(rawValue: 24)
  /// Long text.
  public static let text = DataType(rawValue: 25)
  /// Instant, in microseconds since 1970.
  public static let timestamptz = DataType(rawValue: 26)
  /// Molecule.
  public static let mol = DataType(rawValue: 27)
  /// Calendar date.
  public static let date = DataType(rawValue: 28)
  /// Time of day.
  public static let time = DataType(rawValue: 29)
  /// Decimal number.
  public static let decimal = DataType(rawValue: 30)
  /// 128-bit identifier.
  public static let uuid = DataType(rawValue: 31)
  /// Vector of bits.
  public static let binaryVector = DataType(rawValue: 100)
  /// Vector of single precision numbers.
  public static let floatVector = DataType(rawValue: 101)
  /// Vector of half precision numbers.
  public static let float16Vector = DataType(rawValue: 102)
  /// Vector of bfloat16 numbers.
  public static let bfloat16Vector = DataType(rawValue: 103)
  /// Sparse vector of single precision numbers.
  public static let sparseFloatVector = DataType(rawValue: 104)
  /// Vector of 8-bit integers.
  public static let int8Vector = DataType(rawValue: 105)
  /// List of vectors.
  public static let arrayOfVector = DataType(rawValue: 106)
  /// List of structures.
  public static let arrayOfStruct = DataType(rawValue: 200)
  /// Structure.
  public static let structure = DataType(rawValue: 201)

  private static let names: [Int32: String] = [
    0: "None", 1: "Bool", 2: "Int8", 3: "Int16", 4: "Int32", 5: "Int64", 10: "Float", 11: "Double", 20: "String",
    21: "VarChar", 22: "Array", 23: "JSON", 24: "Geometry", 25: "Text", 26: "Timestamptz", 27: "Mol", 28: "Date",
    29: "Time", 30: "Decimal", 31: "UUID", 100: "BinaryVector", 101: "FloatVector", 102: "Float16Vector",
    103: "BFloat16Vector", 104: "SparseFloatVector", 105: "Int8Vector", 106: "ArrayOfVector", 200: "ArrayOfStruct",
    201: "Struct",
  ]

  private static let numbers: [String: Int32] = Dictionary(
    uniqueKeysWithValues: names.map { ($0.value.lowercased(), $0.key) }
  )

  /// Finds a type by its name, in any case, or by its number.
  ///
  /// - Parameter text: `FloatVector`, `floatvector`, `FLOAT_VECTOR` or `101`.
  public init?(_ text: String) {
    if let number = Int32(text) {
      self.init(rawValue: number)
      return
    }
    guard let number = DataType.numbers[text.lowercased().filter { $0 != "_" }] else { return nil }
    self.init(rawValue: number)
  }

  /// Whether the number is one that this library has a name for.
  public var isKnown: Bool { DataType.names[rawValue] != nil }

  /// Whether a value is a vector of a fixed number of bytes.
  public var isDenseVector: Bool {
    [.binaryVector, .floatVector, .float16Vector, .bfloat16Vector, .int8Vector].contains(self)
  }

  /// Whether a value is a vector of any kind.
  public var isVector: Bool { isDenseVector || self == .sparseFloatVector || self == .arrayOfVector }

  /// Whether a value is text.
  public var isText: Bool { self == .varChar || self == .string || self == .text }

  /// Bytes of a dense vector.
  ///
  /// - Parameter dimension: number of elements.
  /// - Returns: the length of a cell, or nil for other types.
  public func vectorByteCount(dimension: Int) -> Int? {
    switch self {
    case .binaryVector: (dimension + 7) / 8
    case .floatVector: 4 * dimension
    case .float16Vector, .bfloat16Vector: 2 * dimension
    case .int8Vector: dimension
    default: nil
    }
  }
}

extension DataType: CustomStringConvertible {
  /// The name in schemas, or `DataType(n)` for an unknown number.
  public var description: String { DataType.names[rawValue] ?? "DataType(\(rawValue))" }
}
