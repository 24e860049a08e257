/* lib/gauss: closed forms, invariances, and the optimum against other couplings. */
#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/random.h"
#include "gauss/covariance.h"
#include "gauss/gauss.h"
#include "gauss/linear.h"
#include "gauss/wishart.h"

enum { MOST = 24 };

static struct pid_arena arena;
static uint64_t next_draw;

static double normal(void) { return pid_random_normal(7, pid_random_stream(PID_RANDOM_TEST, 0), next_draw++); }

static bool solve(size_t sources, const size_t *dims, const double *covariance, uint64_t samples, uint32_t draws, struct pid_gauss_result *r)
{
    struct pid_gauss_table table = {sources, dims, covariance, samples};
    struct pid_gauss_options options = {draws, 1};
    struct pid_error error;
    bool ok = !pid_gauss_solve(&table, &options, &arena, r, &error);
    if (!ok) tap_note("%s", error.message);
    return ok;
}

/* The covariance of d columns mixed from as many normals: x = m z. */
static void mixed(size_t d, double *m, double *covariance)
{
    for (size_t i = 0; i < d * d; i++) m[i] = normal();
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            covariance[i * d + j] = 0;
            for (size_t k = 0; k < d; k++) covariance[i * d + j] += m[i * d + k] * m[j * d + k];
        }
}

/* A scalar target: the redundant information is the smaller of the two (Barrett 2015). */
static void test_scalar(void)
{
    double m[MOST * MOST], covariance[MOST * MOST], furthest = 0, gap = 0;
    bool ok = true;
    for (size_t t = 0; t < 200; t++) {
        size_t dims[] = {1 + t % 3, 1 + t % 5, 1}, d = dims[0] + dims[1] + 1;
        struct pid_gauss_result r;
        pid_arena_reset(&arena);
        mixed(d, m, covariance);
        if (!(ok &= solve(2, dims, covariance, 0, 0, &r))) break;
        const struct pid_gauss_part *part = &r.values.pairs[0];
        double least = fmin(part->mi[0], part->mi[1]);
        const double off[] = {part->redundant - least, part->unique[0] - (part->mi[0] - least), part->unique[1] - (part->mi[1] - least),
                              part->synergy - (part->total - fmax(part->mi[0], part->mi[1])), r.values.rest[1].unique[0] - part->unique[1]};
        for (size_t i = 0; i < sizeof off / sizeof *off; i++) furthest = fmax(furthest, fabs(off[i]));
        gap = fmax(gap, r.gap);
    }
    tap_ok(ok && furthest <= 1e-9, "scalar targets: the answer is the smaller information, to 1e-9 bits (%g)", furthest);
    tap_ok(gap >= 0 && gap < 1e-9, "scalar targets: the bounds meet (%g bits)", gap);
    /* By hand: X1 = Y + N, X2 = Y + 2 N'. */
    struct pid_gauss_result r;
    pid_arena_reset(&arena);
    if (!tap_ok(solve(2, (const size_t[]){1, 1, 1}, (const double[]){2, 1, 1, 1, 5, 1, 1, 1, 1}, 0, 0, &r), "two noisy views of a scalar")) return;
    tap_near(r.values.pairs[0].redundant, 0.5 * log2(1.25), 1e-12, "two noisy views: redundant is that of the noisier");
    tap_near(r.values.pairs[0].unique[0], 0.5 * log2(2) - 0.5 * log2(1.25), 1e-12, "two noisy views: the rest is unique to the other");
    tap_near(*r.values.total, 0.5 * log2(2.25), 1e-12, "two noisy views: the total");
    tap_near(*r.values.o_information, r.values.pairs[0].redundant - r.values.pairs[0].synergy, 1e-12, "two sources: the O-information is redundant - synergy");
}

