/* Tables that a solver may stumble over (bench/solver/tables.c), a part of what `make bench-battery` runs: every one is proved
 * to 1e-9 bits and nearly all to 1e-11, and the proof is recomputed here from Q and the potentials alone. */
#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../bench/solver/battery.h"
#include "base/blas.h"

enum { TABLES = 200, PAIRS = BATTERY_LEVELS * BATTERY_LEVELS };
static const double FINE = 1e-9, FINEST = 1e-11, ROUNDING = 1e-12; /* bits; probability for marginals */

static struct battery_table table;
static const size_t *levels;

/* A dense distribution and its margins. */
struct dense { double xyz[BATTERY_CELLS], first[PAIRS], second[PAIRS], pair[PAIRS], target[BATTERY_LEVELS]; };
static struct dense p, q;

static void dense_add(struct dense *d, const uint32_t *c, double weight)
{
    d->xyz[(c[0] * levels[1] + c[1]) * levels[2] + c[2]] += weight;
    d->first[c[0] * levels[2] + c[2]] += weight;
    d->second[c[1] * levels[2] + c[2]] += weight;
    d->pair[c[0] * levels[1] + c[1]] += weight;
    d->target[c[2]] += weight;
}

static double entropy(const double *probabilities, size_t count)
{
    long double sum = 0;
    for (size_t n = 0; n < count; n++)
        if (probabilities[n] > 0) sum -= (long double)probabilities[n] * log2l(probabilities[n]);
    return (double)sum;
}

/* I(Y; X1 X2), bits. */
static double told_by_both(const struct dense *d)
{
    return entropy(d->target, levels[2]) + entropy(d->pair, levels[0] * levels[1]) - entropy(d->xyz, levels[0] * levels[1] * levels[2]);
}

static double largest_difference(const double *a, const double *b, size_t count)
{
    double largest = 0;
    for (size_t n = 0; n < count; n++) largest = fmax(largest, fabs(a[n] - b[n]));
    return largest;
}

/* The bound that potentials prove: their mean, less what they exceed 1 by, which makes them feasible. */
static double lower_bound(const struct pid_decomposition_result *r)
{
    double most = 0;
    long double sum = 0;
    for (size_t i = 0; i < levels[0]; i++)
        for (size_t j = 0; j < levels[1]; j++) {
            double w = 0;
            for (size_t y = 0; y < levels[2]; y++) {
                double exponent = r->lambda[i * levels[2] + y] + r->mu[j * levels[2] + y];
                if (!isnan(exponent)) w += exp2(exponent);
            }
            most = fmax(most, w);
        }
    for (size_t n = 0; n < levels[0] * levels[2]; n++)
        if (!isnan(r->lambda[n])) sum += (long double)p.first[n] * r->lambda[n];
    for (size_t n = 0; n < levels[1] * levels[2]; n++)
        if (!isnan(r->mu[n])) sum += (long double)p.second[n] * r->mu[n];
    return entropy(p.target, levels[2]) + (double)sum - log2(fmax(1, most));
}

/* The weights' sum may be beyond a double: they are scaled by the largest first. */
static void load_tables(const struct pid_decomposition_result *r)
{
    double largest = 0, sum = 0;
    memset(&p, 0, sizeof p);
    memset(&q, 0, sizeof q);
    for (size_t n = 0; n < table.table.count; n++) largest = fmax(largest, table.weights[n]);
    for (size_t n = 0; n < table.table.count; n++) sum += table.weights[n] / largest;
    for (size_t n = 0; n < table.table.count; n++) dense_add(&p, table.cells[n], table.weights[n] / largest / sum);
    for (size_t n = 0; n < r->coupling_count; n++) dense_add(&q, r->coupling_cells + 3 * n, r->coupling[n]);
}

static bool within(double value, double low, double high)
{
    return value >= low - ROUNDING && value <= high + ROUNDING;
}

/* What is wrong with an answer; NULL: nothing. */
static const char *fault(const struct pid_decomposition_result *r)
{
    double both = r->mi[0] + r->mi[1];
    if (!(r->gap >= 0 && r->gap <= FINE)) return "the gap";
    if (!(r->lower <= r->upper)) return "the bounds' order";
    if (!within(r->redundant, both - r->upper, both - r->lower)) return "redundant, outside its bounds";
    if (!within(r->unique[0], r->lower - r->mi[1], r->upper - r->mi[1])) return "the first unique, outside its bounds";
    if (!within(r->unique[1], r->lower - r->mi[0], r->upper - r->mi[0])) return "the second unique, outside its bounds";
    if (!within(r->synergy, r->total - r->upper, r->total - r->lower)) return "synergy, outside its bounds";
    if (!(r->redundant >= 0 && r->unique[0] >= 0 && r->unique[1] >= 0 && r->synergy >= 0)) return "a negative atom";
    if (!(fabs(r->redundant + r->unique[0] + r->unique[1] + r->synergy - r->total) <= ROUNDING)) return "the atoms' sum";
    if (!(fabs(told_by_both(&p) - r->total) <= ROUNDING)) return "the total";
    if (!(largest_difference(q.first, p.first, levels[0] * levels[2]) <= ROUNDING)) return "Q(x1,y)";
    if (!(largest_difference(q.second, p.second, levels[1] * levels[2]) <= ROUNDING)) return "Q(x2,y)";
    if (!(told_by_both(&q) <= r->upper + FINEST)) return "Q, which tells more than the upper bound";
    if (!(lower_bound(r) >= r->lower - FINEST)) return "the potentials, which prove less than the lower bound";
    return NULL;
}

int main(void)
{
    struct pid_error error = {0};
    struct pid_decomposition *decomposition = pid_decomposition_new(&error);
    struct pid_decomposition_options options;
    size_t finest = 0;
    pid_blas_single_thread();
    pid_decomposition_options_init(&options);
    options.tolerance = FINEST;
    options.coupling = options.potentials = true;
    if (!decomposition) return 1;
    for (size_t i = 0; i < TABLES; i++) {
        struct pid_decomposition_result r;
        battery_make(i, &table);
        levels = table.table.levels;
        bool solved = pid_decomposition_solve(decomposition, &table.table, &options, &r, &error) == PID_OK;
        if (solved) load_tables(&r);
        const char *what = solved ? fault(&r) : error.message;
        finest += solved && r.gap <= FINEST;
        tap_ok(!what, "table %zu, %s, %zu x %zu x %zu%s%s", i, battery_name(table.kind), levels[0], levels[1], levels[2], what ? ": " : "",
               what ? what : "");
        if (what && solved) tap_note("gap %.2e, %llu steps, %s", r.gap, (unsigned long long)r.iterations, pid_decomposition_status_name(r.status));
    }
    tap_ok(100 * finest >= 99 * TABLES, "%zu of %d tables are proved to %g bits", finest, TABLES, FINEST);
    pid_decomposition_free(decomposition);
    return tap_done();
}
