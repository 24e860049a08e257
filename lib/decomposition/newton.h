/* The interior point method's parts.  One source's symbols are eliminated block by block (side `e`), the other's form the
 * Schur complement (side `k`, the one with fewer cells).  With i a symbol of e, j of k, y a target:
 *
 *     g_ij = log sum_y exp(ze_iy + zk_yj)      g + t = 0      r t = tau omega      sum r s = P (by rows and by columns)
 *
 * where s_iyj = Q(y|i,j).  The Newton matrix is the sum over pairs of (w - r) s s' + r diag(s), w = r / t.
 *
 * Layout, so that every loop runs along j: pairs at i * columns + j; what belongs to (i, y) by e's cells; to (y, j) at
 * y * columns + j; s of cell c = (i, y) at c * columns + j.  `columns` is k's symbols rounded up to whole vectors.  Where k has no
 * cell the potential is -infinity and s is 0; where e and k share no target, and in the columns past the last symbol, r is 0. */
#ifndef PID_DECOMPOSITION_NEWTON_H
#define PID_DECOMPOSITION_NEWTON_H

#include "decomposition/tiled.h"
#include "decomposition/solve.h"

/* One step's solution. */
struct pid_newton_direction {
    double *ze, *zk;  /* e->cells, targets x columns; 0 where there is no cell */
    double *r, *t;    /* pairs */
};

struct pid_newton {
    const struct pid_side *e, *k;
    bool swapped;               /* e is the second source */
    bool large;                 /* pid_newton_is_large */
    double least;               /* the complementarity is not sent below; nats */
    size_t rows, columns, targets, pairs;
    const struct pid_kernels *kernels;
    struct pid_workers *workers;
    size_t chunks;              /* the rows are worked on in so many pieces, whatever the team */
    double *pk;                 /* P by (y, j) */
    double *ze, *zk;            /* the potentials */
    double *g, *t, *r, *omega;  /* pairs */
    double *independent;        /* pairs: their masses if the sources were independent given Y */
    double *s;
    double *residual_e, *residual_k; /* P less the marginals of r s */
    /* The factorised system. */
    double *excess;             /* pairs: w - r */
    double *inverse_r, *inverse_t; /* pairs; 0 where r is 0 */
    double *block;              /* for each i, m_i x m_i from block_start[i] on: upper Cholesky factor of e's
                                 * block, its diagonal as reciprocals */
    size_t *block_start;
    size_t *by_target_start;    /* targets + 1: where the cells of e with target y begin in by_target */
    struct pid_newton_cell { size_t cell, row; } *by_target; /* e->cells: by target, then row */
    size_t unknowns;            /* order of the Schur complement: k's cells but for one of each target, whose potential stays, as
                                 * adding c_y to ze_.y and taking it from zk_y. changes nothing */
    size_t *column_start;       /* targets + 1: where those with target y begin */
    unsigned *column;           /* their j */
    double *v;                  /* factor'^-1 times the coupling of e's and k's cells, in panels (tiled.h) */
    double *diagonals;          /* targets (targets + 1) / 2 x columns: the part of k's blocks before elimination */
    struct pid_tiled schur;
    /* Scratch. */
    struct pid_newton_direction affine, step, trial;
    double *rhs_e, *rhs_k, *left_e, *left_k, *fix_e, *fix_k; /* as residual */
    double *cells_e, *cells_k;  /* targets; the Schur complement's padded order */
    double *x, *trial_g, *trial_s;
    double *partial;            /* chunks x targets x columns */
    double *worker_scratch;     /* for each worker */
    size_t worker_scratch_count;
};

enum pid_status pid_newton_init(struct pid_newton *n, struct pid_solve *solve, struct pid_error *error) PID_MUST_CHECK;

/* newton_pairs.c: loops over all pairs. */

/* Conditionals and g of the potentials. */
void pid_newton_evaluate(struct pid_newton *n, const double *ze, const double *zk, double *s, double *g);
/* (out_e, out_k) -= sum over pairs of x s. */
void pid_newton_gather(struct pid_newton *n, const double *s, const double *x, double *out_e, double *out_k);
/* What is missing of the marginals when the pairs have the masses r. */
void pid_newton_residuals(struct pid_newton *n, const double *r, const double *s, double *out_e, double *out_k);
/* The linear change of g. */
void pid_newton_changes(struct pid_newton *n, const double *ze, const double *zk, double *out);
/* What a step d, scaled, leaves out of second order: subtracted from gamma and (out_e, out_k). */
void pid_newton_second_order(struct pid_newton *n, const struct pid_newton_direction *d, double scale, double *gamma, double *out_e,
                             double *out_k);
/* The matrix times (ze, zk). */
void pid_newton_multiply(struct pid_newton *n, const double *ze, const double *zk, double *out_e, double *out_k);

/* newton_system.c: the linear system. */

/* Factorises the matrix at the present r, t, s.  False where it is not positive definite, even regularised. */
bool pid_newton_factorise(struct pid_newton *n);
/* Solves for the right-hand side (rhs_e, rhs_k) into (ze, zk), with up to `refinements` corrections. */
void pid_newton_solve_system(struct pid_newton *n, int refinements, double *ze, double *zk);

/* newton_step.c: one iteration; false where the matrix cannot be factorised. */
bool pid_newton_iterate(struct pid_newton *n);
double pid_newton_complementarity(const struct pid_newton *n);

#endif
