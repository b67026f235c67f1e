/// The schemas of the records that a Milvus snapshot has for its segments, by the version of its format.
enum SegmentSchemas {
  private static func field(_ name: String, _ type: String) -> String { #"{"name":"\#(name)","type":\#(type)}"# }
  private static func array(_ items: String) -> String { #"{"type":"array","items":\#(items)}"# }
  private static func record(_ name: String, _ fields: [String]) -> String {
    #"{"type":"record","name":"\#(name)","fields":[\#(fields.joined(separator: ","))]}"#
  }
  private static func longs(_ names: String...) -> [String] { names.map { field($0, "\"long\"") } }

  /// - Parameter last: the last field wanted; all unless it is given.
  static func json(version: Int, upTo last: String? = nil) -> String {
    let text = "\"string\""
    let position = record(
      "Position",
      [field("channel_name", text), field("msg_id", "\"bytes\""), field("msg_group", text)] + longs("timestamp")
    )
    let binlog = record(
      "Binlog",
      longs("entries_num", "timestamp_from", "timestamp_to") + [field("log_path", text)]
        + longs("log_size", "log_id", "memory_size")
    )
    let children = version >= 4 ? [field("child_fields", array("\"long\"")), field("format", text)] : []
    let fieldBinlog = record("FieldBinlog", longs("field_id") + children + [field("binlogs", array(binlog))])
    let parameter = record("Parameter", [field("key", text), field("value", text)])
    let stats = [
      longs("field_id", "version"), [field("files", array(text))], longs("log_size", "memory_size", "build_id"),
    ].flatMap { $0 }
    let jsonStats = record("JSONStats", stats + longs("json_key_stats_data_format"))
    let fields =
      longs("segment_id", "partition_id", "segment_level") + [field("channel_name", text)] + longs("num_of_rows")
      + [field("start_position", position), field("dml_position", "\"Position\"")] + longs("storage_version")
      + [field("is_sorted", "\"boolean\"")] + (version >= 3 ? longs("commit_timestamp") : [])
      + (version >= 5 ? [field("manifest_has_index", "\"boolean\"")] : [])
      + [field("binlog_files", array(fieldBinlog))]
      + ["deltalog_files", "statslog_files", "bm25_statslog_files"].map { field($0, array("\"FieldBinlog\"")) }
      + [
        field("index_files", array(index(version, parameter))),
        field("text_index_files", array(record("Text", longs("field_id") + [field("stats", record("Stats", stats))]))),
        field("json_key_index_files", array(record("JSONKey", longs("field_id") + [field("stats", jsonStats)]))),
      ]
    let end = last.flatMap { last in fields.firstIndex { $0.hasPrefix(#"{"name":"\#(last)""#) } } ?? fields.count - 1
    return record("Segment", Array(fields[...end]))
  }

  private static func index(_ version: Int, _ parameter: String) -> String {
    let text = "\"string\""
    return record(
      "Index",
      longs("segment_id", "field_id", "index_id", "build_id") + [field("index_name", text)]
        + [field("index_params", array(parameter)), field("index_file_paths", array(text))]
        + longs("serialized_size", "index_version", "num_rows") + [field("current_index_version", "\"int\"")]
        + longs("mem_size") + [field("current_scalar_index_version", "\"int\"")]
        + (version >= 2 ? [field("index_store_path_version", "\"int\"")] : [])
    )
  }
}
