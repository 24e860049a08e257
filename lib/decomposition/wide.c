#include "decomposition/wide.h"

#include <math.h>

#include "base/sum.h"
#include "decomposition/certificate.h"
#include "decomposition/products.h"

static const double WIDE_ENTRIES = 1 << 22; /* of the array that is done without: 32 MiB */

bool pid_wide_wanted(const struct pid_problem *problem)
{
    return (double)problem->side[0].symbols * (double)problem->side[1].cells > WIDE_ENTRIES;
}

enum pid_status pid_wide_init(struct pid_wide *wide, struct pid_arena *arena, const struct pid_problem *problem,
                              struct pid_workers *workers, struct pid_error *error)
{
    *wide = (struct pid_wide){.workers = workers, .k1 = problem->side[0].symbols, .k2 = problem->side[1].symbols, .m = problem->targets};
    size_t n1 = wide->k1 * wide->m, n2 = wide->k2 * wide->m, pairs = wide->k1 * wide->k2;
    struct { double **array; size_t count; } wanted[] = {
        {&wide->p1, n1}, {&wide->p2, n2}, {&wide->a, n1}, {&wide->b, n2}, {&wide->left1, n1}, {&wide->left2, n2},
        {&wide->left, wide->m}, {&wide->r, pairs}, {&wide->w, pairs},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!(*wanted[i].array = pid_arena_array(arena, wanted[i].count, sizeof(double), error))) return error->status;
    pid_side_to_dense(&problem->side[0], wide->m, problem->side[0].p, 0, wide->p1);
    pid_side_to_dense(&problem->side[1], wide->m, problem->side[1].p, 0, wide->p2);
    return PID_OK;
}

static void exponentials(double *values, size_t count)
{
    for (size_t n = 0; n < count; n++) values[n] = exp(values[n]);
}

/* Scales `factor` so that factor x sums is at most p. */
static void scale_down(double *factor, const double *sums, const double *p, size_t count)
{
    for (size_t n = 0; n < count; n++)
        if (factor[n] * sums[n] > p[n]) factor[n] = p[n] / sums[n];
}

struct total { struct pid_sum sum; double magnitude; };

static void add(struct total *total, double mass, double log_of)
{
    if (!(mass > 0)) return;
    double term = mass * log(log_of);
    pid_sum_add(&total->sum, term);
    total->magnitude += fabs(term);
}

/* The masses factor x sums: their part of F, and what they miss of p. */
static void settle(struct total *total, const double *factor, const double *sums, const double *p, double *left, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        double mass = factor[n] * sums[n];
        add(total, mass, factor[n]);
        left[n] = fmax(0, p[n] - mass);
    }
}

double pid_wide_compute(struct pid_wide *wide, const struct pid_problem *problem, const struct pid_point *point, double *g,
                        double *magnitude)
{
    size_t k1 = wide->k1, k2 = wide->k2, m = wide->m, pairs = k1 * k2;
    struct total total = {{0}, 0};
    pid_side_to_dense(&problem->side[0], m, point->lambda, -INFINITY, wide->a);
    pid_side_to_dense(&problem->side[1], m, point->mu, -INFINITY, wide->b);
    exponentials(wide->a, k1 * m);
    exponentials(wide->b, k2 * m);
    pid_products(wide->workers, k1, k2, m, wide->a, false, wide->b, true, wide->w);
    for (size_t n = 0; n < pairs; n++) {
        g[n] = wide->w[n] > 0 ? log(wide->w[n]) : -INFINITY;
        wide->r[n] = wide->w[n] > 0 ? point->pair[n] / wide->w[n] : 0;
    }
    double *sums = wide->left1; /* free until the rows are settled */
    pid_products(wide->workers, k1, m, k2, wide->r, false, wide->b, false, sums);
    scale_down(wide->a, sums, wide->p1, k1 * m);
    pid_products(wide->workers, k2, m, k1, wide->r, true, wide->a, false, wide->left2);
    scale_down(wide->b, wide->left2, wide->p2, k2 * m);
    settle(&total, wide->b, wide->left2, wide->p2, wide->left2, k2 * m);
    pid_products(wide->workers, k1, m, k2, wide->r, false, wide->b, false, sums);
    settle(&total, wide->a, sums, wide->p1, wide->left1, k1 * m);
    pid_products(wide->workers, k1, k2, m, wide->a, false, wide->b, true, wide->w);
    for (size_t n = 0; n < pairs; n++) add(&total, wide->r[n] * wide->w[n], 1 / wide->w[n]);
    for (size_t y = 0; y < m; y++) wide->left[y] = 0;
    for (size_t n = 0; n < k1 * m; n++) wide->left[n % m] += wide->left1[n];
    *magnitude = total.magnitude;
    return pid_sum_value(&total.sum);
}

void pid_wide_row(const struct pid_wide *wide, const struct pid_problem *problem, size_t i, double *q)
{
    const struct pid_side *b = &problem->side[1];
    const double *a = wide->a + i * wide->m, *left1 = wide->left1 + i * wide->m;
    for (size_t j = 0; j < b->symbols; j++)
        for (size_t c = b->start[j]; c < b->start[j + 1]; c++) {
            size_t y = b->target[c], at = j * wide->m + y;
            q[c] = wide->r[i * wide->k2 + j] * a[y] * wide->b[at];
            if (wide->left[y] > 0) q[c] += left1[y] * (wide->left2[at] / wide->left[y]);
        }
}
