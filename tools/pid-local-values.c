/* The local values of each cell, and what they are called. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "decomposition/margin.h"
#include "pid-local.h"

char *local_named(const struct local *local, const char *kind, const char *name)
{
    struct pid_error error;
    char *text = pid_string_format(&error, "%s:%s", kind, name);
    if (!text) pid_program_fail(local->options->program, &error);
    return text;
}

static void name_each(struct local *local, const char *kind)
{
    for (size_t s = 0; s < local->sources; s++) local->names[local->value_count++] = local_named(local, kind, local->source[s]);
}

static void name_one(struct local *local, const char *name)
{
    struct pid_error error;
    if (!(local->names[local->value_count++] = pid_string_copy(name, &error))) pid_program_fail(local->options->program, &error);
}

static void find_by(struct local *local)
{
    const char *by = local->options->by ? local->options->by : local->sources == 2 ? "synergy" : "remainder";
    char list[1000];
    size_t length = 0;
    while (local->by < local->value_count && strcmp(local->names[local->by], by)) local->by++;
    if (local->by < local->value_count) return;
    for (size_t i = 0; i < local->value_count && length < sizeof list; i++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "", local->names[i]);
    pid_program_usage(local->options->program, "--by: no value '%s'; there are %s", by, list);
}

enum pid_status local_name_values(struct local *local, struct pid_error *error)
{
    size_t targets = 0;
    for (size_t i = 0; i < local->header.variable_count; i++) {
        if (local->header.variables[i].role == PID_ROLE_TARGET) targets++;
        else local->source[local->sources++] = local->header.variables[i].name;
    }
    if (local->sources < 2 || targets != 1)
        return pid_error_set(error, PID_ERROR_DATA, "has %zu sources and %zu targets; local values are of two or more sources and one target", local->sources, targets);
    bool two = local->sources == 2;
    if (two) name_one(local, "redundant");
    local->unique = local->value_count;
    name_each(local, "unique");
    name_one(local, two ? "synergy" : "remainder");
    name_one(local, "total");
    local->mi = local->value_count;
    name_each(local, "mi");
    if (!two) name_each(local, "redundant"), name_each(local, "synergy");
    find_by(local);
    return PID_OK;
}

/* The cells of one table, `count` rows of sources + 1 codes, and where they are among all. */
struct cells {
    const struct local *local;
    const struct local_table *table;
    size_t count;
    uint32_t *codes;
    double *weights;
    size_t *place;
    double *potentials;      /* count: what the two of the current decomposition add up to */
    struct pid_local *parts; /* count: its local values */
};

static double *values_of(const struct cells *cells, size_t i) { return cells->local->values + cells->place[i] * cells->local->value_count; }

static void compute_two(struct cells *cells)
{
    const struct local_table *t = cells->table;
    struct pid_error error;
    struct pid_decomposition_table two = {{t->levels[0], t->levels[1], t->levels[2]}, cells->count, cells->codes, 3, {0, 1, 2}, cells->weights};
    pid_local_potentials(&two, t->potentials[0].own, t->potentials[1].own, cells->potentials);
    local_must(cells->local, pid_local_compute(&two, cells->potentials, cells->parts, &error), &error);
    for (size_t i = 0; i < cells->count; i++) {
        const struct pid_local *part = &cells->parts[i];
        const double each[] = {part->redundant, part->unique[0], part->unique[1], part->synergy, part->total, part->mi[0], part->mi[1]};
        memcpy(values_of(cells, i), each, sizeof each);
    }
}

static int by_codes(const void *a, const void *b, void *count)
{
    const uint32_t *x = a, *y = b;
    for (size_t v = 0; v < *(const size_t *)count; v++)
        if (x[v] != y[v]) return x[v] < y[v] ? -1 : 1;
    return 0;
}

/* The potential of the other sources' levels and the target's in a cell; NaN where there is none. */
static double rest_potential(const struct local_potentials *potentials, const uint32_t *codes, size_t source, size_t sources)
{
    uint32_t wanted[PID_VARIABLES_MAX];
    size_t low = 0, high = potentials->count;
    for (size_t v = 0, k = 0; v <= sources; v++)
        if (v != source) wanted[k++] = codes[v];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = by_codes(potentials->others + middle * sources, wanted, &sources);
        if (!order) return potentials->rest[middle];
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return NAN;
}

