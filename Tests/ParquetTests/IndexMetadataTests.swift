import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Structures beside the footer, in bytes made by hand from parquet.thrift and in the files of the corpus.
struct IndexMetadataTests {
  private static let offsetIndexBytes: [UInt8] = [
    // Field 1, list of two structs: offset 4, size 30, row 0; offset 300, size 31, row 100.
    0x19, 0x2c, 0x16, 0x08, 0x15, 0x3c, 0x16, 0x00, 0x00, 0x16, 0xd8, 0x04, 0x15, 0x3e, 0x16, 0xc8, 0x01, 0x00,
    // Field 2, list of two i64: 7, 0. End.
    0x19, 0x26, 0x0e, 0x00, 0x00,
  ]

  private static let columnIndexBytes: [UInt8] = [
    // Field 1: false, true as 2 and 1. Field 2: "a", "". Field 3: "bc", "".
    0x19, 0x21, 0x02, 0x01, 0x19, 0x28, 0x01, 0x61, 0x00, 0x19, 0x28, 0x02, 0x62, 0x63, 0x00,
    // Field 4: 1. Field 5: 0, 3. Field 7 (a step of two): 0, 5, 3, 0. Field 8: 1, 0. End.
    0x15, 0x02, 0x19, 0x26, 0x00, 0x06, 0x29, 0x46, 0x00, 0x0a, 0x06, 0x00, 0x19, 0x26, 0x02, 0x00, 0x00,
  ]

  private static let offsetIndex = OffsetIndex(
    pages: [
      PageLocation(offset: 4, compressedSize: 30, firstRow: 0),
      PageLocation(offset: 300, compressedSize: 31, firstRow: 100),
    ],
    unencodedByteArrayBytes: [7, 0]
  )

  private static var columnIndex: ColumnIndex {
    var index = ColumnIndex(
      nullPages: [false, true],
      minValues: [Bytes(utf8: "a"), .empty],
      maxValues: [Bytes(utf8: "bc"), .empty],
      boundaryOrder: .ascending
    )
    index.nullCounts = [0, 3]
    index.definitionLevelHistograms = [0, 5, 3, 0]
    index.nanCounts = [1, 0]
    return index
  }

  @Test func `indexes are the bytes that the format says, both ways`() throws {
    #expect(Self.offsetIndex.encoded().array == Self.offsetIndexBytes)
    #expect(try OffsetIndex(decoding: Bytes(Self.offsetIndexBytes)) == Self.offsetIndex)
    #expect(Self.columnIndex.encoded().array == Self.columnIndexBytes)
    #expect(try ColumnIndex(decoding: Bytes(Self.columnIndexBytes)) == Self.columnIndex)
  }

  @Test func `booleans of either element type are read, and 0 is false as well`() throws {
    for type: UInt8 in [0x21, 0x22] {
      for no: UInt8 in [0x00, 0x02] {
        var bytes = Self.columnIndexBytes
        (bytes[1], bytes[2]) = (type, no)
        #expect(try ColumnIndex(decoding: Bytes(bytes)) == Self.columnIndex)
      }
    }
  }

