import Parquet

struct Trip: Codable {
  var id: Int64
  var city: String
  var kilometres: Double?
}

@main
struct ParquetRowsProgram {
  static func main() async throws {
    let trips = [Trip(id: 1, city: "Basel", kilometres: 3.5), Trip(id: 2, city: "Bern", kilometres: nil)]
    let file = try await ParquetEncoder().encode(trips)
    for trip in try await ParquetDecoder().decode([Trip].self, from: file) {
      print(trip.id, trip.city, trip.kilometres.map { "\($0)" } ?? "unknown")
    }
  }
}
