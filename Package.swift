// swift-tools-version: 6.2
import PackageDescription

/// Settings shared by every Swift target.
///
/// `Lifetimes` is what `~Escapable` types need; it is what swift-nio and swift-collections use too.
let settings: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "swift-backfill",
  products: [
    .library(name: "Backfill", targets: ["Backfill"]),
    .library(name: "MilvusStorage", targets: ["MilvusStorage"]),
    .library(name: "Parquet", targets: ["Parquet"]),
    .library(name: "ParquetFoundation", targets: ["ParquetFoundation"]),
    .library(name: "Avro", targets: ["Avro"]),
    .library(name: "ByteBuffers", targets: ["ByteBuffers"]),
    .library(name: "ObjectStores", targets: ["ObjectStores"]),
    .library(name: "S3Store", targets: ["S3Store"]),
    .library(name: "BackfillConformance", targets: ["BackfillConformance"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlienc", providers: [.apt(["libbrotli-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CChecksums"),
    .systemLibrary(name: "CKernels"),
    .target(name: "ByteBuffers", swiftSettings: settings),
    .target(name: "Avro", dependencies: ["ByteBuffers", "CZlib"], swiftSettings: settings),
    .target(
      name: "Parquet",
      dependencies: ["ByteBuffers", "CBrotli", "CDeflate", "CKernels", "CLZ4", "CSnappy", "CZlib", "CZstd"],
      swiftSettings: settings
    ),
    .target(name: "ParquetFoundation", dependencies: ["Parquet"], swiftSettings: settings),
    .target(
      name: "ObjectStores",
      dependencies: ["ByteBuffers", "CLinux", .product(name: "CoreMetrics", package: "swift-metrics")],
      swiftSettings: settings
    ),
    .target(
      name: "S3Store",
      dependencies: [
        "ByteBuffers", "CChecksums", "CCurl", "CLinux", "ObjectStores",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "MilvusStorage",
      dependencies: [
        "ByteBuffers", "ObjectStores", "Parquet", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Backfill",
      dependencies: ["ByteBuffers", "MilvusStorage", "ObjectStores", "Parquet"],
      swiftSettings: settings
    ),
    .target(
      name: "BackfillConformance",
      dependencies: ["ByteBuffers", "ObjectStores"],
      swiftSettings: settings
    ),
    .testTarget(name: "AvroTests", dependencies: ["Avro", "ByteBuffers"], swiftSettings: settings),
    .testTarget(name: "ByteBuffersTests", dependencies: ["ByteBuffers"], swiftSettings: settings),
    .testTarget(
      name: "ParquetTests",
      dependencies: [
        "ByteBuffers", "ObjectStores", "Parquet", "ParquetFoundation",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      exclude: ["Fixtures"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ObjectStoresTests",
      dependencies: [
        "BackfillConformance", "ByteBuffers", "ObjectStores",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "MetricsTestKit", package: "swift-metrics"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "S3StoreTests",
      dependencies: [
        "BackfillConformance", "ByteBuffers", "MilvusStorage", "ObjectStores", "Parquet", "S3Store",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "MilvusStorageTests",
      dependencies: ["ByteBuffers", "MilvusStorage", "ObjectStores", "Parquet"],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
