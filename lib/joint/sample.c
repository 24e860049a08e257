#include "joint/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"

/* Rows of one call.  Before they are bound, `data` is the labels, each in as few bytes as its variable's levels need; then it
 * is the number of each row's cell. */
struct chunk {
    uint64_t first, part;
    size_t rows;
    void *data;
};

struct pid_sample {
    size_t variables;
    bool clustered;
    uint8_t *bytes;     /* variables: 1, 2 or 4 */
    size_t count, room;
    struct chunk *chunks;
    const struct pid_joint *table; /* NULL until bound */
};

struct pid_sample *pid_sample_new(size_t variables, const uint64_t *shape, bool clustered, struct pid_error *error)
{
    struct pid_sample *s = pid_array_new(1, sizeof *s, error);
    if (!s) return NULL;
    s->variables = variables;
    s->clustered = clustered;
    s->bytes = pid_array_new(variables, 1, error);
    if (!s->bytes) {
        pid_sample_free(s);
        return NULL;
    }
    for (size_t v = 0; v < variables; v++) s->bytes[v] = shape[v] == 0 || shape[v] > 1 << 16 ? 4 : shape[v] > 1 << 8 ? 2 : 1;
    return s;
}

void pid_sample_free(struct pid_sample *s)
{
    if (!s) return;
    for (size_t c = 0; c < s->count; c++) free(s->chunks[c].data);
    free(s->chunks);
    free(s->bytes);
    free(s);
}

/* Columns begin at multiples of four bytes. */
static size_t column_bytes(const struct pid_sample *s, size_t variable, size_t rows)
{
    return (rows * s->bytes[variable] + 3) / 4 * 4;
}

static void pack_column(void *to, size_t bytes, const uint32_t *labels, size_t rows)
{
    uint8_t *narrow = to;
    uint16_t *middle = to;
    switch (bytes) {
    case 1:
        for (size_t r = 0; r < rows; r++) narrow[r] = (uint8_t)labels[r];
        break;
    case 2:
        for (size_t r = 0; r < rows; r++) middle[r] = (uint16_t)labels[r];
        break;
    default: memcpy(to, labels, rows * sizeof *labels);
    }
}

static uint32_t packed_label(const void *column, size_t bytes, size_t row)
{
    switch (bytes) {
    case 1: return ((const uint8_t *)column)[row];
    case 2: return ((const uint16_t *)column)[row];
    default: return ((const uint32_t *)column)[row];
    }
}

enum pid_status pid_sample_add(struct pid_sample *s, const uint32_t *const *columns, size_t rows, uint64_t first, uint64_t part,
                               struct pid_error *error)
{
    if (!rows) return PID_OK;
    void *chunks = s->chunks;
    enum pid_status status = pid_array_grow(&chunks, &s->room, s->count + 1, sizeof *s->chunks, error);
    s->chunks = chunks;
    if (status != PID_OK) return status;
    size_t size = 0;
    for (size_t v = 0; v < s->variables; v++) size += column_bytes(s, v, rows);
    char *data = pid_array_new(size, 1, error), *at = data;
    if (!data) return error->status;
    for (size_t v = 0; v < s->variables; at += column_bytes(s, v++, rows)) pack_column(at, s->bytes[v], columns[v], rows);
    s->chunks[s->count++] = (struct chunk){first, part, rows, data};
    return PID_OK;
}

/* Finds the cell of a row: by a map of all possible cells where that is not much larger than the table, else by halving. */
struct finder {
    const struct pid_joint *table;
    uint32_t *map; /* possible cells, or NULL */
};

enum { MAP_SMALL = 1 << 16, MAP_PER_CELL = 16 };

static enum pid_status finder_init(struct finder *finder, const struct pid_joint *table, struct pid_error *error)
{
    uint64_t possible = 1;
    bool narrow = true;
    *finder = (struct finder){table, NULL};
    for (size_t v = 0; v < table->variables; v++) narrow &= !__builtin_mul_overflow(possible, table->shape[v], &possible);
    if (!narrow || (possible > MAP_SMALL && possible / MAP_PER_CELL > table->cells)) return PID_OK;
    finder->map = pid_array_new(possible, sizeof *finder->map, error);
    if (!finder->map) return error->status;
    for (size_t c = 0; c < table->cells; c++) {
        uint64_t number = 0;
        for (size_t v = 0; v < table->variables; v++) number = number * table->shape[v] + pid_joint_cell(table, c)[v];
        finder->map[number] = (uint32_t)c;
    }
    return PID_OK;
}

