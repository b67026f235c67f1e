internal import Glibc
internal import Synchronization

/// A scratch space in a file without a name, which is gone with this object, or with the process.
///
/// Its calls block for the time of a system call on the page cache; give it a folder on a local disk.
public final class TemporaryFileScratch: ScratchSpace {
  /// A system call failed.
  public struct Failure: Error, CustomStringConvertible {
    /// The call and what it was for.
    public let action: String
    /// The system's error number; 0 where a file was shorter than it should be.
    public let code: Int32

    /// Call and error in one line.
    public var description: String {
      code == 0 ? "\(action): the file is too short" : "\(action): \(String(cString: strerror(code)))"
    }
  }

  private let file: Int32
  private let end = Mutex(0)

  /// Creates the file.
  ///
  /// - Parameter folder: where the file lies; it has to exist.
  public init(folder: String) throws {
    // O_TMPFILE is a compound macro, which is not imported: 0o20000000 with O_DIRECTORY.
    var opened = open(folder, 0o20000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
    if opened < 0, errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT {
      opened = TemporaryFileScratch.createAndUnlink(in: folder)
    }
    guard opened >= 0 else { throw Failure(action: "Creating a temporary file in '\(folder)'", code: errno) }
    file = opened
  }

  deinit {
    close(file)
  }

  /// For file systems that know no files without a name.
  private static func createAndUnlink(in folder: String) -> Int32 {
    var path = Array("\(folder)/.scratch-XXXXXX".utf8CString)
    let opened = mkstemp(&path)
    guard opened >= 0 else { return opened }
    unlink(path)
    // A program that is started in the meantime would inherit the file, which harms nothing but its disk space.
    _ = fcntl(opened, F_SETFD, FD_CLOEXEC)
    return opened
  }

  /// Writes bytes behind those that are there.
  public func append(_ bytes: Bytes) async throws -> Range<Int> {
    let start = end.withLock { end in
      defer { end += bytes.count }
      return end
    }
    var done = 0
    while done < bytes.count {
      let written = pwrite(file, bytes.base + done, bytes.count - done, start + done)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw Failure(action: "Writing to a temporary file", code: errno) }
      done += written
    }
    return start..<start + bytes.count
  }

  /// Reads bytes that were appended.
  public func read(_ range: Range<Int>) async throws -> Bytes {
    let block = AlignedBuffer(capacity: range.count)
    var done = 0
    while done < range.count {
      let found = pread(file, block.base + done, range.count - done, range.lowerBound + done)
      if found < 0, errno == EINTR { continue }
      guard found > 0 else { throw Failure(action: "Reading a temporary file", code: found < 0 ? errno : 0) }
      done += found
    }
    return Bytes(block, count: range.count)
  }

  /// Cuts the file to nothing.
  public func removeAll() async throws {
    end.withLock { $0 = 0 }
    guard ftruncate(file, 0) == 0 else { throw Failure(action: "Emptying a temporary file", code: errno) }
  }
}
