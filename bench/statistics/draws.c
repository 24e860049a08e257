/* Draws samples from a known distribution and prints what the plug-in, its bootstrap and its subsamples give, one line a
 * solve: the material that the choice of corrections and intervals was made on.
 *
 *     draws TABLE.tsv N DRAWS ORDERS BOOTSTRAPS [FIRST-DRAW]
 *
 * draw type fraction redundant unique1 unique2 synergy total mi1 mi2 cells...   (type: data, subsample, bootstrap) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/random.h"
#include "decomposition/decomposition.h"

enum { CELLS_MAX = 1 << 16 };

static uint32_t cells[3 * CELLS_MAX];
static double cumulative[CELLS_MAX];
static size_t cell_count;
static size_t levels[3];

static void die(const char *message)
{
    fprintf(stderr, "draws: %s\n", message);
    exit(1);
}

static void read_table(const char *path)
{
    char line[1000];
    double sum = 0, p;
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file)) die("cannot read the table");
    while (fgets(line, sizeof line, file)) {
        uint32_t *at = cells + 3 * cell_count;
        if (cell_count == CELLS_MAX || sscanf(line, "%u %u %u %lf", at, at + 1, at + 2, &p) != 4) die("not a table of x1 x2 y p");
        for (size_t v = 0; v < 3; v++)
            if (at[v] >= levels[v]) levels[v] = at[v] + 1;
        cumulative[cell_count++] = sum += p;
    }
    fclose(file);
}

static void draw(uint32_t *rows, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        double u = pid_random_uniform(seed, pid_random_stream(PID_RANDOM_TEST, 1), i) * cumulative[cell_count - 1];
        size_t low = 0, high = cell_count - 1;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (cumulative[middle] > u) high = middle;
            else low = middle + 1;
        }
        memcpy(rows + 3 * i, cells + 3 * low, 3 * sizeof *rows);
    }
}

static void shuffle(uint32_t *to, const uint32_t *rows, size_t n, uint64_t seed, uint64_t stream)
{
    memcpy(to, rows, 3 * n * sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        size_t j = i + pid_random_below(seed, stream, i, n - i);
        uint32_t kept[3];
        memcpy(kept, to + 3 * i, sizeof kept);
        memcpy(to + 3 * i, to + 3 * j, sizeof kept);
        memcpy(to + 3 * j, kept, sizeof kept);
    }
}

static void solve(struct pid_decomposition *solver, const uint32_t *rows, size_t n, unsigned d, const char *type, double fraction)
{
    struct pid_error error;
    struct pid_decomposition_options options;
    struct pid_decomposition_result r;
    pid_decomposition_options_init(&options);
    options.tolerance = 1e-5;
    struct pid_decomposition_table table = {{levels[0], levels[1], levels[2]}, n, rows, 3, {0, 1, 2}, NULL};
    if (pid_decomposition_solve(solver, &table, &options, &r, &error)) die(error.message);
    printf("%u %s %g %.9g %.9g %.9g %.9g %.9g %.9g %.9g\n", d, type, fraction, r.redundant, r.unique[0], r.unique[1], r.synergy, r.total, r.mi[0], r.mi[1]);
}

int main(int argc, char **argv)
{
    if (argc < 6) die("usage: draws TABLE.tsv N DRAWS ORDERS BOOTSTRAPS [FIRST-DRAW]");
    struct pid_error error;
    read_table(argv[1]);
    size_t n = strtoull(argv[2], NULL, 10);
    unsigned draws = (unsigned)atoi(argv[3]), orders = (unsigned)atoi(argv[4]), bootstraps = (unsigned)atoi(argv[5]);
    unsigned first = argc > 6 ? (unsigned)atoi(argv[6]) : 0;
    pid_blas_single_thread();
    struct pid_decomposition *solver = pid_decomposition_new(&error);
    uint32_t *rows = malloc(3 * n * sizeof *rows), *some = malloc(3 * n * sizeof *some);
    if (!solver || !rows || !some) die("out of memory");
    for (unsigned d = first; d < first + draws; d++) {
        uint64_t seed = 1000003ull * d + n;
        draw(rows, n, seed);
        solve(solver, rows, n, d, "data", 1);
        for (unsigned b = 0; b < orders; b++) {
            /* the rows in a random order, cut into halves and into quarters, so that no row is left out */
            shuffle(some, rows, n, seed, pid_random_stream(PID_RANDOM_TEST, 100 + b));
            for (size_t parts = 2; parts <= 4; parts += 2)
                for (size_t part = 0; part < parts; part++)
                    solve(solver, some + 3 * (part * n / parts), n / parts, d, "subsample", 1 / (double)parts);
        }
        for (unsigned b = 0; b < bootstraps; b++) {
            for (size_t i = 0; i < n; i++)
                memcpy(some + 3 * i, rows + 3 * pid_random_below(seed, pid_random_stream(PID_RANDOM_TEST, 10000 + b), i, n), 3 * sizeof *rows);
            solve(solver, some, n, d, "bootstrap", 1);
        }
    }
    pid_decomposition_free(solver);
    free(rows);
    free(some);
    return 0;
}
