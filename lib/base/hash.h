/* Hashing of 64-bit numbers. */
#ifndef PID_BASE_HASH_H
#define PID_BASE_HASH_H

#include <stdint.h>

/* All bits of the result depend on all bits of `x` (the finaliser of MurmurHash3). */
static inline uint64_t pid_hash_bits(uint64_t x)
{
    x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
    return x ^ x >> 33;
}

#endif
