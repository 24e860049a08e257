/* Any number of sources: closed forms, every order of the sources, and two sources as pid_decomposition_solve has them. */
#include "tap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/random.h"
#include "decomposition/sources.h"

enum { MOST = 4, CELLS = 4096 };

static struct pid_decomposition *solver;
static struct pid_arena arena;

/* A distribution over up to MOST sources and a target. */
struct example {
    size_t sources, count;
    size_t levels[MOST + 1];
    uint32_t cells[CELLS][MOST + 1]; /* the target follows the sources */
    double weights[CELLS];
};

static void add(struct example *e, const uint32_t *sources, uint32_t target, double weight)
{
    uint32_t *cell = e->cells[e->count];
    memcpy(cell, sources, e->sources * sizeof *cell);
    cell[e->sources] = target;
    for (size_t v = 0; v <= e->sources; v++)
        if (cell[v] >= e->levels[v]) e->levels[v] = cell[v] + 1;
    e->weights[e->count++] = weight;
}

/* Solves with the sources in this order. */
static bool solve(const struct example *e, const size_t *order, struct pid_sources_result *r)
{
    struct pid_error error;
    struct pid_decomposition_options options;
    size_t levels[MOST + 1], column[MOST + 1];
    for (size_t v = 0; v <= e->sources; v++) {
        column[v] = v < e->sources ? order[v] : v;
        levels[v] = e->levels[column[v]];
    }
    struct pid_sources_table table = {e->sources, levels, column, e->count, e->cells[0], MOST + 1, e->weights};
    pid_decomposition_options_init(&options);
    pid_arena_reset(&arena);
    bool ok = !pid_sources_solve(solver, &table, &options, &arena, r, &error);
    if (!ok) tap_note("%s", error.message);
    return ok;
}

static bool next_order(size_t *order, size_t n)
{
    size_t i = n - 1, j = n - 1;
    while (i && order[i - 1] > order[i]) i--;
    if (!i) return false;
    while (order[j] < order[i - 1]) j--;
    for (size_t swap = order[i - 1], once = 1; once; once = 0) order[i - 1] = order[j], order[j] = swap;
    for (size_t low = i, high = n - 1; low < high; low++, high--) {
        size_t swap = order[low];
        order[low] = order[high], order[high] = swap;
    }
    return true;
}

/* What each source has alone, the total, the redundancy and synergy of every pair, the O-information. */
struct truth { double unique[MOST], mi[MOST], total, pair_redundant, pair_synergy, o_information; };

static void check(const char *name, const struct example *e, const struct truth *truth)
{
    size_t order[MOST], n = e->sources, orders = 0;
    double furthest = 0;
    struct pid_sources_result r;
    for (size_t i = 0; i < n; i++) order[i] = i;
    do {
        if (!tap_ok(solve(e, order, &r), "%s is solved", name)) return;
        for (size_t i = 0; i < n; i++) {
            furthest = fmax(furthest, fabs(r.rest[i].unique[0] - truth->unique[order[i]]));
            furthest = fmax(furthest, fabs(r.rest[i].mi[0] - truth->mi[order[i]]));
        }
        for (size_t a = 0; a < n; a++)
            for (size_t b = a + 1; b < n && !isnan(truth->pair_redundant); b++) {
                const struct pid_sources_part *pair = &r.pairs[pid_sources_pair(n, a, b)];
                furthest = fmax(furthest, fmax(fabs(pair->redundant - truth->pair_redundant), fabs(pair->synergy - truth->pair_synergy)));
            }
        furthest = fmax(furthest, fmax(fabs(r.total - truth->total), fabs(r.o_information - truth->o_information)));
        orders++;
    } while (next_order(order, n));
    tap_ok(furthest <= 1e-9, "%s: all is as it should be to 1e-9 bits in each of %zu orders of the sources (%g)", name, orders, furthest);
}

