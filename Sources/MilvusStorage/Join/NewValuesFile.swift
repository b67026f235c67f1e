public import ByteBuffers
public import Parquet

/// One opened Parquet file of new values, checked against the fields it is to fill.
public struct NewValuesFile: Sendable {
  let reader: any ParquetFileReader
  let name: String
  /// Position of the key column.
  let keyField: Int
  let keyConverter: CellConverter
  /// Positions and conversions of the value columns, in the order of the targets.
  let fields: [Int]
  let converters: [CellConverter]

  /// Rows are numbered with 32 bits, of which two values are taken.
  static let mostRows = Int64(UInt32.max) - 2

  /// Rows that the footer states.
  var rowCount: Int64 { reader.metadata.rowCount }
}

extension NewValuesFile {
  /// What the columns of a file mean.
  public struct Columns: Sendable {
    /// Input column that holds the key.
    public var key: String
    /// The collection's key field.
    public var keyField: FieldSchema
    /// Input columns that hold values, each with the field it fills.
    public var values: [(column: String, field: FieldSchema)]

    /// Creates a description.
    ///
    /// - Parameters:
    ///   - key: input column that holds the key.
    ///   - keyField: the collection's key field.
    ///   - values: input columns that hold values, each with the field it fills.
    public init(key: String, keyField: FieldSchema, values: [(column: String, field: FieldSchema)]) {
      self.key = key
      self.keyField = keyField
      self.values = values
    }
  }

  /// Opens a file and checks its columns; all problems are reported at once.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - columns: what its columns mean.
  ///   - codec: how Parquet is read.
  /// - Throws: ``BackfillError/Code/dataRead`` when it is not Parquet, ``BackfillError/Code/schemaValidation`` when its
  ///   columns do not fit.
  public init(
    _ source: any RandomAccessSource,
    columns: Columns,
    codec: any ParquetCodec = NativeParquetCodec()
  ) async throws(BackfillError) {
    let reader: any ParquetFileReader
    do {
      reader = try await codec.openReader(source)
    } catch {
      throw BackfillError.wrapping(error, as: .dataRead, path: source.name)
    }
    try self.init(reader, name: source.name, columns: columns)
  }

  /// Checks the columns of an opened file; `name` is what messages call it.
  init(_ reader: any ParquetFileReader, name: String, columns: Columns) throws(BackfillError) {
    let rows = reader.metadata.rowCount
    guard rows >= 0, rows <= NewValuesFile.mostRows else {
      throw BackfillError(
        .dataRead,
        "The file states \(rows) rows; at most \(NewValuesFile.mostRows) can be joined at once.",
        path: name
      )
    }
    let schema = reader.metadata.schema
    var problems = ProblemList()
    let key = NewValuesFile.key(columns, schema, &problems)
    var fields: [Int] = []
    var converters: [CellConverter] = []
    for (column, target) in columns.values {
      guard let field = NewValuesFile.field(column, schema, &problems) else { continue }
      guard let converter = CellConverter(input: schema.fields[field], target: target, problems: &problems) else {
        continue
      }
      fields.append(field)
      converters.append(converter)
    }
    try problems.check(.schemaValidation, path: name)
    guard let key else { throw BackfillError(.schemaValidation, "The key column is missing.", path: name) }
    self.init(
      reader: reader,
      name: name,
      keyField: key.field,
      keyConverter: key.converter,
      fields: fields,
      converters: converters
    )
  }

  private static func field(_ column: String, _ schema: ParquetSchema, _ problems: inout ProblemList) -> Int? {
    if let field = schema.fieldIndex(named: column) { return field }
    let known = schema.fields.map(\.name).joined(separator: ", ")
    problems.add("The file has no column '\(column)'; it has: \(known).")
    return nil
  }

  /// The key column, whose type must be the key field's: there is no implicit cast of keys.
  private static func key(
    _ columns: Columns,
    _ schema: ParquetSchema,
    _ problems: inout ProblemList
  ) -> (field: Int, converter: CellConverter)? {
    guard let field = field(columns.key, schema, &problems) else { return nil }
    let node = schema.fields[field]
    var mute = ProblemList()
    var target = columns.keyField
    // Nulls are counted while the keys are indexed.
    target.isNullable = true
    let converter = CellConverter(input: node, target: target, problems: &mute)
    guard let converter, isSameKeyType(node, target.dataType) else {
      problems.add(
        "Key column '\(columns.key)' is \(CellConverter.describe(node)); key field '\(target.name)' is \(target.dataType). "
          + "Cast the column to the same type: keys are compared without conversion."
      )
      return nil
    }
    return (field, converter)
  }

  private static func isSameKeyType(_ node: SchemaNode, _ type: DataType) -> Bool {
    switch type {
    case .int64, .timestamptz: return CellConverter.isLeaf(node, .int64)
    case .int32: return CellConverter.integerSource(node).map { $0.range.lowerBound == Int64(Int32.min) } ?? false
    case .int16: return CellConverter.integerSource(node).map { $0.range.lowerBound == -32768 } ?? false
    case .int8: return CellConverter.integerSource(node).map { $0.range.lowerBound == -128 } ?? false
    case .varChar, .string: return true
    default: return false
    }
  }
}
