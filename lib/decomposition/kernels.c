#include "decomposition/kernels.h"

#include <math.h>
#include <stdint.h>

#if defined __clang__
#define WIDE
#else
#define WIDE ",prefer-vector-width=512"
/* Two rows at a time would load lane by lane; nobody looks at traps, for which conditional terms would stay out of vectors. */
#pragma GCC push_options
#pragma GCC optimize("O3", "no-loop-unroll-and-jam", "no-trapping-math")
#endif

#define KERNEL(name) plain_##name
#define TARGET
#define VECTOR_BYTES 16
#include "decomposition/kernels.inc"
#undef KERNEL
#undef TARGET
#undef VECTOR_BYTES

#if defined PID_SIMD && defined __x86_64__
#define KERNEL(name) avx2_##name
#define TARGET __attribute__((target("avx2,fma")))
#define VECTOR_BYTES 32
#include "decomposition/kernels.inc"
#undef KERNEL
#undef TARGET
#undef VECTOR_BYTES

#define KERNEL(name) avx512_##name
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl" WIDE)))
#define VECTOR_BYTES 64
#include "decomposition/kernels.inc"
#undef KERNEL
#undef TARGET
#undef VECTOR_BYTES
#endif

#if !defined __clang__
#pragma GCC pop_options
#endif

const struct pid_kernels *pid_kernels(void)
{
#if defined PID_SIMD && defined __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return &avx512_set;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_set;
#endif
    return &plain_set;
}

const struct pid_kernels *pid_kernels_narrow(size_t columns)
{
    const struct pid_kernels *wide = pid_kernels();
#if defined PID_SIMD && defined __x86_64__
    size_t rest = columns % wide->lanes;
    if (wide == &avx512_set && rest > 0 && rest <= avx2_set.lanes) return &avx2_set;
#endif
    (void)columns;
    return wide;
}