  @Test func `no damage of a byte, and no end before the end, does harm`() {
    for bytes in [Self.offsetIndexBytes, Self.columnIndexBytes] {
      for length in 0..<bytes.count {
        let part = Bytes(Array(bytes[..<length]))
        #expect(throws: ParquetError.self) { _ = try OffsetIndex(decoding: part) }
        #expect(throws: ParquetError.self) { _ = try ColumnIndex(decoding: part) }
      }
      for at in bytes.indices {
        for value in UInt8.min...UInt8.max {
          var damaged = bytes
          damaged[at] = value
          if let index = try? OffsetIndex(decoding: Bytes(damaged)) { #expect(index.pages.count <= bytes.count) }
          if let index = try? ColumnIndex(decoding: Bytes(damaged)) { #expect(index.pageCount <= bytes.count) }
        }
      }
    }
  }

  @Test func `lists that contradict each other are corrupt`() {
    var tooFew = Self.columnIndex
    tooFew.minValues = [.empty]
    var counts = Self.columnIndex
    counts.nullCounts = [1]
    var histogram = Self.columnIndex
    histogram.definitionLevelHistograms = [1, 2, 3]
    for index in [tooFew, counts, histogram] {
      let error = #expect(throws: ParquetError.self) { _ = try ColumnIndex(decoding: index.encoded()) }
      #expect(error?.code == .corrupt)
    }
    var sizes = Self.offsetIndex
    sizes.unencodedByteArrayBytes = [1]
    var negative = Self.offsetIndex
    negative.pages[1].firstRow = -1
    for index in [sizes, negative] {
      let error = #expect(throws: ParquetError.self) { _ = try OffsetIndex(decoding: index.encoded()) }
      #expect(error?.code == .corrupt)
    }
  }

  @Test(arguments: Surroundings.corpus.map { Surroundings.files($0, endings: [".parquet"]) } ?? [])
  func `the indexes of a file agree with its pages`(_ file: String) async throws {
    let corpus = try #require(Surroundings.corpus)
    guard file.hasPrefix("data/") else { return }
    let source = MemorySource(Bytes(try Surroundings.bytes(corpus.appendingPathComponent(file))), name: file)
    guard let reader = try? await NativeParquetCodec().openReader(source) else { return }
    for (group, leaf) in reader.metadata.rowGroups.indices.flatMap({ group in
      reader.metadata.schema.leaves.indices.map { (group, $0) }
    }) {
      let chunk = reader.metadata.rowGroups[group].columns[leaf]
      guard let place = chunk.offsetIndex, let length = place.length else { continue }
      let start = Int(place.offset)
      let index = try OffsetIndex(decoding: try await source.read(start..<start + Int(length)))
      var pages = try ParquetPages(source, metadata: reader.metadata, rowGroup: group, leaf: leaf)
      var found: [PageLocation] = []
      while let page = try await pages.next() {
        guard page.kind != .dictionary else { continue }
        let row = found.count < index.pages.count ? index.pages[found.count].firstRow : -1
        let size = Int32(page.headerSize + page.compressedSize)
        found.append(PageLocation(offset: page.offset, compressedSize: size, firstRow: row))
      }
      #expect(index.pages == found, "\(file), leaf \(leaf)")
      guard let place = chunk.columnIndex, let length = place.length else { continue }
      let from = Int(place.offset)
      let bounds = try ColumnIndex(decoding: try await source.read(from..<from + Int(length)))
      #expect(bounds.pageCount == found.count, "\(file), leaf \(leaf)")
      if let nulls = bounds.nullCounts, let all = chunk.statistics?.nullCount {
        #expect(nulls.reduce(0, +) == all, "\(file), leaf \(leaf)")
      }
    }
  }

  @Test func `column orders are kept for each leaf`() async throws {
    let corpus = try #require(Surroundings.corpus)
    func orders(_ file: String) async throws -> [ColumnOrder?] {
      let bytes = try Surroundings.bytes(corpus.appendingPathComponent(file))
      return try await NativeParquetCodec().openReader(MemorySource(Bytes(bytes))).metadata.columnOrders
    }
    #expect(Set(try await orders("data/alltypes_plain.parquet")) == [nil])
    #expect(Set(try await orders("data/alltypes_tiny_pages.parquet")) == [.typeDefined])
    #expect(Set(try await orders("data/floating_orders_nan_count.parquet")) == [.typeDefined, .ieee754])
  }

  @Test func `annotations of newer kinds are kept with their parameters`() async throws {
    let types: [LogicalType] = [
      .geometry(crs: nil), .geometry(crs: "EPSG:3857"), .geography(crs: nil, algorithm: nil),
      .geography(crs: "x", algorithm: 4),
    ]
    let schema = ParquetSchema(types.enumerated().map { SchemaNode("f\($0)", .byteArray, logicalType: $1) })
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: schema, properties: WriterProperties())
    _ = try await writer.close()
    let reader = try await NativeParquetCodec().openReader(MemorySource(await sink.contents))
    #expect(reader.metadata.schema.fields.map(\.logicalType) == types)
    #expect(types.map(\.name) == ["GEOMETRY()", "GEOMETRY(EPSG:3857)", "GEOGRAPHY(,SPHERICAL)", "GEOGRAPHY(x,KARNEY)"])
  }
}
