/// What the values of a column, or a group, mean.
///
/// An annotation that this library does not know is kept as ``unknown(_:)`` and the physical type is delivered.
/// Source: parquet.thrift, `union LogicalType`, with the older `ConvertedType` mapped onto it.
public enum LogicalType: Sendable, Hashable {
  /// UTF-8 text.
  case string
  /// A group of key-value pairs.
  case map
  /// A group with one repeated field.
  case list
  /// UTF-8 text of an enumeration.
  case enumeration
  /// An unscaled integer of `precision` digits, `scale` of them behind the point.
  case decimal(scale: Int32, precision: Int32)
  /// Days since 1970-01-01.
  case date
  /// Time of day.
  case time(isAdjustedToUTC: Bool, unit: TimeUnit)
  /// An instant, or a local date and time.
  case timestamp(isAdjustedToUTC: Bool, unit: TimeUnit)
  /// An integer of 8, 16, 32 or 64 bits.
  case integer(bitWidth: Int8, isSigned: Bool)
  /// Always null.
  case null
  /// JSON text.
  case json
  /// BSON.
  case bson
  /// A 16-byte UUID, big-endian.
  case uuid
  /// IEEE half precision in two bytes.
  case float16
  /// Months, days and milliseconds, each 32 bits.
  case interval
  /// Planar features in the WKB form; without a reference system they are longitude and latitude (OGC:CRS84).
  case geometry(crs: String?)
  /// The same on a curved surface; the algorithm is the format's number for how edges run between two points.
  case geography(crs: String?, algorithm: Int32?)
  /// A group that holds a value of any type.
  case variant(specificationVersion: Int8?)
  /// An annotation with this field id of the union.
  case unknown(Int16)

  /// The resolution of a time or timestamp.
  public enum TimeUnit: Sendable, Hashable {
    /// A thousandth of a second.
    case milliseconds
    /// A millionth of a second.
    case microseconds
    /// A billionth of a second.
    case nanoseconds

    var name: String {
      switch self {
      case .milliseconds: "MILLIS"
      case .microseconds: "MICROS"
      case .nanoseconds: "NANOS"
      }
    }
  }

  /// The annotation in the format's own notation.
  public var name: String {
    switch self {
    case .string: "STRING"
    case .map: "MAP"
    case .list: "LIST"
    case .enumeration: "ENUM"
    case .decimal(let scale, let precision): "DECIMAL(\(precision),\(scale))"
    case .date: "DATE"
    case .time(let utc, let unit): "TIME(\(unit.name),\(utc))"
    case .timestamp(let utc, let unit): "TIMESTAMP(\(unit.name),\(utc))"
    case .integer(let width, let signed): "INTEGER(\(width),\(signed))"
    case .null: "UNKNOWN"
    case .json: "JSON"
    case .bson: "BSON"
    case .uuid: "UUID"
    case .float16: "FLOAT16"
    case .interval: "INTERVAL"
    case .geometry(let crs): "GEOMETRY(\(crs ?? ""))"
    case .geography(let crs, let algorithm):
      "GEOGRAPHY(\(crs ?? ""),\(LogicalType.edgeName(algorithm)))"
    case .variant(let version): "VARIANT(\(version.map { "\($0)" } ?? ""))"
    case .unknown(let id): "LOGICAL_TYPE_\(id)"
    }
  }

  /// Source: parquet.thrift, `enum EdgeInterpolationAlgorithm`, whose default is its first member.
  private static func edgeName(_ algorithm: Int32?) -> String {
    let names = ["SPHERICAL", "VINCENTY", "THOMAS", "ANDOYER", "KARNEY"]
    let number = Int(algorithm ?? 0)
    return names.indices.contains(number) ? names[number] : "ALGORITHM_\(number)"
  }

  /// The older annotation that says the same, where there is one.
  var convertedType: Int32? {
    switch self {
    case .string: 0
    case .map: 1
    case .list: 3
    case .enumeration: 4
    case .decimal: 5
    case .date: 6
    case .time(_, .milliseconds): 7
    case .time(_, .microseconds): 8
    case .timestamp(true, .milliseconds): 9
    case .timestamp(true, .microseconds): 10
    case .integer(8, false): 11
    case .integer(16, false): 12
    case .integer(32, false): 13
    case .integer(64, false): 14
    case .integer(8, true): 15
    case .integer(16, true): 16
    case .integer(32, true): 17
    case .integer(64, true): 18
    case .json: 19
    case .bson: 20
    case .interval: 21
    default: nil
    }
  }

  /// Maps an older annotation; nil when it is unknown or says nothing about a value.
  init?(convertedType: Int32, scale: Int32?, precision: Int32?) {
    switch convertedType {
    case 0: self = .string
    case 1, 2: self = .map
    case 3: self = .list
    case 4: self = .enumeration
    case 5: self = .decimal(scale: scale ?? 0, precision: precision ?? 0)
    case 6: self = .date
    case 7: self = .time(isAdjustedToUTC: true, unit: .milliseconds)
    case 8: self = .time(isAdjustedToUTC: true, unit: .microseconds)
    case 9: self = .timestamp(isAdjustedToUTC: true, unit: .milliseconds)
    case 10: self = .timestamp(isAdjustedToUTC: true, unit: .microseconds)
    case 11...14: self = .integer(bitWidth: Int8(8) << Int8(convertedType - 11), isSigned: false)
    case 15...18: self = .integer(bitWidth: Int8(8) << Int8(convertedType - 15), isSigned: true)
    case 19: self = .json
    case 20: self = .bson
    case 21: self = .interval
    default: return nil
    }
  }
}
