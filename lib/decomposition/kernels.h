/* The inner loops of the solvers, compiled for several instruction sets; the best that the processor has is
 * chosen at run time.  Arrays are dense and laid out so that every loop runs along the columns, the symbols of source k:
 * for one symbol i of source e, s[y * columns + j] = Q(y|i,j); cells without probability hold potentials of -infinity and
 * conditionals of 0.  m is the number of targets. */
#ifndef PID_DECOMPOSITION_KERNELS_H
#define PID_DECOMPOSITION_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

struct pid_kernels {
    /* g[j] = log sum_y exp(ze[y] + zk[y,j]) and the conditionals s; -infinity and 0 where no target is shared.  scratch: columns. */
    void (*evaluate)(size_t m, size_t columns, const double *ze, const double *zk, double *s, double *g, double *scratch);
    /* out_e[y] -= sum_j x[j] s[y,j];  out_k[y,j] -= x[j] s[y,j]. */
    void (*gather)(size_t m, size_t columns, const double *s, const double *x, double *out_e, double *out_k);
    /* out[j] = sum_y s[y,j] (ze[y] + zk[y,j]). */
    void (*changes)(size_t m, size_t columns, const double *s, const double *ze, const double *zk, double *out);
    /* Adds (sum over j of) the matrix times (ze, zk), (excess s s' + r diag s) z, to out_e and out_k.  scratch: columns. */
    void (*multiply)(size_t m, size_t columns, const double *s, const double *r, const double *excess, const double *ze,
                     const double *zk, double *out_e, double *out_k, double *scratch);
    /* What a step (ze, zk, dr) leaves out of second order, times scale: subtracted from gamma[j], out_e, out_k.
     * scratch: 2 x columns. */
    void (*second_order)(size_t m, size_t columns, const double *s, const double *r, const double *ze, const double *zk,
                         const double *dr, double scale, double *gamma, double *out_e, double *out_k, double *scratch);
    /* block[a,b] = sum_j excess[j] s[ya,j] s[yb,j] + (a = b) r[j] s[ya,j], upper triangle, for `count` targets y. */
    void (*block)(size_t count, const unsigned *y, size_t columns, const double *s, const double *r, const double *excess,
                  double *block, double *scratch);
    /* sums[yb - ya, j] += excess[j] s[ya,j] s[yb,j] + (ya = yb) r[j] s[ya,j] for yb = ya .. m-1. */
    void (*diagonals)(size_t m, size_t ya, size_t columns, const double *s, const double *r, const double *excess, double *sums,
                      double *scratch);
    /* out[n] = f[at[n]] s[at[n]]. */
    void (*product)(size_t count, const unsigned *at, const double *f, const double *s, double *out);
    /* Upper Cholesky factor in place, a = u' u, by rows of stride `stride`; order a multiple of 16; what lies below the diagonal
     * is overwritten.  False where it is not positive definite. */
    bool (*factor)(size_t order, double *a, size_t stride);
    /* v = u'^-1 v for `columns` columns of stride `v_stride`; u's diagonal holds reciprocals. */
    void (*forward)(size_t order, const double *u, size_t stride, size_t columns, double *v, size_t v_stride);
    /* x = u^-1 u'^-1 x. */
    void (*substitute)(size_t order, const double *u, size_t stride, double *x);
    /* The inverse of an upper triangle; zeros below it. */
    void (*invert)(size_t order, const double *u, size_t stride, double *inverse);
    /* y -= a x and y -= a' x, a being rows x columns. */
    void (*subtract)(size_t rows, size_t columns, const double *a, size_t stride, const double *x, double *y);
    void (*subtract_transposed)(size_t rows, size_t columns, const double *a, size_t stride, const double *x, double *y);
    /* Proportional fitting (ipfp.c): log R's next value, at least `least`, after W was found at R, the point extrapolated by
     * `momentum`; returns how far the step went back along the momentum. */
    double (*step)(size_t count, const double *w, const double *r, double momentum, double least, double *log_r, double *before);
    /* R, extrapolated. */
    void (*extrapolate)(size_t count, double momentum, const double *log_r, const double *before, double *r);
};

const struct pid_kernels *pid_kernels(void);

#endif