static void test_closed_forms(size_t n)
{
    struct example e;
    char name[80];
    uint32_t bits[MOST];
    struct truth truth;

    e = (struct example){.sources = n};
    for (uint32_t i = 0; i < 1u << n; i++) {
        uint32_t parity = 0;
        for (size_t s = 0; s < n; s++) parity ^= bits[s] = i >> s & 1;
        add(&e, bits, parity, 1);
    }
    snprintf(name, sizeof name, "parity of %zu bits", n);
    truth = (struct truth){.total = 1, .o_information = -(double)(n - 1)};
    check(name, &e, &truth);

    e = (struct example){.sources = n};
    for (uint32_t i = 0; i < 1u << n; i++) {
        for (size_t s = 0; s < n; s++) bits[s] = i >> s & 1;
        add(&e, bits, i, 1);
    }
    snprintf(name, sizeof name, "copy of %zu independent bits", n);
    truth = (struct truth){.total = (double)n};
    for (size_t s = 0; s < n; s++) truth.unique[s] = truth.mi[s] = 1;
    check(name, &e, &truth);

    e = (struct example){.sources = n};
    for (uint32_t i = 0; i < 2; i++) {
        for (size_t s = 0; s < n; s++) bits[s] = i;
        add(&e, bits, i, 1);
    }
    snprintf(name, sizeof name, "giant bit of %zu sources", n);
    truth = (struct truth){.total = 1, .pair_redundant = 1, .o_information = (double)n - 1};
    for (size_t s = 0; s < n; s++) truth.mi[s] = 1;
    check(name, &e, &truth);

    /* A giant bit that all know, a bit of each source's own, and a parity that only all together know: the parts add. */
    e = (struct example){.sources = n};
    for (uint32_t giant = 0; giant < 2; giant++)
        for (uint32_t own = 0; own < 1u << n; own++)
            for (uint32_t odd = 0; odd < 1u << n && n < MOST; odd++) {
                uint32_t parity = 0;
                for (size_t s = 0; s < n; s++) {
                    bits[s] = giant * 4 + (own >> s & 1) * 2 + (odd >> s & 1);
                    parity ^= odd >> s & 1;
                }
                add(&e, bits, (giant << n | own) * 2 + parity, 1);
            }
    snprintf(name, sizeof name, "giant bit, %zu own bits and their parity", n);
    truth = (struct truth){.total = (double)n + 2, .pair_redundant = 1, .o_information = 0};
    for (size_t s = 0; s < n; s++) truth.unique[s] = 1, truth.mi[s] = 2;
    if (n < MOST) check(name, &e, &truth);

    /* Known with probability 1/2 which of two worlds it is: giant bit, or own bits; the informations are means. */
    e = (struct example){.sources = n};
    for (uint32_t own = 0; own < 1u << n; own++) {
        for (size_t s = 0; s < n; s++) bits[s] = own >> s & 1;
        add(&e, bits, own, 1);
    }
    for (uint32_t giant = 0; giant < 2; giant++) {
        for (size_t s = 0; s < n; s++) bits[s] = 2 + giant;
        add(&e, bits, (1u << n) + giant, (double)(1u << n) / 2);
    }
    snprintf(name, sizeof name, "mixture of giant bit and own bits of %zu sources", n);
    truth = (struct truth){.total = 1 + (double)n / 2 + 0.5, .pair_redundant = 1.5, .o_information = (double)n - 1 + ((double)n - 1) / 2};
    for (size_t s = 0; s < n; s++) truth.unique[s] = 0.5, truth.mi[s] = 2;
    check(name, &e, &truth);
}

