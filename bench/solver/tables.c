#include <math.h>
#include <string.h>

#include "base/random.h"
#include "battery.h"

static const uint64_t SEED = 20140429;

/* Draws of one table, in order. */
struct draws { uint64_t stream, next; };

static double uniform(struct draws *d)
{
    return pid_random_uniform(SEED, d->stream, d->next++);
}

static size_t below(struct draws *d, size_t n)
{
    return pid_random_below(SEED, d->stream, d->next++, n);
}

static double normal(struct draws *d)
{
    return pid_random_normal(SEED, d->stream, d->next++);
}

/* Gamma of shape a (Marsaglia, Tsang 2000), below 1 by the power of a uniform. */
static double gamma_draw(struct draws *d, double a)
{
    if (a < 1) return gamma_draw(d, a + 1) * pow(1 - uniform(d), 1 / a);
    double b = a - 1.0 / 3, c = 1 / sqrt(9 * b);
    for (;;) {
        double x = normal(d), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(1 - uniform(d)) < 0.5 * x * x + b - b * v + b * log(v)) return b * v;
    }
}

static void fill_cells(struct battery_table *out)
{
    const size_t *levels = out->table.levels;
    size_t n = 0;
    for (uint32_t i = 0; i < levels[0]; i++)
        for (uint32_t j = 0; j < levels[1]; j++)
            for (uint32_t y = 0; y < levels[2]; y++, n++) memcpy(out->cells[n], (uint32_t[]){i, j, y}, sizeof out->cells[n]);
    out->table.count = n;
}

static void dirichlet(struct battery_table *out, struct draws *d, double a)
{
    for (size_t n = 0; n < out->table.count; n++) out->weights[n] = gamma_draw(d, a);
}

/* Replaces the weights by counts of rows drawn from them. */
static void sample(struct battery_table *out, struct draws *d, size_t rows)
{
    double sums[BATTERY_CELLS], sum = 0;
    for (size_t n = 0; n < out->table.count; n++) {
        sums[n] = sum += out->weights[n];
        out->weights[n] = 0;
    }
    for (size_t r = 0; r < rows; r++) {
        double u = uniform(d) * sum;
        size_t n = 0;
        while (n + 1 < out->table.count && sums[n] <= u) n++;
        out->weights[n]++;
    }
}

/* The weight of each cell that `keep` refuses becomes zero; if none is left, the first cell gets one. */
static void restrict_to(struct battery_table *out, bool (*keep)(const uint32_t *cell, const size_t *levels, const uint32_t *map),
                        const uint32_t *map)
{
    double sum = 0;
    for (size_t n = 0; n < out->table.count; n++) {
        if (!keep(out->cells[n], out->table.levels, map)) out->weights[n] = 0;
        sum += out->weights[n];
    }
    if (!(sum > 0)) out->weights[0] = 1;
}

static bool is_function(const uint32_t *c, const size_t *levels, const uint32_t *map)
{
    return map[c[0] * BATTERY_LEVELS + c[1]] % levels[2] == c[2];
}

static bool first_from_target(const uint32_t *c, const size_t *levels, const uint32_t *map)
{
    return map[c[2]] % levels[0] == c[0];
}

static bool sources_equal(const uint32_t *c, const size_t *levels, const uint32_t *map)
{
    (void)map;
    return c[0] % levels[1] == c[1];
}

static bool first_constant(const uint32_t *c, const size_t *levels, const uint32_t *map)
{
    (void)levels;
    (void)map;
    return c[0] == 0;
}

/* Each symbol of X1 past the first half repeats an earlier one, up to a factor and a relative change `near`. */
static void repeat_rows(struct battery_table *out, struct draws *d, double near)
{
    const size_t *levels = out->table.levels;
    size_t row = levels[1] * levels[2], half = (levels[0] + 1) / 2;
    for (size_t i = half; i < levels[0]; i++) {
        double factor = near > 0 ? 0.1 + uniform(d) : (double)(1 + below(d, 4));
        for (size_t n = 0; n < row; n++) {
            double change = near > 0 ? 1 + near * (uniform(d) - 0.5) : 1;
            out->weights[i * row + n] = out->weights[(i - half) * row + n] * factor * change;
        }
    }
}

static void fill_weights(struct battery_table *out, struct draws *d)
{
    static const double shapes[] = {1, 0.2, 0.02};
    static bool (*const degenerate[])(const uint32_t *, const size_t *, const uint32_t *) = {first_from_target, sources_equal, first_constant};
    uint32_t map[BATTERY_LEVELS * BATTERY_LEVELS];
    for (size_t n = 0; n < sizeof map / sizeof *map; n++) map[n] = (uint32_t)below(d, 1 << 20);
    double shape = shapes[out->kind <= BATTERY_DIRICHLET_002 ? (size_t)out->kind : below(d, 3)];
    dirichlet(out, d, shape);
    switch (out->kind) {
    case BATTERY_SPARSE: {
        double density = 0.02 + 0.4 * uniform(d);
        for (size_t n = 0; n < out->table.count; n++)
            if (n && uniform(d) > density) out->weights[n] = 0;
        break;
    }
    case BATTERY_SAMPLES: sample(out, d, (size_t)(24 * pow(5000.0 / 24, uniform(d)))); break;
    case BATTERY_DETERMINISTIC: restrict_to(out, is_function, map); break;
    case BATTERY_DEGENERATE: restrict_to(out, degenerate[below(d, 3)], map); break;
    case BATTERY_EQUAL_ROWS:
        if (below(d, 2)) sample(out, d, 24 + below(d, 500));
        repeat_rows(out, d, 0);
        break;
    case BATTERY_NEAR_ROWS: repeat_rows(out, d, pow(10, -2 - 10 * uniform(d))); break;
    case BATTERY_TINY: {
        /* From nearly even to hundreds of orders of magnitude, anywhere between 1e-300 and 1e300. */
        double range = pow(10, 0.5 + 2.2 * uniform(d)), offset = (600 - range) * (uniform(d) - 0.5);
        for (size_t n = 0; n < out->table.count; n++) out->weights[n] = pow(10, offset + range * (uniform(d) - 0.5));
        break;
    }
    default: break;
    }
}

void battery_make(size_t number, struct battery_table *out)
{
    struct draws d = {pid_random_stream(PID_RANDOM_TEST, (uint32_t)number), 0};
    out->kind = (enum battery_kind)(number % BATTERY_KINDS);
    out->table = (struct pid_decomposition_table){.cells = out->cells[0], .stride = 3, .column = {0, 1, 2}, .weights = out->weights};
    for (size_t v = 0; v < 3; v++) out->table.levels[v] = 1 + below(&d, BATTERY_LEVELS);
    fill_cells(out);
    fill_weights(out, &d);
    double sum = 0;
    for (size_t n = 0; n < out->table.count; n++) sum += out->weights[n];
    if (!(sum > 0)) out->weights[0] = 1;
}

const char *battery_name(enum battery_kind kind)
{
    static const char *const names[] = {"dirichlet-1", "dirichlet-0.2", "dirichlet-0.02", "sparse", "samples", "deterministic",
                                        "degenerate", "equal-rows", "near-rows", "tiny-weights"};
    return names[kind];
}