/* Source s against the others merged, each combination of which that occurs is a symbol. */
static void compute_source(struct cells *cells, size_t s)
{
    const struct local *local = cells->local;
    size_t n = local->sources, columns[PID_VARIABLES_MAX], levels = cells->table->levels[n];
    struct pid_error error;
    struct pid_arena arena = {0};
    struct pid_margin rest;
    struct pid_cells all = {cells->count, cells->codes, n + 1};
    for (size_t v = 0, k = 0; v < n; v++)
        if (v != s) columns[k++] = v;
    local_must(local, pid_margin_init(&rest, &all, cells->weights, columns, n - 1, &arena, &error), &error);
    uint32_t *merged = local_array(local, 3 * cells->count, sizeof *merged);
    for (size_t i = 0; i < cells->count; i++) {
        const uint32_t *codes = cells->codes + i * (n + 1);
        memcpy(merged + 3 * i, (const uint32_t[]){codes[s], rest.of[i], codes[n]}, 3 * sizeof *merged);
        cells->potentials[i] = cells->table->potentials[s].own[codes[s] * levels + codes[n]] + rest_potential(&cells->table->potentials[s], codes, s, n);
    }
    struct pid_decomposition_table two = {{cells->table->levels[s], rest.count, levels}, cells->count, merged, 3, {0, 1, 2}, cells->weights};
    local_must(local, pid_local_compute(&two, cells->potentials, cells->parts, &error), &error);
    free(merged);
    pid_arena_release(&arena);
    for (size_t i = 0; i < cells->count; i++) {
        const struct pid_local *part = &cells->parts[i];
        double *to = values_of(cells, i);
        to[s] = part->unique[0];
        to[n + 1] = part->total;
        to[n + 2 + s] = part->mi[0];
        to[2 * n + 2 + s] = part->redundant;
        to[3 * n + 2 + s] = part->synergy;
    }
}

static void compute_many(struct cells *cells)
{
    size_t n = cells->local->sources;
    for (size_t s = 0; s < n; s++) compute_source(cells, s);
    for (size_t i = 0; i < cells->count; i++) {
        double *values = values_of(cells, i);
        values[n] = values[n + 1];
        for (size_t s = 0; s < n; s++) values[n] -= values[s];
    }
}

/* Whether the labels' own information is the decomposition's. */
static void check_cells(const struct cells *cells)
{
    const struct local *local = cells->local;
    const struct local_table *table = cells->table;
    struct pid_error error;
    char text[200];
    for (size_t s = 0; s < local->sources; s++) {
        double mi = 0;
        for (size_t i = 0; i < cells->count; i++) mi += values_of(cells, i)[local->mi + s] * cells->weights[i] / (double)table->rows;
        if (fabs(mi - table->mi[s]) <= 1e-9) continue;
        pid_error_set(&error, PID_ERROR_DATA, "%s: %s: not the decomposition of these labels: %s is %.9g there, %.9g in the labels",
                      local->options->decomposition, pid_key_format(&table->key, text, sizeof text), local->names[local->mi + s], table->mi[s], mi);
        pid_program_fail(local->options->program, &error);
    }
}

static void compute_table(struct cells *cells, size_t number)
{
    const struct local *local = cells->local;
    const struct local_table *table = cells->table = &local->tables[number];
    size_t width = local->sources + 1;
    struct pid_error error;
    char text[200];
    if (table->rows != table->samples) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: %s: was made from %" PRIu64 " samples; the labels have %" PRIu64, local->options->decomposition,
                      pid_key_format(&table->key, text, sizeof text), table->samples, table->rows);
        pid_program_fail(local->options->program, &error);
    }
    cells->count = 0;
    for (size_t c = 0; c < local->cell_count; c++) {
        if (local->cells[c].table != number) continue;
        memcpy(cells->codes + width * cells->count, local->codes + c * local->column_count, width * sizeof *cells->codes);
        cells->weights[cells->count] = (double)local->cells[c].rows;
        cells->place[cells->count++] = c;
    }
    if (local->sources == 2) compute_two(cells);
    else compute_many(cells);
    check_cells(cells);
}

void local_compute(struct local *local)
{
    size_t count = local->cell_count;
    local->values = local_array(local, count * local->value_count, sizeof *local->values);
    struct cells cells = {
        .local = local,
        .codes = local_array(local, count * (local->sources + 1), sizeof *cells.codes),
        .weights = local_array(local, count, sizeof *cells.weights),
        .place = local_array(local, count, sizeof *cells.place),
        .potentials = local_array(local, count, sizeof *cells.potentials),
        .parts = local_array(local, count, sizeof *cells.parts),
    };
    for (size_t t = 0; t < local->table_count; t++) compute_table(&cells, t);
    free(cells.codes);
    free(cells.weights);
    free(cells.place);
    free(cells.potentials);
    free(cells.parts);
}
