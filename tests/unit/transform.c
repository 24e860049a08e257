#include "tap.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/random.h"
#include "base/workers.h"
#include "clustering/bins.h"
#include "clustering/transform.h"

static struct pid_error error;

static double normal(uint32_t use, uint64_t i)
{
    return pid_random_normal(7, pid_random_stream(PID_RANDOM_TEST, use), i);
}

/* Columns of falling variance, turned and moved away from the origin. */
static float *data(size_t n, size_t d)
{
    float *x = malloc(n * d * sizeof *x);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            double value = 3;
            for (size_t f = 0; f < d && f < 6; f++) value += normal(1, f * d + j) * normal(2, i * 6 + f) / (double)(f + 1);
            x[i * d + j] = (float)(value + 0.01 * normal(3, i * d + j));
        }
    return x;
}

static float *copy(const float *x, size_t count)
{
    float *y = malloc(count * sizeof *y);
    memcpy(y, x, count * sizeof *y);
    return y;
}

static struct pid_transform fit(float *x, size_t n, size_t d, struct pid_transform_options o, size_t threads)
{
    struct pid_workers *workers = threads ? pid_workers_new(threads, &error) : NULL;
    struct pid_transform t = {0};
    if (pid_transform_fit(&t, &o, x, n, d, workers, NULL, &error)) {
        tap_ok(false, "fitting fails: %s", error.message);
        exit(1);
    }
    pid_workers_free(workers);
    return t;
}

static void test_same_image(void)
{
    static const struct { size_t n, d; struct pid_transform_options o; const char *what; } cases[] = {
        {3000, 20, {0}, "centring"}, {2500, 33, {.standardise = true}, "standardisation"}, {700, 9, {.normalise = true}, "normalisation"},
        {3000, 40, {.components = 5}, "projection"}, {60, 300, {.components = 10}, "projection of few rows"},
        {2000, 64, {.standardise = true, .normalise = true, .whiten = true, .components = 20}, "all of it"}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t n = cases[c].n, d = cases[c].d;
        float *x = data(n, d), *one = copy(x, n * d), *three = copy(x, n * d), *image = malloc(n * d * sizeof *image);
        float *buffer = aligned_alloc(64, (PID_TILE_ROWS * d * sizeof *buffer + 63) / 64 * 64);
        struct pid_transform t = fit(one, n, d, cases[c].o, 0), u = fit(three, n, d, cases[c].o, 3);
        pid_transform_apply(&t, x, n, buffer, image);
        tap_ok(!memcmp(one, image, n * t.out * sizeof *image), "%s: applying gives the bits that fitting gave", cases[c].what);
        tap_ok(!memcmp(one, three, n * t.out * sizeof *one), "%s: threads change nothing", cases[c].what);
        pid_transform_apply(&t, x + 7 * d, 1, buffer, image);
        tap_ok(!memcmp(one + 7 * t.out, image, t.out * sizeof *image), "%s: a row's image depends on the row alone", cases[c].what);
        pid_transform_release(&t), pid_transform_release(&u);
        free(x), free(one), free(three), free(image), free(buffer);
    }
}

static void test_components(size_t n, size_t d)
{
    enum { Q = 4 };
    float *x = data(n, d);
    double *mean = calloc(d, sizeof *mean), spectrum[Q] = {0}, worst = 0, correlation = 0;
    for (size_t i = 0; i < n * d; i++) mean[i % d] += x[i] / (double)n;
    float *image = copy(x, n * d), *whitened = copy(x, n * d);
    struct pid_transform t = fit(image, n, d, (struct pid_transform_options){.components = Q}, 2);
    for (size_t a = 0; a < Q; a++)
        for (size_t b = 0; b <= a; b++) {
            double dot = 0;
            for (size_t c = 0; c < d; c++) dot += (double)t.components[a * d + c] * t.components[b * d + c];
            worst = fmax(worst, fabs(dot - (a == b)));
        }
    tap_near(worst, 0, 1e-5, "%zu x %zu: components are orthonormal", n, d);
    bool positive = true;
    for (size_t a = 0; a < Q; a++) {
        size_t at = 0;
        for (size_t c = 0; c < d; c++) at = fabsf(t.components[a * d + c]) > fabsf(t.components[a * d + at]) ? c : at;
        positive &= t.components[a * d + at] > 0;
    }
    tap_ok(positive, "the largest element of each is positive");
    for (size_t i = 0; i < n; i++)
        for (size_t q = 0; q < Q; q++) {
            double along = 0;
            for (size_t c = 0; c < d; c++) along += (x[i * d + c] - mean[c]) * t.components[q * d + c];
            spectrum[q] += along * along / (double)n;
        }
    for (size_t q = 0; q < Q; q++) {
        tap_near(t.variances[q], spectrum[q], 1e-4 * spectrum[0], "variance %zu is the one along its component", q);
        double next = q + 1 < Q ? spectrum[q + 1] : 0;
        worst = fmax(worst, next - spectrum[q]);
    }
    tap_near(worst, 0, 1e-4, "variances fall");
    struct pid_transform w = fit(whitened, n, d, (struct pid_transform_options){.components = Q, .whiten = true}, 1);
    double variance = 0;
    for (size_t i = 0; i < n; i++) {
        variance += (double)whitened[i * Q] * whitened[i * Q] / (double)n;
        correlation += (double)image[i * Q] * image[i * Q + 1] / (double)n;
    }
    tap_near(variance, 1, 1e-3, "whitened rows have variance 1");
    tap_near(correlation, 0, 1e-4, "coordinates are uncorrelated");
    pid_transform_release(&t), pid_transform_release(&w);
    free(x), free(mean), free(image), free(whitened);
}