/* Independent scalar problems side by side add up. */
static void test_parallel(void)
{
    const double noise[3][2] = {{1, 3}, {2, 0.5}, {0.7, 0.7}};
    double expected[3] = {0, 0, 0};
    /* Columns: x1 (3), x2 (3), y (3): D = 9 */
    double c[81] = {0};
    for (size_t i = 0; i < 3; i++) {
        c[i * 9 + i] = 1 + noise[i][0];
        c[(3 + i) * 9 + 3 + i] = 1 + noise[i][1];
        c[(6 + i) * 9 + 6 + i] = c[i * 9 + 3 + i] = c[(3 + i) * 9 + i] = c[i * 9 + 6 + i] = c[(6 + i) * 9 + i] = c[(3 + i) * 9 + 6 + i] = c[(6 + i) * 9 + 3 + i] = 1;
        double one = 0.5 * log2(1 + 1 / noise[i][0]), two = 0.5 * log2(1 + 1 / noise[i][1]);
        expected[0] += fmin(one, two);
        expected[1] += one - fmin(one, two);
        expected[2] += two - fmin(one, two);
    }
    struct pid_gauss_result r;
    pid_arena_reset(&arena);
    if (!tap_ok(solve(2, (const size_t[]){3, 3, 3}, c, 0, 0, &r), "three problems side by side")) return;
    tap_near(r.values.pairs[0].redundant, expected[0], 1e-12, "side by side: redundant adds up");
    tap_near(r.values.pairs[0].unique[0], expected[1], 1e-12, "side by side: unique to the first adds up");
    tap_near(r.values.pairs[0].unique[1], expected[2], 1e-12, "side by side: unique to the second adds up");
}

/* I(M; AB) in bits of a covariance over a, b, m columns. */
static double information(const double *covariance, size_t sources, size_t target)
{
    size_t d = sources + target;
    double all[MOST * MOST], x[MOST * MOST], y[MOST * MOST];
    memcpy(all, covariance, d * d * sizeof *all);
    for (size_t i = 0; i < sources; i++) memcpy(x + i * sources, covariance + i * d, sources * sizeof *x);
    for (size_t i = 0; i < target; i++) memcpy(y + i * target, covariance + (sources + i) * d + sources, target * sizeof *y);
    if (!pid_cholesky(all, d, 0) || !pid_cholesky(x, sources, 0) || !pid_cholesky(y, target, 0)) return NAN;
    return (pid_cholesky_logdet(x, sources) + pid_cholesky_logdet(y, target) - pid_cholesky_logdet(all, d)) * 0.5 / M_LN2;
}

/* No other Gaussian with the same pairs has less information, and one comes near: descent over the sources' covariance given the
 * target, which nothing else is free of. */
static void test_optimum(void)
{
    for (size_t t = 0; t < 6; t++) {
        size_t a = 1 + t % 3, b = 1 + (t + 1) % 3, m = 2, d = a + b + m;
        const size_t dims[] = {a, b, m};
        double mix[MOST * MOST], covariance[MOST * MOST], tried[MOST * MOST];
        struct pid_gauss_result r;
        pid_arena_reset(&arena);
        mixed(d, mix, covariance);
        if (!solve(2, dims, covariance, 0, 0, &r)) return;
        double united = r.values.pairs[0].upper, best = *r.values.total, least = INFINITY, step = 0.5;
        memcpy(tried, covariance, sizeof tried);
        double kept[MOST * MOST];
        memcpy(kept, covariance, sizeof kept);
        for (size_t n = 0; n < 60000; n++) {
            memcpy(tried, kept, sizeof tried);
            for (size_t i = 0; i < a; i++)
                for (size_t j = 0; j < b; j++) {
                    double change = step * normal();
                    tried[i * d + a + j] += change;
                    tried[(a + j) * d + i] += change;
                }
            double value = information(tried, a + b, m);
            if (isnan(value)) {
                step = fmax(1e-6, step * 0.97);
                continue;
            }
            least = fmin(least, value);
            if (value < best) {
                best = value;
                memcpy(kept, tried, sizeof kept);
                step *= 1.3;
            } else step = fmax(1e-6, step * 0.97);
        }
        tap_ok(least >= united - 1e-9, "%zu, %zu, %zu columns: no coupling tried has less than the union (%.9f, %.9f)", a, b, m, least, united);
        tap_ok(best <= united + 1e-3, "%zu, %zu, %zu columns: one comes near it (%.2g above)", a, b, m, best - united);
    }
}

