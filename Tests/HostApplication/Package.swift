// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "host-application",
  dependencies: [.package(name: "swift-backfill", path: "../..")],
  targets: [
    .executableTarget(name: "HostApplication", dependencies: [.product(name: "Backfill", package: "swift-backfill")]),
    .executableTarget(
      name: "ReadParquet",
      dependencies: [
        .product(name: "ObjectStores", package: "swift-backfill"),
        .product(name: "Parquet", package: "swift-backfill"),
      ]
    ),
    .executableTarget(
      name: "RowsOfFile",
      dependencies: [
        .product(name: "ObjectStores", package: "swift-backfill"),
        .product(name: "Parquet", package: "swift-backfill"),
      ]
    ),
    .executableTarget(name: "RowsOfParquet", dependencies: [.product(name: "Parquet", package: "swift-backfill")]),
  ]
)
