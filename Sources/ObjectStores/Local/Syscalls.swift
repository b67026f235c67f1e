internal import ByteBuffers
internal import CLinux
internal import Glibc

/// What the kernel answered instead of doing what was asked.
struct Errno: Error, Hashable {
  let code: CInt

  static let noEntry = Errno(code: ENOENT)
  static let exists = Errno(code: EEXIST)
  static let notDirectory = Errno(code: ENOTDIR)
  static let isDirectory = Errno(code: EISDIR)
  static let notEmpty = Errno(code: ENOTEMPTY)
  static let symbolicLink = Errno(code: ELOOP)
  static let noDevice = Errno(code: ENXIO)
  static let invalid = Errno(code: EINVAL)
  static let wouldBlock = Errno(code: EWOULDBLOCK)
  static let badDescriptor = Errno(code: EBADF)

  /// There is no object of this name: nothing, or something that is not a plain file.
  var isAbsence: Bool {
    switch code {
    case ENOENT, ENOTDIR, ELOOP, ENXIO: true
    default: false
    }
  }

  /// The kernel, the file system or a filter of system calls does not know the call, now or later.
  var isUnknownCall: Bool {
    switch code {
    case ENOSYS, EPERM, EINVAL, E2BIG, EOPNOTSUPP: true
    default: false
    }
  }

  /// There is no room left, on the device or in the quota.
  static let full: Set<Errno> = [Errno(code: ENOSPC), Errno(code: EDQUOT), Errno(code: EFBIG)]
  /// The user may not.
  static let denied: Set<Errno> = [Errno(code: EACCES), Errno(code: EPERM), Errno(code: EROFS)]
  /// The process or the machine has too many open files.
  static let tooManyFiles: Set<Errno> = [Errno(code: EMFILE), Errno(code: ENFILE)]
  /// The file system does not know this operation.
  static let unknownOperation: Set<Errno> = [
    Errno(code: EOPNOTSUPP), Errno(code: ENOSYS), Errno(code: EPERM), Errno(code: EMLINK), Errno(code: EINVAL),
    Errno(code: EBADF), Errno(code: ENOLCK),
  ]
  /// The name is one this file system cannot hold.
  static let badName: Set<Errno> = [Errno(code: EILSEQ), Errno(code: ENAMETOOLONG)]

  /// The kernel's words for the code.
  var text: String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return buffer.withUnsafeBufferPointer { String(decoding: $0.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) }
  }
}

/// An open file or folder, closed with its last reference.
final class Descriptor: Sendable {
  fileprivate let raw: CInt

  fileprivate init(_ raw: CInt) {
    self.raw = raw
  }

  deinit {
    // Not repeated after EINTR: on Linux the number is free by then.
    close(raw)
  }
}

/// One path segment in the form the kernel takes.
struct FileName: Hashable, Sendable {
  fileprivate let terminated: [CChar]

  init(_ bytes: some Collection<UInt8>) {
    terminated = bytes.map { CChar(bitPattern: $0) } + [0]
  }

  var bytes: [UInt8] { terminated.dropLast().map { UInt8(bitPattern: $0) } }
}

/// What is known of a file without reading it.
struct FileStatus: Sendable {
  enum Kind { case regular, directory, other, unknown }

  let kind: Kind
  let device: UInt64
  let inode: UInt64
  let size: UInt64
  /// Nanoseconds since 1970.
  let modified: Int64
  let links: UInt64

  fileprivate init(_ raw: stat) {
    switch raw.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .directory
    default: kind = .other
    }
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
    size = UInt64(clamping: raw.st_size)
    modified = Int64(raw.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(raw.st_mtim.tv_nsec)
    links = UInt64(raw.st_nlink)
  }
}

