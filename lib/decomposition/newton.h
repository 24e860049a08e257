/* The interior point method's parts.  One source's symbols are eliminated block by block (side `e`), the other's form the
 * Schur complement (side `k`, the one with fewer cells).  A pair is (i, j), symbol i of e and j of k, at i * k->symbols + j;
 * s holds for each i the conditionals over k's cells, so s[i * k->cells + c] = Q(y|i,j) for cell c = (j, y).
 *
 *     g_ij = log sum_y exp(ze_iy + zk_jy)      g + t = 0      r t = tau omega      sum r s = P (by rows and by columns)
 *
 * The Newton matrix is the sum over pairs of (w - r) s s' + r diag(s), w = r / t. */
#ifndef PID_DECOMPOSITION_NEWTON_H
#define PID_DECOMPOSITION_NEWTON_H

#include "decomposition/solve.h"

/* One step's right-hand side and solution. */
struct pid_newton_direction {
    double *ze, *zk;  /* cells of e and of k */
    double *r, *t;    /* pairs */
};

struct pid_newton {
    const struct pid_side *e, *k;
    bool swapped;               /* e is the second source */
    size_t targets, pairs;
    double *ze, *zk;            /* cells */
    double *g, *t, *r, *omega;  /* pairs; omega: the mass of a pair when the sources are independent given Y */
    double *s;                  /* e->symbols x k->cells */
    double *residual_e, *residual_k; /* P less the marginals of r s */
    /* The factorised system. */
    double *w;                  /* pairs */
    double *block;              /* for each i, m_i x m_i from block_start[i] on: Cholesky factor of e's block */
    size_t *block_start;
    double *v;                  /* e->cells x k->cells: factor^-1 times the coupling of e's and k's cells */
    double *schur;              /* k->cells x k->cells, lower */
    double *diagonal;           /* k->cells */
    bool *pinned;               /* k->cells: one cell of each target, as adding c_y to ze_.y and taking it from zk_.y changes nothing */
    /* Scratch. */
    struct pid_newton_direction affine, step;
    double *rhs_e, *rhs_k, *left_e, *left_k, *fix_e, *fix_k; /* cells */
    double *x, *trial_g, *trial_r;      /* pairs */
    double *trial_s, *trial_ze, *trial_zk;
    double *spread, *gather;    /* targets */
    uint32_t *place;            /* targets */
};

/* Conditionals and g of the potentials. */
void pid_newton_evaluate(const struct pid_newton *n, const double *ze, const double *zk, double *s, double *g);

/* Factorises the matrix at the present r, t, s.  False where it is not positive definite, even regularised. */
bool pid_newton_factorise(struct pid_newton *n);

/* The matrix times (ze, zk). */
void pid_newton_multiply(const struct pid_newton *n, const double *ze, const double *zk, double *out_e, double *out_k);

/* Solves for the right-hand side rhs_e, rhs_k into ze, zk, with refinement; overwrites left and fix. */
void pid_newton_solve_system(struct pid_newton *n, double *ze, double *zk);

#endif