static void test_edges(void)
{
    float constant[12] = {4, 1, 4, 2, 4, 3, 4, 5, 4, 6, 4, 7};
    struct pid_transform t = fit(constant, 6, 2, (struct pid_transform_options){.standardise = true}, 0);
    bool zero = true;
    for (int i = 0; i < 6; i++) zero &= constant[2 * i] == 0;
    tap_ok(zero && isfinite(constant[1]), "a constant column becomes 0");
    pid_transform_release(&t);

    float huge[6] = {3e38f, -3e38f, 1e38f, 2e38f, -3e38f, 3e38f};
    t = fit(huge, 3, 2, (struct pid_transform_options){0}, 0);
    bool finite = true;
    for (int i = 0; i < 6; i++) finite &= fabsf(huge[i]) <= 8;
    tap_ok(finite, "the largest numbers are brought near 1");
    pid_transform_release(&t);

    float tiny[4] = {1e-38f, 2e-38f, 3e-38f, 9e-38f};
    t = fit(tiny, 4, 1, (struct pid_transform_options){0}, 0);
    tap_ok(tiny[3] - tiny[0] > 0.4, "and so are the smallest");
    pid_transform_release(&t);

    float zeros[8] = {0, 0, 0, 0, 3, 4, 0, 0};
    t = fit(zeros, 4, 2, (struct pid_transform_options){.normalise = true}, 0);
    tap_near(hypot(zeros[4] - zeros[0], zeros[5] - zeros[1]) / t.scale, 1, 1e-6, "a row is brought to length 1, a row of zeros stays");
    pid_transform_release(&t);

    float same[20];
    for (int i = 0; i < 20; i++) same[i] = 0.3f;
    t = fit(same, 5, 4, (struct pid_transform_options){.components = 3, .whiten = true}, 0);
    tap_ok(same[0] == 0 && same[14] == 0 && t.variances[0] == 0, "equal rows have components of 0");
    pid_transform_release(&t);

    struct pid_transform none = {0};
    float x[2] = {1, 2};
    tap_ok(pid_transform_fit(&none, &(struct pid_transform_options){.components = 3}, x, 1, 2, NULL, NULL, &error) == PID_ERROR_ARGUMENT,
           "more components than columns are refused");
    pid_transform_release(&none);
}

static void test_bins(void)
{
    float values[9] = {5, 1, 1, 9, 3, 3, 3, 7, 0}, edges[3], sorted[9];
    uint32_t labels[9], counts[4] = {0};
    pid_bins_width(values, 9, 3, edges);
    pid_bins_label(edges, 3, values, 9, labels);
    tap_ok(edges[0] == 3 && edges[1] == 6 && labels[0] == 1 && labels[1] == 0 && labels[3] == 2 && labels[4] == 1, "bins of equal width");
    for (int i = 0; i < 9; i++) sorted[i] = (float)i;
    pid_bins_quantile(sorted, 9, 4, edges);
    pid_bins_label(edges, 4, sorted, 9, labels);
    for (int i = 0; i < 9; i++) counts[labels[i]]++;
    tap_ok(counts[0] == 3 && counts[1] == 2 && counts[2] == 2 && counts[3] == 2, "bins of equal counts");
    float same[5] = {2, 2, 2, 2, 2};
    pid_bins_width(same, 5, 4, edges);
    pid_bins_label(edges, 4, same, 5, labels);
    tap_ok(labels[0] == labels[4] && labels[0] < 4, "equal values share a bin");
    float rows[6] = {1, 3, 3, NAN, -2, -1};
    pid_label_greatest(rows, 2, 3, labels);
    tap_ok(labels[0] == 1 && labels[1] == 2, "the greatest column, the lower of equals");
}

int main(void)
{
    pid_blas_single_thread();
    test_same_image();
    test_components(2000, 24);
    test_components(50, 200);
    test_edges();
    test_bins();
    return tap_done();
}
