#include "joint/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sum.h"

enum pid_status pid_joint_init(struct pid_joint *table, size_t variables, const uint64_t *shape, size_t cells,
                               struct pid_error *error)
{
    *table = (struct pid_joint){.variables = variables, .cells = cells};
    size_t entries;
    if (__builtin_mul_overflow(variables, cells, &entries)) {
        return pid_error_set(error, PID_ERROR_MEMORY, "a table of %zu cells is too large", cells);
    }
    table->shape = pid_array_new(variables, sizeof *table->shape, error);
    table->indices = table->shape ? pid_array_new(entries, sizeof *table->indices, error) : NULL;
    table->weights = table->indices ? pid_array_new(cells, sizeof *table->weights, error) : NULL;
    if (!table->weights) {
        pid_joint_release(table);
        return error->status;
    }
    memcpy(table->shape, shape, variables * sizeof *shape);
    return PID_OK;
}

void pid_joint_release(struct pid_joint *table)
{
    free(table->shape);
    free(table->indices);
    free(table->weights);
    *table = (struct pid_joint){0};
}

/* Rows to be sorted. */
struct rows {
    size_t variables;
    const uint32_t *indices;
    const double *weights;
};

static const uint32_t *row_at(const struct rows *rows, size_t row)
{
    return rows->indices + row * rows->variables;
}

static int compare_cells(const struct rows *rows, size_t a, size_t b)
{
    const uint32_t *x = row_at(rows, a), *y = row_at(rows, b);
    for (size_t v = 0; v < rows->variables; v++)
        if (x[v] != y[v]) return x[v] < y[v] ? -1 : 1;
    return 0;
}

static int compare_rows(const void *left, const void *right, void *context)
{
    const struct rows *rows = context;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = compare_cells(rows, a, b);
    if (order) return order;
    return (rows->weights[a] > rows->weights[b]) - (rows->weights[a] < rows->weights[b]);
}

/* The rows in canonical order; rows that are in it already, as those of a table are, cost one comparison each. */
static size_t *sorted_rows(struct rows *rows, size_t count, struct pid_error *error)
{
    size_t *order = pid_array_new(count, sizeof *order, error);
    if (!order) return NULL;
    bool sorted = true;
    for (size_t r = 0; r < count; r++) {
        order[r] = r;
        if (r) sorted &= compare_rows(&order[r - 1], &order[r], rows) <= 0;
    }
    if (!sorted) qsort_r(order, count, sizeof *order, compare_rows, rows);
    return order;
}

static enum pid_status check_weight(double weight, bool counts, uint64_t *sum, size_t row, struct pid_error *error)
{
    if (!isfinite(weight) || weight < 0) {
        return pid_error_set(error, PID_ERROR_DATA, "row %zu: weight %g is not a finite number >= 0", row, weight);
    }
    if (!counts) return PID_OK;
    if (weight != floor(weight)) return pid_error_set(error, PID_ERROR_DATA, "row %zu: count %.17g is not a whole number", row, weight);
    /* In whole numbers, because 2^53 + 1 is not a double. */
    if (weight <= (double)PID_JOINT_COUNT_MAX) *sum += (uint64_t)weight;
    if (weight <= (double)PID_JOINT_COUNT_MAX && *sum <= PID_JOINT_COUNT_MAX) return PID_OK;
    return pid_error_set(error, PID_ERROR_DATA, "row %zu: the counts add up to more than 2^53", row);
}

static enum pid_status check_rows(const struct rows *rows, const uint64_t *shape, size_t count, bool counts, struct pid_error *error)
{
    uint64_t sum = 0;
    for (size_t r = 0; r < count; r++) {
        for (size_t v = 0; v < rows->variables; v++) {
            uint32_t level = row_at(rows, r)[v];
            if (level < shape[v]) continue;
            return pid_error_set(error, PID_ERROR_DATA, "row %zu: level %u of variable %zu is not below %llu", r + 1, level, v + 1,
                                 (unsigned long long)shape[v]);
        }
        enum pid_status status = check_weight(rows->weights[r], counts, &sum, r + 1, error);
        if (status != PID_OK) return status;
    }
    return PID_OK;
}

/* Walks over the cells in order; with `table` NULL only counts those that have weight. */
static size_t gather_cells(const struct rows *rows, const size_t *order, size_t count, struct pid_joint *table)
{
    size_t cells = 0;
    for (size_t r = 0, next; r < count; r = next) {
        struct pid_sum sum = {0};
        for (next = r; next < count && !compare_cells(rows, order[r], order[next]); next++)
            pid_sum_add(&sum, rows->weights[order[next]]);
        double weight = pid_sum_value(&sum);
        if (weight == 0) continue;
        if (table) {
            memcpy(table->indices + cells * rows->variables, row_at(rows, order[r]), rows->variables * sizeof *rows->indices);
            table->weights[cells] = weight;
        }
        cells++;
    }
    return cells;
}