/* Random tables: no closed form, but the parts' order, sums and bounds. */
static void test_random(void)
{
    struct example e = {.sources = 3};
    uint64_t draw = 0;
    for (uint32_t i = 0; i < 3 * 3 * 2 * 4; i++)
        add(&e, (const uint32_t[]){i % 3, i / 3 % 3, i / 9 % 2}, i / 18, -log(1 - pid_random_uniform(5, pid_random_stream(PID_RANDOM_TEST, 0), draw++)));
    struct pid_sources_result r, other;
    size_t order[] = {0, 1, 2}, turned[] = {2, 0, 1};
    if (!tap_ok(solve(&e, order, &r), "a random table is solved")) return;
    double unique[3], mi[3], total = r.total, pair = r.pairs[pid_sources_pair(3, 0, 2)].redundant, sum = 0;
    for (size_t i = 0; i < 3; i++) {
        sum += unique[i] = r.rest[i].unique[0];
        mi[i] = r.rest[i].mi[0];
        tap_near(r.rest[i].redundant + r.rest[i].unique[0], r.rest[i].mi[0], 1e-12, "random: source %zu: redundant + unique is its information", i);
        tap_near(r.rest[i].redundant + r.rest[i].unique[0] + r.rest[i].unique[1] + r.rest[i].synergy, total, 1e-12, "random: source %zu: the four are the total", i);
    }
    tap_ok(sum <= total && r.remainder >= 0, "random: the unique informations add up to no more than the total");
    tap_near(sum + r.remainder, total, 1e-12, "random: with the remainder they are the total");
    if (!solve(&e, turned, &other)) return;
    for (size_t i = 0; i < 3; i++) {
        tap_near(other.rest[i].unique[0], unique[turned[i]], 1e-9, "random, turned: unique of source %zu", turned[i]);
        tap_near(other.rest[i].mi[0], mi[turned[i]], 1e-12, "random, turned: information of source %zu", turned[i]);
    }
    tap_near(other.pairs[pid_sources_pair(3, 0, 1)].redundant, pair, 1e-9, "random, turned: the pair's redundancy");
}

/* The whole answer for two sources, bit for bit. */
static void test_two(void)
{
    struct example e = {.sources = 2};
    uint64_t draw = 0;
    for (uint32_t i = 0; i < 5 * 4 * 3; i++)
        add(&e, (const uint32_t[]){i % 5, i / 5 % 4}, i / 20, floor(40 * pid_random_uniform(9, pid_random_stream(PID_RANDOM_TEST, 0), draw++)));
    struct pid_decomposition_table table = {{5, 4, 3}, e.count, e.cells[0], MOST + 1, {0, 1, 2}, e.weights};
    struct pid_decomposition_options options;
    struct pid_decomposition_result two;
    struct pid_sources_result r;
    struct pid_error error;
    pid_decomposition_options_init(&options);
    if (!tap_ok(solve(&e, (const size_t[]){0, 1}, &r) && !pid_decomposition_solve(solver, &table, &options, &two, &error), "two sources are solved")) return;
    const double got[] = {r.rest[0].redundant, r.rest[0].unique[0], r.rest[1].unique[0], r.rest[0].synergy, r.total, r.rest[0].mi[0], r.rest[1].mi[0], r.gap};
    const double expected[] = {two.redundant, two.unique[0], two.unique[1], two.synergy, two.total, two.mi[0], two.mi[1], two.gap};
    tap_ok(!memcmp(got, expected, sizeof got) && r.iterations == two.iterations, "two sources: the bivariate answer, bit for bit");
    tap_near(r.o_information, two.redundant - two.synergy, 1e-12, "two sources: the O-information is redundant - synergy");
    struct pid_sources_table one = {1, (const size_t[]){2, 2}, (const size_t[]){0, 1}, 1, e.cells[0], MOST + 1, NULL};
    tap_ok(pid_sources_solve(solver, &one, &options, &arena, &r, &error) == PID_ERROR_ARGUMENT, "one source is refused");
}

int main(void)
{
    struct pid_error error;
    pid_blas_single_thread();
    if (!(solver = pid_decomposition_new(&error))) return 1;
    test_closed_forms(3);
    test_closed_forms(4);
    test_random();
    test_two();
    pid_decomposition_free(solver);
    pid_arena_release(&arena);
    return tap_done();
}
