#include "tap.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/workers.h"
#include "clustering/kmeans.h"
#include "clustering/panels.h"

static struct pid_error error;

static double normal(uint32_t use, uint64_t i)
{
    return pid_random_normal(5, pid_random_stream(PID_RANDOM_TEST, use), i);
}

/* `groups` Gaussian clouds of `spread` around centres of variance 1. */
static float *clouds(size_t n, size_t d, size_t groups, double spread)
{
    float *x = malloc(n * d * sizeof *x);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            x[i * d + j] = (float)(normal(1, i % groups * d + j) + spread * normal(2, i * d + j));
    return x;
}

static double square_distance(const float *x, const float *y, size_t d)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++) sum += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
    return sum;
}

static void test_panels(void)
{
    static const size_t shapes[][3] = {{1, 1, 1}, {7, 3, 5}, {50, 17, 40}, {301, 64, 33}, {13, 1000, 200}, {20, 4, 16}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t n = shapes[s][0], d = shapes[s][1], k = shapes[s][2], wrong = 0;
        float *x = clouds(n, d, n, 0.1), *c = clouds(k, d, k, 0.2);
        const float **rows = malloc(n * sizeof *rows);
        uint32_t *labels = malloc(n * sizeof *labels);
        struct pid_panels panels = {0};
        for (size_t i = 0; i < n; i++) rows[i] = x + i * d;
        if (pid_panels_pack(&panels, c, k, d, &error)) abort();
        pid_panels_best(&panels, rows, n, labels, NULL);
        for (size_t i = 0; i < n; i++) {
            double least = INFINITY;
            for (size_t j = 0; j < k; j++) least = fmin(least, square_distance(rows[i], c + j * d, d));
            wrong += labels[i] >= k || square_distance(rows[i], c + labels[i] * d, d) > least * (1 + 1e-5) + 1e-5 * (double)d;
        }
        tap_ok(wrong == 0, "%zu x %zu rows meet the nearest of %zu centroids", n, d, k);
        pid_panels_release(&panels);
        free(x), free(c), free(rows), free(labels);
    }
    /* Equal centroids, and a row that is not a number. */
    float c[40] = {0}, x[2] = {NAN, 3};
    const float *rows[2] = {x, x + 1};
    uint32_t labels[2];
    struct pid_panels panels = {0};
    for (int j = 20; j < 40; j++) c[j] = 3;
    if (pid_panels_pack(&panels, c, 40, 1, &error)) abort();
    pid_panels_best(&panels, rows, 2, labels, NULL);
    tap_ok(labels[0] == 0 && labels[1] == 20, "the lowest of equal centroids wins, and NaN gets a valid label");
    pid_panels_release(&panels);
}

static struct pid_kmeans_options options(uint32_t k)
{
    return (struct pid_kmeans_options){.k = k, .restarts = 1, .max_iterations = 100, .tolerance = 0, .seed = 1, .bounds = true};
}

struct outcome { uint32_t *labels; float *centroids; double objective, scored; uint32_t iterations, empty; };

static struct outcome cluster(const float *x, size_t n, size_t d, struct pid_kmeans_options o, size_t threads)
{
    struct pid_workers *workers = threads ? pid_workers_new(threads, &error) : NULL;
    struct pid_kmeans *kmeans = pid_kmeans_new(workers, &error);
    struct pid_kmeans_result r;
    if (!kmeans || pid_kmeans_run(kmeans, x, n, d, &o, &r, &error)) {
        tap_ok(false, "clustering fails: %s", error.message);
        exit(1);
    }
    struct outcome out = {malloc(n * sizeof *r.labels), malloc(o.k * d * sizeof(float)), r.objective, r.scored, r.iterations, r.empty};
    memcpy(out.labels, r.labels, n * sizeof *r.labels);
    memcpy(out.centroids, r.centroids, o.k * d * sizeof(float));
    pid_kmeans_free(kmeans);
    pid_workers_free(workers);
    return out;
}

static bool same(const struct outcome *a, const struct outcome *b, size_t n, size_t floats)
{
    return !memcmp(a->labels, b->labels, n * sizeof *a->labels) && !memcmp(a->centroids, b->centroids, floats * sizeof(float)) &&
           a->objective == b->objective && a->iterations == b->iterations;
}

static void drop(struct outcome *o)
{
    free(o->labels);
    free(o->centroids);
}

