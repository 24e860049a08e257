/* Counter-based random numbers (Philox 4x32-10: Salmon, Moraes, Dror, Shaw 2011, doi:10.1145/2063384.2063405).
 * A draw is a pure function of (seed, stream, counter): nothing depends on threads, order or batch size.
 * `stream` separates uses under one seed (PID_RANDOM_...), so that adding draws to one use never moves another. */
#ifndef PID_BASE_RANDOM_H
#define PID_BASE_RANDOM_H

#include <stdint.h>

/* What the draws are for; the low 32 bits of a stream number are free for an index (a replicate, a restart). */
enum pid_random_use {
    PID_RANDOM_SYNTHETIC = 1,
    PID_RANDOM_CLUSTER_SAMPLE,
    PID_RANDOM_CLUSTER_INIT,
    PID_RANDOM_BOOTSTRAP,
    PID_RANDOM_PERMUTATION,
    PID_RANDOM_SUBSAMPLE,
    PID_RANDOM_TEST,
    PID_RANDOM_ROWS,
    PID_RANDOM_WISHART,
};

/* The stream number of one use and index. */
static inline uint64_t pid_random_stream(enum pid_random_use use, uint32_t index)
{
    return (uint64_t)use << 32 | index;
}

/* Two independent 64-bit words. */
struct pid_random_pair { uint64_t first, second; };
struct pid_random_pair pid_random_pair(uint64_t seed, uint64_t stream, uint64_t counter);

/* 64 random bits. */
uint64_t pid_random_bits(uint64_t seed, uint64_t stream, uint64_t counter);

/* Uniform in [0, 1), 53 bits. */
double pid_random_uniform(uint64_t seed, uint64_t stream, uint64_t counter);

/* Uniform over 0 .. n-1, n > 0, by multiplication; the bias is below n / 2^64. */
uint64_t pid_random_below(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t n);

/* Standard normal (Box, Muller 1958). */
double pid_random_normal(uint64_t seed, uint64_t stream, uint64_t counter);

#endif
