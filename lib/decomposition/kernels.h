/* The inner loops of the solvers, compiled for several instruction sets; the best that the processor has is
 * chosen at run time.  Arrays are laid out so that every loop runs along the columns, the symbols of source k, in whole vectors:
 * columns is a multiple of `lanes`.  Of one symbol i of source e and its m targets y[0] < y[1] < ..., s[c,j] = Q(y[c]|i,j); cells
 * without probability, and columns without a symbol, hold potentials of -infinity and conditionals of 0. */
#ifndef PID_DECOMPOSITION_KERNELS_H
#define PID_DECOMPOSITION_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

struct pid_kernels {
    size_t lanes; /* doubles of a vector */
    /* g[j] = log sum_c exp(ze[c] + zk[y[c],j]) and the conditionals s; -infinity and 0 where no target is shared.  scratch: columns. */
    void (*evaluate)(size_t m, const unsigned *y, size_t columns, const double *ze, const double *zk, double *s, double *g, double *scratch);
    /* out_e[c] -= sum_j x[j] s[c,j];  out_k[y[c],j] -= x[j] s[c,j]. */
    void (*gather)(size_t m, const unsigned *y, size_t columns, const double *s, const double *x, double *out_e, double *out_k);
    /* out[j] = sum_c s[c,j] (ze[c] + zk[y[c],j]). */
    void (*changes)(size_t m, const unsigned *y, size_t columns, const double *s, const double *ze, const double *zk, double *out);
    /* Adds (sum over j of) the matrix times (ze, zk), (excess s s' + r diag s) z, to out_e and out_k.  scratch: columns. */
    void (*multiply)(size_t m, const unsigned *y, size_t columns, const double *s, const double *r, const double *excess, const double *ze,
                     const double *zk, double *out_e, double *out_k, double *scratch);
    /* What a step (ze, zk, dr) leaves out of second order, times scale: subtracted from gamma[j], out_e, out_k.
     * scratch: 3 x columns. */
    void (*second_order)(size_t m, const unsigned *y, size_t columns, const double *s, const double *r, const double *ze, const double *zk,
                         const double *dr, double scale, double *gamma, double *out_e, double *out_k, double *scratch);
    /* block[a,b] = sum_j excess[j] s[a,j] s[b,j] + (a = b) r[j] s[a,j], upper triangle. */
    void (*block)(size_t m, size_t columns, const double *s, const double *r, const double *excess, double *block, double *scratch);
    /* sums[y[c] - y[0], j] += excess[j] s[0,j] s[c,j] + (c = 0) r[j] s[0,j]. */
    void (*diagonals)(size_t m, const unsigned *y, size_t columns, const double *s, const double *r, const double *excess, double *sums,
                      double *scratch);
    /* Over `count` pairs, in whole vectors; r is 0 where no target is shared: the inverses, 0 there, and r / t - r. */
    void (*weigh)(size_t count, const double *r, const double *t, double *inverse_r, double *inverse_t, double *excess);
    /* x = (kappa - r gamma) / t. */
    void (*aim)(size_t count, const double *r, const double *inverse_t, const double *gamma, const double *kappa, double *x);
    /* dt = gamma - dt, then dr = (kappa - r dt) / t. */
    void (*complete)(size_t count, const double *r, const double *inverse_t, const double *gamma, const double *kappa, double *dt, double *dr);
    /* The largest -d / x, at least `least`. */
    double (*fall)(size_t count, const double *inverse, const double *d, double least);
    /* The sum of (r + length dr) (t + length dt). */
    double (*complementarity)(size_t count, const double *r, const double *dr, const double *t, const double *dt, double length);
    /* The coupling of the m targets with target `at` in `count` >= 1 columns: v[c,n] = (excess s[c] s[at] + (c = at) r s[at]) at column[n].
     * scratch: count. */
    void (*couple)(size_t m, size_t at, size_t count, const unsigned *column, size_t columns, const double *s, const double *r,
                   const double *excess, double *v, size_t v_stride, double *scratch);
    /* out -= left' left, on and above the diagonal; left is depth x order; order a multiple of 8. */
    void (*square)(size_t depth, size_t order, const double *left, size_t left_stride, double *out, size_t stride);
    /* Upper Cholesky factor in place, a = u' u, by rows of stride `stride`; order a multiple of 8; the diagonal holds
     * reciprocals, here and below; what lies below it is overwritten.  False where it is not positive definite. */
    bool (*factor)(size_t order, double *a, size_t stride);
    /* v = u'^-1 v for `columns` columns of stride `v_stride`, in whole vectors. */
    void (*forward)(size_t order, const double *u, size_t stride, size_t columns, double *v, size_t v_stride);
    /* x = u^-1 u'^-1 x; order a multiple of 8. */
    void (*substitute)(size_t order, const double *u, size_t stride, double *x);
    /* The inverse of an upper triangle, zeros below it; order a multiple of 16. */
    void (*invert)(size_t order, const double *u, size_t stride, double *inverse);
    /* y -= a x and y -= a' x, a being rows x columns, these in whole vectors. */
    void (*subtract)(size_t rows, size_t columns, const double *a, size_t stride, const double *x, double *y);
    void (*subtract_transposed)(size_t rows, size_t columns, const double *a, size_t stride, const double *x, double *y);
    /* Proportional fitting (ipfp.c): log R's next value, at least `least`, after W was found at R, the point extrapolated by
     * `momentum`; returns how far the step went back along the momentum. */
    double (*step)(size_t count, const double *w, const double *r, double momentum, double least, double *log_r, double *before);
    /* R, extrapolated. */
    void (*extrapolate)(size_t count, double momentum, const double *log_r, const double *before, double *r);
};

const struct pid_kernels *pid_kernels(void);

/* The same, but for those with narrower vectors where so many columns come out fewer when rounded up to these: faster as long as
 * the system that they form is small. */
const struct pid_kernels *pid_kernels_narrow(size_t columns);

#endif
