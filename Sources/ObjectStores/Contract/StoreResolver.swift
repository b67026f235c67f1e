/// Turns locations, as people write them, into stores.
///
/// `file:///path` and plain paths are known from the start; a host registers further schemes, each with a function that
/// makes a store of a location.
public struct StoreResolver: Sendable {
  /// Makes the store that a location's objects are in, and the key or prefix of the location in it.
  public typealias Factory = @Sendable (_ uri: String) throws(ObjectStoreError) -> (any ObjectStore, ObjectKey)

  private var factories: [String: Factory] = [:]

  /// How local files are treated.
  public var localOptions: LocalStoreOptions

  /// Creates a resolver for local files.
  ///
  /// - Parameter localOptions: how local files are treated.
  public init(localOptions: LocalStoreOptions = LocalStoreOptions()) {
    self.localOptions = localOptions
  }

  /// Adds, or replaces, a scheme.
  ///
  /// - Parameters:
  ///   - scheme: what stands before `://`, in lower case.
  ///   - factory: makes the store of a location.
  public mutating func register(_ scheme: String, _ factory: @escaping Factory) {
    factories[scheme] = factory
  }

  /// A store whose root is a folder or prefix.
  ///
  /// - Parameters:
  ///   - uri: `file:///path`, a plain path, or a location of a registered scheme.
  ///   - create: whether a local folder is made when it is missing.
  /// - Returns: the store; its keys are relative to the location.
  public func folder(_ uri: String, create: Bool = false) throws(ObjectStoreError) -> any ObjectStore {
    let (scheme, path) = try split(uri)
    guard scheme == "file" else {
      let (store, prefix) = try factory(scheme, uri)(uri)
      return prefix.bytes.isEmpty ? store : PrefixStore(store, prefix: prefix)
    }
    var options = localOptions
    options.createRoot = create
    return try LocalStore(root: path, options: options)
  }

  /// The store and the key of one object; a local folder must be there.
  ///
  /// - Parameter uri: `file:///path`, a plain path, or a location of a registered scheme.
  /// - Returns: a store and the object's key in it.
  public func object(_ uri: String) throws(ObjectStoreError) -> (store: any ObjectStore, key: ObjectKey) {
    let (scheme, path) = try split(uri)
    guard scheme == "file" else { return try factory(scheme, uri)(uri) }
    let cut = path.lastIndex(of: "/")
    let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
    guard !name.isEmpty else {
      throw ObjectStoreError(.invalidKey, "'\(uri)' names a folder; a file is needed.")
    }
    var options = localOptions
    options.createRoot = false
    return (try LocalStore(root: folder, options: options), ObjectKey(name))
  }

  private func factory(_ scheme: String, _ uri: String) throws(ObjectStoreError) -> Factory {
    if let factory = factories[scheme] { return factory }
    let known = (["file"] + factories.keys).sorted().joined(separator: ", ")
    throw ObjectStoreError(
      .configuration,
      "Locations of scheme '\(scheme)' are not supported; known are: \(known). ('\(uri)')"
    )
  }

  private func split(_ uri: String) throws(ObjectStoreError) -> (scheme: String, path: String) {
    guard !uri.isEmpty else { throw ObjectStoreError(.configuration, "A location is empty.") }
    guard let mark = uri.firstRange(of: "://") else { return ("file", uri) }
    let scheme = uri[..<mark.lowerBound].lowercased()
    guard scheme == "file" else { return (scheme, uri) }
    let path = String(uri[mark.upperBound...])
    guard path.hasPrefix("/") else {
      throw ObjectStoreError(.configuration, "'\(uri)' names a host; local files are file:///path.")
    }
    return ("file", path)
  }
}