/* Columns mixed, repeated, shifted in scale: the information is the same. */
static void test_invariance(void)
{
    double m[MOST * MOST], covariance[MOST * MOST], more[MOST * MOST], turn[MOST * MOST];
    const size_t dims[] = {3, 2, 2}, wider[] = {4, 2, 2}, turned[] = {2, 3, 2};
    struct pid_gauss_result r, other;
    pid_arena_reset(&arena);
    mixed(7, m, covariance);
    if (!solve(2, dims, covariance, 0, 0, &r)) return;
    /* A fourth column of the first source: the sum of its others, a thousandfold. */
    for (size_t i = 0; i < 7; i++) m[49 + i] = 1000 * (m[i] + m[7 + i] + m[14 + i]);
    static const size_t row[] = {0, 1, 2, 7, 3, 4, 5, 6};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++) {
            more[i * 8 + j] = 0;
            for (size_t k = 0; k < 7; k++) more[i * 8 + j] += m[row[i] * 7 + k] * m[row[j] * 7 + k];
        }
    if (!tap_ok(solve(2, wider, more, 0, 0, &other), "a column that repeats others is taken")) return;
    tap_ok(other.ranks[0] == 3, "it adds no dimension");
    tap_near(other.values.pairs[0].redundant, r.values.pairs[0].redundant, 1e-8, "it changes nothing in what is redundant");
    tap_near(*other.values.total, *r.values.total, 1e-8, "it changes nothing in the total");
    static const size_t swap[] = {3, 4, 0, 1, 2, 5, 6};
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++) turn[i * 7 + j] = covariance[swap[i] * 7 + swap[j]];
    if (!solve(2, turned, turn, 0, 0, &other)) return;
    tap_near(other.values.pairs[0].unique[0], r.values.pairs[0].unique[1], 1e-11, "the sources swapped: so are their unique informations");
}

/* Three sources; one that copies another; a target that the sources determine. */
static void test_many(void)
{
    double m[MOST * MOST], covariance[MOST * MOST];
    const size_t dims[] = {2, 2, 2, 2};
    struct pid_gauss_result r;
    pid_arena_reset(&arena);
    mixed(8, m, covariance);
    if (!tap_ok(solve(3, dims, covariance, 0, 0, &r), "three sources")) return;
    double sum = *r.values.remainder;
    for (size_t i = 0; i < 3; i++) sum += r.values.rest[i].unique[0];
    tap_near(sum, *r.values.total, 1e-12, "three sources: unique informations and remainder are the total");
    tap_ok(*r.values.remainder >= 0, "three sources: the remainder is not negative");
    /* x2 = x1 */
    const double copy[] = {2, 2, 1, 2, 2, 1, 1, 1, 1};
    if (!tap_ok(solve(2, (const size_t[]){1, 1, 1}, copy, 0, 0, &r), "a source that copies the other")) return;
    tap_near(r.values.pairs[0].redundant, 0.5, 1e-9, "a copy: all is redundant");
    tap_near(*r.values.total, 0.5, 1e-9, "a copy: the total");
    tap_near(r.values.pairs[0].synergy, 0, 1e-9, "a copy: no synergy");
    /* y = x1 + x2 */
    const double linear[] = {1, 0, 1, 0, 1, 1, 1, 1, 2};
    if (!tap_ok(solve(2, (const size_t[]){1, 1, 1}, linear, 0, 0, &r), "a linear target")) return;
    tap_ok(r.infinite && isnan(*r.values.total) && isnan(r.values.pairs[0].synergy), "a linear target: total and synergy are infinite");
    tap_near(r.values.pairs[0].redundant, 0.5, 1e-12, "a linear target: what is redundant is finite");
}

/* The mean of sampled covariances' answers is the truth when the stated bias is taken off: to chance where the bias is exact, of the
 * union (whose positive parts bend at eigenvalues of 1, where draws around a sample see too little of it) nearer by a third at least. */
static void test_bias(void)
{
    enum { REPEATS = 1000, N = 120 };
    double m[MOST * MOST], covariance[MOST * MOST], factor[MOST * MOST], drawn[MOST * MOST];
    const size_t dims[] = {3, 3, 2};
    struct pid_gauss_result truth, r;
    struct pid_error error;
    double plain[3] = {0}, corrected[3] = {0}, expected[3];
    mixed(8, m, covariance);
    memcpy(factor, covariance, sizeof factor);
    pid_arena_reset(&arena);
    if (!pid_cholesky(factor, 8, 0) || !solve(2, dims, covariance, 0, 0, &truth)) return;
    const struct pid_gauss_part *t = &truth.values.pairs[0];
    expected[0] = t->total, expected[1] = t->mi[0], expected[2] = t->upper;
    for (uint32_t i = 0; i < REPEATS; i++) {
        struct pid_arena scratch = {0};
        if (pid_wishart_draw(factor, 8, N - 1, 99, i, drawn, &scratch, &error)) return;
        pid_arena_release(&scratch);
        pid_arena_reset(&arena);
        if (!solve(2, dims, drawn, N, 16, &r) || !r.has_bias) {
            tap_ok(false, "draw %u is solved", i);
            return;
        }
        const struct pid_gauss_part *p = &r.values.pairs[0], *b = &r.bias.pairs[0];
        const double value[] = {p->total, p->mi[0], p->upper}, bias[] = {b->total, b->mi[0], b->upper};
        for (size_t k = 0; k < 3; k++) plain[k] += value[k] / REPEATS, corrected[k] += (value[k] - bias[k]) / REPEATS;
    }
    static const char *const names[] = {"the total", "an information", "the union"};
    for (size_t k = 0; k < 3; k++) {
        tap_ok(plain[k] - expected[k] > 0.02, "%s of %d samples is too large (by %.3f bits)", names[k], N, plain[k] - expected[k]);
        tap_near(corrected[k], expected[k], k < 2 ? 0.015 : (plain[k] - expected[k]) * 2 / 3, "%s: without the stated bias it is nearer", names[k]);
    }
}

