#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

struct pid_random_pair pid_random_pair(uint64_t seed, uint64_t stream, uint64_t counter)
{
    philox4x32_ctr_t at = {{(uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t word = philox4x32(at, key);
    return (struct pid_random_pair){(uint64_t)word.v[1] << 32 | word.v[0], (uint64_t)word.v[3] << 32 | word.v[2]};
}

uint64_t pid_random_bits(uint64_t seed, uint64_t stream, uint64_t counter)
{
    return pid_random_pair(seed, stream, counter).first;
}

static double unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

double pid_random_uniform(uint64_t seed, uint64_t stream, uint64_t counter)
{
    return unit(pid_random_bits(seed, stream, counter));
}

uint64_t pid_random_below(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t n)
{
    return (uint64_t)((unsigned __int128)pid_random_bits(seed, stream, counter) * n >> 64);
}

double pid_random_normal(uint64_t seed, uint64_t stream, uint64_t counter)
{
    struct pid_random_pair pair = pid_random_pair(seed, stream, counter);
    /* 1 - u lies in (0, 1], so that the logarithm is finite. */
    return sqrt(-2 * log(1 - unit(pair.first))) * cos(2 * M_PI * unit(pair.second));
}