static void test_groups(void)
{
    enum { N = 600, D = 20, K = 12 };
    float *x = clouds(N, D, K, 0.05);
    struct pid_kmeans_options o = options(K);
    o.restarts = 4;
    struct outcome r = cluster(x, N, D, o, 0);
    size_t wrong = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++) wrong += (r.labels[i] == r.labels[j]) != (i % K == j % K);
    tap_ok(wrong == 0 && r.empty == 0, "well separated groups are found");
    double objective = 0, off = 0;
    for (size_t i = 0; i < N; i++) objective += square_distance(x + i * D, r.centroids + r.labels[i] * D, D);
    for (size_t j = 0; j < K; j++)
        for (size_t c = 0; c < D; c++) {
            double sum = 0;
            size_t count = 0;
            for (size_t i = 0; i < N; i++)
                if (r.labels[i] == j) sum += x[i * D + c], count++;
            off = fmax(off, fabs(sum / (double)count - r.centroids[j * D + c]));
        }
    tap_near(r.objective, objective, 1e-5 * objective, "the objective is the sum of squared distances");
    tap_near(off, 0, 1e-6, "a centroid is the mean of its rows");
    drop(&r);
    free(x);
}

/* Threads, and bounds, never change a bit. */
static void test_invariance(void)
{
    static const struct { size_t n, d; uint32_t k; double spread; } cases[] = {
        {5000, 64, 40, 0.3}, {3000, 32, 100, 1.0}, {20000, 30, 20, 0.5}, {4000, 100, 7, 0.1}, {9000, 5, 70, 0.2}, {2000, 48, 64, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t n = cases[c].n, d = cases[c].d;
        float *x = clouds(n, d, 50, cases[c].spread);
        struct pid_kmeans_options o = options(cases[c].k);
        o.init = c % 2 ? PID_KMEANS_RANDOM : PID_KMEANS_PLUSPLUS;
        struct outcome one = cluster(x, n, d, o, 0), three = cluster(x, n, d, o, 3);
        o.bounds = false;
        struct outcome full = cluster(x, n, d, o, 2);
        tap_ok(same(&one, &three, n, o.k * d), "%zu x %zu, k = %u: one thread and three give the same bits", n, d, o.k);
        tap_ok(same(&one, &full, n, o.k * d), "bounds change nothing (%.2f of the scores computed)", one.scored);
        drop(&one), drop(&three), drop(&full);
        free(x);
    }
}

static void test_edges(void)
{
    float same_rows[30];
    for (size_t i = 0; i < 30; i++) same_rows[i] = 2.5f;
    struct outcome r = cluster(same_rows, 10, 3, options(4), 0);
    size_t others = 0;
    for (size_t i = 0; i < 10; i++) others += r.labels[i] != 0;
    tap_ok(others == 0 && r.empty == 3 && r.objective == 0, "identical rows fall into one cluster, the others are told to be empty");
    drop(&r);
    float one[2] = {1, 2};
    r = cluster(one, 1, 2, options(1), 0);
    tap_ok(r.labels[0] == 0 && r.objective == 0, "one row is one cluster");
    drop(&r);
    float apart[8] = {0, 1, 5, 9, 14, 20, 27, 35};
    r = cluster(apart, 8, 1, options(8), 0);
    tap_ok(r.empty == 0 && r.objective == 0, "as many clusters as rows take one row each");
    drop(&r);
    /* Both centroids start on one point: the second loses its rows and is given the farthest row. */
    float start[2] = {0, 0};
    struct pid_kmeans_options o = options(2);
    o.init = PID_KMEANS_GIVEN;
    o.start = start;
    r = cluster(apart, 8, 1, o, 0);
    tap_ok(r.empty == 0 && r.labels[0] != r.labels[7], "a cluster that loses its rows is given another");
    drop(&r);
    struct pid_kmeans *kmeans = pid_kmeans_new(NULL, &error);
    struct pid_kmeans_result result;
    o = options(9);
    tap_ok(pid_kmeans_run(kmeans, apart, 8, 1, &o, &result, &error) == PID_ERROR_ARGUMENT && strstr(error.message, "9 clusters of 8 rows"),
           "more clusters than rows are refused");
    o = options(0);
    tap_ok(pid_kmeans_run(kmeans, apart, 8, 1, &o, &result, &error) == PID_ERROR_ARGUMENT, "0 clusters are refused");
    pid_kmeans_free(kmeans);
}

/* Seeding from a coarse sample must not cost quality. */
static void test_quality(void)
{
    enum { N = 20000, D = 16, K = 30 };
    float *x = clouds(N, D, K, 0.25);
    double truth = (double)N * D * 0.25 * 0.25;
    struct pid_kmeans_options o = options(K);
    o.restarts = 4;
    o.tolerance = 1e-4;
    struct outcome r = cluster(x, N, D, o, 2);
    tap_ok(r.objective < 1.02 * truth, "the objective is that of the true groups (ratio %.4f)", r.objective / truth);
    drop(&r);
    free(x);
}

int main(void)
{
    test_panels();
    test_groups();
    test_invariance();
    test_edges();
    test_quality();
    return tap_done();
}
