#include "decomposition/certificate.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/sum.h"

enum pid_status pid_certificate_init(struct pid_certificate *c, struct pid_arena *arena, const struct pid_problem *problem,
                                     struct pid_workers *workers, struct pid_error *error)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    bool wide = c->is_wide = pid_wide_wanted(problem);
    if (wide && pid_wide_init(&c->wide, arena, problem, workers, error) != PID_OK) return error->status;
    struct { double **array; size_t count; } wanted[] = {
        {&c->q, wide ? b->cells : a->symbols * b->cells}, {&c->g, a->symbols * b->symbols},
        {&c->row_shift, a->symbols}, {&c->column_shift, b->symbols},
        {&c->row_scale, wide ? 0 : a->cells}, {&c->column_scale, wide ? 0 : b->cells},
        {&c->row_left, wide ? 0 : a->cells}, {&c->column_left, wide ? 0 : b->cells},
        {&c->left, problem->targets}, {&c->by_target, problem->targets},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!(*wanted[i].array = pid_arena_array(arena, wanted[i].count, sizeof(double), error))) return error->status;
    return PID_OK;
}

/* Spreads the values of row i's cells over all targets; the others get `rest`. */
static void spread(const struct pid_side *side, size_t i, const double *values, double rest, size_t targets, double *out)
{
    for (size_t y = 0; y < targets; y++) out[y] = rest;
    for (size_t c = side->start[i]; c < side->start[i + 1]; c++) out[side->target[c]] = values[c];
}

static void conditionals(struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    for (size_t i = 0; i < a->symbols; i++) {
        double *row = c->q + i * b->cells, *g = c->g + i * b->symbols;
        spread(a, i, point->lambda, -INFINITY, problem->targets, c->by_target);
        for (size_t j = 0; j < b->symbols; j++) {
            double largest = -INFINITY, sum = 0;
            for (size_t k = b->start[j]; k < b->start[j + 1]; k++) {
                row[k] = c->by_target[b->target[k]] + point->mu[k];
                if (row[k] > largest) largest = row[k];
            }
            for (size_t k = b->start[j]; k < b->start[j + 1]; k++) sum += row[k] = largest > -INFINITY ? exp(row[k] - largest) : 0;
            for (size_t k = b->start[j]; k < b->start[j + 1]; k++) row[k] = sum > 0 ? row[k] / sum : 0;
            g[j] = largest + log(sum);
            if (!(largest > -INFINITY)) g[j] = -INFINITY;
        }
    }
}

/* Sum of marginal * shift after shifting rows, then columns (or the other way round) to their largest g. */
static double shifts(const struct pid_certificate *c, const struct pid_problem *problem, bool rows_first)
{
    size_t n0 = problem->side[0].symbols, n1 = problem->side[1].symbols;
    double *row = c->row_shift, *column = c->column_shift;
    for (int pass = 0; pass < 2; pass++) {
        bool rows = rows_first == (pass == 0);
        size_t count = rows ? n0 : n1;
        double *shift = rows ? row : column;
        const double *other = pass ? (rows ? column : row) : NULL;
        for (size_t s = 0; s < count; s++) shift[s] = -INFINITY;
        for (size_t i = 0; i < n0; i++)
            for (size_t j = 0; j < n1; j++) {
                double g = c->g[i * n1 + j] - (other ? other[rows ? j : i] : 0);
                size_t s = rows ? i : j;
                if (g > shift[s]) shift[s] = g;
            }
    }
    struct pid_sum sum = {0};
    for (size_t i = 0; i < n0; i++) pid_sum_add(&sum, problem->side[0].marginal[i] * row[i]);
    for (size_t j = 0; j < n1; j++) pid_sum_add(&sum, problem->side[1].marginal[j] * column[j]);
    return pid_sum_value(&sum);
}

static void lower_bound(struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point)
{
    const double *potential[2] = {point->lambda, point->mu};
    double by_columns = shifts(c, problem, false), by_rows = shifts(c, problem, true), magnitude = 0, largest = 0;
    if (by_columns < by_rows) by_rows = shifts(c, problem, false);
    struct pid_sum sum = {0};
    pid_sum_add(&sum, problem->entropy[2]);
    pid_sum_add(&sum, -by_rows);
    for (size_t s = 0; s < 2; s++)
        for (size_t k = 0; k < problem->side[s].cells; k++) {
            double term = problem->side[s].p[k] * potential[s][k];
            pid_sum_add(&sum, term);
            magnitude += fabs(term);
        }
    for (size_t k = 0; k < problem->side[0].symbols * problem->side[1].symbols; k++)
        if (c->g[k] > -INFINITY && fabs(c->g[k]) > largest) largest = fabs(c->g[k]);
    /* Each product is rounded, P itself is rounded, and each g is off by at most M + 8 + |g| roundings of its terms. */
    double allowance = DBL_EPSILON * (2 * magnitude + 2 * fabs(by_rows) + problem->entropy[2] + (double)problem->targets + 8 + largest);
    c->lower = pid_sum_value(&sum) - allowance;
    if (isnan(c->lower)) c->lower = -INFINITY;
}

/* What is left of P after the scaled coupling, a scale of at most 1 for each cell, and the totals by target. */
static void scale_down(const struct pid_side *side, double *sums_then_scale)
{
    for (size_t k = 0; k < side->cells; k++)
        sums_then_scale[k] = sums_then_scale[k] > side->p[k] ? side->p[k] / sums_then_scale[k] : 1;
}

