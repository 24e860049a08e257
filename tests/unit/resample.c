#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "joint/counter.h"
#include "joint/hypergeometric.h"
#include "joint/permutation.h"
#include "joint/sample.h"

enum { ROWS = 6000 };
static const uint64_t shape[] = {5, 300, 4};
static uint32_t labels[3][ROWS];

static bool same_tables(const struct pid_joint *a, const struct pid_joint *b)
{
    return a->variables == b->variables && a->cells == b->cells && a->counts == b->counts && a->total == b->total &&
           !memcmp(a->shape, b->shape, a->variables * sizeof *a->shape) &&
           !memcmp(a->indices, b->indices, a->cells * a->variables * sizeof *a->indices) &&
           !memcmp(a->weights, b->weights, a->cells * sizeof *a->weights);
}

/* Rows first .. end - 1 of the labels: their table, and they kept to draw from. */
struct part { struct pid_joint table; struct pid_sample *sample; };

static void make_part(struct part *part, size_t first, size_t end, size_t chunk)
{
    struct pid_error error = {0};
    *part = (struct part){.sample = pid_sample_new(3, shape, false, &error)};
    struct pid_counter *counter = pid_counter_new(3, shape, &error);
    bool ok = part->sample && counter;
    for (size_t at = first; ok && at < end; at += chunk) {
        const uint32_t *columns[] = {labels[0] + at, labels[1] + at, labels[2] + at};
        size_t rows = end - at < chunk ? end - at : chunk;
        ok = pid_counter_add(counter, columns, 1, NULL, rows, &error) == PID_OK && pid_sample_add(part->sample, columns, rows, at, 0, &error) == PID_OK;
    }
    ok = ok && pid_counter_table(counter, &part->table, &error) == PID_OK && pid_sample_bind(part->sample, &part->table, &error) == PID_OK;
    if (!ok) tap_note("%s", error.message);
    pid_counter_free(counter);
}

static void release_part(struct part *part)
{
    pid_sample_free(part->sample);
    pid_joint_release(&part->table);
}

static struct pid_joint add_tables(const struct pid_joint *tables, size_t count)
{
    struct pid_error error;
    struct pid_joint sum = {0};
    struct pid_counter *counter = pid_counter_new(3, shape, &error);
    for (size_t t = 0; t < count; t++) {
        const uint32_t *columns[] = {tables[t].indices, tables[t].indices + 1, tables[t].indices + 2};
        uint64_t *times = pid_array_new(tables[t].cells, sizeof *times, &error);
        for (size_t c = 0; c < tables[t].cells; c++) times[c] = (uint64_t)tables[t].weights[c];
        if (pid_counter_add(counter, columns, 3, times, tables[t].cells, &error)) tap_note("%s", error.message);
        free(times);
    }
    if (pid_counter_table(counter, &sum, &error)) tap_note("%s", error.message);
    pid_counter_free(counter);
    return sum;
}

static struct pid_joint bootstrap(const struct part *part, uint32_t index)
{
    struct pid_error error = {0};
    struct pid_joint table = {0};
    if (pid_sample_bootstrap(part->sample, 3, index, &table, &error)) tap_note("%s", error.message);
    return table;
}

static struct pid_joint subsample(const struct part *part, double fraction, uint32_t index)
{
    struct pid_error error = {0};
    struct pid_joint table = {0};
    if (pid_sample_subsample(part->sample, 3, fraction, index, &table, &error)) tap_note("%s", error.message);
    return table;
}

static void test_shards(void)
{
    static const size_t ends[] = {0, 1, 2002, 2002, ROWS}, chunks[] = {1, 7, 1, 333};
    struct part whole, parts[4];
    make_part(&whole, 0, ROWS, ROWS);
    for (size_t p = 0; p < 4; p++) make_part(&parts[p], ends[p], ends[p + 1], chunks[p]);
    for (uint32_t index = 0; index < 3; index++) {
        struct pid_joint once = bootstrap(&whole, index), tables[4];
        for (size_t p = 0; p < 4; p++) tables[p] = bootstrap(&parts[p], index);
        struct pid_joint sum = add_tables(tables, 4);
        tap_ok(once.cells > 100 && same_tables(&once, &sum), "bootstrap %u of four shards adds up to that of the whole", index);
        for (size_t p = 0; p < 4; p++) pid_joint_release(&tables[p]);
        pid_joint_release(&once);
        pid_joint_release(&sum);
    }
    struct pid_joint once = subsample(&whole, 0.3, 4), tables[4];
    for (size_t p = 0; p < 4; p++) tables[p] = subsample(&parts[p], 0.3, 4);
    struct pid_joint sum = add_tables(tables, 4);
    tap_ok(same_tables(&once, &sum), "so does a subsample");
    for (size_t p = 0; p < 4; p++) {
        pid_joint_release(&tables[p]);
        release_part(&parts[p]);
    }
    pid_joint_release(&once);
    pid_joint_release(&sum);
    release_part(&whole);
}

