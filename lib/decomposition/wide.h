/* The certificate of tables too large for an array over (x1, x2, y), by matrix products alone.
 *
 * With potentials a = exp lambda, b = exp mu and pair masses r_ij = pair_ij / sum_y a_iy b_jy, the coupling r_ij a_iy b_jy is scaled
 * down, rows then columns, to a part Q1 of one with P's marginals; what is missing is Q2, for each target the product of the
 * missing rows and columns.  F is convex and homogeneous, so F(Q1 + Q2) <= F(Q1) + F(Q2) <= F(Q1), and F(Q1) needs the
 * marginals of Q1 only, as log Q1(y|i,j) = log a_iy + log b_jy - log sum_y a_iy b_jy. */
#ifndef PID_DECOMPOSITION_WIDE_H
#define PID_DECOMPOSITION_WIDE_H

#include "decomposition/problem.h"
#include "decomposition/team.h"

struct pid_point;

struct pid_wide {
    struct pid_workers *workers;
    size_t k1, k2, m;
    double *p1, *p2;       /* K x M */
    double *a, *b;         /* K x M: after scaling */
    double *left1, *left2; /* K x M: mass that Q1 misses */
    double *left;          /* targets: their sums */
    double *r, *w;         /* K1 x K2 */
};

/* Whether a table is so large that this certificate is to be used. */
bool pid_wide_wanted(const struct pid_problem *problem);

enum pid_status pid_wide_init(struct pid_wide *wide, struct pid_arena *arena, const struct pid_problem *problem,
                              struct pid_workers *workers, struct pid_error *error) PID_MUST_CHECK;

/* Sets g = log sum_y a b (K1 x K2; -infinity where no target is shared); returns the upper bound of F less rounding, and the sum of
 * the sizes of its terms in *magnitude. */
double pid_wide_compute(struct pid_wide *wide, const struct pid_problem *problem, const struct pid_point *point, double *g,
                        double *magnitude);

/* Row i of Q1 + Q2 over the cells of the second source. */
void pid_wide_row(const struct pid_wide *wide, const struct pid_problem *problem, size_t i, double *q);

#endif
