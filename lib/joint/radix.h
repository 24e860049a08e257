/* Sorting and hashing of 64-bit cell numbers. */
#ifndef PID_JOINT_RADIX_H
#define PID_JOINT_RADIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pid_radix_pair { uint64_t key, value; };

/* Sorts by key, stably, in time linear in count; needs as much memory again. */
enum pid_status pid_radix_sort(struct pid_radix_pair *pairs, size_t count, struct pid_error *error) PID_MUST_CHECK;

/* All bits of the result depend on all bits of `x` (the finaliser of MurmurHash3). */
static inline uint64_t pid_hash_bits(uint64_t x)
{
    x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
    return x ^ x >> 33;
}

#endif