static enum pid_status set_total(struct pid_joint *table, bool counts, struct pid_error *error)
{
    struct pid_sum total = {0};
    for (size_t c = 0; c < table->cells; c++) pid_sum_add(&total, table->weights[c]);
    table->total = pid_sum_value(&total);
    table->counts = counts;
    if (!isfinite(table->total)) return pid_error_set(error, PID_ERROR_DATA, "the weights add up to more than a double can hold");
    return PID_OK;
}

enum pid_status pid_joint_from_rows(struct pid_joint *table, size_t variables, const uint64_t *shape,
                                    const uint32_t *indices, const double *weights, size_t count, bool counts,
                                    struct pid_error *error)
{
    *table = (struct pid_joint){0};
    struct rows rows = {variables, indices, weights};
    enum pid_status status = check_rows(&rows, shape, count, counts, error);
    if (status != PID_OK) return status;
    size_t *order = sorted_rows(&rows, count, error);
    if (!order) return error->status;
    status = pid_joint_init(table, variables, shape, gather_cells(&rows, order, count, NULL), error);
    if (status == PID_OK) {
        gather_cells(&rows, order, count, table);
        status = set_total(table, counts, error);
    }
    free(order);
    if (status != PID_OK) pid_joint_release(table);
    return status;
}

static void fill_places(const struct rows *rows, const size_t *order, size_t count, size_t *place)
{
    size_t cell = 0;
    for (size_t r = 0; r < count; r++) {
        if (r && compare_cells(rows, order[r - 1], order[r])) cell++;
        place[order[r]] = cell;
    }
}

enum pid_status pid_joint_project(const struct pid_joint *table, const size_t *wanted, size_t count,
                                  struct pid_joint *projected, size_t *place, struct pid_error *error)
{
    *projected = (struct pid_joint){0};
    uint64_t *shape = pid_array_new(count, sizeof *shape, error);
    uint32_t *indices = shape ? pid_array_new(table->cells * count, sizeof *indices, error) : NULL;
    size_t *order = NULL;
    enum pid_status status = indices ? PID_OK : error->status;
    struct rows rows = {count, indices, table->weights};
    if (status == PID_OK) {
        for (size_t v = 0; v < count; v++) shape[v] = table->shape[wanted[v]];
        for (size_t c = 0; c < table->cells; c++)
            for (size_t v = 0; v < count; v++) indices[c * count + v] = pid_joint_cell(table, c)[wanted[v]];
        order = sorted_rows(&rows, table->cells, error);
        status = order ? pid_joint_init(projected, count, shape, gather_cells(&rows, order, table->cells, NULL), error) : error->status;
    }
    if (status == PID_OK) {
        gather_cells(&rows, order, table->cells, projected);
        if (place) fill_places(&rows, order, table->cells, place);
        status = set_total(projected, table->counts, error);
    }
    free(order);
    free(indices);
    free(shape);
    if (status != PID_OK) pid_joint_release(projected);
    return status;
}

/* With one bit for each of the possible cells. */
static enum pid_status count_dense(const struct pid_joint *table, const size_t *wanted, size_t count, size_t possible, size_t *cells,
                                   struct pid_error *error)
{
    uint64_t *seen = pid_array_new(possible / 64 + 1, sizeof *seen, error);
    if (!seen) return error->status;
    *cells = 0;
    for (size_t c = 0; c < table->cells; c++) {
        size_t at = 0;
        for (size_t v = 0; v < count; v++) at = at * table->shape[wanted[v]] + pid_joint_cell(table, c)[wanted[v]];
        uint64_t bit = (uint64_t)1 << at % 64;
        *cells += !(seen[at / 64] & bit);
        seen[at / 64] |= bit;
    }
    free(seen);
    return PID_OK;
}

enum pid_status pid_joint_count_cells(const struct pid_joint *table, const size_t *wanted, size_t count, size_t *cells, struct pid_error *error)
{
    enum { BITS_A_CELL = 256, BITS = 4096 }; /* up to which that is less work than sorting */
    struct pid_joint projected;
    double possible = 1;
    for (size_t v = 0; v < count; v++) possible *= (double)table->shape[wanted[v]];
    if (possible <= BITS + BITS_A_CELL * (double)table->cells) return count_dense(table, wanted, count, (size_t)possible, cells, error);
    if (pid_joint_project(table, wanted, count, &projected, NULL, error)) return error->status;
    *cells = projected.cells;
    pid_joint_release(&projected);
    return PID_OK;
}
