/// Cells of Array fields: serialized protobuf messages `ScalarField`.
public enum ScalarFieldCodec {
  /// Types that elements of an Array field may have.
  public static let elementTypes: Set<DataType> = [
    .bool, .int8, .int16, .int32, .int64, .float, .double, .varChar, .string,
  ]
}
