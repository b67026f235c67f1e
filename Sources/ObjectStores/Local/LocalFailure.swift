extension ObjectStoreError {
  /// The calling task was cancelled.
  package static func cancelled(_ key: ObjectKey?) -> ObjectStoreError {
    ObjectStoreError(.cancelled, "The task was cancelled; nothing was left behind.", key: key)
  }

  /// There is no such object.
  static func notFound(_ key: ObjectKey, _ place: String) -> ObjectStoreError {
    ObjectStoreError(.notFound, "There is no object at \(place); check the name.", key: key)
  }

  /// Says what the kernel's answer means for the caller.
  ///
  /// - Parameters:
  ///   - errno: the answer.
  ///   - action: what was tried, as in "write".
  ///   - place: the path it was tried on.
  ///   - key: the object, if one.
  init(_ errno: Errno, _ action: String, _ place: String, key: ObjectKey?) {
    let (code, advice) = ObjectStoreError.meaning(of: errno)
    self.init(code, "Could not \(action) \(place): \(errno.text); \(advice).", key: key, underlying: errno)
  }

  private static func meaning(of errno: Errno) -> (Code, String) {
    switch errno {
    case .noEntry, .notDirectory, .symbolicLink, .noDevice:
      (.notFound, "check that the path exists and has no symbolic links")
    case .exists: (.alreadyExists, "delete it first or overwrite it")
    case .isDirectory: (.invalidKey, "a folder has this name, choose another key")
    case _ where Errno.full.contains(errno): (.outOfSpace, "make room or choose another folder")
    case _ where Errno.denied.contains(errno): (.permissionDenied, "check the permissions of the path and its mount")
    case _ where Errno.tooManyFiles.contains(errno): (.transport, "close some objects or raise the limit of open files")
    case _ where Errno.badName.contains(errno): (.invalidKey, "this file system cannot hold the name, choose another")
    default: (.transport, "check the disk and try again")
    }
  }
}
