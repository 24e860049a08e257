#include "base/crc.h"

#include <libdeflate.h>

#if defined PID_SIMD && defined __x86_64__
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,pclmul,vpclmulqdq")))

enum { STRIDE = 256 };

/* A lane of 128 bits, in which the first bit of the message is the highest power of x, moves D bits on when its low half is
 * multiplied by x^(D+32) and its high one by x^(D-32), both modulo the polynomial; reflected, and one bit further for that the
 * product of two reflected numbers of 64 bits has 127.  V. Gopal and others, Fast CRC Computation for Generic Polynomials Using
 * PCLMULQDQ, 2009. */
static const uint64_t by_2048[2] = {0x011542778a, 0x01322d1430}, by_512[2] = {0x0154442bd4, 0x01c6e41596}, by_128[2] = {0x01751997d0, 0x00ccaa009e};

WIDE static inline __m512i next(__m512i lanes, __m512i factors, __m512i more)
{
    __m512i low = _mm512_clmulepi64_epi128(lanes, factors, 0x00), high = _mm512_clmulepi64_epi128(lanes, factors, 0x11);
    return _mm512_ternarylogic_epi64(low, high, more, 0x96);
}

WIDE static inline __m512i factors(const uint64_t by[2])
{
    return _mm512_broadcast_i32x4(_mm_set_epi64x((long long)by[1], (long long)by[0]));
}

/* The first count / STRIDE * STRIDE bytes. */
WIDE static uint32_t wide_crc32(uint32_t crc, const unsigned char *bytes, size_t count)
{
    __m512i lanes[4], far = factors(by_2048), near = factors(by_512);
    for (int i = 0; i < 4; i++) lanes[i] = _mm512_loadu_si512(bytes + 64 * i);
    lanes[0] = _mm512_xor_si512(lanes[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)~crc)));
    for (size_t at = STRIDE; count - at >= STRIDE; at += STRIDE)
        for (int i = 0; i < 4; i++) lanes[i] = next(lanes[i], far, _mm512_loadu_si512(bytes + at + 64 * i));
    for (int i = 1; i < 4; i++) lanes[i] = next(lanes[i - 1], near, lanes[i]);
    __m128i step = _mm_set_epi64x((long long)by_128[1], (long long)by_128[0]), lane[4], left;
    _mm512_storeu_si512(lane, lanes[3]);
    left = lane[0];
    for (int i = 1; i < 4; i++)
        left = _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(left, step, 0x00), _mm_clmulepi64_si128(left, step, 0x11)), lane[i]);
    /* What is left has the remainder of the whole message, without the inversions at its ends. */
    return libdeflate_crc32(UINT32_MAX, &left, sizeof left);
}
#endif

uint32_t pid_crc32(uint32_t crc, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
#if defined PID_SIMD && defined __x86_64__
    if (count >= STRIDE && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq")) {
        crc = wide_crc32(crc, at, count);
        at += count / STRIDE * STRIDE;
        count %= STRIDE;
    }
#endif
    return libdeflate_crc32(crc, at, count);
}