/* Five standard errors wherever a draw is compared with its expectation. */
static void test_bootstrap(void)
{
    enum { REPLICATES = 400 };
    struct part whole;
    make_part(&whole, 0, ROWS, 1000);
    double sum = 0, square = 0, cells = 0;
    for (uint32_t b = 0; b < REPLICATES; b++) {
        struct pid_joint table = bootstrap(&whole, b);
        sum += table.total - ROWS;
        square += pow(table.total - ROWS, 2);
        cells += (double)table.cells;
        pid_joint_release(&table);
    }
    tap_near(sum / REPLICATES, 0, 5 * sqrt((double)ROWS / REPLICATES), "a replicate has as many rows as the data on average");
    tap_near(square / REPLICATES / ROWS, 1, 5 * sqrt(2.0 / REPLICATES), "with the variance of a Poisson number");
    double expected = 0, variance = 0;
    for (size_t c = 0; c < whole.table.cells; c++) {
        double empty = exp(-whole.table.weights[c]);
        expected += 1 - empty;
        variance += empty * (1 - empty);
    }
    tap_near(cells / REPLICATES, expected, 5 * sqrt(variance / REPLICATES), "a cell of n rows is empty with probability exp -n");
    struct pid_joint a = bootstrap(&whole, 0), b = bootstrap(&whole, 1), c;
    struct pid_error error;
    tap_ok(!same_tables(&a, &b), "replicates differ");
    tap_ok(pid_sample_bootstrap(whole.sample, 4, 0, &c, &error) == PID_OK && !same_tables(&a, &c), "and so do seeds");
    pid_joint_release(&a);
    pid_joint_release(&b);
    pid_joint_release(&c);
    release_part(&whole);
}

/* One cell a row: the weights themselves. */
static void test_poisson(void)
{
    enum { N = 200000, MOST = 5 };
    struct pid_error error = {0};
    uint64_t levels[] = {N};
    uint32_t *row = malloc(N * sizeof *row);
    double *weights = malloc(N * sizeof *weights);
    for (uint32_t r = 0; r < N; r++) row[r] = r, weights[r] = 1;
    const uint32_t *columns[] = {row};
    struct pid_joint table, drawn;
    struct pid_sample *sample = pid_sample_new(1, levels, false, &error);
    bool ok = pid_joint_from_rows(&table, 1, levels, row, weights, N, true, &error) == PID_OK && pid_sample_add(sample, columns, N, 3, 0, &error) == PID_OK &&
              pid_sample_bind(sample, &table, &error) == PID_OK && pid_sample_bootstrap(sample, 1, 0, &drawn, &error) == PID_OK;
    tap_ok(ok, "a table of one row a cell");
    double seen[MOST + 1] = {N}, p = exp(-1);
    for (size_t c = 0; c < drawn.cells; c++) {
        seen[0]--;
        if (drawn.weights[c] <= MOST) seen[(size_t)drawn.weights[c]]++;
    }
    for (int k = 0; k <= MOST; p /= ++k) tap_near(seen[k] / N, p, 5 * sqrt(p * (1 - p) / N), "weight %d is as frequent as a Poisson number", k);
    /* Neighbouring rows share random words; they must not share draws. */
    memset(weights, 0, N * sizeof *weights);
    for (size_t c = 0; c < drawn.cells; c++) weights[drawn.indices[c]] = drawn.weights[c];
    for (size_t lag = 1; lag <= 4; lag++) {
        double product = 0;
        for (size_t r = lag; r < N; r++) product += (weights[r] - 1) * (weights[r - lag] - 1);
        tap_near(product / N, 0, 5 / sqrt(N), "rows %zu apart are independent", lag);
    }
    pid_joint_release(&drawn);
    pid_joint_release(&table);
    pid_sample_free(sample);
    free(row);
    free(weights);
}

