/* Times the solver at growing sizes: dense random tables and tables of samples.
 *
 *     timing [-w TABLE] [-p TRACE] [-b] [-j THREADS] KIND K1 K2 M ROWS TOLERANCE SOLVER SECONDS [REPEATS]
 *
 * KIND uniform: weights uniform in (0, 1); views: ROWS samples of two noisy views of the target.  Prints a line of names and a
 * line of values, blank separated: size, median processor and wall seconds of one solve, bounds of the union information and
 * their difference in bits, iterations, solver, status, largest resident memory.  TABLE receives the K1 x K2 x M weights as doubles;
 * TRACE what each certificate of the last solve found: seconds, gap in bits.  -b solves once more and prints what it asks of BLAS:
 * a line each routine, and last the rate of a plain product on this machine at this time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/blas.h"
#include "base/random.h"
#include "decomposition/decomposition.h"
#include "flops.h"

static const uint64_t SEED = 1;
enum { PEAK_ORDER = 1024 };
static const double PEAK_SECONDS = 0.5;

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

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "timing: %s\n", what);
    exit(1);
}

/* The table borrows its cells and weights from the caller, who frees them. */
static void make_table(struct pid_decomposition_table *table, bool dense, size_t rows, uint32_t **cells_out, double **weights_out)
{
    size_t k1 = table->levels[0], k2 = table->levels[1], m = table->levels[2], count = dense ? k1 * k2 * m : rows;
    uint32_t *cells = malloc(3 * count * sizeof *cells);
    double *weights = malloc(count * sizeof *weights);
    if (!cells || !weights) fail("no memory for the table");
    for (size_t n = 0; n < count; n++) {
        uint32_t y = dense ? (uint32_t)(n % m) : (uint32_t)(uniform(n, 0) * (double)m);
        cells[3 * n] = dense ? (uint32_t)(n / m / k2) : view(y * k1 / m, k1, n, 1);
        cells[3 * n + 1] = dense ? (uint32_t)(n / m % k2) : view(y * 7 % m * k2 / m, k2, n, 4);
        cells[3 * n + 2] = y;
        weights[n] = dense ? 1 - uniform(n, 9) : 1;
    }
    table->count = count;
    table->cells = *cells_out = cells;
    table->weights = *weights_out = weights;
}

static void write_table(const struct pid_decomposition_table *table, const char *name)
{
    const size_t *levels = table->levels, count = levels[0] * levels[1] * levels[2];
    double *dense = calloc(count, sizeof *dense);
    FILE *file = fopen(name, "wb");
    if (!dense || !file) fail("cannot write the table");
    for (size_t n = 0; n < table->count; n++) {
        const uint32_t *c = table->cells + 3 * n;
        dense[(c[0] * levels[1] + c[1]) * levels[2] + c[2]] += table->weights[n];
    }
    if (fwrite(dense, sizeof *dense, count, file) != count || fclose(file)) fail("cannot write the table");
    free(dense);
}

static void trace(void *file, const struct pid_decomposition_progress *progress)
{
    if (file && isfinite(progress->gap)) fprintf(file, "%.6f\t%.6e\n", progress->seconds, progress->gap);
}

static void print_blas(double seconds, double peak)
{
    double inside = 0;
    for (int r = 0; r < FLOPS_ROUTINES; r++) {
        struct flops_count count = flops_get((enum flops_routine)r);
        if (!count.calls) continue;
        inside += count.seconds;
        printf("%s calls %llu Gflop %.4g share_of_time %.3f Gflop/s %.1f of_peak %.3f\n", flops_name((enum flops_routine)r),
               (unsigned long long)count.calls, 1e-9 * (double)count.operations, count.seconds / seconds,
               1e-9 * (double)count.operations / count.seconds, (double)count.operations / count.seconds / peak);
    }
    printf("elsewhere share_of_time %.3f\npeak Gflop/s %.1f\n", 1 - inside / seconds, 1e-9 * peak);
}

int main(int argc, char **argv)
{
    const char *table_name = NULL, *trace_name = NULL;
    bool blas = false;
    size_t threads = 1;
    for (int option; (option = getopt(argc, argv, "w:p:bj:")) != -1;) {
        if (option == 'w') table_name = optarg;
        else if (option == 'p') trace_name = optarg;
        else if (option == 'b') blas = true;
        else if (option == 'j') threads = strtoul(optarg, NULL, 10);
        else return 2;
    }
    argv += optind - 1;
    argc -= optind - 1;
    if (argc < 9) return 2;
    size_t repeats = argc > 9 ? strtoul(argv[9], NULL, 10) : 1;
    struct pid_decomposition_table table = {.stride = 3, .column = {0, 1, 2}};
    for (size_t v = 0; v < 3; v++) table.levels[v] = strtoul(argv[2 + v], NULL, 10);
    uint32_t *cells;
    double *weights;
    make_table(&table, !strcmp(argv[1], "uniform"), strtoul(argv[5], NULL, 10), &cells, &weights);
    if (table_name) write_table(&table, table_name);
    FILE *tracing = trace_name ? fopen(trace_name, "w") : NULL;
    double *processor = malloc((repeats + 1) * sizeof *processor), *wall = malloc((repeats + 1) * sizeof *wall);
    struct pid_error error = {0};
    struct pid_decomposition *decomposition = pid_decomposition_new(&error);
    struct pid_decomposition_options options;
    struct pid_decomposition_result r = {0};
    if (!processor || !wall || !decomposition || !repeats) fail("no memory, or no repeats");
    pid_blas_single_thread();
    pid_decomposition_options_init(&options);
    if (threads > 1 && !(options.workers = pid_workers_new(threads, &error))) fail(error.message);
    options.tolerance = atof(argv[6]);
    options.solver = !strcmp(argv[7], "newton") ? PID_SOLVER_NEWTON : !strcmp(argv[7], "ipfp") ? PID_SOLVER_IPFP : PID_SOLVER_AUTO;
    options.max_seconds = atof(argv[8]);
    options.progress = trace;
    for (size_t n = 0; n < repeats + blas; n++) {
        double began = seconds_of(CLOCK_MONOTONIC), used = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        if (n == repeats) flops_start();
        options.progress_context = n + 1 == repeats ? tracing : NULL;
        if (pid_decomposition_solve(decomposition, &table, &options, &r, &error) != PID_OK) fail(error.message);
        if (n == repeats) flops_stop();
        processor[n] = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - used;
        wall[n] = seconds_of(CLOCK_MONOTONIC) - began;
    }
    if (tracing && fclose(tracing)) fail("cannot write the trace");
    qsort(processor, repeats, sizeof *processor, compare);
    qsort(wall, repeats, sizeof *wall, compare);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("kind size processor wall gap lower upper iterations solver status MiB\n");
    printf("%s %zux%zux%zu %.6f %.6f %.2e %.17g %.17g %llu %s %s %ld\n", argv[1], table.levels[0], table.levels[1], table.levels[2],
           processor[repeats / 2], wall[repeats / 2], r.gap, r.lower, r.upper, (unsigned long long)r.iterations,
           pid_decomposition_solver_name(r.solver), pid_decomposition_status_name(r.status), usage.ru_maxrss / 1024);
    if (blas) print_blas(processor[repeats], flops_peak(PEAK_ORDER, PEAK_SECONDS));
    free(cells);
    free(weights);
    free(processor);
    free(wall);
    pid_workers_free(options.workers);
    pid_decomposition_free(decomposition);
    return 0;
}
