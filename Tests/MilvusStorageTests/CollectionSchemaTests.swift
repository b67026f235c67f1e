import ByteBuffers
import Foundation
import Testing

@testable import MilvusStorage

@Suite("Collection schemas")
struct CollectionSchemaTests {
  private func schema(_ json: String) throws -> CollectionSchema {
    try CollectionSchema(json: Bytes(utf8: json), source: "schema.json")
  }

  private func failure(_ json: String) -> String {
    do {
      _ = try schema(json)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test("An older snapshot gives fields, sizes and the collection's id")
  func olderSnapshot() throws {
    let url = try V1Fixture.folder("milvus-snapshot").appendingPathComponent("sample_snapshot.json")
    let parsed = try CollectionSchema(json: Bytes([UInt8](try Data(contentsOf: url))), source: "snapshot")
    #expect(parsed.name == "backfilltestcollection")
    #expect(parsed.collectionID == 462_324_574_592_960_519)
    #expect(parsed.fields.map(\.id) == [100, 101, 102, 103, 104])
    #expect(parsed.fields.map(\.dataType) == [.int64, .int64, .float, .varChar, .floatVector])
    #expect(parsed.primaryKey.name == "id")
    #expect(parsed.field(named: "int64")?.isClusteringKey == true)
    #expect(parsed.field(id: 103)?.maxLength == 1024)
    #expect(parsed.field(id: 104)?.vectorByteCount == 512)
    #expect(parsed.field(id: 0)?.name == "RowID")
    #expect(parsed.field(named: "Timestamp")?.id == 1)
  }

  @Test("A newer snapshot has underscores, enum names and numbers as text")
  func newerSnapshot() throws {
    let parsed = try schema(
      """
      {"format_version":5,"snapshot_info":{"collection_id":"9223372036854775807"},
       "collection":{"partitions":{"_default":"9007199254740993","p1":"12"},"schema":{"name":"c","version":3,"fields":[
        {"fieldID":"100","name":"id","is_primary_key":true,"data_type":"VarChar",
         "type_params":[{"key":"max_length","value":"64"}],"autoID":true},
        {"fieldID":"101","name":"n","data_type":"Int64","nullable":true,"default_value":{"long_data":"7"}},
        {"fieldID":"102","name":"t","data_type":"VarChar","default_value":{"string_data":"é"}},
        {"fieldID":"103","name":"$meta","data_type":"JSON","is_dynamic":true,"default_value":{"bytes_data":"e30="}},
        {"fieldID":"104","name":"a","data_type":"Array","element_type":"Int16","is_partition_key":false},
        {"name":"RowID","data_type":"Int64"},{"fieldID":"1","name":"Timestamp","data_type":"Int64"}],
        "enable_dynamic_field":true,
        "struct_array_fields":[{"fieldID":"110","name":"s","fields":[
          {"fieldID":"111","name":"s[v]","data_type":"ArrayOfVector","element_type":"FloatVector",
           "type_params":[{"key":"dim","value":"4"}]}]}]}}}
      """
    )
    #expect(parsed.collectionID == .max)
    #expect(parsed.version == 3)
    #expect(parsed.partitions == [9_007_199_254_740_993: "_default", 12: "p1"])
    #expect(parsed.partitionID("p1") == 12)
    #expect(parsed.partitionID("77") == 77)
    #expect(parsed.partitionID("nowhere") == nil)
    #expect(parsed.primaryKey.isAutoID)
    #expect(parsed.field(named: "n")?.defaultValue == .integer(7))
    #expect(parsed.field(named: "t")?.defaultValue == .bytes(Array("é".utf8)))
    #expect(parsed.field(named: "$meta")?.defaultValue == .bytes(Array("{}".utf8)))
    #expect(parsed.field(named: "a")?.elementType == .int16)
    #expect(parsed.field(id: 111)?.structName == "s")
    #expect(!parsed.hasUnlistedDynamicField)
  }

  @Test("DescribeCollection and pymilvus' schema agree about every set", arguments: V1Fixture.all)
  func describeCollection(_ fixture: V1Fixture) throws {
    let described = try fixture.schema()
    let exported = try CollectionSchema(json: fixture.bytes("schema.json"), source: "schema.json")
    #expect(described.fields == exported.fields)
    #expect(described.enablesDynamicField == exported.enablesDynamicField)
    #expect(described.name == fixture.name)
    #expect(described.collectionID != nil)
    let partitions = try CollectionSchema.partitions(json: fixture.bytes("grpc/ShowPartitions.json"), source: "p")
    #expect(partitions.values.contains("_default"))
  }

  @Test("The field left over in the segments becomes the dynamic field")
  func dynamicField() throws {
    let described = try V1Fixture(name: "all_types").schema()
    #expect(described.hasUnlistedDynamicField)
    let adopted = try described.adoptingDynamicField(from: [0, 1] + Array(100...112))
    #expect(adopted.field(id: 112)?.name == "$meta")
    #expect(adopted.field(named: "$meta")?.dataType == .json)
    #expect(!adopted.hasUnlistedDynamicField)
    #expect(try described.adoptingDynamicField(from: [0, 1, 100]) == described)
    #expect(throws: BackfillError.self) { try described.adoptingDynamicField(from: [112, 113]) }
  }

  @Test("A plain schema file is read, with keys that mean nothing ignored")
  func plainFile() throws {
    let parsed = try schema(
      """
      {"shards":1,"fields":[{"id":100,"name":"id","type":"Int64","is_primary":true},
       {"id":103,"name":"v","type":"FLOAT_VECTOR","dim":4,"new":true},
       {"id":104,"name":"note","type":21,"max_length":100,"nullable":true,"default_value":"x"},
       {"id":105,"name":"arr","type":"Array","element_type":"VarChar","max_length":9,"max_capacity":8}]}
      """
    )
    #expect(parsed.fields.map(\.id) == [100, 103, 104, 105])
    #expect(parsed.field(id: 103)?.dimension == 4)
    #expect(parsed.field(id: 104)?.isNullable == true)
    #expect(parsed.field(id: 104)?.defaultValue == .bytes(Array("x".utf8)))
    #expect(parsed.field(id: 105)?.maxCapacity == 8)
    #expect(parsed.collectionID == nil)
  }

  @Test("All problems of a schema are listed at once")
  func problems() {
    let message = failure(
      """
      {"fields":[{"id":100,"name":"a","type":"Int64"},{"id":100,"name":"b","type":"FloatVector"},
       {"id":102,"name":"b","type":"Nonsense"},{"id":103,"name":"c","type":"BinaryVector","dim":12},
       {"id":104,"name":"d","type":"Array"},{"name":"e","type":"Bool"},{"id":5,"name":"f","type":"Bool"},
       {"id":105,"name":"g","type":"Int8","default_value":{"int_data":300}},{"id":106,"name":"h","type":"VarChar","max_length":"x"}]}
      """
    )
    for part in [
      "'a' and 'b' have the same id 100", "name 'b'", "without \"dim\"", "unknown type 'Nonsense'", "multiple of 8",
      "element type is None", "'e' has no id", "ids of user fields begin at 100", "default value that is no Int8",
      "max_length that is no integer", "No field is marked as the primary key", "schema.json",
    ] {
      #expect(message.contains(part), "\(part) in \(message)")
    }
  }

  @Test(
    "What is no schema is refused with a reason",
    arguments: [
      ("", "not valid JSON"), ("[]", "must be a JSON object"), ("{}", "This is no schema"),
      ("{\"fields\":[]}", "no fields"),
      ("{\"fields\":[7]}", "is not an object"), ("{\"schema\":{\"name\":\"c\"}}", "no fields"),
      (#"{"fields":[{"id":100,"name":"k","type":"Float","is_primary":true}]}"#, "must be Int64 or VarChar"),
      (
        #"{"fields":[{"id":100,"name":"k","type":5,"is_primary":true},{"id":101,"name":"l","type":5,"is_primary":true}]}"#,
        "a collection has one"
      ),
    ]
  )
  func refusals(_ json: String, _ reason: String) {
    let message = failure(json)
    #expect(message.contains(reason), "\(message)")
  }

  @Test("A document that is nested without end is refused")
  func endlessNesting() {
    #expect(failure(String(repeating: "[", count: 100_000)).contains("not valid JSON"))
    #expect(failure(String(repeating: #"{"fields":"#, count: 100_000)).contains("not valid JSON"))
  }

  @Test("Types are known by name, in any case, and by number")
  func dataTypes() {
    #expect(DataType("floatvector") == .floatVector)
    #expect(DataType("BFLOAT16_VECTOR") == .bfloat16Vector)
    #expect(DataType("23") == .json)
    #expect(DataType("nothing") == nil)
    #expect(DataType.array.description == "Array")
    #expect(!DataType(rawValue: 77).isKnown)
  }
}
