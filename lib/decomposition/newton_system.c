/* The linear system of one Newton step: e's blocks are eliminated, k's cells form the Schur complement. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "decomposition/newton.h"

/* Relative to the diagonal; grows where the factorisation breaks down. */
static const double REGULARISATION = 4 * DBL_EPSILON, REGULARISATION_GROWTH = 64, REGULARISATION_MOST = 1e-4;
static const double NEGLIGIBLE = 1e-9; /* a residual, relative to the right-hand side; less where the answer is to be finer */
enum { FEW = 4 }; /* unknowns for each symbol of k, such that v is less work than the pairs */
enum { STEP = 8, SMALL = 16 }; /* orders that the kernels factorise are multiples; it does not pay below */

struct attempt {
    struct pid_newton *n;
    double regularisation;
    atomic_bool broken;
};

/* Where row c of the coupling continues for cell d of k. */
static double *v_at(const struct pid_newton *n, size_t c, size_t d)
{
    size_t edge = n->schur.edge;
    if (n->schur.tiles == 1) return n->v + c * edge + d;
    return n->v + d / edge * n->e->cells * edge + c * edge + d % edge;
}

/* The coupling of row i's cells with k's, excess s s' + (y = y') r s, into v. */
static void couple_row(const struct pid_newton *n, size_t i, double *scratch)
{
    size_t first = n->e->start[i], m = n->e->start[i + 1] - first, columns = n->columns, edge = n->schur.edge;
    for (size_t panel = 0; panel < n->schur.tiles; panel++) memset(v_at(n, first, panel * edge), 0, m * edge * sizeof *n->v);
    for (size_t a = 0; a < m; a++) {
        size_t y = n->e->target[first + a];
        for (size_t d = n->column_start[y], end = n->column_start[y + 1]; d < end;) {
            size_t count = edge - d % edge < end - d ? edge - d % edge : end - d;
            n->kernels->couple(m, a, count, n->column + d, columns, n->s + first * columns, n->r + i * columns, n->excess + i * columns,
                               v_at(n, first, d), edge, scratch);
            d += count;
        }
    }
}

/* The factor of a block below SMALL. */
static bool factor_small(size_t m, double *u)
{
    for (size_t k = 0; k < m; k++) {
        double *top = u + k * m, inverse = 1 / sqrt(top[k]);
        if (!(top[k] > 0) || !(inverse > 0)) return false;
        top[k] = inverse;
        for (size_t j = k + 1; j < m; j++) top[j] *= inverse;
        for (size_t i = k + 1; i < m; i++)
            for (size_t j = i; j < m; j++) u[i * m + j] -= top[i] * top[j];
    }
    return true;
}

static bool factor_block(const struct pid_newton *n, size_t i, double regularisation, double *padded)
{
    size_t m = n->e->start[i + 1] - n->e->start[i], order = (m + STEP - 1) / STEP * STEP;
    double *block = n->block + n->block_start[i];
    for (size_t a = 0; a < m; a++) block[a * m + a] *= 1 + regularisation;
    if (m < SMALL) return factor_small(m, block);
    memset(padded, 0, order * order * sizeof *padded);
    for (size_t a = 0; a < order; a++) {
        if (a < m) memcpy(padded + a * order + a, block + a * m + a, (m - a) * sizeof *padded);
        else padded[a * order + a] = 1;
    }
    if (!n->kernels->factor(order, padded, order)) return false;
    for (size_t a = 0; a < m; a++) memcpy(block + a * m, padded + a * order, m * sizeof *block);
    return true;
}

/* e's block and the coupling of one row, and the elimination. */
static void eliminate_row(void *context, size_t i, size_t worker)
{
    struct attempt *attempt = context;
    const struct pid_newton *n = attempt->n;
    size_t first = n->e->start[i], m = n->e->start[i + 1] - first, columns = n->columns, edge = n->schur.edge;
    double *scratch = n->worker_scratch + worker * n->worker_scratch_count;
    n->kernels->block(m, columns, n->s + first * columns, n->r + i * columns, n->excess + i * columns, n->block + n->block_start[i], scratch);
    couple_row(n, i, scratch);
    if (!factor_block(n, i, attempt->regularisation, scratch)) {
        atomic_store(&attempt->broken, true);
        return;
    }
    for (size_t panel = 0; panel < n->schur.tiles; panel++)
        n->kernels->forward(m, n->block + n->block_start[i], m, edge, v_at(n, first, panel * edge), edge);
}

