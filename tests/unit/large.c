/* Tables on both sides of where the solver changes its ways: all by the interior point method, sweeps of proportional fitting
 * before it, sweeps and a certificate without any array over (x1, x2, y).  What Q is said to be is recomputed from its cells;
 * a team of threads changes no bit. */
#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/random.h"
#include "decomposition/decomposition.h"

static const double ROUNDING = 1e-12; /* bits; probability for marginals */

struct shape { size_t levels[3], rows; double tolerance; };

/* Samples of a target and two noisy views of it, each wrong three times in ten. */
static uint32_t *samples(const struct shape *shape)
{
    uint32_t *cells = malloc(3 * shape->rows * sizeof *cells);
    for (size_t n = 0; cells && n < shape->rows; n++) {
        double u[5];
        for (uint32_t use = 0; use < 5; use++) u[use] = pid_random_uniform(1, pid_random_stream(PID_RANDOM_TEST, use), n);
        double y = u[0] * (double)shape->levels[2];
        cells[3 * n + 2] = (uint32_t)y;
        for (size_t s = 0; s < 2; s++)
            cells[3 * n + s] = (uint32_t)((double)shape->levels[s] * (u[1 + s] < 0.3 ? u[3 + s] : y / (double)shape->levels[2]));
    }
    return cells;
}

static double *numbers(size_t count)
{
    double *out = calloc(count, sizeof *out);
    if (!out) abort();
    return out;
}

/* The margin of variables s and Y, the weights of cells added up. */
static double *margin(const size_t *levels, const uint32_t *cells, size_t count, const double *weights, size_t s)
{
    double *out = numbers(levels[s] * levels[2]);
    for (size_t n = 0; n < count; n++) out[cells[3 * n + s] * levels[2] + cells[3 * n + 2]] += weights ? weights[n] : 1.0 / (double)count;
    return out;
}

static double largest_difference(const double *a, const double *b, size_t count)
{
    double largest = 0;
    for (size_t n = 0; n < count; n++) largest = fmax(largest, fabs(a[n] - b[n]));
    return largest;
}

static double minus_entropy(const double *p, size_t count)
{
    long double sum = 0;
    for (size_t n = 0; n < count; n++)
        if (p[n] > 0) sum += (long double)p[n] * log2l(p[n]);
    return (double)sum;
}

/* I_Q(Y; X1 X2), bits. */
static double information(const size_t *levels, const struct pid_decomposition_result *r)
{
    double *all = numbers(levels[0] * levels[1] * levels[2]), *pair = numbers(levels[0] * levels[1]), *y = numbers(levels[2]);
    for (size_t n = 0; n < r->coupling_count; n++) {
        const uint32_t *c = r->coupling_cells + 3 * n;
        all[(c[0] * levels[1] + c[1]) * levels[2] + c[2]] += r->coupling[n];
        pair[c[0] * levels[1] + c[1]] += r->coupling[n];
        y[c[2]] += r->coupling[n];
    }
    double out = minus_entropy(all, levels[0] * levels[1] * levels[2]) - minus_entropy(pair, levels[0] * levels[1])
                 - minus_entropy(y, levels[2]);
    free(all);
    free(pair);
    free(y);
    return out;
}

static void check_coupling(const char *name, const struct shape *shape, const uint32_t *cells, const struct pid_decomposition_result *r)
{
    for (size_t s = 0; s < 2; s++) {
        double *p = margin(shape->levels, cells, shape->rows, NULL, s);
        double *q = margin(shape->levels, r->coupling_cells, r->coupling_count, r->coupling, s);
        tap_near(largest_difference(p, q, shape->levels[s] * shape->levels[2]), 0, ROUNDING, "%s: Q(x%zu,y) = P(x%zu,y)", name, s + 1, s + 1);
        free(p);
        free(q);
    }
    double told = information(shape->levels, r);
    tap_ok(told >= r->lower - ROUNDING && told <= r->upper + ROUNDING, "%s: Q's information lies between the bounds", name);
}

static void check(const char *name, const struct shape *shape, struct pid_workers *team)
{
    struct pid_error error = {0};
    uint32_t *cells = samples(shape);
    struct pid_decomposition *alone = pid_decomposition_new(&error), *together = pid_decomposition_new(&error);
    struct pid_decomposition_result a, b;
    struct pid_decomposition_options options;
    if (!cells || !alone || !together) abort();
    struct pid_decomposition_table table = {.levels = {shape->levels[0], shape->levels[1], shape->levels[2]}, .count = shape->rows,
                                            .cells = cells, .stride = 3, .column = {0, 1, 2}};
    pid_decomposition_options_init(&options);
    options.tolerance = shape->tolerance;
    options.coupling = true;
    bool solved = pid_decomposition_solve(alone, &table, &options, &a, &error) == PID_OK;
    if (!tap_ok(solved && a.status == PID_CONVERGED && a.gap >= 0 && a.gap <= shape->tolerance, "%s: the gap is below the tolerance", name)) return;
    check_coupling(name, shape, cells, &a);
    options.workers = team;
    solved = pid_decomposition_solve(together, &table, &options, &b, &error) == PID_OK;
    tap_ok(solved && a.lower == b.lower && a.upper == b.upper && a.iterations == b.iterations && a.coupling_count == b.coupling_count &&
               !memcmp(a.coupling, b.coupling, a.coupling_count * sizeof *a.coupling), "%s: a team gives the same bits", name);
    pid_decomposition_free(alone);
    pid_decomposition_free(together);
    free(cells);
}

int main(void)
{
    static const struct { const char *name; struct shape shape; } shapes[] = {
        {"6 x 6 x 4", {{6, 6, 4}, 500, 1e-11}},
        {"40 x 40 x 15", {{40, 40, 15}, 20000, 1e-9}},
        {"2000 x 50 x 60", {{2000, 50, 60}, 20000, 1e-2}},
    };
    struct pid_error error = {0};
    struct pid_workers *team = pid_workers_new(3, &error);
    if (!team) abort();
    pid_blas_single_thread();
    for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++) check(shapes[n].name, &shapes[n].shape, team);
    pid_workers_free(team);
    return tap_done();
}
