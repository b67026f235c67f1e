public import Backfill
internal import Glibc
internal import S3Store

/// Locations as users write them: `file:///path`, a plain path, `s3://bucket/key` or `s3a://bucket/key`.
public struct Locations: Sendable {
  private let resolver: StoreResolver

  /// Creates locations of local files and of S3.
  ///
  /// - Parameter s3: how S3 is spoken to.
  public init(_ s3: S3Settings) throws {
    var options = LocalStoreOptions()
    options.createRoot = false
    var resolver = StoreResolver(localOptions: options)
    resolver.registerS3(try s3.template())
    self.resolver = resolver
  }

  /// Opens an object for reading.
  ///
  /// - Parameter location: where it is; a plain path may be a symbolic link.
  /// - Returns: its current version as a source of ranges.
  public func object(_ location: String) async throws -> ObjectSource {
    do {
      let (store, key) = try resolver.object(Locations.resolvingLinks(location))
      return try await ObjectSource(key, in: store)
    } catch {
      throw ProgramFailure(error, location: location)
    }
  }

  /// Finds the place of an object to be written.
  ///
  /// - Parameter location: where it is to be; a local folder must be there.
  /// - Returns: a store and the object's key in it.
  public func target(_ location: String) throws -> (store: any ObjectStore, key: ObjectKey) {
    do {
      return try resolver.object(Locations.resolvingFolder(location))
    } catch {
      throw ProgramFailure(error, location: location)
    }
  }

  /// Opens a folder or prefix.
  ///
  /// - Parameters:
  ///   - location: where it is.
  ///   - create: whether a local folder is made when it is missing.
  /// - Returns: a store whose keys are relative to the location.
  public func folder(_ location: String, create: Bool = false) throws -> any ObjectStore {
    do {
      return try resolver.folder(location, create: create)
    } catch {
      throw ProgramFailure(error, location: location)
    }
  }

  /// The same for a file that need not exist: its folder is looked up, and the file itself when it is there.
  private static func resolvingFolder(_ location: String) -> String {
    let resolved = resolvingLinks(location)
    guard resolved == location, !location.contains("://") || location.hasPrefix("file:///") else { return resolved }
    let path = location.hasPrefix("file:///") ? String(location.dropFirst(7)) : location
    guard let cut = path.lastIndex(of: "/"), cut > path.startIndex else { return location }
    return resolvingLinks(String(path[..<cut])) + path[cut...]
  }

  /// Stores see no symbolic links; a user who names one means what it points to.
  private static func resolvingLinks(_ location: String) -> String {
    let path = location.hasPrefix("file:///") ? String(location.dropFirst(7)) : location
    guard !path.contains("://"), let resolved = realpath(path, nil) else { return location }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