/* Adds up the coupling, scaled as far as the scales are known (NULL: not yet), by rows and by columns. */
static void marginals(const struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point,
                      const double *row_scale, const double *column_scale, double *by_row, double *by_column)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    if (by_column) memset(by_column, 0, b->cells * sizeof *by_column);
    for (size_t i = 0; i < a->symbols; i++) {
        const double *row = c->q + i * b->cells, *pair = point->pair + i * b->symbols;
        double *scale = c->by_target;
        if (row_scale) spread(a, i, row_scale, 0, problem->targets, scale);
        double *sum = c->left; /* free until the marginals are known */
        if (by_row) memset(sum, 0, problem->targets * sizeof *sum);
        for (size_t j = 0; j < b->symbols; j++)
            for (size_t k = b->start[j]; k < b->start[j + 1]; k++) {
                double q = pair[j] * row[k];
                if (row_scale) q *= scale[b->target[k]];
                if (column_scale) q *= column_scale[k];
                if (by_row) sum[b->target[k]] += q;
                if (by_column) by_column[k] += q;
            }
        if (by_row)
            for (size_t k = a->start[i]; k < a->start[i + 1]; k++) by_row[k] = sum[a->target[k]];
    }
}

static void round_to_marginals(struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    marginals(c, problem, point, NULL, NULL, c->row_scale, NULL);
    scale_down(a, c->row_scale);
    marginals(c, problem, point, c->row_scale, NULL, NULL, c->column_scale);
    scale_down(b, c->column_scale);
    marginals(c, problem, point, c->row_scale, c->column_scale, c->row_left, c->column_left);
    memset(c->left, 0, problem->targets * sizeof *c->left);
    for (size_t k = 0; k < a->cells; k++) {
        c->row_left[k] = fmax(0, a->p[k] - c->row_left[k]);
        c->left[a->target[k]] += c->row_left[k];
    }
    for (size_t k = 0; k < b->cells; k++) c->column_left[k] = fmax(0, b->p[k] - c->column_left[k]);
}

/* Row i of the rounded coupling over its conditionals. */
static void coupling_row(struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point, size_t i)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    const double *pair = point->pair + i * b->symbols;
    double *q = c->q + i * b->cells;
    spread(a, i, c->row_scale, 0, problem->targets, c->by_target);
    for (size_t j = 0; j < b->symbols; j++)
        for (size_t k = b->start[j]; k < b->start[j + 1]; k++)
            q[k] *= pair[j] * c->by_target[b->target[k]] * c->column_scale[k];
    spread(a, i, c->row_left, 0, problem->targets, c->by_target);
    for (size_t k = 0; k < b->cells; k++) {
        size_t y = b->target[k];
        if (c->left[y] > 0) q[k] += c->by_target[y] * (c->column_left[k] / c->left[y]);
    }
}

static void upper_bound(struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    round_to_marginals(c, problem, point);
    struct pid_sum sum = {0};
    double magnitude = 0;
    pid_sum_add(&sum, problem->entropy[2]);
    for (size_t i = 0; i < a->symbols; i++) {
        double *q = c->q + i * b->cells;
        coupling_row(c, problem, point, i);
        for (size_t j = 0; j < b->symbols; j++) {
            double total = 0;
            for (size_t k = b->start[j]; k < b->start[j + 1]; k++) total += q[k];
            if (!(total > 0)) continue;
            for (size_t k = b->start[j]; k < b->start[j + 1]; k++)
                if (q[k] > 0) {
                    double term = q[k] * log(q[k] / total);
                    pid_sum_add(&sum, term);
                    magnitude -= term;
                }
        }
    }
    /* A term's rounding is relative to it and to its q; the marginals may be off by a rounding, worth a potential each. */
    for (size_t k = 0; k < a->cells; k++) magnitude -= a->p[k] * log(a->p[k]);
    for (size_t k = 0; k < b->cells; k++) magnitude -= b->p[k] * log(b->p[k]);
    double allowance = DBL_EPSILON * (4 * magnitude + (double)problem->targets + 8);
    c->upper = pid_sum_value(&sum) + allowance;
    if (isnan(c->upper)) c->upper = INFINITY;
}

static void wide_bounds(struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point)
{
    double magnitude, bound = pid_wide_compute(&c->wide, problem, point, c->g, &magnitude);
    lower_bound(c, problem, point);
    /* Each mass and each sum of products is off by at most as many roundings as it has terms. */
    double terms = (double)(c->wide.k1 + c->wide.k2 + 2 * c->wide.m) + 16;
    c->upper = problem->entropy[2] + bound + DBL_EPSILON * terms * (magnitude + problem->entropy[2]);
    if (isnan(c->upper)) c->upper = INFINITY;
}

void pid_certificate_compute(struct pid_certificate *c, const struct pid_problem *problem, const struct pid_point *point)
{
    if (c->is_wide) {
        wide_bounds(c, problem, point);
        return;
    }
    conditionals(c, problem, point);
    lower_bound(c, problem, point);
    upper_bound(c, problem, point);
}

const double *pid_certificate_row(struct pid_certificate *c, const struct pid_problem *problem, size_t i)
{
    if (!c->is_wide) return c->q + i * problem->side[1].cells;
    pid_wide_row(&c->wide, problem, i, c->q);
    return c->q;
}
