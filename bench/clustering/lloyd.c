/* One timed run of the library's k-means from given centroids, for bench/clustering/run.py.
 *
 *     lloyd ROWS.f32 N D CENTROIDS.f32 K ITERATIONS THREADS
 *
 * Prints seconds and processor seconds of the iterations, the same of one assignment of all rows, the objective, the part of
 * the scores that was computed, and the iterations.  The centring that pid_transform does is part of the first time, as it is in scikit-learn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/blas.h"
#include "base/memory.h"
#include "clustering/kmeans.h"
#include "clustering/panels.h"
#include "clustering/rows.h"
#include "clustering/transform.h"

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double used(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static float *load(const char *path, size_t count)
{
    struct pid_error error;
    float *values = pid_array_new(count, sizeof *values, &error);
    FILE *file = fopen(path, "rb");
    if (!values || !file || fread(values, sizeof *values, count, file) != count) {
        fprintf(stderr, "lloyd: cannot read %zu numbers from %s\n", count, path);
        exit(1);
    }
    fclose(file);
    return values;
}

static void must(enum pid_status status, const struct pid_error *error)
{
    if (!status) return;
    fprintf(stderr, "lloyd: %s\n", error->message);
    exit(1);
}

struct assignment { const struct pid_panels *panels; const float **rows; size_t n; uint32_t *labels; };
enum { ASSIGN_ROWS = 1024 };

static enum pid_status assign_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct assignment *a = context;
    (void)worker, (void)error;
    size_t first = task * ASSIGN_ROWS, count = a->n - first < ASSIGN_ROWS ? a->n - first : ASSIGN_ROWS;
    pid_panels_best(a->panels, a->rows + first, count, a->labels + first, NULL);
    return PID_OK;
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: lloyd ROWS.f32 N D CENTROIDS.f32 K ITERATIONS THREADS\n");
        return 2;
    }
    struct pid_error error;
    size_t n = strtoul(argv[2], NULL, 10), d = strtoul(argv[3], NULL, 10), k = strtoul(argv[5], NULL, 10);
    float *rows = load(argv[1], n * d), *start = load(argv[4], k * d);
    pid_blas_single_thread();
    struct pid_workers *workers = pid_workers_new(strtoul(argv[7], NULL, 10), &error);
    struct pid_kmeans *kmeans = workers ? pid_kmeans_new(workers, &error) : NULL;
    if (!kmeans) must(error.status, &error);

    double begin = now(), work = used();
    struct pid_transform transform = {0};
    must(pid_transform_fit(&transform, &(struct pid_transform_options){0}, rows, n, d, workers, NULL, &error), &error);
    pid_transform_apply(&transform, start, k, NULL, start);
    struct pid_kmeans_options options = {.k = (uint32_t)k, .init = PID_KMEANS_GIVEN, .start = start, .restarts = 1,
                                         .max_iterations = (uint32_t)strtoul(argv[6], NULL, 10), .bounds = true};
    struct pid_kmeans_result result;
    must(pid_kmeans_run(kmeans, rows, n, d, &options, &result, &error), &error);
    double trained = now() - begin, trained_work = used() - work;

    struct pid_panels panels = {0};
    const float **pointers = malloc(n * sizeof *pointers);
    uint32_t *labels = malloc(n * sizeof *labels);
    for (size_t i = 0; i < n; i++) pointers[i] = rows + i * d;
    must(pid_panels_pack(&panels, result.centroids, k, d, &error), &error);
    struct assignment assignment = {&panels, pointers, n, labels};
    begin = now();
    work = used();
    must(pid_workers_run(workers, pid_blocks(n, ASSIGN_ROWS), assign_task, &assignment, &error), &error);
    double assigned = now() - begin, assigned_work = used() - work;
    printf("%.6f %.6f %.6f %.6f %.9g %.4f %u\n", trained, trained_work, assigned, assigned_work, result.objective / transform.scale / transform.scale, result.scored, result.iterations);
    return 0;
}
