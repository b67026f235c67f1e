#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/openat2.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

// System calls that are variadic in the C library, or not in it at all. An error is the result: its code, negative.

// The kind of file system that an open file is on; 0 where that cannot be told.
static inline uint32_t linux_file_system(int file) {
  struct statfs status;
  return fstatfs(file, &status) == 0 ? (uint32_t)status.f_type : 0;
}

// Makes room in a file; errors are not told, since writing will meet them again.
static inline void linux_allocate(int file, int64_t offset, int64_t count) {
#if __SIZEOF_LONG__ == 8
  syscall(SYS_fallocate, file, 0, offset, count);
#endif
}

// Opens a path beneath a folder, without symbolic links and other mounts, if all of it is in the kernel's memory.
static inline int linux_open_cached(int folder, const char *path, int flags) {
  struct open_how how = {
    .flags = (uint64_t)(unsigned)flags,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_CACHED,
  };
  long result = syscall(SYS_openat2, folder, path, &how, sizeof how);
  return result < 0 ? -errno : (int)result;
}

// Reads at an offset what is in the kernel's memory (the flag is RWF_NOWAIT).
static inline long linux_read_cached(int file, void *target, size_t count, uint64_t offset) {
  struct iovec part = {.iov_base = target, .iov_len = count};
  // The kernel takes the offset in two words and, where one holds all of it, looks at the first only.
  long result = syscall(SYS_preadv2, file, &part, 1, (unsigned long)offset, (unsigned long)(offset >> 16 >> 16), 0x8);
  return result < 0 ? -(long)errno : result;
}
