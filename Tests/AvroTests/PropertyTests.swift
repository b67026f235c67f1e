import Avro
import ByteBuffers
import Testing

/// What holds of all schemas and values, tried with random ones.
///
/// `BACKFILL_TEST_SEED` repeats a run.
struct PropertyTests {
  @Test func `any value comes back, from any blocks, and is written the same again`() throws {
    var data = RandomData(SeededGenerator())
    for round in 0..<400 {
      let json = data.schema()
      let schema = try AvroSchema(json)
      let (encoder, decoder) = (AvroEncoder(schema), AvroDecoder(schema))
      let value = try data.value(schema)
      let bytes = try encoder.encode(value)
      let back = try decoder.decode(bytes)
      #expect(AvroText.line(back) == AvroText.line(value), "seed \(Surroundings.seed), round \(round): \(json)")
      #expect(try encoder.encode(back) == bytes, "seed \(Surroundings.seed), round \(round): \(json)")
      let cut = try decoder.decode(Bytes(try data.cut(value, schema)))
      #expect(try encoder.encode(cut) == bytes, "seed \(Surroundings.seed), round \(round): \(json)")
    }
  }

  @Test func `resolution with the same schema, parsed twice, changes nothing`() throws {
    var data = RandomData(SeededGenerator(Surroundings.seed &+ 1))
    for round in 0..<200 {
      let json = data.schema()
      let schema = try AvroSchema(json)
      let value = try data.value(schema)
      let bytes = try data.cut(value, schema)
      let decoder = try AvroDecoder(writer: schema, reader: try AvroSchema(json))
      let back = try AvroEncoder(schema).encode(try decoder.decode(Bytes(bytes)))
      #expect(back == (try AvroEncoder(schema).encode(value)), "seed \(Surroundings.seed), round \(round): \(json)")
    }
  }

  @Test func `what is skipped is passed over exactly`() throws {
    var data = RandomData(SeededGenerator(Surroundings.seed &+ 2))
    for round in 0..<300 {
      let json = data.schema()
      let wrapper =
        #"{"type":"record","name":"W","fields":[{"name":"skipped","type":\#(json)},{"name":"last","type":"long"}]}"#
      let schema = try AvroSchema(wrapper)
      let value = try data.value(schema)
      let reader = try AvroSchema(#"{"type":"record","name":"W","fields":[{"name":"last","type":"long"}]}"#)
      let read = try AvroDecoder(writer: schema, reader: reader).decode(Bytes(try data.cut(value, schema)))
      guard case .record(let all) = value, case .record(let some) = read else { continue }
      #expect(some["last"] == all["last"], "seed \(Surroundings.seed), round \(round): \(json)")
    }
  }

  @Test func `schemas in canonical and in full form describe the same bytes`() throws {
    var data = RandomData(SeededGenerator(Surroundings.seed &+ 3))
    for round in 0..<200 {
      let json = data.schema()
      let schema = try AvroSchema(json)
      let bytes = try AvroEncoder(schema).encode(try data.value(schema))
      let canonical = try AvroSchema(schema.canonicalForm)
      #expect(try canonical.fingerprint == schema.fingerprint, "seed \(Surroundings.seed), round \(round): \(json)")
      #expect(try AvroEncoder(canonical).encode(try AvroDecoder(canonical).decode(bytes)) == bytes)
      for field in schema.fields {
        let part = try AvroSchema(field.schema.text)
        #expect(try part.fingerprint == field.schema.fingerprint, "seed \(Surroundings.seed), round \(round): \(json)")
      }
    }
  }
}
