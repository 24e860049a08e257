#include "decomposition/problem.h"

#include <math.h>
#include <stdlib.h>

#include "base/sum.h"
#include "decomposition/cells.h"

/* Cells below this probability count as zero; see struct pid_decomposition_table. */

/* The table's cells that count, copied together. */
struct kept {
    struct pid_cells cells; /* rows of 3 */
    uint32_t *symbols;
    double *p;              /* proportional to the probabilities */
    double total;           /* their sum */
};

static enum pid_status check(const struct pid_decomposition_table *table, double *largest, struct pid_error *error)
{
    if (!table->count) return pid_error_set(error, PID_ERROR_DATA, "the table has no cells");
    if (table->count > UINT32_MAX)
        return pid_error_set(error, PID_ERROR_DATA, "the table has %zu cells, more than 2^32 - 1", table->count);
    *largest = table->weights ? 0 : 1;
    for (size_t i = 0; i < table->count; i++) {
        const uint32_t *row = table->cells + i * table->stride;
        for (size_t v = 0; v < 3; v++)
            if (row[table->column[v]] >= table->levels[v])
                return pid_error_set(error, PID_ERROR_DATA, "cell %zu holds the symbol %u of a variable with %zu levels", i,
                                     row[table->column[v]], table->levels[v]);
        if (!table->weights) continue;
        double w = table->weights[i];
        if (!(w >= 0) || isinf(w))
            return pid_error_set(error, PID_ERROR_DATA, "cell %zu has the weight %g; weights are finite and not negative", i, w);
        if (w > *largest) *largest = w;
    }
    if (!(*largest > 0)) return pid_error_set(error, PID_ERROR_DATA, "all weights of the table are zero");
    return PID_OK;
}

/* The weights are scaled by a power of two only, so that nothing overflows and sums of counts stay exact. */
static enum pid_status keep_cells(struct kept *kept, struct pid_problem *problem, struct pid_arena *arena,
                                  const struct pid_decomposition_table *table, struct pid_error *error)
{
    double largest = 0;
    if (check(table, &largest, error) != PID_OK) return error->status;
    kept->symbols = pid_arena_array(arena, 3 * table->count, sizeof *kept->symbols, error);
    kept->p = pid_arena_array(arena, table->count, sizeof *kept->p, error);
    if (!kept->symbols || !kept->p) return error->status;
    int exponent;
    frexp(largest, &exponent);
    struct pid_sum sum = {0};
    for (size_t i = 0; i < table->count; i++)
        pid_sum_add(&sum, table->weights ? ldexp(table->weights[i], -exponent) : 0.5);
    double smallest = PID_SMALLEST_P * pid_sum_value(&sum);
    problem->scale = ldexp(pid_sum_value(&sum), exponent);
    sum = (struct pid_sum){0};
    size_t n = 0;
    for (size_t i = 0; i < table->count; i++) {
        double p = table->weights ? ldexp(table->weights[i], -exponent) : 0.5;
        if (p < smallest) continue;
        const uint32_t *row = table->cells + i * table->stride;
        for (size_t v = 0; v < 3; v++) kept->symbols[3 * n + v] = row[table->column[v]];
        kept->p[n++] = p;
        pid_sum_add(&sum, p);
    }
    kept->cells = (struct pid_cells){n, kept->symbols, 3};
    kept->total = pid_sum_value(&sum);
    return PID_OK;
}

/* Numbers the targets that occur from 0 on, in kept->symbols. */
static enum pid_status number_targets(struct kept *kept, struct pid_problem *problem, struct pid_arena *arena,
                                      struct pid_error *error)
{
    static const size_t target[] = {2};
    uint32_t *order = pid_cells_order(&kept->cells, target, 1, arena, error);
    problem->target_symbol = pid_arena_array(arena, kept->cells.count, sizeof *problem->target_symbol, error);
    if (!order || !problem->target_symbol) return error->status;
    size_t n = 0;
    for (size_t i = 0; i < kept->cells.count; i++) {
        uint32_t *y = &kept->symbols[3 * (size_t)order[i] + 2];
        if (!n || problem->target_symbol[n - 1] != *y) problem->target_symbol[n++] = *y;
        *y = (uint32_t)(n - 1);
    }
    problem->targets = n;
    return PID_OK;
}

/* The table of one source and the target; p stays unnormalised here. */
static enum pid_status sum_pairs(struct pid_pair_table *pairs, struct pid_arena *arena, const struct kept *kept, size_t source,
                                 struct pid_error *error)
{
    const size_t columns[] = {source, 2}, n = kept->cells.count;
    uint32_t *order = pid_cells_order(&kept->cells, columns, 2, arena, error);
    pairs->symbol = pid_arena_array(arena, n, sizeof *pairs->symbol, error);
    pairs->target = pid_arena_array(arena, n, sizeof *pairs->target, error);
    pairs->reduced = pid_arena_array(arena, n, sizeof *pairs->reduced, error);
    pairs->p = pid_arena_array(arena, n, sizeof *pairs->p, error);
    if (!order || !pairs->symbol || !pairs->target || !pairs->reduced || !pairs->p) return error->status;
    pairs->count = 0;
    for (size_t i = 0; i < n;) {
        const uint32_t *first = kept->symbols + 3 * (size_t)order[i];
        struct pid_sum sum = {0};
        for (; i < n; i++) {
            const uint32_t *row = kept->symbols + 3 * (size_t)order[i];
            if (row[source] != first[source] || row[2] != first[2]) break;
            pid_sum_add(&sum, kept->p[order[i]]);
        }
        pairs->symbol[pairs->count] = first[source];
        pairs->target[pairs->count] = first[2];
        pairs->p[pairs->count++] = pid_sum_value(&sum);
    }
    return PID_OK;
}

