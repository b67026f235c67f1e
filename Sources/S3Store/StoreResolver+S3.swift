public import ObjectStores

extension StoreResolver {
  /// Makes locations such as `s3://bucket/prefix` and `s3a://bucket/prefix` known.
  ///
  /// - Parameter template: how their buckets are spoken to; its own bucket's name does not matter.
  public mutating func registerS3(_ template: S3Configuration) {
    for scheme in ["s3", "s3a"] {
      register(scheme) { (uri) throws(ObjectStoreError) in
        let location = try S3Location(uri)
        var configuration = template
        configuration.bucket = location.bucket
        return (try S3ObjectStore(configuration), location.key)
      }
    }
  }
}
