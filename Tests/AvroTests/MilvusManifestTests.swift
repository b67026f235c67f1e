import ByteBuffers
import Foundation
import Testing

@testable import Avro

/// Manifests and segment records of Milvus: what they hold, and that they are written again as they were.
struct MilvusManifestTests {
  static let segments = "milvus-v3/files/insert_log/470608453174297208/470608453174297209"

  /// Manifests in containers, and what milvus-storage's own C++ reads in them.
  static let containers = [
    ("470608453174497216/_metadata/manifest-1", "all_types_3groups.manifest-1"),
    ("470608453174497216/_metadata/manifest-2", "all_types_3groups.manifest-2"),
    ("470608453174497216/_metadata/manifest-3", "all_types_3groups.manifest-3"),
    ("470608453174697236/_metadata/manifest-1", "all_types_2files.manifest-1"),
    ("470608453174697236/_metadata/manifest-2", "all_types_2files.manifest-2"),
    ("900003/_metadata/manifest-1", "row_groups.manifest-1"),
    ("900004/_metadata/manifest-1", "vectors_nullable.manifest-1"),
  ]

  private func truth(_ name: String) throws -> AvroJSON {
    PlainJSON.sorted(try JSONParser.parse(try Surroundings.fixture(name).array, depth: 100))
  }

  @Test(arguments: containers) func `manifests hold what milvus-storage reads in them`(_ file: String, _ name: String)
    async throws
  {
    let bytes = try Surroundings.fixture("\(MilvusManifestTests.segments)/\(file).avro")
    var reader = try await AvroFileReader(MemorySource(bytes))
    let manifest = try await reader.only()
    let segment = file.split(separator: "/")[0]
    let base = "insert_log/470608453174297208/470608453174297209/\(segment)"
    let own = PlainJSON.sorted(PlainJSON.json(manifest, path: PlainJSON.resolved(base)))
    #expect(own == PlainJSON.without(try truth("milvus-v3/truth/\(name).json"), "version"))
  }

  @Test(arguments: containers.map(\.0).map { "\(segments)/\($0).avro" } + ["milvus-snapshot/manifest-2-v5schema.avro"])
  func `manifests are written again byte by byte`(_ file: String) async throws {
    let bytes = try Surroundings.fixture(file)
    var reader = try await AvroFileReader(MemorySource(bytes))
    let manifest = try await reader.only()
    let sink = MemorySink()
    var writer = AvroFileWriter(sink, header: reader.header)
    try await writer.append(manifest)
    try await writer.finish()
    #expect(await sink.contents == bytes)
    #expect(try AvroSchema(reader.header.schema.text).fingerprint == reader.header.schema.fingerprint)
  }