static void test_subsample(void)
{
    struct part whole;
    make_part(&whole, 0, ROWS, 512);
    static const struct { double fraction; size_t parts; const char *what; } series[] = {
        {0.5, 2, "halves"}, {0.25, 4, "quarters"}, {1.0 / 3, 3, "thirds"}, {1, 1, "wholes"}};
    for (size_t s = 0; s < 4; s++) {
        struct pid_joint tables[4] = {{0}};
        double worst = 0;
        for (uint32_t i = 0; i < series[s].parts; i++) {
            tables[i] = subsample(&whole, series[s].fraction, i);
            double p = series[s].fraction;
            worst = fmax(worst, p < 1 ? fabs(tables[i].total - p * ROWS) / sqrt(p * (1 - p) * ROWS) : tables[i].total != ROWS);
        }
        struct pid_joint sum = add_tables(tables, series[s].parts);
        tap_ok(same_tables(&sum, &whole.table), "the %s make up the whole", series[s].what);
        tap_ok(worst < 5, "and are of the right size");
        for (size_t i = 0; i < series[s].parts; i++) pid_joint_release(&tables[i]);
        pid_joint_release(&sum);
    }
    struct pid_joint quarters[] = {subsample(&whole, 0.25, 0), subsample(&whole, 0.25, 1)}, half = subsample(&whole, 0.5, 0), next = subsample(&whole, 0.5, 2);
    struct pid_joint sum = add_tables(quarters, 2);
    tap_ok(same_tables(&sum, &half), "two quarters make up a half");
    tap_ok(!same_tables(&half, &next), "the next series draws anew");
    pid_joint_release(&quarters[0]);
    pid_joint_release(&quarters[1]);
    pid_joint_release(&half);
    pid_joint_release(&next);
    pid_joint_release(&sum);
    release_part(&whole);
}

/* Clusters of one to ten rows, each in a cell of its own and in two pieces. */
static void test_clusters(void)
{
    enum { CLUSTERS = 3000 };
    struct pid_error error = {0};
    static const uint64_t levels[] = {CLUSTERS};
    struct pid_sample *sample = pid_sample_new(1, levels, true, &error);
    uint32_t label[10];
    double weights[CLUSTERS];
    uint32_t index[CLUSTERS];
    bool ok = sample != NULL;
    for (int piece = 0; piece < 2; piece++) {
        for (uint32_t c = 0; c < CLUSTERS; c++) {
            size_t size = c % 10 + 1, first = piece ? size / 2 : 0, rows = piece ? size - size / 2 : size / 2;
            for (size_t r = 0; r < 10; r++) label[r] = c;
            const uint32_t *columns[] = {label};
            ok &= pid_sample_add(sample, columns, rows, first, pid_random_bits(1, 1, c), &error) == PID_OK;
            index[c] = c;
            weights[c] = (double)size;
        }
    }
    struct pid_joint table, drawn;
    ok = ok && pid_joint_from_rows(&table, 1, levels, index, weights, CLUSTERS, true, &error) == PID_OK &&
         pid_sample_bind(sample, &table, &error) == PID_OK && pid_sample_bootstrap(sample, 1, 0, &drawn, &error) == PID_OK;
    double times = 0;
    bool together = ok;
    for (size_t c = 0; ok && c < drawn.cells; c++) {
        double size = drawn.indices[c] % 10 + 1;
        together &= fmod(drawn.weights[c], size) == 0;
        times += drawn.weights[c] / size;
    }
    tap_ok(together, "the rows of a cluster stay together");
    tap_near(times / CLUSTERS, 1, 5 / sqrt(CLUSTERS), "and each cluster counts once on average");
    pid_joint_release(&drawn);
    ok = pid_sample_subsample(sample, 1, 0.5, 0, &drawn, &error) == PID_OK;
    for (size_t c = 0; c < drawn.cells; c++) ok &= drawn.weights[c] == drawn.indices[c] % 10 + 1;
    tap_ok(ok && drawn.cells > CLUSTERS / 3 && drawn.cells < CLUSTERS * 2 / 3, "a subsample takes whole clusters");
    pid_joint_release(&drawn);
    pid_joint_release(&table);
    pid_sample_free(sample);
}

