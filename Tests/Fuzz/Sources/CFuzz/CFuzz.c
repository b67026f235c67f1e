#include "CFuzz.h"

#include <stdatomic.h>
#include <time.h>

int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                              void (*free_hook)(const volatile void *));

static _Atomic size_t largest;

static void saw_allocation(const volatile void *block, size_t size) {
  (void)block;
  size_t known = atomic_load_explicit(&largest, memory_order_relaxed);
  while (size > known && !atomic_compare_exchange_weak(&largest, &known, size)) {
  }
}

static void saw_release(const volatile void *block) { (void)block; }

void fuzz_watch_allocations(void) { __sanitizer_install_malloc_and_free_hooks(saw_allocation, saw_release); }

size_t fuzz_largest_allocation(void) { return atomic_exchange(&largest, 0); }

uint64_t fuzz_cpu_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
