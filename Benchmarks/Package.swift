// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "swift-backfill-benchmarks",
  dependencies: [
    .package(name: "swift-backfill", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "yardstick",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ByteBuffers", package: "swift-backfill"),
        .product(name: "MilvusStorage", package: "swift-backfill"),
        .product(name: "ObjectStores", package: "swift-backfill"),
        .product(name: "Parquet", package: "swift-backfill"),
        .product(name: "S3Store", package: "swift-backfill"),
      ],
      swiftSettings: settings
    )
  ],
  swiftLanguageModes: [.v6]
)
