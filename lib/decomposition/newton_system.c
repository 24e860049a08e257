/* The linear system of one Newton step. */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "decomposition/newton.h"

/* LAPACK's Cholesky, in OpenBLAS. */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);

static const uint32_t NOWHERE = UINT32_MAX;
/* Relative to the diagonal; grows where the factorisation breaks down. */
static const double REGULARISATION = 4 * DBL_EPSILON, REGULARISATION_GROWTH = 64, REGULARISATION_MOST = 1e-4;
enum { REFINEMENTS = 4 };

/* The values of row i's cells by target; `rest` elsewhere. */
static void spread_row(const struct pid_newton *n, size_t i, const double *values, double rest)
{
    for (size_t y = 0; y < n->targets; y++) n->spread[y] = rest;
    for (size_t c = n->e->start[i]; c < n->e->start[i + 1]; c++) n->spread[n->e->target[c]] = values[c];
}

void pid_newton_evaluate(const struct pid_newton *n, const double *ze, const double *zk, double *s, double *g)
{
    const struct pid_side *k = n->k;
    for (size_t i = 0; i < n->e->symbols; i++) {
        double *row = s + i * k->cells;
        spread_row(n, i, ze, -INFINITY);
        for (size_t j = 0; j < k->symbols; j++) {
            double largest = -INFINITY, sum = 0;
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) {
                row[c] = n->spread[k->target[c]] + zk[c];
                if (row[c] > largest) largest = row[c];
            }
            double *at = &g[i * k->symbols + j];
            if (!(largest > -INFINITY)) {
                *at = -INFINITY;
                for (size_t c = k->start[j]; c < k->start[j + 1]; c++) row[c] = 0;
                continue;
            }
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++)
                if (row[c] > -INFINITY) sum += row[c] = exp(row[c] - largest);
                else row[c] = 0;
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) row[c] /= sum;
            *at = largest + log(sum);
        }
    }
}

/* e's block, k's block and the coupling of one row. */
static void form_row(struct pid_newton *n, size_t i)
{
    const struct pid_side *e = n->e, *k = n->k;
    size_t first = e->start[i], m = e->start[i + 1] - first, columns = k->cells;
    double *block = n->block + n->block_start[i], *v = n->v + first * columns;
    const double *s = n->s + i * columns;
    memset(block, 0, m * m * sizeof *block);
    memset(v, 0, m * columns * sizeof *v);
    for (size_t y = 0; y < n->targets; y++) n->place[y] = NOWHERE;
    for (size_t l = 0; l < m; l++) n->place[e->target[first + l]] = (uint32_t)l;
    for (size_t j = 0; j < k->symbols; j++) {
        double r = n->r[i * k->symbols + j], excess = n->w[i * k->symbols + j] - r;
        if (!(r > 0)) continue;
        size_t from = k->start[j], to = k->start[j + 1];
        for (size_t c = from; c < to; c++) {
            if (s[c] == 0) continue;
            size_t l = n->place[k->target[c]];
            double factor = excess * s[c], *vl = v + l * columns, *bl = block + l * m, *kc = n->schur + c * columns;
            for (size_t d = from; d < to; d++) {
                if (s[d] == 0) continue;
                double value = factor * s[d];
                if (d == c) value += r * s[c];
                vl[d] = value;
                kc[d] += value;
                bl[n->place[k->target[d]]] += value;
            }
        }
    }
}

/* Factorises e's block of row i with the given regularisation; v becomes factor^-1 v. */
static bool eliminate_row(struct pid_newton *n, size_t i, double regularisation)
{
    const struct pid_side *e = n->e;
    int m = (int)(e->start[i + 1] - e->start[i]), columns = (int)n->k->cells, info;
    double *block = n->block + n->block_start[i];
    for (int l = 0; l < m; l++) block[l * m + l] *= 1 + regularisation;
    if (m == 1) {
        if (!(block[0] > 0)) return false;
        block[0] = sqrt(block[0]);
        cblas_dscal(columns, 1 / block[0], n->v + e->start[i] * n->k->cells, 1);
        return true;
    }
    dpotrf_("U", &m, block, &m, &info);
    if (info) return false;
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, m, columns, 1, block, m,
                n->v + e->start[i] * n->k->cells, columns);
    return true;
}

static void pin(struct pid_newton *n)
{
    size_t columns = n->k->cells;
    for (size_t c = 0; c < columns; c++) {
        if (!n->pinned[c]) continue;
        for (size_t d = 0; d < c; d++) n->schur[c * columns + d] = 0;
        for (size_t d = c + 1; d < columns; d++) n->schur[d * columns + c] = 0;
        n->schur[c * columns + c] = 1;
    }
}

