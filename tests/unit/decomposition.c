/* Closed forms, bounds and refusals of lib/decomposition. */
#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "decomposition/decomposition.h"
#include "decomposition/kernels.h"

static struct pid_decomposition *decomposition;

static struct pid_decomposition_table three_columns(const uint32_t *cells, const double *weights, size_t count)
{
    struct pid_decomposition_table table = {{0, 0, 0}, count, cells, 3, {0, 1, 2}, weights};
    for (size_t i = 0; i < 3 * count; i++)
        if (cells[i] >= table.levels[i % 3]) table.levels[i % 3] = cells[i] + 1;
    return table;
}

static bool solve(const struct pid_decomposition_table *table, double tolerance, struct pid_decomposition_result *result)
{
    struct pid_decomposition_options options;
    struct pid_error error = {0};
    pid_decomposition_options_init(&options);
    options.tolerance = tolerance;
    bool ok = pid_decomposition_solve(decomposition, table, &options, result, &error) == PID_OK;
    if (!ok) tap_note("%s", error.message);
    return ok;
}

/* Bertschinger et al. 2014 and the library of dit.  Bits. */
static const struct closed_form {
    const char *name;
    size_t count;
    uint32_t cells[16][3];
    double redundant, unique[2], synergy;
} CLOSED_FORMS[] = {
    {"rdn", 2, {{0, 0, 0}, {1, 1, 1}}, 1, {0, 0}, 0},
    {"unq", 4, {{0, 0, 0}, {0, 1, 1}, {1, 0, 2}, {1, 1, 3}}, 0, {1, 1}, 0},
    {"unq1", 4, {{0, 0, 0}, {0, 1, 0}, {1, 0, 1}, {1, 1, 1}}, 0, {1, 0}, 0},
    {"unq2", 4, {{0, 0, 0}, {0, 1, 1}, {1, 0, 0}, {1, 1, 1}}, 0, {0, 1}, 0},
    {"xor", 4, {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}}, 0, {0, 0}, 1},
    {"and", 4, {{0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {1, 1, 1}}, 0.311278124459133, {0, 0}, 0.5},
    {"or", 4, {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}}, 0.311278124459133, {0, 0}, 0.5},
    {"sum", 4, {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 2}}, 0.5, {0, 0}, 1},
    {"rdnxor", 8,
     {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {2, 2, 2}, {2, 3, 3}, {3, 2, 3}, {3, 3, 2}}, 1, {0, 0}, 1},
    {"copy of 2 x 3", 6, {{0, 0, 0}, {0, 1, 1}, {0, 2, 2}, {1, 0, 3}, {1, 1, 4}, {1, 2, 5}}, 0, {1, 1.584962500721156}, 0},
    {"one cell", 1, {{0, 0, 0}}, 0, {0, 0}, 0},
};

static void test_closed_forms(void)
{
    for (size_t i = 0; i < sizeof CLOSED_FORMS / sizeof *CLOSED_FORMS; i++) {
        const struct closed_form *form = &CLOSED_FORMS[i];
        struct pid_decomposition_table table = three_columns(&form->cells[0][0], NULL, form->count);
        struct pid_decomposition_result r;
        if (!tap_ok(solve(&table, 1e-6, &r), "%s is solved", form->name)) continue;
        tap_ok(r.status == PID_CONVERGED && r.gap <= 1e-6 && r.gap >= 0, "%s converges", form->name);
        tap_near(r.redundant, form->redundant, 1e-6, "%s: redundant", form->name);
        tap_near(r.unique[0], form->unique[0], 1e-6, "%s: unique to the first", form->name);
        tap_near(r.unique[1], form->unique[1], 1e-6, "%s: unique to the second", form->name);
        tap_near(r.synergy, form->synergy, 1e-6, "%s: synergy", form->name);
    }
}

static void test_refusals(void)
{
    static const uint32_t cells[][3] = {{0, 0, 0}, {1, 1, 1}};
    static const struct { const char *what; double weights[2]; size_t count, levels; } wrong[] = {
        {"a negative weight", {1, -1}, 2, 2}, {"a NaN", {NAN, 1}, 2, 2}, {"infinity", {1, INFINITY}, 2, 2},
        {"zeros only", {0, 0}, 2, 2}, {"no cells", {1, 1}, 0, 2}, {"a symbol out of range", {1, 1}, 2, 1},
    };
    struct pid_decomposition_options options;
    pid_decomposition_options_init(&options);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pid_decomposition_table table = {{2, 2, wrong[i].levels}, wrong[i].count, &cells[0][0], 3, {0, 1, 2}, wrong[i].weights};
        struct pid_decomposition_result result;
        struct pid_error error = {0};
        tap_ok(pid_decomposition_solve(decomposition, &table, &options, &result, &error) == PID_ERROR_DATA && *error.message,
               "%s is refused", wrong[i].what);
    }
}

/* A step of proportional fitting from R = 1 adds log W, and R is the exponential of what it comes to. */
static void check_functions(void)
{
    enum { COUNT = 4001 };
    static const double LEAST = -600;
    static double w[COUNT], r[COUNT], log_r[COUNT], before[COUNT];
    double worst_log = 0, worst_exp = 0;
    for (int n = 0; n < COUNT; n++) w[n] = n % 2 ? exp(0.17 * (n - 2000) + 1e-3) : 1 + 1e-4 * (n - 2000); /* far from 1, near 1 */
    w[0] = 0;
    w[1] = 1e-310;
    pid_kernels()->step(COUNT, w, r, 0, LEAST, log_r, before);
    pid_kernels()->extrapolate(COUNT, 0, log_r, before, r);
    for (int n = 2; n < COUNT; n++) {
        double expected = fmax(log(w[n]), LEAST);
        worst_log = fmax(worst_log, fabs(log_r[n] - expected) / fmax(fabs(expected), 1e-16));
        worst_exp = fmax(worst_exp, fabs(r[n] - exp(log_r[n])) / exp(log_r[n]));
    }
    tap_ok(log_r[0] == LEAST && log_r[1] == LEAST, "the logarithm of nothing is the least there is");
    tap_near(worst_log, 0, 1e-15, "logarithms to rounding");
    tap_near(worst_exp, 0, 1e-15, "exponentials to rounding");
}

int main(void)
{
    struct pid_error error = {0};
    pid_blas_single_thread();
    if (!(decomposition = pid_decomposition_new(&error))) return 1;
    test_closed_forms();
    test_refusals();
    pid_decomposition_free(decomposition);
    check_functions();
    return tap_done();
}
