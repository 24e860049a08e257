/* What the solver asks of BLAS and LAPACK: calls, operations and seconds of each routine, counted while counting is on; and how
 * many operations a second this machine gives a large matrix product.  The linker puts these counters before the routines
 * (--wrap, bench/local.mk); work outside them is not seen. */
#ifndef PID_BENCH_FLOPS_H
#define PID_BENCH_FLOPS_H

#include <stdbool.h>
#include <stdint.h>

enum flops_routine {
    FLOPS_DGEMM, FLOPS_SGEMM, FLOPS_DSYRK, FLOPS_DSYR2K, FLOPS_DTRSM, FLOPS_DTRMM, FLOPS_DPOTRF, FLOPS_DGEMV, FLOPS_DSYMV, FLOPS_DTRSV,
    FLOPS_DGER, FLOPS_ROUTINES
};

struct flops_count {
    uint64_t calls, operations; /* a multiplication and an addition are two */
    double seconds;             /* of processor, added up over threads */
};

/* Sets all counts to zero, and counts from now on or no longer. */
void flops_start(void);
void flops_stop(void);

struct flops_count flops_get(enum flops_routine routine);
const char *flops_name(enum flops_routine routine);

/* Operations a second of the double precision product of two n x n matrices in this thread, the best of several in about
 * `seconds` of processor time; 0 where there is no memory. */
double flops_peak(int n, double seconds);

#endif
