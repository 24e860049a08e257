#include "decomposition/local.h"

#include <math.h>

#include "base/sum.h"
#include "decomposition/margin.h"

struct local {
    const struct pid_decomposition_table *table;
    struct pid_arena arena;
    struct pid_cells cells;
    double total;
};

static double weight(const struct local *local, size_t cell)
{
    return local->table->weights ? local->table->weights[cell] : 1;
}

static double sum_of(const struct pid_margin *margin, size_t cell) { return margin->sums[margin->of[cell]]; }

enum { Y, X1, X2, X12, X1Y, X2Y, X12Y, MARGINS };

static enum pid_status add_up_all(struct local *local, struct pid_margin margins[MARGINS], struct pid_error *error)
{
    static const struct { size_t columns, slot[3]; } wanted[MARGINS] = {{1, {2}}, {1, {0}}, {1, {1}}, {2, {0, 1}}, {2, {0, 2}}, {2, {1, 2}}, {3, {0, 1, 2}}};
    for (size_t m = 0; m < MARGINS; m++) {
        size_t column[3];
        for (size_t c = 0; c < wanted[m].columns; c++) column[c] = local->table->column[wanted[m].slot[c]];
        if (pid_margin_init(&margins[m], &local->cells, local->table->weights, column, wanted[m].columns, &local->arena, error)) return error->status;
    }
    struct pid_sum total = {0};
    for (size_t i = 0; i < local->cells.count; i++) pid_sum_add(&total, weight(local, i));
    local->total = pid_sum_value(&total);
    return PID_OK;
}

static enum pid_status fill(const struct local *local, const struct pid_margin margins[MARGINS], const double *potentials, struct pid_local *values,
                            struct pid_error *error)
{
    const struct pid_decomposition_table *table = local->table;
    for (size_t i = 0; i < table->count; i++) {
        double log_p = log2(sum_of(&margins[Y], i)) - log2(local->total), given[3];
        static const int joint[] = {X1Y, X2Y, X12Y}, alone[] = {X1, X2, X12};
        values[i] = (struct pid_local){NAN, {NAN, NAN}, NAN, NAN, {NAN, NAN}};
        if (!(weight(local, i) / local->total >= PID_SMALLEST_P)) continue;
        for (size_t s = 0; s < 3; s++) given[s] = log2(sum_of(&margins[joint[s]], i) / sum_of(&margins[alone[s]], i)) - log_p;
        double united = potentials[i] - log_p;
        if (isnan(united)) {
            const uint32_t *row = table->cells + i * table->stride;
            return pid_error_set(error, PID_ERROR_DATA, "the potentials are not those of this table: there is none for (%u, %u, %u)",
                                 row[table->column[0]], row[table->column[1]], row[table->column[2]]);
        }
        values[i] = (struct pid_local){given[0] + given[1] - united, {united - given[1], united - given[0]}, given[2] - united, given[2],
                                       {given[0], given[1]}};
    }
    return PID_OK;
}

void pid_local_potentials(const struct pid_decomposition_table *table, const double *lambda, const double *mu, double *potentials)
{
    for (size_t i = 0; i < table->count; i++) {
        const uint32_t *row = table->cells + i * table->stride;
        size_t y = row[table->column[2]];
        potentials[i] = lambda[row[table->column[0]] * table->levels[2] + y] + mu[row[table->column[1]] * table->levels[2] + y];
    }
}

enum pid_status pid_local_compute(const struct pid_decomposition_table *table, const double *potentials, struct pid_local *values,
                                  struct pid_error *error)
{
    struct local local = {.table = table, .cells = {table->count, table->cells, table->stride}};
    struct pid_margin margins[MARGINS];
    enum pid_status status = add_up_all(&local, margins, error);
    if (!status) status = fill(&local, margins, potentials, values, error);
    pid_arena_release(&local.arena);
    return status;
}
