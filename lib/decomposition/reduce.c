#include <math.h>
#include <stdlib.h>

#include "base/sum.h"
#include "decomposition/problem.h"

/* One symbol's cells in the pair table, with their conditionals rounded for comparison. */
struct row {
    const uint32_t *target;
    const double *conditional;
    size_t from, count;
    double sum;
};

/* The 30 leading bits of x (Dekker's split). */
static double leading_bits(double x)
{
    double c = x * 8388609.0; /* 2^23 + 1 */
    return c - (c - x);
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    for (size_t i = 0; i < a->count; i++)
        if (a->target[i] != b->target[i]) return a->target[i] < b->target[i] ? -1 : 1;
    for (size_t i = 0; i < a->count; i++)
        if (a->conditional[i] != b->conditional[i]) return a->conditional[i] < b->conditional[i] ? -1 : 1;
    return 0;
}

static int compare_rows_then_place(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    int order = compare_rows(a, b);
    return order ? order : (a->from > b->from) - (a->from < b->from);
}

static size_t find_rows(const struct pid_pair_table *pairs, struct row *rows, double *conditional)
{
    size_t count = 0;
    for (size_t from = 0, to; from < pairs->count; from = to) {
        struct pid_sum sum = {0};
        for (to = from; to < pairs->count && pairs->symbol[to] == pairs->symbol[from]; to++) pid_sum_add(&sum, pairs->p[to]);
        double total = pid_sum_value(&sum);
        for (size_t i = from; i < to; i++) conditional[i] = leading_bits(pairs->p[i] / total);
        rows[count++] = (struct row){pairs->target + from, conditional + from, from, to - from, total};
    }
    return count;
}

enum pid_status pid_side_reduce(struct pid_side *side, struct pid_arena *arena, struct pid_error *error)
{
    struct pid_pair_table *pairs = &side->full;
    double *conditional = pid_arena_array(arena, pairs->count, sizeof *conditional, error);
    struct row *rows = pid_arena_array(arena, pairs->count, sizeof *rows, error);
    side->start = pid_arena_array(arena, pairs->count + 1, sizeof *side->start, error);
    side->target = pid_arena_array(arena, pairs->count, sizeof *side->target, error);
    side->p = pid_arena_array(arena, pairs->count, sizeof *side->p, error);
    side->marginal = pid_arena_array(arena, pairs->count, sizeof *side->marginal, error);
    if (!conditional || !rows || !side->start || !side->target || !side->p || !side->marginal) return error->status;
    size_t count = find_rows(pairs, rows, conditional);
    qsort(rows, count, sizeof *rows, compare_rows_then_place);
    side->symbols = side->cells = 0;
    for (size_t r = 0; r < count; r++) {
        if (!r || compare_rows(&rows[r - 1], &rows[r]) != 0) {
            for (size_t i = 0; i < rows[r].count; i++) {
                side->target[side->cells + i] = rows[r].target[i];
                side->p[side->cells + i] = 0;
            }
            side->marginal[side->symbols] = 0;
            side->start[side->symbols++] = side->cells;
            side->cells += rows[r].count;
        }
        size_t start = side->start[side->symbols - 1];
        side->marginal[side->symbols - 1] += rows[r].sum;
        for (size_t i = 0; i < rows[r].count; i++) {
            side->p[start + i] += pairs->p[rows[r].from + i];
            pairs->reduced[rows[r].from + i] = (uint32_t)(start + i);
        }
    }
    side->start[side->symbols] = side->cells;
    return PID_OK;
}
