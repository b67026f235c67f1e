extension GetOptions {
  /// Throws unless a version meets the conditions; a tag outranks a time, as in HTTP.
  ///
  /// - Parameter metadata: of the version found.
  package func check(_ metadata: ObjectMetadata) throws(ObjectStoreError) {
    if let ifMatch {
      guard ifMatch == "*" || ifMatch == metadata.etag else {
        throw ObjectStoreError(
          .preconditionFailed,
          "The object is not version \(ifMatch); read it anew.",
          key: metadata.key
        )
      }
    } else if let ifUnmodifiedSince, metadata.modified > ifUnmodifiedSince {
      throw ObjectStoreError(.preconditionFailed, "The object was written later; read it anew.", key: metadata.key)
    }
    if let ifNoneMatch {
      if ifNoneMatch == "*" || ifNoneMatch == metadata.etag {
        throw ObjectStoreError(.notModified, "The object is still version \(metadata.etag).", key: metadata.key)
      }
    } else if let ifModifiedSince, metadata.modified <= ifModifiedSince {
      throw ObjectStoreError(.notModified, "The object was not written since.", key: metadata.key)
    }
  }

  /// Throws when a stored version is asked of a store that keeps only the newest.
  func refuseVersion(_ key: ObjectKey) throws(ObjectStoreError) {
    if let version {
      throw ObjectStoreError(.unsupported, "The store keeps no versions, so not \(version); leave it out.", key: key)
    }
  }
}

extension ByteRange? {
  /// The bytes of an object that are meant.
  ///
  /// - Parameters:
  ///   - size: the object's length.
  ///   - key: the object, for errors.
  /// - Returns: a range within the object; empty only for an empty object without a range.
  package func resolved(size: UInt64, key: ObjectKey) throws(ObjectStoreError) -> Range<UInt64> {
    let range: Range<UInt64>
    switch self {
    case nil: return 0..<size
    case .bounded(let wanted): range = min(wanted.lowerBound, size)..<min(wanted.upperBound, size)
    case .from(let start): range = min(start, size)..<size
    case .suffix(let count): range = (size - min(count, size))..<size
    }
    guard !range.isEmpty else {
      throw ObjectStoreError(.invalidRange, "The range has no byte of the object's \(size); ask for less.", key: key)
    }
    return range
  }
}

extension Collection<Range<UInt64>> {
  /// Throws unless every range lies within an object.
  ///
  /// - Parameters:
  ///   - size: the object's length.
  ///   - key: the object, for errors.
  package func check(size: UInt64, key: ObjectKey) throws(ObjectStoreError) {
    for range in self where range.upperBound > size {
      throw ObjectStoreError(
        .invalidRange,
        "The range \(range.lowerBound)..<\(range.upperBound) ends behind the object's \(size) bytes.",
        key: key
      )
    }
  }
}