static uint32_t find_cell(const struct finder *finder, const uint32_t *label)
{
    const struct pid_joint *t = finder->table;
    if (finder->map) {
        uint64_t number = 0;
        for (size_t v = 0; v < t->variables; v++) number = number * t->shape[v] + label[v];
        return finder->map[number];
    }
    size_t low = 0, high = t->cells - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2, v = 0;
        const uint32_t *cell = pid_joint_cell(t, middle);
        while (v + 1 < t->variables && cell[v] == label[v]) v++;
        if (cell[v] < label[v]) low = middle + 1;
        else high = middle;
    }
    return (uint32_t)low;
}

static enum pid_status bind_chunk(const struct pid_sample *s, const struct finder *finder, struct chunk *chunk, uint32_t *label,
                                  struct pid_error *error)
{
    uint32_t *cells = pid_array_new(chunk->rows, sizeof *cells, error);
    if (!cells) return error->status;
    for (size_t r = 0; r < chunk->rows; r++) {
        const char *column = chunk->data;
        for (size_t v = 0; v < s->variables; column += column_bytes(s, v++, chunk->rows)) label[v] = packed_label(column, s->bytes[v], r);
        cells[r] = find_cell(finder, label);
    }
    free(chunk->data);
    chunk->data = cells;
    return PID_OK;
}

