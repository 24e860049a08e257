/* Times the solver at growing sizes: dense random tables and tables of samples.
 *
 *     timing KIND K1 K2 M ROWS TOLERANCE SOLVER SECONDS [REPEATS]
 *
 * KIND uniform: weights uniform in (0, 1); views: ROWS samples of two noisy views of the target.  Prints one line: size, median
 * processor seconds of one solve, proved gap in bits, iterations, solver, status. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/blas.h"
#include "base/random.h"
#include "decomposition/decomposition.h"

static const uint64_t SEED = 1;

static double uniform(uint64_t n, uint32_t use)
{
    return pid_random_uniform(SEED, pid_random_stream(PID_RANDOM_TEST, use), n);
}

/* A symbol near `centre` on a circle of k, with a tail of noise. */
static uint32_t view(size_t centre, size_t k, uint64_t row, uint32_t use)
{
    if (uniform(row, use) < 0.2) return (uint32_t)(uniform(row, use + 1) * (double)k);
    double spread = (double)k / 8 * pid_random_normal(SEED, pid_random_stream(PID_RANDOM_TEST, use + 2), row);
    double at = fmod((double)centre + spread, (double)k);
    return (uint32_t)(at < 0 ? at + (double)k : at) % (uint32_t)k;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Processor time, so that other work on the machine does not show. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(getenv("WALL") ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 9) return 2;
    size_t k1 = strtoul(argv[2], NULL, 10), k2 = strtoul(argv[3], NULL, 10), m = strtoul(argv[4], NULL, 10), rows = strtoul(argv[5], NULL, 10);
    size_t repeats = argc > 9 ? strtoul(argv[9], NULL, 10) : 1;
    bool dense = !strcmp(argv[1], "uniform");
    size_t count = dense ? k1 * k2 * m : rows;
    uint32_t *cells = malloc(3 * count * sizeof *cells);
    double *weights = malloc(count * sizeof *weights), *seconds = malloc(repeats * sizeof *seconds);
    for (size_t n = 0; n < count; n++) {
        uint32_t y = dense ? (uint32_t)(n % m) : (uint32_t)(uniform(n, 0) * (double)m);
        cells[3 * n] = dense ? (uint32_t)(n / m / k2) : view(y * k1 / m, k1, n, 1);
        cells[3 * n + 1] = dense ? (uint32_t)(n / m % k2) : view(y * 7 % m * k2 / m, k2, n, 4);
        cells[3 * n + 2] = y;
        weights[n] = dense ? 1 - uniform(n, 9) : 1;
    }
    struct pid_error error = {0};
    struct pid_decomposition *decomposition = pid_decomposition_new(&error);
    struct pid_decomposition_table table = {{k1, k2, m}, count, cells, 3, {0, 1, 2}, weights};
    struct pid_decomposition_options options;
    struct pid_decomposition_result r = {0};
    pid_blas_single_thread();
    pid_decomposition_options_init(&options);
    if (getenv("TEAM")) options.workers = pid_workers_new((size_t)atoi(getenv("TEAM")), &error);
    options.tolerance = atof(argv[6]);
    options.solver = !strcmp(argv[7], "newton") ? PID_SOLVER_NEWTON : !strcmp(argv[7], "ipfp") ? PID_SOLVER_IPFP : PID_SOLVER_AUTO;
    options.max_seconds = atof(argv[8]);
    for (size_t n = 0; n < repeats; n++) {
        double before = cpu_seconds();
        if (pid_decomposition_solve(decomposition, &table, &options, &r, &error) != PID_OK) {
            fprintf(stderr, "timing: %s\n", error.message);
            return 1;
        }
        seconds[n] = cpu_seconds() - before;
    }
    qsort(seconds, repeats, sizeof *seconds, compare);
    printf("%s %zux%zux%zu %.5f %.2e %llu %s %s\n", argv[1], k1, k2, m, seconds[repeats / 2], r.gap, (unsigned long long)r.iterations,
           pid_decomposition_solver_name(r.solver), pid_decomposition_status_name(r.status));
    free(cells);
    free(weights);
    free(seconds);
    pid_decomposition_free(decomposition);
    return 0;
}