  @Test func `a manifest of an older schema holds what is expected, and is read with the newest schema`() async throws {
    let bytes = try Surroundings.fixture("milvus-snapshot/manifest-2-v5schema.avro")
    let expected = try truth("milvus-snapshot/manifest-2-v5schema.expected.json")
    var plain = try await AvroFileReader(MemorySource(bytes))
    #expect(PlainJSON.sorted(PlainJSON.json(try await plain.only())) == expected)
    let newest = try Surroundings.fixture("\(MilvusManifestTests.segments)/900003/_metadata/manifest-1.avro")
    let schema = try await AvroFileReader(MemorySource(newest)).header.schema
    var reader = try await AvroFileReader(MemorySource(bytes), as: schema)
    let manifest = AvroNode(try await reader.only())
    #expect(
      try manifest["column_groups"].items.map { try $0["columns"].strings } == [["0", "1", "100", "101"], ["102"]]
    )
    #expect(try manifest["indexes"].items.allSatisfy { try $0["index_name"].string == "" && $0["field_id"].long == 0 })
  }

  @Test func `a column group is appended with the schema of the file`() async throws {
    let bytes = try Surroundings.fixture("\(MilvusManifestTests.segments)/470608453174497216/_metadata/manifest-3.avro")
    var reader = try await AvroFileReader(MemorySource(bytes))
    guard case .record(var manifest) = try await reader.only() else { return }
    let before = manifest
    let group = try #require(manifest.schema.field("column_groups")?.schema.items)
    let file = try #require(group.field("files")?.schema.items)
    let record = try AvroRecord(
      group,
      [
        "columns": .array([.string("115")]), "format": .string("parquet"),
        "files": .array([.record(try AvroRecord(file, ["path": .string("0_new.parquet"), "end_index": .long(500)]))]),
      ]
    )
    try manifest.append([.record(record)], to: "column_groups")
    let sink = MemorySink()
    var writer = AvroFileWriter(sink, header: reader.header)
    try await writer.append(.record(manifest))
    try await writer.finish()
    var again = try await AvroFileReader(MemorySource(await sink.contents))
    let node = AvroNode(try await again.only())
    let groups = try node["column_groups"].items
    #expect(try groups.map { try $0["columns"].strings.count } == [9, 1, 5, 1, 1, 1])
    #expect(try groups[5]["files"].items[0]["start_index"].long == 0)
    #expect(try groups[5]["files"].items[0]["end_index"].long == 500)
    for name in ["delta_logs", "stats", "indexes", "lob_files"] { #expect(try node.record[name] == before[name]) }
  }

  // MARK: - Raw manifests

  /// Parts of the manifests that were written before containers, in their order.
  static let legacyGroups = """
    {"type":"array","items":{"type":"record","name":"ColumnGroup","fields":[{"name":"columns","type":{"type":"array","items":"string"}},
     {"name":"files","type":{"type":"array","items":{"type":"record","name":"ColumnGroupFile","fields":[{"name":"path","type":"string"},
      {"name":"start_index","type":"long"},{"name":"end_index","type":"long"},{"name":"metadata","type":"bytes"}]}}},
     {"name":"format","type":"string"}]}}
    """

  @Test(arguments: 1...6) func `raw manifests are read part by part`(_ version: Int) async throws {
    let bytes = try Surroundings.fixture("milvus-v3/files/legacy/seg/_metadata/milv-\(version).bin")
    let container = try Surroundings.fixture("\(MilvusManifestTests.segments)/900003/_metadata/manifest-1.avro")
    let newest = try await AvroFileReader(MemorySource(container)).header.schema
    var at = 0
    func part(_ schema: AvroSchema) throws -> AvroValue {
      let (value, end) = try AvroDecoder(schema).decodePrefix(bytes, from: at)
      // What was read is written the same.
      #expect(try AvroEncoder(schema).encode(value) == bytes[at..<end])
      at = end
      return value
    }
    func current(_ name: String) throws -> AvroSchema { try #require(newest.field(name)).schema }
    #expect(try part(AvroSchema("\"int\"")) == .int(0x4d49_4c56))
    #expect(try part(AvroSchema("\"int\"")) == .int(Int32(version)))
    let groups = try part(AvroSchema(MilvusManifestTests.legacyGroups))
    let logs = try part(current("delta_logs"))
    let paths = try AvroSchema(#"{"type":"map","values":{"type":"array","items":"string"}}"#)
    let stats = try part(version >= 3 ? current("stats") : paths)
    let indexes = version >= 6 ? try part(current("indexes")) : nil
    let lobs = version >= 5 ? try part(current("lob_files")) : nil
    #expect(at == bytes.count)
    let expected = try truth("milvus-v3/truth/legacy.milv-\(version).json")
    guard case .object(let members) = expected else { return }
    func check(_ name: String, _ value: AvroValue?) {
      guard let value else { return }
      var own = PlainJSON.json(value, part: name, path: PlainJSON.resolved("legacy/seg"))
      if name == "column_groups" {
        // Properties came instead of bytes that nobody reads.
        own = PlainJSON.replaced(own, "metadata", by: .init("properties", .object([])))
      }
      let wanted = members.first { $0.name == name }?.value ?? .null
      #expect(PlainJSON.sorted(own) == wanted, "\(name)")
    }
    check("column_groups", groups)
    check("delta_logs", logs)
    if version >= 3 { check("stats", stats) }
    check("indexes", indexes)
    check("lob_files", lobs)
  }

  @Test func `the raw manifest of the reference is decoded`() throws {
    let bytes = try Surroundings.fixture("milvus-snapshot/manifest-legacy-raw-v3.avro")
    let hex =
      "acb1cad4090602060631303002300231000216305f612e70617271756574001400000e70617271756574000202370006"
      + "000220626c6f6f6d5f66696c7465722e3130300224626c6f6f6d5f66696c7465722e3130302f390002166d656d6f7279"
      + "5f73697a65043634000000"
    #expect(bytes.array == HandBytes.bytes(hex))
    let schema = try AvroSchema(
      """
      {"type":"record","name":"M","fields":[{"name":"magic","type":"int"},{"name":"version","type":"int"},
       {"name":"column_groups","type":\(MilvusManifestTests.legacyGroups)},
       {"name":"delta_logs","type":{"type":"array","items":{"type":"record","name":"D","fields":[{"name":"path","type":"string"},{"name":"type","type":"int"},
        {"name":"num_entries","type":"long"}]}}},
       {"name":"stats","type":{"type":"map","values":{"type":"record","name":"S","fields":[{"name":"paths","type":{"type":"array","items":"string"}},
        {"name":"metadata","type":{"type":"map","values":"string"}}]}}},
       {"name":"indexes","type":{"type":"array","items":{"type":"record","name":"I","fields":[{"name":"column_name","type":"string"},
        {"name":"index_type","type":"string"},{"name":"path","type":"string"},{"name":"properties","type":{"type":"map","values":"string"}}]}}}]}
      """
    )
    let value = try AvroDecoder(schema).decode(bytes)
    #expect(
      PlainJSON.json(value).description
        == #"{"magic":1296649302,"version":3,"column_groups":[{"columns":["100","0","1"],"files":[{"path":"0_a.parquet","start_index":0,"#
        + #""end_index":10,"metadata":""}],"format":"parquet"}],"delta_logs":[{"path":"7","type":0,"num_entries":3}],"#
        + #""stats":{"bloom_filter.100":{"paths":["bloom_filter.100/9"],"metadata":{"memory_size":"64"}}},"indexes":[]}"#
    )
    #expect(try AvroEncoder(schema).encode(value) == bytes)
  }

  // MARK: - Records of a snapshot's segments

  @Test(arguments: 1...5) func `segment records of every version are decoded`(_ version: Int) throws {
    let bytes = try Surroundings.fixture("milvus-snapshot/segment-1001.v\(version).avro")
    let schema = try AvroSchema(SegmentSchemas.json(version: version))
    let value = try AvroDecoder(schema).decode(bytes)
    #expect(try AvroEncoder(schema).encode(value) == bytes)
    // The expectation is of version 4; others lack or add fields.
    var expected = try truth("milvus-snapshot/segment-1001.v4.expected.json")
    if version < 3 { expected = PlainJSON.without(expected, "commit_timestamp") }
    if version < 4 { expected = PlainJSON.without(PlainJSON.without(expected, "child_fields"), "format") }
    let own = PlainJSON.without(PlainJSON.sorted(PlainJSON.json(value)), "manifest_has_index")
    #expect(own == expected, "\(own)\n\(expected)")
    #expect(AvroNode(value).path.isEmpty)
    #expect(try AvroNode(value)["segment_id"].long == 1001)
  }

  @Test func `a prefix of a segment record is enough`() throws {
    let bytes = try Surroundings.fixture("milvus-snapshot/segment-1001.v4.avro")
    let schema = try AvroSchema(SegmentSchemas.json(version: 4, upTo: "binlog_files"))
    let (value, end) = try AvroDecoder(schema).decodePrefix(bytes)
    #expect(end < bytes.count)
    #expect(try AvroNode(value)["binlog_files"].items.map { try $0["field_id"].long } == [0, 102])
    #expect(try AvroNode(value)["start_position"]["msg_id"].bytes.array == [8, 16, 24])
  }
}
