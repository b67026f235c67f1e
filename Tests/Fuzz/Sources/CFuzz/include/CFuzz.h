#ifndef CFUZZ_H
#define CFUZZ_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's entry point, for programs that have a main of their own.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

/// Begins to watch every allocation of the process; needs the address sanitizer.
void fuzz_watch_allocations(void);

/// Bytes of the largest single allocation since the last call.
size_t fuzz_largest_allocation(void);

/// CPU time of the process in nanoseconds.
uint64_t fuzz_cpu_nanoseconds(void);

#endif
