/* Bounds of the union information from any point: potentials and a guess of the coupling's pair masses.
 *
 * Dual: F* = min F(Q), F(Q) = sum Q log Q(y|x1,x2), is at least sum P1 lambda + sum P2 mu for all lambda, mu with
 * g_ij = log sum_y exp(lambda_iy + mu_jy) <= 0 (Makkeh, Theis, Vicente 2017, doi:10.3390/e19100530); shifting rows and columns by
 * their largest g makes any potentials feasible.
 * Primal: F of a Q that has P's marginals.  r_ij exp(lambda_iy + mu_jy - g_ij) is made to have them by scaling down rows, then
 * columns, and adding the product of what is missing (Altschuler, Weed, Rigollet 2017, arXiv 1705.09634).
 * Both bounds are widened by what rounding may have done to them. */
#ifndef PID_DECOMPOSITION_CERTIFICATE_H
#define PID_DECOMPOSITION_CERTIFICATE_H

#include "decomposition/problem.h"
#include "decomposition/wide.h"

/* A solver's iterate.  Natural logarithms. */
struct pid_point {
    double *lambda; /* side[0].cells */
    double *mu;     /* side[1].cells */
    double *pair;   /* side[0].symbols x side[1].symbols: the mass that Q gives to each pair, roughly */
};

struct pid_certificate {
    double lower, upper;       /* of the union information, nats */
    double *q;                 /* symbols[0] x cells[1]: the coupling behind `upper`; 0 where a target is not shared.  Wide: one row */
    double *g;                 /* symbols[0] x symbols[1] */
    double *row_shift, *column_shift; /* symbols: the largest g of the row, then of the column; subtract for feasible potentials */
    /* Scratch. */
    double *row_scale, *column_scale; /* cells */
    double *row_left, *column_left;   /* cells: mass still missing */
    double *left;              /* targets */
    double *by_target;         /* targets */
    bool is_wide;              /* the table is large: `wide` does the work, and of the scratch above only the shifts are there */
    struct pid_wide wide;
};

enum pid_status pid_certificate_init(struct pid_certificate *certificate, struct pid_arena *arena,
                                     const struct pid_problem *problem, struct pid_workers *workers, struct pid_error *error) PID_MUST_CHECK;

/* Sets lower and upper and all that goes with them.  A point that holds NaN or infinity gives -infinity and +infinity. */
void pid_certificate_compute(struct pid_certificate *certificate, const struct pid_problem *problem, const struct pid_point *point);

/* Row i of the coupling behind `upper` of the last compute, over the cells of the second source; borrowed until the next call. */
const double *pid_certificate_row(struct pid_certificate *certificate, const struct pid_problem *problem, size_t i);

#endif
