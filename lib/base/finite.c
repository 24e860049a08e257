#include "base/finite.h"

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t loose __attribute__((aligned(1), may_alias));

enum { CHECKED = 256 };

/* An exponent of ones, and nothing else, carries into the sign bit. */
static inline uint32_t carry(uint32_t bits)
{
    return (bits & 0x7fffffff) + 0x00800000;
}

/* Whether one of CHECKED numbers is not finite; an or of integers over a known count is what compilers vectorize. */
static inline __attribute__((always_inline)) bool holds_bad(const loose *numbers)
{
    uint32_t carried = 0;
    for (size_t i = 0; i < CHECKED; i++) carried |= carry(numbers[i]);
    return carried >> 31;
}

/* How many numbers from the first on are in stretches of CHECKED without a bad one. */
static size_t plain_good(const loose *numbers, size_t total)
{
    size_t at = 0;
    while (total - at >= CHECKED && !holds_bad(numbers + at)) at += CHECKED;
    return at;
}

#if defined PID_SIMD && defined __x86_64__
__attribute__((target("avx2"))) static size_t avx2_good(const loose *numbers, size_t total)
{
    size_t at = 0;
    while (total - at >= CHECKED && !holds_bad(numbers + at)) at += CHECKED;
    return at;
}
#endif

static size_t good(const loose *numbers, size_t total)
{
#if defined PID_SIMD && defined __x86_64__
    if (__builtin_cpu_supports("avx2")) return avx2_good(numbers, total);
#endif
    return plain_good(numbers, total);
}

size_t pid_finite_first_bad(const void *rows, size_t count, size_t width)
{
    const loose *numbers = rows;
    size_t total = count * width;
    for (size_t at = good(numbers, total); at < total; at++)
        if (carry(numbers[at]) >> 31) return at / width;
    return count;
}