static bool try_factorise(struct pid_newton *n, double regularisation)
{
    const struct pid_side *e = n->e, *k = n->k;
    int columns = (int)k->cells, rows = (int)e->cells, info;
    memset(n->schur, 0, k->cells * k->cells * sizeof *n->schur);
    for (size_t i = 0; i < e->symbols; i++) {
        form_row(n, i);
        if (!eliminate_row(n, i, regularisation)) return false;
    }
    for (size_t c = 0; c < k->cells; c++) n->schur[c * k->cells + c] *= 1 + regularisation;
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, columns, rows, -1, n->v, columns, 1, n->schur, columns);
    pin(n);
    dpotrf_("U", &columns, n->schur, &columns, &info);
    return info == 0;
}

bool pid_newton_factorise(struct pid_newton *n)
{
    for (size_t p = 0; p < n->pairs; p++) n->w[p] = n->r[p] / n->t[p];
    for (double regularisation = REGULARISATION; regularisation < REGULARISATION_MOST; regularisation *= REGULARISATION_GROWTH)
        if (try_factorise(n, regularisation)) return true;
    return false;
}

void pid_newton_multiply(const struct pid_newton *n, const double *ze, const double *zk, double *out_e, double *out_k)
{
    const struct pid_side *e = n->e, *k = n->k;
    memset(out_k, 0, k->cells * sizeof *out_k);
    for (size_t i = 0; i < e->symbols; i++) {
        const double *s = n->s + i * k->cells;
        spread_row(n, i, ze, 0);
        memset(n->gather, 0, n->targets * sizeof *n->gather);
        for (size_t j = 0; j < k->symbols; j++) {
            double r = n->r[i * k->symbols + j], change = 0;
            if (!(r > 0)) continue;
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) change += s[c] * (n->spread[k->target[c]] + zk[c]);
            change *= n->w[i * k->symbols + j] - r;
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) {
                double value = s[c] * (change + r * (n->spread[k->target[c]] + zk[c]));
                n->gather[k->target[c]] += value;
                out_k[c] += value;
            }
        }
        for (size_t c = e->start[i]; c < e->start[i + 1]; c++) out_e[c] = n->gather[e->target[c]];
    }
}

/* (left_e, left_k) -> (fix_e, fix_k) by the factors; left is overwritten. */
static void back_substitute(struct pid_newton *n)
{
    const struct pid_side *e = n->e, *k = n->k;
    int columns = (int)k->cells, rows = (int)e->cells;
    for (size_t i = 0; i < e->symbols; i++) {
        int m = (int)(e->start[i + 1] - e->start[i]);
        cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, m, n->block + n->block_start[i], m, n->left_e + e->start[i], 1);
    }
    cblas_dgemv(CblasRowMajor, CblasTrans, rows, columns, -1, n->v, columns, n->left_e, 1, 1, n->left_k, 1);
    for (size_t c = 0; c < k->cells; c++) n->fix_k[c] = n->pinned[c] ? 0 : n->left_k[c];
    cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, columns, n->schur, columns, n->fix_k, 1);
    cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, columns, n->schur, columns, n->fix_k, 1);
    memcpy(n->fix_e, n->left_e, e->cells * sizeof(double));
    cblas_dgemv(CblasRowMajor, CblasNoTrans, rows, columns, -1, n->v, columns, n->fix_k, 1, 1, n->fix_e, 1);
    for (size_t i = 0; i < e->symbols; i++) {
        int m = (int)(e->start[i + 1] - e->start[i]);
        cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, m, n->block + n->block_start[i], m, n->fix_e + e->start[i], 1);
    }
}

static double norm(const struct pid_newton *n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t c = 0; c < n->e->cells; c++) sum += fabs(a[c]);
    for (size_t c = 0; c < n->k->cells; c++) sum += fabs(b[c]);
    return sum;
}

void pid_newton_solve_system(struct pid_newton *n, double *ze, double *zk)
{
    size_t ce = n->e->cells, ck = n->k->cells;
    memset(ze, 0, ce * sizeof *ze);
    memset(zk, 0, ck * sizeof *zk);
    memcpy(n->left_e, n->rhs_e, ce * sizeof(double));
    memcpy(n->left_k, n->rhs_k, ck * sizeof(double));
    double before = norm(n, n->left_e, n->left_k), least = 1e-15 * before;
    for (int round = 0; round < REFINEMENTS && before > least; round++) {
        back_substitute(n);
        for (size_t c = 0; c < ce; c++) ze[c] += n->fix_e[c];
        for (size_t c = 0; c < ck; c++) zk[c] += n->fix_k[c];
        pid_newton_multiply(n, ze, zk, n->left_e, n->left_k);
        for (size_t c = 0; c < ce; c++) n->left_e[c] = n->rhs_e[c] - n->left_e[c];
        for (size_t c = 0; c < ck; c++) n->left_k[c] = n->rhs_k[c] - n->left_k[c];
        double after = norm(n, n->left_e, n->left_k);
        if (!(after < before)) {
            if (round == 0) continue; /* a bad first solution is better than none */
            for (size_t c = 0; c < ce; c++) ze[c] -= n->fix_e[c];
            for (size_t c = 0; c < ck; c++) zk[c] -= n->fix_k[c];
            return;
        }
        if (after > 0.5 * before) return;
        before = after;
    }
}