static void test_row_numbers(void)
{
    struct pid_error error = {0};
    static const uint32_t zeros[10];
    const uint32_t *columns[] = {zeros, zeros, zeros};
    static const uint32_t index[3];
    static const double twenty[] = {20};
    struct pid_joint table;
    if (pid_joint_from_rows(&table, 3, shape, index, twenty, 1, true, &error)) tap_note("%s", error.message);
    static const struct { uint64_t first, part; bool fine; const char *what; } cases[] = {
        {10, 0, true, "rows that follow"}, {9, 0, false, "one row number twice"}, {0, 0, false, "all row numbers twice"},
        {0, 5, true, "the same numbers in another part"}, {UINT64_MAX - 20, 0, true, "far away"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pid_sample *sample = pid_sample_new(3, shape, false, &error);
        bool ok = pid_sample_add(sample, columns, 10, 0, 0, &error) == PID_OK && pid_sample_add(sample, columns, 10, cases[i].first, cases[i].part, &error) == PID_OK;
        enum pid_status status = pid_sample_bind(sample, &table, &error);
        tap_ok(ok && status == (cases[i].fine ? PID_OK : PID_ERROR_DATA), "%s: %s", cases[i].what, cases[i].fine ? "accepted" : "refused");
        pid_sample_free(sample);
    }
    pid_joint_release(&table);
}

/* All of sources and target counted apart. */
static bool same_margins(const struct pid_joint *a, const struct pid_joint *b, const size_t *wanted, size_t count)
{
    struct pid_error error;
    struct pid_joint pa = {0}, pb = {0};
    bool same = pid_joint_project(a, wanted, count, &pa, NULL, &error) == PID_OK && pid_joint_project(b, wanted, count, &pb, NULL, &error) == PID_OK &&
                same_tables(&pa, &pb);
    pid_joint_release(&pa);
    pid_joint_release(&pb);
    return same;
}

static struct pid_joint permute(const struct pid_joint *table, size_t sources, size_t strata, uint32_t index)
{
    struct pid_error error = {0};
    struct pid_joint drawn = {0};
    struct pid_permutation *p = pid_permutation_new(table, sources, strata, &error);
    if (!p || pid_permutation_draw(p, 7, index, &drawn, &error)) tap_note("%s", error.message);
    pid_permutation_free(p);
    return drawn;
}

static void test_permutation(void)
{
    static const size_t sources[] = {0, 1}, target[] = {2};
    struct part whole;
    make_part(&whole, 0, ROWS, ROWS);
    struct pid_joint a = permute(&whole.table, 2, 0, 0), again = permute(&whole.table, 2, 0, 0), b = permute(&whole.table, 2, 0, 1);
    tap_ok(same_margins(&a, &whole.table, sources, 2) && same_margins(&a, &whole.table, target, 1), "a permutation keeps sources and target");
    tap_ok(same_tables(&a, &again) && !same_tables(&a, &b) && !same_tables(&a, &whole.table), "and is another one for each number");
    pid_joint_release(&a);
    pid_joint_release(&again);
    pid_joint_release(&b);

    struct pid_joint constant = permute(&whole.table, 1, 0, 0); /* source 0; targets 1 and 2 together */
    tap_ok(same_margins(&constant, &whole.table, (size_t[]){0}, 1) && same_margins(&constant, &whole.table, (size_t[]){1, 2}, 2),
           "several targets stay together");
    pid_joint_release(&constant);
    release_part(&whole);
}

/* Sources and strata and target of the same counts many times over: both ways of dealing, and their expectation. */
static void check_expectation(double scale, const char *what)
{
    enum { REPLICATES = 600, X = 3, T = 4 };
    struct pid_error error = {0};
    static const double data[X][T] = {{3, 0, 5, 1}, {2, 2, 0, 6}, {0, 7, 1, 0}};
    uint32_t index[2 * X * T];
    double weights[X * T], x[X] = {0}, t[T] = {0}, n = 0, sum[X][T] = {{0}}, square[X][T] = {{0}};
    for (uint32_t i = 0; i < X * T; i++) {
        index[2 * i] = i / T, index[2 * i + 1] = i % T;
        weights[i] = scale * data[i / T][i % T];
        x[i / T] += weights[i], t[i % T] += weights[i], n += weights[i];
    }
    struct pid_joint table;
    if (pid_joint_from_rows(&table, 2, (uint64_t[]){X, T}, index, weights, X * T, true, &error)) tap_note("%s", error.message);
    struct pid_permutation *p = pid_permutation_new(&table, 1, 0, &error);
    bool margins = true;
    for (uint32_t r = 0; r < REPLICATES; r++) {
        struct pid_joint drawn;
        if (pid_permutation_draw(p, 1, r, &drawn, &error)) tap_note("%s", error.message);
        margins &= same_margins(&drawn, &table, (size_t[]){0}, 1) && same_margins(&drawn, &table, (size_t[]){1}, 1);
        double here[X][T] = {{0}};
        for (size_t c = 0; c < drawn.cells; c++) here[drawn.indices[2 * c]][drawn.indices[2 * c + 1]] = drawn.weights[c];
        for (size_t i = 0; i < X; i++) {
            for (size_t j = 0; j < T; j++) {
                double difference = here[i][j] - x[i] * t[j] / n;
                sum[i][j] += difference;
                square[i][j] += difference * difference;
            }
        }
        pid_joint_release(&drawn);
    }
    tap_ok(margins, "%s: margins are kept", what);
    double worst_mean = 0, worst_variance = 0;
    for (size_t i = 0; i < X; i++) {
        for (size_t j = 0; j < T; j++) {
            double variance = x[i] * t[j] / n * (n - x[i]) / n * (n - t[j]) / (n - 1);
            worst_mean = fmax(worst_mean, fabs(sum[i][j] / REPLICATES) / sqrt(variance / REPLICATES));
            worst_variance = fmax(worst_variance, fabs(square[i][j] / REPLICATES / variance - 1) / sqrt(2.0 / REPLICATES));
        }
    }
    tap_ok(worst_mean < 5, "%s: the mean of each cell is that of independence (%.2f standard errors)", what, worst_mean);
    tap_ok(worst_variance < 5, "%s: its variance is hypergeometric (%.2f standard errors)", what, worst_variance);
    pid_permutation_free(p);
    pid_joint_release(&table);
}

static void test_strata(void)
{
    static const size_t source[] = {0};
    struct pid_error error = {0};
    struct part whole;
    make_part(&whole, 0, ROWS, ROWS);
    struct pid_joint plain, drawn = permute(&whole.table, 1, 1, 0);
    tap_ok(drawn.variables == 2 && drawn.shape[0] == shape[0] && drawn.shape[1] == shape[2] && drawn.total == ROWS &&
               same_margins(&drawn, &drawn, source, 1), "the strata are not among the variables");
    if (pid_joint_project(&whole.table, (size_t[]){0, 2}, 2, &plain, NULL, &error)) tap_note("%s", error.message);
    tap_ok(same_margins(&drawn, &plain, source, 1) && same_margins(&drawn, &plain, (size_t[]){1}, 1), "permuting within strata keeps sources and target");
    pid_joint_release(&drawn);
    pid_joint_release(&plain);
    release_part(&whole);

    /* Where the stratum tells the target, nothing moves; where there is one stratum, all is as without. */
    uint32_t index[4 * 6], both[3 * 6];
    double weights[6];
    for (uint32_t i = 0; i < 6; i++) {
        index[3 * i] = i / 2, index[3 * i + 1] = index[3 * i + 2] = i % 2;
        both[3 * i] = i / 2, both[3 * i + 1] = 0, both[3 * i + 2] = i % 2;
        weights[i] = 10 + 7 * i * i % 11;
    }
    struct pid_joint told, single, pair;
    bool ok = pid_joint_from_rows(&told, 3, (uint64_t[]){3, 2, 2}, index, weights, 6, true, &error) == PID_OK &&
              pid_joint_from_rows(&single, 3, (uint64_t[]){3, 1, 2}, both, weights, 6, true, &error) == PID_OK &&
              pid_joint_project(&single, (size_t[]){0, 2}, 2, &pair, NULL, &error) == PID_OK;
    drawn = permute(&told, 1, 1, 3);
    tap_ok(ok && same_tables(&drawn, &pair), "a stratum that tells the target keeps the table as it is");
    pid_joint_release(&drawn);
    drawn = permute(&single, 1, 1, 3);
    struct pid_joint without = permute(&pair, 1, 0, 3);
    tap_ok(same_tables(&drawn, &without) && !same_tables(&drawn, &pair), "a single stratum is as none");
    pid_joint_release(&drawn);
    pid_joint_release(&without);
    pid_joint_release(&told);
    pid_joint_release(&single);
    pid_joint_release(&pair);
}

/* Strata of two sources cells each: within a stratum the target's counts stay. */
static void test_within(void)
{
    struct pid_error error = {0};
    struct part whole;
    make_part(&whole, 0, ROWS, ROWS);
    /* Source: the pair (label 0, label 1) itself, so that the stratum can be read off the drawn table. */
    uint32_t *index = malloc(4 * whole.table.cells * sizeof *index);
    for (size_t c = 0; c < whole.table.cells; c++) {
        const uint32_t *cell = pid_joint_cell(&whole.table, c);
        index[4 * c] = cell[0], index[4 * c + 1] = cell[1], index[4 * c + 2] = cell[0], index[4 * c + 3] = cell[2];
    }
    struct pid_joint table;
    bool ok = pid_joint_from_rows(&table, 4, (uint64_t[]){5, 300, 5, 4}, index, whole.table.weights, whole.table.cells, true, &error) == PID_OK;
    struct pid_joint drawn = permute(&table, 2, 1, 0), without = permute(&whole.table, 2, 0, 0);
    static const size_t stratum_target[] = {0, 2};
    tap_ok(ok && same_margins(&drawn, &whole.table, stratum_target, 2) && !same_tables(&drawn, &whole.table), "each stratum keeps its targets");
    tap_ok(!same_margins(&without, &whole.table, stratum_target, 2), "which it does not without strata");
    pid_joint_release(&drawn);
    pid_joint_release(&without);
    pid_joint_release(&table);
    free(index);
    release_part(&whole);
}

static void check_hypergeometric(uint64_t total, uint64_t marked, uint64_t drawn)
{
    enum { GRID = 200000 };
    double mean = 0, square = 0, N = (double)total, K = (double)marked, n = (double)drawn, expected = n * (K / N);
    double variance = expected * ((N - K) / N) * ((N - n) / (N - 1));
    bool inside = true;
    for (int i = 0; i < GRID; i++) {
        uint64_t k = pid_hypergeometric((i + 0.5) / GRID, total, marked, drawn);
        inside &= k <= marked && k <= drawn && drawn - k <= total - marked;
        mean += ((double)k - expected) / GRID;
        square += pow((double)k - expected, 2) / GRID;
    }
    tap_ok(inside, "hypergeometric %llu %llu %llu: inside its bounds", (unsigned long long)total, (unsigned long long)marked, (unsigned long long)drawn);
    double deviation = sqrt(variance);
    tap_near(mean, 0, 2e-3 * deviation + 1e-12, "mean");
    tap_near(square, variance, 4e-3 * variance + 1e-12, "variance");
}

static void test_hypergeometric(void)
{
    static const uint64_t cases[][3] = {{10, 4, 5}, {10, 0, 5}, {10, 10, 5}, {10, 4, 0}, {10, 4, 10}, {2, 2, 1}, {1000, 3, 999}, {1000, 500, 1},
                                        {100000, 20000, 30000}, {1000000000, 100, 30000000}, {1000000000000, 2000000000, 700000},
                                        {PID_JOINT_COUNT_MAX, PID_JOINT_COUNT_MAX / 2, 1000000}, {PID_JOINT_COUNT_MAX, 3, PID_JOINT_COUNT_MAX - 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_hypergeometric(cases[i][0], cases[i][1], cases[i][2]);
    /* 4 of 10 marked, 5 drawn: C(4, k) C(6, 5 - k) / 252 */
    static const double ways[] = {6, 60, 120, 60, 6};
    double seen[5] = {0};
    for (int i = 0; i < 252000; i++) seen[pid_hypergeometric((i + 0.5) / 252000, 10, 4, 5)]++;
    for (size_t k = 0; k < 5; k++) tap_near(seen[k], 1000 * ways[k], 1, "%zu of 5 are marked in %g of 252 ways", k, ways[k]);
    tap_ok(pid_hypergeometric(1 - 0x1p-53, 1000, 500, 100) <= 100, "the last u is no special case");
}

int main(void)
{
    for (size_t v = 0; v < 3; v++)
        for (size_t r = 0; r < ROWS; r++)
            labels[v][r] = (uint32_t)(shape[v] * pow(pid_random_uniform(11, pid_random_stream(PID_RANDOM_TEST, (uint32_t)v), r), 3));
    test_shards();
    test_bootstrap();
    test_poisson();
    test_subsample();
    test_clusters();
    test_row_numbers();
    test_permutation();
    check_expectation(1, "few rows");
    check_expectation(1000, "many rows");
    check_expectation(1e10, "very many rows");
    test_strata();
    test_within();
    test_hypergeometric();
    return tap_done();
}
