/* Local values: their means are the atoms, on the tables of the solver's battery.  local.unit N runs its first N tables; all of
 * them (10000) take longer than a test may. */
#include "tap.h"

#include <math.h>
#include <stdlib.h>

#include "../../bench/solver/battery.h"
#include "base/blas.h"
#include "base/sum.h"
#include "decomposition/local.h"

enum { SOME = 120 };

static struct battery_table battery;
static struct pid_local values[BATTERY_CELLS];
static double potentials[BATTERY_CELLS];

/* The largest distance of a mean from its atom; infinity where it cannot be had. */
static double furthest(struct pid_decomposition *solver, size_t number, double *gap)
{
    struct pid_decomposition_options options;
    struct pid_decomposition_result r;
    struct pid_error error;
    pid_decomposition_options_init(&options);
    options.potentials = true;
    battery_make(number, &battery);
    enum pid_status status = pid_decomposition_solve(solver, &battery.table, &options, &r, &error);
    if (!status) {
        pid_local_potentials(&battery.table, r.lambda, r.mu, potentials);
        status = pid_local_compute(&battery.table, potentials, values, &error);
    }
    if (status) {
        tap_note("table %zu: %s", number, error.message);
        return INFINITY;
    }
    *gap = r.gap;
    struct pid_sum sums[7] = {{0}}, total = {0};
    for (size_t i = 0; i < battery.table.count; i++) pid_sum_add(&total, battery.weights[i]);
    for (size_t i = 0; i < battery.table.count; i++) {
        if (isnan(values[i].total)) continue;
        const double each[7] = {values[i].redundant, values[i].unique[0], values[i].unique[1], values[i].synergy,
                                values[i].total, values[i].mi[0], values[i].mi[1]};
        for (size_t v = 0; v < 7; v++) pid_sum_add(&sums[v], battery.weights[i] / pid_sum_value(&total) * each[v]);
    }
    const double atoms[7] = {r.redundant, r.unique[0], r.unique[1], r.synergy, r.total, r.mi[0], r.mi[1]};
    double most = 0;
    for (size_t v = 0; v < 7; v++) most = fmax(most, fabs(pid_sum_value(&sums[v]) - atoms[v]));
    return most;
}

static void test_battery(struct pid_decomposition *solver, size_t tables)
{
    size_t beyond = 0;
    double most = 0, gap = 0, widest = 0;
    for (size_t n = 0; n < tables; n++) {
        double distance = furthest(solver, n, &gap);
        if (!(distance <= 1e-9)) {
            beyond++;
            tap_note("table %zu (%s): %g bits away, gap %g", n, battery_name(battery.kind), distance, gap);
        }
        most = fmax(most, distance);
        widest = fmax(widest, gap);
    }
    tap_ok(!beyond, "the means of the local values are the atoms to 1e-9 bits on all of %zu tables", tables);
    tap_note("furthest %g bits; widest gap %g bits", most, widest);
}

/* Y = X1 AND X2 by hand: the union's potentials give (1,1,1), the only sample that says 1, all of the synergy. */
static void test_and(struct pid_decomposition *solver)
{
    static const uint32_t cells[4][3] = {{0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {1, 1, 1}};
    struct pid_decomposition_table table = {{2, 2, 2}, 4, cells[0], 3, {0, 1, 2}, NULL};
    struct pid_decomposition_options options;
    struct pid_decomposition_result r;
    struct pid_error error;
    struct pid_local v[4];
    pid_decomposition_options_init(&options);
    options.potentials = true;
    if (!tap_ok(!pid_decomposition_solve(solver, &table, &options, &r, &error), "and: solved")) return;
    pid_local_potentials(&table, r.lambda, r.mu, potentials);
    if (!tap_ok(!pid_local_compute(&table, potentials, v, &error), "and: local values")) return;
    for (size_t i = 0; i < 4; i++) {
        tap_near(v[i].redundant + v[i].unique[0] + v[i].unique[1] + v[i].synergy, v[i].total, 1e-12, "and: cell %zu: the parts add up", i);
        tap_near(v[i].total, i == 3 ? 2 : log2(4 / 3.0), 1e-12, "and: cell %zu: the total is the pointwise information", i);
    }
    tap_near(v[3].mi[0], 1, 1e-12, "and: x1 = 1 doubles the odds of y = 1");
    tap_near(v[0].mi[0], log2(4 / 3.0), 1e-12, "and: x1 = 0 rules y = 1 out");
    /* Q(y=1|1,1) = 1/2 where Q puts half of what is left: the union falls short of the total there by one bit. */
    tap_near((v[0].synergy + v[1].synergy + v[2].synergy + v[3].synergy) / 4, 0.5, 1e-9, "and: the mean of the synergy is 1/2");
    struct pid_decomposition_table other = table;
    other.cells = (const uint32_t[]){0, 0, 1};
    other.count = 1;
    pid_local_potentials(&other, r.lambda, r.mu, potentials);
    tap_ok(pid_local_compute(&other, potentials, v, &error) == PID_ERROR_DATA, "potentials of another table are refused");
}

int main(int argc, char **argv)
{
    struct pid_error error;
    pid_blas_single_thread();
    struct pid_decomposition *solver = pid_decomposition_new(&error);
    if (!solver) return 1;
    test_and(solver);
    test_battery(solver, argc > 1 ? strtoul(argv[1], NULL, 10) : SOME);
    pid_decomposition_free(solver);
    return tap_done();
}
