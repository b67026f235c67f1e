import Backfill
import Glibc

@main
struct HostApplication {
  static func main() async {
    let arguments = CommandLine.arguments
    guard arguments.count == 5, let collectionID = Int64(arguments[2]) else {
      print("usage: HostApplication ROOT COLLECTION-ID SCHEMA PARQUET")
      exit(2)
    }
    var configuration = BackfillConfiguration(root: arguments[1], collectionID: collectionID, schema: arguments[3])
    configuration.input = [arguments[4]]
    configuration.columnMapping = [
      ColumnMapping("id", to: "id"), ColumnMapping("new_text", to: "new_text"), ColumnMapping("new_i32", to: "new_i32"),
    ]
    switch await MilvusBackfill.run(configuration) {
    case .success(let result):
      print(result.summary)
    case .failure(let error):
      print(error)
      exit(1)
    }
  }
}
