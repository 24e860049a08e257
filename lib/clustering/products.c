#include "clustering/products.h"

#include <stdint.h>
#if defined PID_SIMD && defined __x86_64__
#include <immintrin.h>
#endif

struct products_kernels {
    void (*among)(const float *rows, size_t n, size_t d, double divisor, double *products);
    void (*combine)(const double *weights, size_t count, const float *rows, size_t n, size_t d, size_t first, size_t last, double *sums);
    double (*survey)(const double *x, size_t n, double *extreme);
};

#if !defined __clang__
#pragma GCC push_options
#pragma GCC optimize("O3")
#endif

#define PRODUCTS_NAME(name) plain_##name
#define PRODUCTS_TARGET
#define VECTOR_DOUBLES 2
#define WIDEN(at) __builtin_convertvector(*(const FLOATS *)(at), DOUBLES)
#define DOWN 3
#define ACROSS 2
#include "clustering/products.inc"

#if defined PID_SIMD && defined __x86_64__
#define PRODUCTS_NAME(name) avx2_##name
#define PRODUCTS_TARGET __attribute__((target("avx2,fma")))
#define VECTOR_DOUBLES 4
#define WIDEN(at) __builtin_convertvector(*(const FLOATS *)(at), DOUBLES)
#define DOWN 4
#define ACROSS 3
#include "clustering/products.inc"

#define PRODUCTS_NAME(name) avx512_##name
#define PRODUCTS_TARGET __attribute__((target("avx512f,avx512dq,avx2,fma")))
#define VECTOR_DOUBLES 8
#define WIDEN(at) ((DOUBLES)_mm512_cvtps_pd(_mm256_loadu_ps(at))) /* GCC converts two halves */
#define DOWN 6
#define ACROSS 4
#include "clustering/products.inc"
#endif

#if !defined __clang__
#pragma GCC pop_options
#endif

static const struct products_kernels *kernels(void)
{
#if defined PID_SIMD && defined __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return &avx512_kernels;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_kernels;
#endif
    return &plain_kernels;
}

void pid_products_among(const float *rows, size_t n, size_t d, double divisor, double *products)
{
    kernels()->among(rows, n, d, divisor, products);
}

void pid_products_combine(const double *weights, size_t count, const float *rows, size_t n, size_t d, size_t first, size_t last, double *sums)
{
    kernels()->combine(weights, count, rows, n, d, first, last, sums);
}

double pid_products_survey(const double *x, size_t n, double *extreme)
{
    return kernels()->survey(x, n, extreme);
}
