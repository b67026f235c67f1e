internal import Logging
internal import ObjectStores

extension S3Log {
  /// Tells that there are credentials.
  ///
  /// - Parameters:
  ///   - issued: what was given.
  ///   - source: what messages call the place.
  ///   - isFirst: whether there were none before.
  func obtained(_ issued: S3IssuedCredentials, from source: String, isFirst: Bool) {
    guard let logger = logger(.info) else { return }
    var metadata: Logger.Metadata = [
      "source": "\(source)", "access-key": "…\(issued.credentials.accessKeyID.suffix(4))",
    ]
    if let expires = issued.expires { metadata["expires"] = "\(DateForms.basic(expires))" }
    let message: Logger.Message = isFirst ? "S3 credentials were obtained" : "S3 credentials were refreshed"
    logger.info(message, metadata: metadata, source: S3Log.source)
  }

  /// Tells that none came.
  ///
  /// - Parameters:
  ///   - error: why.
  ///   - source: what messages call the place.
  ///   - hasOthers: whether there are others that go on being used.
  func noCredentials(_ error: ObjectStoreError, from source: String, hasOthers: Bool) {
    guard let logger = logger(.warning) else { return }
    let message: Logger.Message =
      hasOthers
      ? "S3 credentials could not be refreshed; the present ones go on being used" : "S3 credentials were not obtained"
    let metadata: Logger.Metadata = ["source": "\(source)", "reason": "\(error.message)"]
    logger.warning(message, metadata: metadata, source: S3Log.source)
  }
}