/// The system calls of this module; no other file calls the C library.
enum Syscalls {
  private static func retrying<T: SignedInteger>(_ call: () -> T) throws(Errno) -> T {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = errno
      if code != EINTR { throw Errno(code: code) }
    }
  }

  // MARK: - Opening

  /// Opens a folder by path, following symbolic links: for the root only.
  static func openRoot(_ path: String) throws(Errno) -> Descriptor {
    Descriptor(try retrying { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
  }

  static func makeRoot(_ path: String) throws(Errno) {
    _ = try retrying { mkdir(path, 0o777) }
  }

  static func openDirectory(in parent: Descriptor, _ name: FileName) throws(Errno) -> Descriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    return Descriptor(try retrying { openat(parent.raw, name.terminated, flags) })
  }

  private static let readFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC

  /// Opens for reading without ever waiting for the other end of a pipe or a terminal.
  static func openFile(in parent: Descriptor, _ name: FileName) throws(Errno) -> Descriptor {
    Descriptor(try retrying { openat(parent.raw, name.terminated, readFlags) })
  }

  static func createFile(in parent: Descriptor, _ name: FileName) throws(Errno) -> Descriptor {
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    return Descriptor(try retrying { openat(parent.raw, name.terminated, flags, 0o666) })
  }

  /// Creates a file without a name in a folder; it is gone with its descriptor unless it is given one.
  static func createAnonymousFile(in parent: Descriptor) throws(Errno) -> Descriptor {
    // O_TMPFILE is a compound macro, which is not imported: 0o20000000 with O_DIRECTORY.
    let flags = 0o20000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC
    return Descriptor(try retrying { openat(parent.raw, ".", flags, 0o666) })
  }

  /// Opens a folder on the way to a file: passing through it is enough, its names need not be readable.
  static func openPassage(in parent: Descriptor, _ name: FileName) throws(Errno) -> Descriptor {
    // O_PATH, a GNU extension, is not imported.
    let flags = 0o10000000 | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    return Descriptor(try retrying { openat(parent.raw, name.terminated, flags) })
  }

  // MARK: - Without waiting

  /// Whether opening a file is a matter of memory and disk alone.
  ///
  /// Network file systems, and those that other processes are behind, ask a server at every opening, also when they
  /// know the name.
  static func isPlainDisk(_ folder: Descriptor) -> Bool {
    // ext2 to ext4, XFS, Btrfs, F2FS, tmpfs; source: <linux/magic.h>.
    [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994].contains(linux_file_system(folder.raw))
  }

  /// Opens a path beneath a folder as ``openFile(in:_:)`` does, if no disk is needed to find it.
  ///
  /// - Parameter path: segments between slashes, then NUL.
  static func openCached(in folder: Descriptor, _ path: UnsafePointer<CChar>) throws(Errno) -> Descriptor {
    let result = linux_open_cached(folder.raw, path, readFlags)
    guard result >= 0 else { throw Errno(code: -result) }
    return Descriptor(result)
  }

  /// Reads at an offset what is in memory; returns fewer bytes where that ends.
  static func readCached(_ file: Descriptor, into target: UnsafeMutableRawBufferPointer, at offset: UInt64)
    throws(Errno) -> Int
  {
    let result = linux_read_cached(file.raw, target.baseAddress, target.count, offset)
    guard result >= 0 else { throw Errno(code: CInt(-result)) }
    return result
  }

  // MARK: - Reading

  static func status(of file: Descriptor) throws(Errno) -> FileStatus {
    var raw = stat()
    _ = try retrying { fstat(file.raw, &raw) }
    return FileStatus(raw)
  }

  static func status(in parent: Descriptor, _ name: FileName) throws(Errno) -> FileStatus {
    var raw = stat()
    _ = try retrying { fstatat(parent.raw, name.terminated, &raw, AT_SYMLINK_NOFOLLOW) }
    return FileStatus(raw)
  }

  /// Reads at an offset; returns fewer bytes at the end of the file, and 0 behind it.
  static func read(_ file: Descriptor, into target: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Errno)
    -> Int
  {
    try retrying { pread(file.raw, target.baseAddress, target.count, off_t(offset)) }
  }

  /// Calls `body` with the name and kind of each entry but `.` and `..`, in no order.
  static func forEachEntry(of directory: Descriptor, _ body: (UnsafeBufferPointer<UInt8>, FileStatus.Kind) -> Void)
    throws(Errno)
  {
    // A description of its own: a shared one would share the read position with other listings.
    let raw = try retrying { openat(directory.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard let stream = fdopendir(raw) else {
      let code = errno
      close(raw)
      throw Errno(code: code)
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        let code = errno
        if code != 0 { throw Errno(code: code) }
        return
      }
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: UInt8.self)
      let bytes = UnsafeBufferPointer(start: name, count: strlen(UnsafePointer<CChar>(OpaquePointer(name))))
      if bytes.elementsEqual([0x2e]) || bytes.elementsEqual([0x2e, 0x2e]) { continue }
      body(bytes, kind(ofEntry: entry.pointee.d_type))
    }
  }

  private static func kind(ofEntry type: UInt8) -> FileStatus.Kind {
    switch Int(type) {
    case DT_REG: .regular
    case DT_DIR: .directory
    case DT_UNKNOWN: .unknown
    default: .other
    }
  }

  // MARK: - Writing

  /// Writes runs of bytes one behind the other; at most as many as the kernel takes with a call, 1024.
  static func write(_ file: Descriptor, _ runs: [Bytes]) throws(Errno) {
    var vectors = runs.map { iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.base), iov_len: $0.count) }
    var first = 0
    while first < vectors.count {
      var written = try retrying {
        vectors[first...].withUnsafeBufferPointer { writev(file.raw, $0.baseAddress, Int32($0.count)) }
      }
      while first < vectors.count, written >= vectors[first].iov_len {
        written -= vectors[first].iov_len
        first += 1
      }
      guard first < vectors.count else { break }
      vectors[first].iov_base += written
      vectors[first].iov_len -= written
    }
    withExtendedLifetime(runs) {}
  }

  /// Whether a file is on ext2, ext3 or ext4; source: <linux/magic.h>.
  static func isExt4(_ file: Descriptor) -> Bool {
    linux_file_system(file.raw) == 0xef53
  }

  /// Makes room for what is written next.
  ///
  /// ext4 otherwise puts off the allocation and reserves room block by block, which takes as long as half of the copying.
  /// Where there is no room, the writing will tell.
  static func allocate(_ file: Descriptor, at offset: Int, _ count: Int) {
    linux_allocate(file.raw, Int64(offset), Int64(count))
  }

  /// Copies inside the kernel at the target's position; returns 0 at the end of the source.
  static func copy(_ source: Descriptor, at offset: UInt64, to target: Descriptor, count: Int) throws(Errno) -> Int {
    var position = off_t(offset)
    return try retrying { sendfile(target.raw, source.raw, &position, count) }
  }

  static func setModified(_ file: Descriptor, nanoseconds: Int64) throws(Errno) {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
    _ = try retrying { [time, time].withUnsafeBufferPointer { futimens(file.raw, $0.baseAddress) } }
  }

  static func syncData(_ file: Descriptor) throws(Errno) {
    _ = try retrying { fdatasync(file.raw) }
  }

  /// Makes a folder's entries durable; file systems that cannot sync folders need no sync.
  static func syncDirectory(_ directory: Descriptor) throws(Errno) {
    do throws(Errno) {
      _ = try retrying { fsync(directory.raw) }
    } catch  where error == .invalid {
      return
    }
  }

  // MARK: - Names

  static func makeDirectory(in parent: Descriptor, _ name: FileName) throws(Errno) {
    _ = try retrying { mkdirat(parent.raw, name.terminated, 0o777) }
  }

  static func remove(in parent: Descriptor, _ name: FileName) throws(Errno) {
    _ = try retrying { unlinkat(parent.raw, name.terminated, 0) }
  }

  static func removeDirectory(in parent: Descriptor, _ name: FileName) throws(Errno) {
    _ = try retrying { unlinkat(parent.raw, name.terminated, AT_REMOVEDIR) }
  }

  static func rename(in parent: Descriptor, _ from: FileName, to: FileName) throws(Errno) {
    _ = try retrying { renameat(parent.raw, from.terminated, parent.raw, to.terminated) }
  }

  /// Gives a file a second name, which must be new.
  static func link(in parent: Descriptor, _ from: FileName, to: FileName) throws(Errno) {
    _ = try retrying { linkat(parent.raw, from.terminated, parent.raw, to.terminated, 0) }
  }

  /// Gives a file without a name one, which must be new.
  static func link(_ file: Descriptor, in parent: Descriptor, to: FileName) throws(Errno) {
    _ = try retrying { linkat(AT_FDCWD, "/proc/self/fd/\(file.raw)", parent.raw, to.terminated, AT_SYMLINK_FOLLOW) }
  }

  // MARK: - Locks, time, threads

  /// Takes the advisory lock of an open file or folder if nobody has it; it ends with ``unlock(_:)`` or the descriptor.
  static func tryLock(_ file: Descriptor) throws(Errno) {
    _ = try retrying { flock(file.raw, LOCK_EX | LOCK_NB) }
  }

  static func unlock(_ file: Descriptor) {
    flock(file.raw, LOCK_UN)
  }

  /// Nanoseconds since 1970.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  static func sleep(microseconds: UInt32) {
    usleep(microseconds)
  }
}

/// A counting semaphore that blocks threads: only for threads of the library's own.
final class ThreadSemaphore: @unchecked Sendable {
  // Sendable: the kernel object is made for use from many threads, and its address never changes.
  private let raw = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    sem_init(raw, 0, 0)
  }

  deinit {
    sem_destroy(raw)
    raw.deallocate()
  }

  func signal() {
    sem_post(raw)
  }

  func wait() {
    while sem_wait(raw) != 0 {}
  }
}