static double *diagonal_of(const struct pid_newton *n, size_t y)
{
    return n->diagonals + (y * n->targets - y * (y - 1) / 2) * n->columns; /* y = 0: nothing before */
}

static void sum_diagonals(void *context, size_t y, size_t worker)
{
    const struct pid_newton *n = ((struct attempt *)context)->n;
    double *sums = diagonal_of(n, y);
    memset(sums, 0, (n->targets - y) * n->columns * sizeof *sums);
    for (size_t l = n->by_target_start[y]; l < n->by_target_start[y + 1]; l++) {
        size_t c = n->by_target[l].cell, i = n->by_target[l].row;
        n->kernels->diagonals(n->e->start[i + 1] - c, n->e->target + c, n->columns, n->s + c * n->columns, n->r + i * n->columns,
                              n->excess + i * n->columns, sums, n->worker_scratch + worker * n->worker_scratch_count);
    }
}

/* k's own blocks into the matrix: of each j the cells (y, j), (y', j). */
static void place_diagonals(struct pid_newton *n, double regularisation)
{
    pid_tiled_clear(&n->schur);
    for (size_t y = 0; y < n->targets; y++)
        for (size_t other = y; other < n->targets; other++) {
            const double *sums = diagonal_of(n, y) + (other - y) * n->columns;
            size_t d = n->column_start[other], end = n->column_start[other + 1];
            for (size_t c = n->column_start[y]; c < n->column_start[y + 1]; c++) {
                while (d < end && n->column[d] < n->column[c]) d++;
                if (d == end) break;
                if (n->column[d] != n->column[c]) continue;
                *pid_tiled_at(&n->schur, c, d) = sums[n->column[c]] * (c == d ? 1 + regularisation : 1);
            }
        }
}

static bool try_factorise(struct pid_newton *n, double regularisation)
{
    struct attempt attempt = {.n = n, .regularisation = regularisation};
    pid_team_run(n->workers, n->rows, eliminate_row, &attempt);
    if (attempt.broken) return false;
    pid_team_run(n->workers, n->targets, sum_diagonals, &attempt);
    place_diagonals(n, regularisation);
    pid_tiled_subtract_square(&n->schur, n->e->cells, n->v);
    return pid_tiled_factor(&n->schur);
}

bool pid_newton_factorise(struct pid_newton *n)
{
    n->kernels->weigh(n->pairs, n->r, n->t, n->inverse_r, n->inverse_t, n->excess);
    for (double regularisation = REGULARISATION; regularisation < REGULARISATION_MOST; regularisation *= REGULARISATION_GROWTH)
        if (try_factorise(n, regularisation)) return true;
    return false;
}

/* x = U'^-1 x and x = U^-1 x by the factor of row i's block. */
static void solve_lower(const struct pid_newton *n, size_t i, double *x)
{
    size_t m = n->e->start[i + 1] - n->e->start[i];
    const double *u = n->block + n->block_start[i];
    for (size_t a = 0; a < m; a++) {
        x[a] *= u[a * m + a];
        for (size_t b = a + 1; b < m; b++) x[b] -= u[a * m + b] * x[a];
    }
}

static void solve_upper(const struct pid_newton *n, size_t i, double *x)
{
    size_t m = n->e->start[i + 1] - n->e->start[i];
    const double *u = n->block + n->block_start[i];
    for (size_t a = m; a-- > 0;) {
        double sum = x[a];
        for (size_t b = a + 1; b < m; b++) sum -= u[a * m + b] * x[b];
        x[a] = sum * u[a * m + a];
    }
}

/* to -= (e's blocks)^-1 from. */
static void subtract_by_blocks(const struct pid_newton *n, const double *from, double *to)
{
    for (size_t i = 0; i < n->rows; i++) {
        size_t first = n->e->start[i], m = n->e->start[i + 1] - first;
        memcpy(n->cells_e, from + first, m * sizeof *n->cells_e);
        solve_lower(n, i, n->cells_e);
        solve_upper(n, i, n->cells_e);
        for (size_t a = 0; a < m; a++) to[first + a] -= n->cells_e[a];
    }
}

/* Between k's cells by (y, j) and the Schur complement's order. */
static void take_unknowns(const struct pid_newton *n, const double *from, double *unknowns)
{
    for (size_t y = 0; y < n->targets; y++)
        for (size_t d = n->column_start[y]; d < n->column_start[y + 1]; d++) unknowns[d] = from[y * n->columns + n->column[d]];
    memset(unknowns + n->unknowns, 0, (n->schur.tiles * n->schur.edge - n->unknowns) * sizeof *unknowns);
}

