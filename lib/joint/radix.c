#include "joint/radix.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

static void sort_by_digit(const struct pid_radix_pair *from, struct pid_radix_pair *to, size_t count, unsigned shift)
{
    size_t place[DIGITS] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++) place[from[i].key >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        size_t here = place[d];
        place[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++) to[place[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

enum pid_status pid_radix_sort(struct pid_radix_pair *pairs, size_t count, struct pid_error *error)
{
    uint64_t any = 0, all = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        any |= pairs[i].key;
        all &= pairs[i].key;
    }
    uint64_t varying = any & ~all; /* digits in which all keys agree need no pass */
    if (count < 2 || !varying) return PID_OK;
    struct pid_radix_pair *spare = pid_array_new(count, sizeof *spare, error), *from = pairs, *to = spare;
    if (!spare) return error->status;
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
        if (!(varying >> shift & (DIGITS - 1))) continue;
        sort_by_digit(from, to, count, shift);
        struct pid_radix_pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != pairs) memcpy(pairs, from, count * sizeof *pairs);
    free(spare);
    return PID_OK;
}
