internal import ObjectStores
internal import Parquet

extension BackfillError {
  /// Turns an error of a module below into one of this module.
  ///
  /// - Parameters:
  ///   - error: what was thrown.
  ///   - code: what failed, unless the error says better.
  ///   - path: key or path of the object.
  static func wrapping(_ error: any Error, as code: Code, path: String? = nil) -> BackfillError {
    switch error {
    case let known as BackfillError:
      return known.located(path: path)
    case let store as ObjectStoreError:
      return BackfillError.store(store, as: code, path: path)
    case let parquet as ParquetError:
      if let store = parquet.underlying as? ObjectStoreError {
        return BackfillError.store(store, as: code, path: path ?? parquet.file)
      }
      return BackfillError(
        code,
        parquet.message,
        path: path ?? parquet.file,
        offset: parquet.offset,
        field: parquet.column,
        underlying: parquet
      )
    case is CancellationError:
      return BackfillError(.cancelled, "The run was cancelled; run it again to resume.")
    default:
      return BackfillError(.unexpected, "\(error)", remedy: .library, path: path, underlying: error)
    }
  }

  private static func store(_ error: ObjectStoreError, as code: Code, path: String?) -> BackfillError {
    if error.code == .cancelled {
      return BackfillError(.cancelled, "The run was cancelled; run it again to resume.", underlying: error)
    }
    let callerCodes: [ObjectStoreError.Code] = [.notFound, .invalidKey, .configuration, .unsupported]
    return BackfillError(
      code,
      error.message,
      remedy: callerCodes.contains(error.code) && code != .write ? .caller : .environment,
      path: path ?? error.key?.text,
      underlying: error
    )
  }
}