static void put_unknowns(const struct pid_newton *n, const double *unknowns, double *to)
{
    memset(to, 0, n->targets * n->columns * sizeof *to);
    for (size_t y = 0; y < n->targets; y++)
        for (size_t d = n->column_start[y]; d < n->column_start[y + 1]; d++) to[y * n->columns + n->column[d]] = unknowns[d];
}

static void add(double *to, const double *what, size_t count, double sign)
{
#pragma omp simd
    for (size_t l = 0; l < count; l++) to[l] += sign * what[l];
}

/* (left_e, left_k) -> (fix_e, fix_k) by the factors; left is overwritten.  The coupling of e and k is applied pair by pair:
 * that touches far less memory than v. */
static void back_substitute(struct pid_newton *n)
{
    size_t ce = n->e->cells, ck = n->targets * n->columns;
    double *other_e = n->trial.ze, *other_k = n->trial.zk;
    memset(n->fix_e, 0, ce * sizeof *n->fix_e);
    memset(n->fix_k, 0, ck * sizeof *n->fix_k);
    subtract_by_blocks(n, n->left_e, n->fix_e); /* minus e's part of the solution */
    pid_newton_multiply(n, n->fix_e, n->fix_k, other_e, other_k);
    add(other_k, n->left_k, ck, 1);
    take_unknowns(n, other_k, n->cells_k);
    pid_tiled_solve(&n->schur, n->cells_k);
    put_unknowns(n, n->cells_k, n->fix_k);
    for (size_t c = 0; c < ce; c++) n->fix_e[c] = -n->fix_e[c];
    memset(n->left_e, 0, ce * sizeof *n->left_e);
    pid_newton_multiply(n, n->left_e, n->fix_k, other_e, other_k);
    subtract_by_blocks(n, other_e, n->fix_e);
}

/* The same where the coupling has so few cells that v takes less time. */
static void back_substitute_few(struct pid_newton *n)
{
    size_t ce = n->e->cells, edge = n->schur.edge;
    memcpy(n->fix_e, n->left_e, ce * sizeof *n->fix_e);
    for (size_t i = 0; i < n->rows; i++) solve_lower(n, i, n->fix_e + n->e->start[i]);
    take_unknowns(n, n->left_k, n->cells_k);
    n->kernels->subtract_transposed(ce, edge, n->v, edge, n->fix_e, n->cells_k);
    pid_tiled_solve(&n->schur, n->cells_k);
    n->kernels->subtract(ce, edge, n->v, edge, n->cells_k, n->fix_e);
    for (size_t i = 0; i < n->rows; i++) solve_upper(n, i, n->fix_e + n->e->start[i]);
    put_unknowns(n, n->cells_k, n->fix_k);
}

static double norm(const double *a, size_t count)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t l = 0; l < count; l++) sum += fabs(a[l]);
    return sum;
}

void pid_newton_solve_system(struct pid_newton *n, int refinements, double *ze, double *zk)
{
    size_t ce = n->e->cells, ck = n->targets * n->columns;
    memset(ze, 0, ce * sizeof *ze);
    memset(zk, 0, ck * sizeof *zk);
    memcpy(n->left_e, n->rhs_e, ce * sizeof(double));
    memcpy(n->left_k, n->rhs_k, ck * sizeof(double));
    double before = norm(n->left_e, ce) + norm(n->left_k, ck), least = fmin(NEGLIGIBLE, n->least) * before;
    for (int round = 0; before > least; round++) {
        if (n->schur.tiles <= 1 && n->schur.edge <= FEW * n->columns) back_substitute_few(n);
        else back_substitute(n);
        add(ze, n->fix_e, ce, 1);
        add(zk, n->fix_k, ck, 1);
        if (round >= refinements) return;
        pid_newton_multiply(n, ze, zk, n->left_e, n->left_k);
        for (size_t c = 0; c < ce; c++) n->left_e[c] = n->rhs_e[c] - n->left_e[c];
        for (size_t c = 0; c < ck; c++) n->left_k[c] = n->rhs_k[c] - n->left_k[c];
        double after = norm(n->left_e, ce) + norm(n->left_k, ck);
        if (!(after < before) && round > 0) { /* a bad first solution is better than none */
            add(ze, n->fix_e, ce, -1);
            add(zk, n->fix_k, ck, -1);
            return;
        }
        if (after > 0.5 * before && round > 0) return;
        before = after;
    }
}
