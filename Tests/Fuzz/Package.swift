// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Built by Tests/fuzz, which adds the sanitizers.
let package = Package(
  name: "swift-backfill-fuzz",
  dependencies: [.package(name: "swift-backfill", path: "../..")],
  targets: [
    .target(name: "CFuzz"),
    .target(
      name: "FuzzTargets",
      dependencies: [.product(name: "Parquet", package: "swift-backfill")],
      swiftSettings: settings
    ),
    .executableTarget(name: "fuzz", dependencies: ["CFuzz", "FuzzTargets"], swiftSettings: settings),
    .executableTarget(
      name: "mutate",
      dependencies: ["CFuzz", "FuzzTargets", .product(name: "Parquet", package: "swift-backfill")],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