static int compare_chunks(const void *left, const void *right)
{
    const struct chunk *a = left, *b = right;
    if (a->part != b->part) return a->part < b->part ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static enum pid_status check_numbers(const struct pid_sample *s, struct pid_error *error)
{
    for (size_t c = 1; c < s->count; c++) {
        const struct chunk *before = &s->chunks[c - 1], *here = &s->chunks[c];
        if (before->part != here->part || here->first - before->first >= before->rows) continue;
        return pid_error_set(error, PID_ERROR_DATA, "row number %llu comes twice: random draws need a number of its own for each row",
                             (unsigned long long)here->first);
    }
    return PID_OK;
}

enum pid_status pid_sample_bind(struct pid_sample *s, const struct pid_joint *table, struct pid_error *error)
{
    if (s->count) qsort(s->chunks, s->count, sizeof *s->chunks, compare_chunks);
    if (table->cells > UINT32_MAX) return pid_error_set(error, PID_ERROR_MEMORY, "a table of %zu cells is too large to draw from", table->cells);
    struct finder finder = {0};
    uint32_t *label = pid_array_new(s->variables, sizeof *label, error);
    enum pid_status status = label ? PID_OK : error->status;
    if (status == PID_OK && !s->clustered) status = check_numbers(s, error);
    if (status == PID_OK) status = finder_init(&finder, table, error);
    for (size_t c = 0; c < s->count && status == PID_OK; c++) status = bind_chunk(s, &finder, &s->chunks[c], label, error);
    free(finder.map);
    free(label);
    s->table = table;
    return status;
}

/* What a bootstrap counts a row by, from 32 random bits: floor(2^32 P(Poisson(1) <= k)) for k = 0 .. */
static const uint32_t poisson_limits[] = {0x5e2d58d8, 0xbc5ab1b1, 0xeb715e1d, 0xfb239797, 0xff1025f5, 0xffd90f3b, 0xfffa8b71,
                                          0xffff540c, 0xffffed1f, 0xfffffe21, 0xffffffd4, 0xfffffffc, 0xffffffff};
enum { POISSON_LIMITS = sizeof poisson_limits / sizeof *poisson_limits };

static uint64_t poisson(uint32_t bits)
{
    uint64_t k = 0;
    while (k < POISSON_LIMITS && bits >= poisson_limits[k]) k++;
    return k;
}

/* How often each row of a block counts in one version of the data. */
enum { BLOCK_ROWS = 1024 };
struct draw { uint64_t seed, stream; double low, high; /* a subsample's range; 0, 0: a bootstrap */ };

static uint64_t times_of_pair(const struct draw *draw, struct pid_random_pair pair, unsigned which)
{
    if (draw->high == 0) {
        uint64_t word = which < 2 ? pair.first : pair.second;
        return poisson((uint32_t)(word >> 32 * (which & 1)));
    }
    double u = (double)((which ? pair.second : pair.first) >> 11) * 0x1p-53;
    return u >= draw->low && u < draw->high;
}

/* One random pair serves four rows of a bootstrap, two of a subsample. */
static void draw_rows(const struct draw *draw, uint64_t seed, uint64_t first, size_t rows, uint8_t *times)
{
    unsigned per_pair = draw->high == 0 ? 4 : 2, which = (unsigned)(first % per_pair);
    uint64_t counter = first / per_pair;
    for (size_t r = 0; r < rows; counter++, which = 0) {
        struct pid_random_pair pair = pid_random_pair(seed, draw->stream, counter);
        for (; which < per_pair && r < rows; which++) times[r++] = (uint8_t)times_of_pair(draw, pair, which);
    }
}

static void draw_chunk(const struct pid_sample *s, const struct draw *draw, const struct chunk *chunk, uint64_t *counts)
{
    const uint32_t *cells = chunk->data;
    uint8_t times[BLOCK_ROWS];
    if (s->clustered) {
        uint64_t all = times_of_pair(draw, pid_random_pair(draw->seed, draw->stream, chunk->part), 0);
        for (size_t r = 0; r < chunk->rows; r++) counts[cells[r]] += all;
        return;
    }
    uint64_t seed = chunk->part ? pid_hash_bits(draw->seed ^ chunk->part) : draw->seed;
    for (size_t first = 0; first < chunk->rows; first += BLOCK_ROWS) {
        size_t rows = chunk->rows - first < BLOCK_ROWS ? chunk->rows - first : BLOCK_ROWS;
        draw_rows(draw, seed, chunk->first + first, rows, times);
        for (size_t r = 0; r < rows; r++) counts[cells[first + r]] += times[r];
    }
}

/* The cells of the table that were counted at all. */
static enum pid_status table_of_counts(const struct pid_joint *from, const uint64_t *counts, struct pid_joint *table, struct pid_error *error)
{
    size_t cells = 0, n = from->variables;
    uint64_t total = 0;
    for (size_t c = 0; c < from->cells; c++) {
        cells += counts[c] != 0;
        total += counts[c];
    }
    if (total > PID_JOINT_COUNT_MAX) return pid_error_set(error, PID_ERROR_DATA, "the counts of a replicate add up to more than 2^53");
    enum pid_status status = pid_joint_init(table, n, from->shape, cells, error);
    if (status != PID_OK) return status;
    cells = 0;
    for (size_t c = 0; c < from->cells; c++) {
        if (!counts[c]) continue;
        memcpy(table->indices + cells * n, pid_joint_cell(from, c), n * sizeof *table->indices);
        table->weights[cells++] = (double)counts[c];
    }
    table->total = (double)total;
    table->counts = true;
    return PID_OK;
}

static enum pid_status draw_table(const struct pid_sample *s, const struct draw *draw, struct pid_joint *table, struct pid_error *error)
{
    *table = (struct pid_joint){0};
    uint64_t *counts = pid_array_new(s->table->cells, sizeof *counts, error);
    if (!counts) return error->status;
    for (size_t c = 0; c < s->count; c++) draw_chunk(s, draw, &s->chunks[c], counts);
    enum pid_status status = table_of_counts(s->table, counts, table, error);
    free(counts);
    return status;
}

enum pid_status pid_sample_bootstrap(const struct pid_sample *s, uint64_t seed, uint32_t index, struct pid_joint *table,
                                     struct pid_error *error)
{
    return draw_table(s, &(struct draw){seed, pid_random_stream(PID_RANDOM_BOOTSTRAP, index), 0, 0}, table, error);
}

uint32_t pid_subsample_series(double fraction)
{
    /* A third, as written in decimals, is three in a series. */
    return (uint32_t)fmin(floor(1 / fraction * (1 + 1e-9)), UINT32_MAX);
}

enum pid_status pid_sample_subsample(const struct pid_sample *s, uint64_t seed, double fraction, uint32_t index,
                                     struct pid_joint *table, struct pid_error *error)
{
    uint32_t series = pid_subsample_series(fraction), place = index % series;
    double high = (place + 1) * fraction < 1 ? (place + 1) * fraction : 1;
    return draw_table(s, &(struct draw){seed, pid_random_stream(PID_RANDOM_SUBSAMPLE, index / series), place * fraction, high}, table, error);
}
