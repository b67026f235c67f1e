import ObjectStores
import Parquet

struct Trip: Codable {
  var id: Int64
  var city: String
  var kilometres: Double?
}

let (store, key) = try StoreResolver().object("trips.parquet")
let trips = try await ParquetDecoder().decode([Trip].self, from: ObjectSource(key, in: store))
for trip in trips { print(trip.id, trip.city, trip.kilometres ?? 0) }