/* Sum of p log(p(y|x)) over a run of cells [from, to) that share the sources, given their sum. */
static void add_conditional(struct pid_sum *information, const double *p, size_t from, size_t to, double total)
{
    struct pid_sum sum = {0};
    for (size_t i = from; i < to; i++) pid_sum_add(&sum, p[i]);
    for (size_t i = from; i < to; i++) pid_sum_add(information, p[i] / total * log(p[i] / pid_sum_value(&sum)));
}

/* H(Y) + sum P log P(y|x1,x2). */
static enum pid_status total_information(struct pid_problem *problem, struct pid_arena *arena, const struct kept *kept,
                                         struct pid_error *error)
{
    static const size_t columns[] = {0, 1, 2};
    size_t n = kept->cells.count, count = 0, from = 0;
    uint32_t *order = pid_cells_order(&kept->cells, columns, 3, arena, error);
    double *p = pid_arena_array(arena, n, sizeof *p, error);
    if (!order || !p) return error->status;
    struct pid_sum information = {0};
    pid_sum_add(&information, problem->entropy[2]);
    for (size_t i = 0; i < n; i++) {
        const uint32_t *row = kept->symbols + 3 * (size_t)order[i], *before = i ? kept->symbols + 3 * (size_t)order[i - 1] : row;
        bool same_sources = row[0] == before[0] && row[1] == before[1];
        if (!same_sources) {
            add_conditional(&information, p, from, count, kept->total);
            from = count;
        }
        if (i && same_sources && row[2] == before[2]) p[count - 1] += kept->p[order[i]];
        else p[count++] = kept->p[order[i]];
    }
    add_conditional(&information, p, from, count, kept->total);
    problem->total = fmax(0, pid_sum_value(&information));
    return PID_OK;
}

static enum pid_status target_marginal(struct pid_problem *problem, struct pid_arena *arena, double total, struct pid_error *error)
{
    const struct pid_pair_table *pairs = &problem->side[0].full;
    problem->target_p = pid_arena_array(arena, problem->targets, sizeof *problem->target_p, error);
    struct pid_sum *sums = pid_arena_array(arena, problem->targets, sizeof *sums, error);
    if (!problem->target_p || !sums) return error->status;
    for (size_t y = 0; y < problem->targets; y++) sums[y] = (struct pid_sum){0};
    for (size_t i = 0; i < pairs->count; i++) pid_sum_add(&sums[pairs->target[i]], pairs->p[i]);
    struct pid_sum entropy = {0};
    for (size_t y = 0; y < problem->targets; y++) {
        double p = problem->target_p[y] = pid_sum_value(&sums[y]) / total;
        pid_sum_add(&entropy, -p * log(p));
    }
    problem->entropy[2] = fmax(0, pid_sum_value(&entropy));
    return PID_OK;
}

/* Divides by the total; H(X) and I(Y;X) = H(Y) + sum P log P(y|x). */
static void finish_side(struct pid_problem *problem, size_t s, double total)
{
    struct pid_side *side = &problem->side[s];
    struct pid_pair_table *pairs = &side->full;
    struct pid_sum entropy = {0}, information = {0};
    pid_sum_add(&information, problem->entropy[2]);
    for (size_t from = 0, to; from < pairs->count; from = to) {
        struct pid_sum sum = {0};
        for (to = from; to < pairs->count && pairs->symbol[to] == pairs->symbol[from]; to++) pid_sum_add(&sum, pairs->p[to]);
        add_conditional(&information, pairs->p, from, to, total);
        double p = pid_sum_value(&sum) / total;
        pid_sum_add(&entropy, -p * log(p));
    }
    for (size_t i = 0; i < pairs->count; i++) pairs->p[i] /= total;
    for (size_t c = 0; c < side->cells; c++) side->p[c] /= total;
    for (size_t x = 0; x < side->symbols; x++) side->marginal[x] /= total;
    problem->entropy[s] = fmax(0, pid_sum_value(&entropy));
    problem->mi[s] = fmax(0, pid_sum_value(&information));
}

enum pid_status pid_problem_init(struct pid_problem *problem, struct pid_arena *arena,
                                 const struct pid_decomposition_table *table, struct pid_error *error)
{
    struct kept kept;
    if (keep_cells(&kept, problem, arena, table, error) != PID_OK ||
        number_targets(&kept, problem, arena, error) != PID_OK)
        return error->status;
    for (size_t s = 0; s < 2; s++)
        if (sum_pairs(&problem->side[s].full, arena, &kept, s, error) != PID_OK ||
            pid_side_reduce(&problem->side[s], arena, error) != PID_OK)
            return error->status;
    if (target_marginal(problem, arena, kept.total, error) != PID_OK) return error->status;
    for (size_t s = 0; s < 2; s++) finish_side(problem, s, kept.total);
    return total_information(problem, arena, &kept, error);
}

void pid_side_to_dense(const struct pid_side *side, size_t targets, const double *values, double rest, double *dense)
{
    for (size_t n = 0; n < side->symbols * targets; n++) dense[n] = rest;
    for (size_t i = 0; i < side->symbols; i++)
        for (size_t k = side->start[i]; k < side->start[i + 1]; k++) dense[i * targets + side->target[k]] = values[k];
}
