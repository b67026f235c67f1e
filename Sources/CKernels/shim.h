// Kernels that Swift has no words for: instructions that interleave the bytes of two registers, and loops over floats
// that the compiler may not reorder by itself. Vectors of the compiler, not of one processor: punpcklbw, punpckhbw,
// minps and maxps of x86-64, zip1 and zip2 of arm64.

#ifndef BACKFILL_CKERNELS_H
#define BACKFILL_CKERNELS_H

#include <stddef.h>
#include <string.h>

typedef unsigned char backfill_row __attribute__((vector_size(16)));

// Turns `rows` rows of 16 bytes, taken as one sequence, `rounds` times like a deck of cards: its halves are laid
// together byte by byte. As many rounds as the binary logarithm of `rows` make 16 values of the bytes of `rows` streams;
// four rounds take 16 values apart again. `rows` is 2, 4, 8 or 16; all loops are unrolled where it is a constant.
static inline __attribute__((always_inline)) void backfill_shuffle(
    const unsigned char *source, ptrdiff_t source_step, unsigned char *target, ptrdiff_t target_step, int rows, int rounds) {
  backfill_row deck[16], shuffled[16];
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++) memcpy(&deck[row], source + row * source_step, 16);
#pragma clang loop unroll(full)
  for (int round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
    for (int row = 0; row < rows / 2; row++) {
      backfill_row upper = deck[row], lower = deck[row + rows / 2];
      shuffled[2 * row] =
          __builtin_shufflevector(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      shuffled[2 * row + 1] =
          __builtin_shufflevector(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) deck[row] = shuffled[row];
  }
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++) memcpy(target + row * target_step, &deck[row], 16);
}

#define BACKFILL_STREAMS(WIDTH, LOGARITHM)                                                                            \
  /* Makes 16 values of the 16 bytes at `source` of each stream; `stride` lies between two streams. */               \
  static inline void backfill_join_##WIDTH(const void *source, ptrdiff_t stride, void *target) {                      \
    backfill_shuffle((const unsigned char *)source, stride, (unsigned char *)target, 16, WIDTH, LOGARITHM);           \
  }                                                                                                                   \
  /* Takes 16 values apart, 16 bytes for each stream. */                                                             \
  static inline void backfill_split_##WIDTH(const void *source, void *target, ptrdiff_t stride) {                     \
    backfill_shuffle((const unsigned char *)source, 16, (unsigned char *)target, stride, WIDTH, 4);                   \
  }

BACKFILL_STREAMS(2, 1)
BACKFILL_STREAMS(4, 2)
BACKFILL_STREAMS(8, 3)
BACKFILL_STREAMS(16, 4)

#undef BACKFILL_STREAMS

// Takes `count` values at `source` into the bounds, lane by lane, so that all lanes go on at the same time. A NaN
// compares with nothing and so is left out; the result is not 0 if there was one.
#define BACKFILL_EXTREMES(NAME, TYPE, FLAG)                                                                           \
  typedef TYPE backfill_##NAME##_row __attribute__((ext_vector_type(16 / sizeof(TYPE))));                               \
  static inline int backfill_extremes_##NAME(                                                                         \
      const void *source, ptrdiff_t count, TYPE *least, TYPE *greatest) {                                             \
    enum { lanes = 16 / sizeof(TYPE), rows = 3, step = lanes * rows };                                                \
    typedef FLAG flags __attribute__((ext_vector_type(16 / sizeof(TYPE))));                                             \
    const TYPE *at = (const TYPE *)source;                                                                            \
    backfill_##NAME##_row low[rows], high[rows], value;                                                               \
    flags unordered = {0};                                                                                            \
    for (int row = 0; row < rows; row++)                                                                              \
      for (int lane = 0; lane < lanes; lane++) low[row][lane] = *least, high[row][lane] = *greatest;                  \
    for (; count >= step; count -= step, at += step) {                                                                \
      _Pragma("clang loop unroll(full)") for (int row = 0; row < rows; row++) {                                       \
        memcpy(&value, at + row * lanes, sizeof value);                                                               \
        low[row] = value < low[row] ? value : low[row];                                                               \
        high[row] = value > high[row] ? value : high[row];                                                            \
        unordered |= value != value;                                                                                  \
      }                                                                                                               \
    }                                                                                                                 \
    FLAG found = 0;                                                                                                   \
    for (int row = 0; row < rows; row++)                                                                              \
      for (int lane = 0; lane < lanes; lane++) {                                                                      \
        *least = low[row][lane] < *least ? low[row][lane] : *least;                                                   \
        *greatest = high[row][lane] > *greatest ? high[row][lane] : *greatest;                                        \
        found |= unordered[lane];                                                                                     \
      }                                                                                                               \
    for (; count > 0; count--, at++) {                                                                                \
      TYPE one;                                                                                                       \
      memcpy(&one, at, sizeof one);                                                                                   \
      *least = one < *least ? one : *least;                                                                           \
      *greatest = one > *greatest ? one : *greatest;                                                                  \
      found |= one != one;                                                                                            \
    }                                                                                                                 \
    return found != 0;                                                                                                \
  }

BACKFILL_EXTREMES(float, float, int)
BACKFILL_EXTREMES(double, double, long long)

#undef BACKFILL_EXTREMES

#endif
