/// The advisory lock of a folder, held for the moment in which a name in it changes.
///
/// Every change of a name by a ``LocalStore``, in any process of this machine, takes the lock of the object's folder:
/// that makes compare-and-set atomic among them. Programs that write files by other means are not held off.
struct FolderLock {
  /// An open folder, in a description that no other call shares.
  let folder: Descriptor
  /// The object whose name changes, for errors.
  let key: ObjectKey
  /// How long to wait for others, in microseconds.
  let timeout: Int

  /// Runs a function under the lock.
  ///
  /// - Parameter body: is told whether the lock is held; it is not on file systems without locks for folders, some
  ///   network ones for example.
  /// - Returns: what `body` returns.
  func hold<R>(_ body: (_ isHeld: Bool) throws(ObjectStoreError) -> R) throws(ObjectStoreError) -> R {
    let isHeld = try acquire()
    defer { if isHeld { Syscalls.unlock(folder) } }
    return try body(isHeld)
  }

  private func acquire() throws(ObjectStoreError) -> Bool {
    var waited = 0
    // Polled: a wait in the kernel could not be bounded.
    while true {
      do throws(Errno) {
        try Syscalls.tryLock(folder)
        return true
      } catch  where error == .wouldBlock {
        guard waited < timeout else {
          throw ObjectStoreError(
            .timeout,
            "Another process has held the lock of the object's folder for \(timeout / 1000) ms; end it and try again.",
            key: key
          )
        }
        let pause = min(100 + waited / 8, 10_000)
        Syscalls.sleep(microseconds: UInt32(pause))
        waited += pause
      } catch {
        return false
      }
    }
  }
}
