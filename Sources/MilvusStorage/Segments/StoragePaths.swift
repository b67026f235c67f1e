public import ObjectStores

/// Where things lie below the root of a Milvus deployment.
///
/// Keys are relative to that root.
public enum StoragePaths {
  /// Column files of segments.
  public static let insertLog = "insert_log"
  /// Deletes.
  public static let deltaLog = "delta_log"
  /// Statistics of keys.
  public static let statsLog = "stats_log"

  /// Everything of a collection in one of the trees.
  ///
  /// - Parameters:
  ///   - tree: ``insertLog``, ``deltaLog`` or ``statsLog``.
  ///   - collection: id of the collection.
  ///   - partition: id of the partition; nil for all.
  ///   - segment: id of the segment; nil for all.
  /// - Returns: a prefix that ends in a slash.
  public static func prefix(
    _ tree: String,
    collection: Int64,
    partition: Int64? = nil,
    segment: Int64? = nil
  ) -> ObjectKey {
    var text = "\(tree)/\(collection)/"
    if let partition { text += "\(partition)/" }
    if partition != nil, let segment { text += "\(segment)/" }
    return ObjectKey(text)
  }

  /// The key of a column file: `insert_log/{collection}/{partition}/{segment}/{field}/{log}`.
  ///
  /// - Parameters:
  ///   - collection: id of the collection.
  ///   - partition: id of the partition.
  ///   - segment: id of the segment.
  ///   - field: id of the field, or of the column group in StorageV2.
  ///   - log: id of the file.
  /// - Returns: the key.
  public static func insertBinlog(
    collection: Int64,
    partition: Int64,
    segment: Int64,
    field: Int64,
    log: Int64
  ) -> ObjectKey {
    ObjectKey("\(insertLog)/\(collection)/\(partition)/\(segment)/\(field)/\(log)")
  }

  /// The numbers of a key behind its tree, or nil when a part is no number in canonical decimal form.
  ///
  /// - Parameters:
  ///   - key: a key, such as `delta_log/1/2/3/4`.
  ///   - tree: the part it must begin with.
  /// - Returns: the numbers.
  static func numbers(_ key: ObjectKey, in tree: String) -> [Int64]? {
    let parts = key.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let first = parts.first, first.elementsEqual(tree.utf8) else { return nil }
    var numbers: [Int64] = []
    for part in parts.dropFirst() {
      // A second spelling of a number, such as 007, would be a second file of the same id.
      let text = String(decoding: part, as: UTF8.self)
      guard let number = Int64(text), "\(number)" == text else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