/* A few draws leave no chance in the bias where one source has all that is unique: there the union is its information, whose bias is known. */
static void test_few_draws(void)
{
    /* x1 = y + noise of variance 1, x2 = y + noise of variance 4 */
    const double covariance[] = {2, 1, 1, 1, 5, 1, 1, 1, 1};
    const size_t dims[] = {1, 1, 1};
    struct pid_gauss_result r;
    if (!tap_ok(solve(2, dims, covariance, 1000, 2, &r) && r.has_bias, "two draws")) return;
    const struct pid_gauss_part *b = &r.bias.pairs[0];
    tap_near(b->unique[1], 0, 1e-12, "two draws: what is unique to nobody has no bias");
    tap_near(b->redundant, b->mi[1], 1e-12, "two draws: the redundant information has that of the lesser source");
}

static void test_refusals(void)
{
    struct pid_gauss_result r;
    struct pid_error error;
    const size_t dims[] = {1, 1, 1};
    struct pid_gauss_options options = {0, 1};
    pid_arena_reset(&arena);
    const double flat[] = {0, 0, 0, 0, 1, 0, 0, 0, 1}, wrong[] = {1, NAN, 0, NAN, 1, 0, 0, 0, 1}, good[] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, negative[] = {-1, 0, 0, 0, 1, 0, 0, 0, 1};
    tap_ok(pid_gauss_solve(&(struct pid_gauss_table){2, dims, flat, 0}, &options, &arena, &r, &error) == PID_ERROR_DATA, "a constant source is refused");
    tap_ok(pid_gauss_solve(&(struct pid_gauss_table){2, dims, wrong, 0}, &options, &arena, &r, &error) == PID_ERROR_DATA, "NaN is refused");
    tap_ok(pid_gauss_solve(&(struct pid_gauss_table){2, dims, negative, 0}, &options, &arena, &r, &error) == PID_ERROR_DATA, "a negative variance is refused");
    tap_ok(pid_gauss_solve(&(struct pid_gauss_table){2, dims, good, 4}, &options, &arena, &r, &error) == PID_ERROR_DATA, "as many samples as dimensions are refused");
    tap_ok(pid_gauss_solve(&(struct pid_gauss_table){1, dims, good, 0}, &options, &arena, &r, &error) == PID_ERROR_ARGUMENT, "one source is refused");
}

static void test_covariance(void)
{
    static const float x[] = {1, 2, 3, 4, 5, 7}, y[] = {1, -1, 2};
    const float *const values[] = {x, y};
    const size_t dims[] = {2, 1};
    const uint32_t turned[] = {2, 0, 1};
    const uint32_t *const order[] = {NULL, turned};
    double c[9], w[9];
    struct pid_error error;
    struct pid_rows rows = {2, dims, values, NULL};
    if (!tap_ok(!pid_covariance(&rows, NULL, NULL, 3, c, &error), "three rows")) return;
    tap_near(c[0], 4, 1e-12, "a variance");
    tap_near(c[2], 1, 1e-12, "a covariance");
    tap_near(c[6], c[2], 0, "it is symmetric");
    tap_ok(!pid_covariance(&rows, (const uint32_t[]){0, 2}, (const double[]){2, 1}, 2, w, &error), "weighted rows");
    tap_near(w[0], 16 / 3.0, 1e-12, "a row that counts twice");
    rows.order = order;
    tap_ok(!pid_covariance(&rows, NULL, NULL, 3, w, &error) && w[8] == c[8], "a block in another order keeps its variance");
    tap_near(w[2], -3, 1e-12, "and has another covariance");
    tap_near(pid_wishart_logdet_bias(1, 2), -0.5772156649015329, 1e-12, "the bias of a logarithm of a variance: digamma(1)");
}

int main(void)
{
    pid_blas_single_thread();
    test_scalar();
    test_parallel();
    test_optimum();
    test_invariance();
    test_many();
    test_bias();
    test_few_draws();
    test_refusals();
    test_covariance();
    pid_arena_release(&arena);
    return tap_done();
}
