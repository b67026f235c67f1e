import ObjectStores
import Parquet

@main
struct ReadParquet {
  static func main() async throws {
    let (store, key) = try StoreResolver().object(CommandLine.arguments[1])
    let reader = try await NativeParquetCodec().openReader(try await ObjectSource(key, in: store))
    guard let field = reader.metadata.schema.fieldIndex(named: "new_i32") else { return }
    let rows = try reader.rows(RowSelection(fields: [field]))
    var (sum, nulls) = (0, 0)
    while let batch = try await rows.next(limit: 4096) {
      let column = batch.columns[0]
      nulls += column.nullCount
      column.withValues(of: Int32.self) { values in
        for value in values { sum += Int(value) }
      }
    }
    print("\(reader.metadata.rowCount) rows, \(nulls) of them null, sum \(sum)")
  }
}
