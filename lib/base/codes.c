#include "base/codes.h"

/* Compiled for each instruction set: what the lowest common one lacks, a greater-than and a product of unsigned 32-bit
 * numbers, takes it several instructions. */
typedef uint32_t lanes __attribute__((vector_size(32), may_alias, aligned(4)));
enum { LANES = 8 };

/* most = lane by lane the greater of it and x */
#define RAISE(most, x)                                           \
    do {                                                         \
        lanes x_ = (x), more_ = (lanes)(x_ > (most));            \
        (most) = (x_ & more_) | ((most) & ~more_);               \
    } while (0)

static inline __attribute__((always_inline)) uint32_t greatest(const uint32_t *codes, size_t n)
{
    lanes even = {0}, odd = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        RAISE(even, *(const lanes *)(codes + i));
        RAISE(odd, *(const lanes *)(codes + i + LANES));
    }
    RAISE(even, odd);
    uint32_t most = 0;
    for (size_t l = 0; l < LANES; l++) most = even[l] > most ? even[l] : most;
    for (; i < n; i++) most = codes[i] > most ? codes[i] : most;
    return most;
}

static inline __attribute__((always_inline)) void append(uint32_t *numbers, uint32_t radix, const uint32_t *codes, size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) *(lanes *)(numbers + i) = *(lanes *)(numbers + i) * radix + *(const lanes *)(codes + i);
    for (; i < n; i++) numbers[i] = numbers[i] * radix + codes[i];
}

#if defined PID_SIMD && defined __x86_64__
__attribute__((target("avx2"))) static uint32_t avx2_greatest(const uint32_t *codes, size_t n) { return greatest(codes, n); }
__attribute__((target("avx2"))) static void avx2_append(uint32_t *numbers, uint32_t radix, const uint32_t *codes, size_t n)
{
    append(numbers, radix, codes, n);
}
#endif

uint32_t pid_codes_greatest(const uint32_t *codes, size_t n)
{
#if defined PID_SIMD && defined __x86_64__
    if (__builtin_cpu_supports("avx2")) return avx2_greatest(codes, n);
#endif
    return greatest(codes, n);
}

void pid_codes_append(uint32_t *numbers, uint32_t radix, const uint32_t *codes, size_t n)
{
#if defined PID_SIMD && defined __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        avx2_append(numbers, radix, codes, n);
        return;
    }
#endif
    append(numbers, radix, codes, n);
}
