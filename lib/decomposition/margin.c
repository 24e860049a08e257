#include "decomposition/margin.h"

#include <math.h>
#include <stdbool.h>

#include "base/sum.h"

static bool same(const struct pid_cells *cells, const size_t *column, size_t columns, size_t a, size_t b)
{
    const uint32_t *x = cells->symbols + a * cells->stride, *y = cells->symbols + b * cells->stride;
    for (size_t c = 0; c < columns; c++)
        if (x[column[c]] != y[column[c]]) return false;
    return true;
}

enum pid_status pid_margin_init(struct pid_margin *margin, const struct pid_cells *cells, const double *weights, const size_t *column,
                                size_t columns, struct pid_arena *arena, struct pid_error *error)
{
    size_t n = cells->count;
    uint32_t *order = pid_cells_order(cells, column, columns, arena, error);
    margin->count = 0;
    margin->of = order ? pid_arena_array(arena, n, sizeof *margin->of, error) : NULL;
    margin->sums = margin->of ? pid_arena_array(arena, n, sizeof *margin->sums, error) : NULL;
    if (!margin->sums) return error->status;
    for (size_t from = 0, to; from < n; from = to) {
        struct pid_sum sum = {0};
        for (to = from; to < n && same(cells, column, columns, order[from], order[to]); to++) {
            pid_sum_add(&sum, weights ? weights[order[to]] : 1);
            margin->of[order[to]] = (uint32_t)margin->count;
        }
        margin->sums[margin->count++] = pid_sum_value(&sum);
    }
    return PID_OK;
}

double pid_margin_entropy(const struct pid_margin *margin, double total)
{
    struct pid_sum sum = {0};
    for (size_t c = 0; c < margin->count; c++) {
        double p = margin->sums[c] / total;
        if (p > 0) pid_sum_add(&sum, -p * log2(p));
    }
    return pid_sum_value(&sum);
}
