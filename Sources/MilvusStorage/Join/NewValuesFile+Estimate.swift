internal import Parquet

extension NewValuesFile {
  /// Bytes that cells and index of the file's rows take: exact for fixed widths, from the footer for the others.
  ///
  /// The footer may claim anything, so the sum ends at the largest number instead of overflowing.
  var estimatedMemory: Int64 {
    var total = KeyTable.estimatedBytes(rows: rowCount)
    let schema = reader.metadata.schema
    for (field, converter) in zip([keyField] + fields, [keyConverter] + converters) {
      switch converter.layout {
      case .fixed(let width): total = saturatingAdd(total, saturatingMultiply(rowCount, Int64(width)))
      case .variable:
        total = saturatingAdd(total, saturatingMultiply(rowCount, 12))
        for group in reader.metadata.rowGroups {
          for leaf in schema.leafRanges[field] {
            total = saturatingAdd(total, max(0, group.columns[leaf].uncompressedSize))
          }
        }
      }
    }
    return total
  }
}

/// The sum of numbers that are not negative, or the largest number.
func saturatingAdd(_ left: Int64, _ right: Int64) -> Int64 {
  let (sum, overflow) = left.addingReportingOverflow(right)
  return overflow ? .max : sum
}

/// The product of numbers that are not negative, or the largest number.
func saturatingMultiply(_ left: Int64, _ right: Int64) -> Int64 {
  let (product, overflow) = left.multipliedReportingOverflow(by: right)
  return overflow ? .max : product
}
