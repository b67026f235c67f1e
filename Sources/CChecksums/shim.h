// CRC-32C by the processor's own instruction, where it has one: crc32 of x86-64 with SSE 4.2.
//
// It takes the remainder as it is, eight bytes at a time, the first byte lowest; what begins and ends a checksum (all
// bits turned) is the caller's.

#ifndef BACKFILL_CCHECKSUMS_H
#define BACKFILL_CCHECKSUMS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

// Whether this machine has the instruction.
static inline int backfill_has_crc32c(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2") != 0;
}

// The remainder after `count` more bytes; only where there is the instruction.
__attribute__((target("sse4.2"))) static inline uint32_t backfill_crc32c(
    uint32_t remainder, const void *bytes, size_t count) {
  const unsigned char *at = (const unsigned char *)bytes;
  uint64_t wide = remainder, word;
  for (; count >= 8; count -= 8, at += 8) {
    memcpy(&word, at, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  uint32_t rest = (uint32_t)wide;
  for (; count > 0; count--, at++) rest = __builtin_ia32_crc32qi(rest, *at);
  return rest;
}

#else

static inline int backfill_has_crc32c(void) { return 0; }

static inline uint32_t backfill_crc32c(uint32_t remainder, const void *bytes, size_t count) { return remainder; }

#endif

#endif
