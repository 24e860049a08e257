#include "base/finite.h"

#include <stdint.h>
#include <string.h>

enum { CHECKED = 256 };

/* An exponent of ones, and nothing else, carries into the sign bit. */
static uint32_t carry(uint32_t bits)
{
    return (bits & 0x7fffffff) + 0x00800000;
}

/* Whether one of CHECKED numbers is not finite; an or of integers over a known count is what compilers vectorize. */
static uint32_t holds_bad(const unsigned char *at)
{
    uint32_t bits[CHECKED], carried = 0;
    memcpy(bits, at, sizeof bits);
    for (size_t i = 0; i < CHECKED; i++) carried |= carry(bits[i]);
    return carried >> 31;
}

size_t pid_finite_first_bad(const void *rows, size_t count, size_t width)
{
    const unsigned char *numbers = rows;
    size_t total = count * width, at = 0;
    while (total - at >= CHECKED && !holds_bad(numbers + 4 * at)) at += CHECKED;
    for (; at < total; at++) {
        uint32_t bits;
        memcpy(&bits, numbers + 4 * at, sizeof bits);
        if (carry(bits) >> 31) return at / width;
    }
    return count;
}
