#include "flops.h"

#include <cblas.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static struct { _Atomic uint64_t calls, operations, nanoseconds; } counts[FLOPS_ROUTINES];
static atomic_bool counting;

static uint64_t nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t begin(void)
{
    return atomic_load_explicit(&counting, memory_order_relaxed) ? nanoseconds(CLOCK_THREAD_CPUTIME_ID) : 0;
}

static void end(enum flops_routine routine, uint64_t started, double operations)
{
    if (!started) return;
    counts[routine].calls++;
    counts[routine].operations += (uint64_t)operations;
    counts[routine].nanoseconds += nanoseconds(CLOCK_THREAD_CPUTIME_ID) - started;
}

void flops_start(void)
{
    for (int r = 0; r < FLOPS_ROUTINES; r++) counts[r].calls = counts[r].operations = counts[r].nanoseconds = 0;
    counting = true;
}

void flops_stop(void)
{
    counting = false;
}

struct flops_count flops_get(enum flops_routine routine)
{
    return (struct flops_count){counts[routine].calls, counts[routine].operations, 1e-9 * (double)counts[routine].nanoseconds};
}

const char *flops_name(enum flops_routine routine)
{
    static const char *const names[] = {"dgemm", "sgemm", "dsyrk", "dsyr2k", "dtrsm", "dtrmm", "dpotrf", "dgemv", "dsymv", "dtrsv", "dger"};
    return names[routine];
}

/* A routine NAME of these PARAMETERS, called with these ARGUMENTS, that takes so many OPERATIONS. */
#define COUNTED(ROUTINE, NAME, PARAMETERS, ARGUMENTS, OPERATIONS) \
    void __real_##NAME PARAMETERS;                                \
    void __wrap_##NAME PARAMETERS;                                \
    void __wrap_##NAME PARAMETERS                                 \
    {                                                             \
        uint64_t started = begin();                               \
        __real_##NAME ARGUMENTS;                                  \
        end(ROUTINE, started, OPERATIONS);                        \
    }

typedef enum CBLAS_ORDER order;
typedef enum CBLAS_TRANSPOSE transpose;
typedef enum CBLAS_UPLO uplo;
typedef enum CBLAS_SIDE side;
typedef enum CBLAS_DIAG diag;
typedef blasint n_t;
typedef const double *in;
typedef double *out;

COUNTED(FLOPS_DGEMM, cblas_dgemm,
        (order o, transpose ta, transpose tb, n_t m, n_t n, n_t k, double al, in a, n_t lda, in b, n_t ldb, double be, out c, n_t ldc),
        (o, ta, tb, m, n, k, al, a, lda, b, ldb, be, c, ldc), 2.0 * m * n * k)
COUNTED(FLOPS_SGEMM, cblas_sgemm,
        (order o, transpose ta, transpose tb, n_t m, n_t n, n_t k, float al, const float *a, n_t lda, const float *b, n_t ldb, float be,
         float *c, n_t ldc),
        (o, ta, tb, m, n, k, al, a, lda, b, ldb, be, c, ldc), 2.0 * m * n * k)
COUNTED(FLOPS_DSYRK, cblas_dsyrk, (order o, uplo u, transpose t, n_t n, n_t k, double al, in a, n_t lda, double be, out c, n_t ldc),
        (o, u, t, n, k, al, a, lda, be, c, ldc), 1.0 * n * (n + 1.0) * k)
COUNTED(FLOPS_DSYR2K, cblas_dsyr2k,
        (order o, uplo u, transpose t, n_t n, n_t k, double al, in a, n_t lda, in b, n_t ldb, double be, out c, n_t ldc),
        (o, u, t, n, k, al, a, lda, b, ldb, be, c, ldc), 2.0 * n * (n + 1.0) * k)
COUNTED(FLOPS_DTRSM, cblas_dtrsm, (order o, side s, uplo u, transpose t, diag d, n_t m, n_t n, double al, in a, n_t lda, out b, n_t ldb),
        (o, s, u, t, d, m, n, al, a, lda, b, ldb), 1.0 * m * n * (s == CblasLeft ? m : n))
COUNTED(FLOPS_DTRMM, cblas_dtrmm, (order o, side s, uplo u, transpose t, diag d, n_t m, n_t n, double al, in a, n_t lda, out b, n_t ldb),
        (o, s, u, t, d, m, n, al, a, lda, b, ldb), 1.0 * m * n * (s == CblasLeft ? m : n))
COUNTED(FLOPS_DGEMV, cblas_dgemv, (order o, transpose t, n_t m, n_t n, double al, in a, n_t lda, in x, n_t ix, double be, out y, n_t iy),
        (o, t, m, n, al, a, lda, x, ix, be, y, iy), 2.0 * m * n)
COUNTED(FLOPS_DSYMV, cblas_dsymv, (order o, uplo u, n_t n, double al, in a, n_t lda, in x, n_t ix, double be, out y, n_t iy),
        (o, u, n, al, a, lda, x, ix, be, y, iy), 2.0 * n * n)
COUNTED(FLOPS_DTRSV, cblas_dtrsv, (order o, uplo u, transpose t, diag d, n_t n, in a, n_t lda, out x, n_t ix),
        (o, u, t, d, n, a, lda, x, ix), 1.0 * n * n)
COUNTED(FLOPS_DGER, cblas_dger, (order o, n_t m, n_t n, double al, in x, n_t ix, in y, n_t iy, out a, n_t lda),
        (o, m, n, al, x, ix, y, iy, a, lda), 2.0 * m * n)
COUNTED(FLOPS_DPOTRF, dpotrf_, (const char *u, const int *n, out a, const int *lda, int *info), (u, n, a, lda, info),
        pow(*n, 3) / 3)

double flops_peak(int n, double seconds)
{
    size_t cells = (size_t)n * (size_t)n;
    double *a = malloc(3 * cells * sizeof *a);
    if (!a) return 0;
    for (size_t i = 0; i < 3 * cells; i++) a[i] = (double)(i % 7) - 3;
    uint64_t first = nanoseconds(CLOCK_PROCESS_CPUTIME_ID), before = first, best = UINT64_MAX;
    while ((double)(before - first) < 1e9 * seconds) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, a + cells, n, 0, a + 2 * cells, n);
        uint64_t now = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
        if (now - before < best) best = now - before;
        before = now;
    }
    free(a);
    return 2 * pow(n, 3) / (1e-9 * (double)best);
}
