#include "decomposition/sources.h"

#include <math.h>
#include <string.h>

#include "base/sum.h"
#include "decomposition/margin.h"

struct work {
    struct pid_decomposition *solver;
    const struct pid_sources_table *table;
    struct pid_decomposition_options options;
    struct pid_arena arena;              /* what is needed for one solve */
    struct pid_arena *kept;              /* what stays in the result */
    struct pid_sources_result *result;
};

/* One solve; what it cost and how it ended goes into the result. */
static enum pid_status solve(struct work *work, const struct pid_decomposition_table *table, struct pid_decomposition_result *r,
                             struct pid_sources_part *part, struct pid_error *error)
{
    struct pid_sources_result *all = work->result;
    if (pid_decomposition_solve(work->solver, table, &work->options, r, error)) return error->status;
    *part = (struct pid_sources_part){r->redundant, {r->unique[0], r->unique[1]}, r->synergy, {r->mi[0], r->mi[1]}, r->gap};
    all->total = r->total;
    all->gap = fmax(all->gap, r->gap);
    all->iterations += r->iterations;
    if (r->solver == PID_SOLVER_IPFP) all->solver = PID_SOLVER_IPFP;
    all->fell_back |= r->fell_back;
    if (all->status == PID_CONVERGED) all->status = r->status;
    return PID_OK;
}

static enum pid_status solve_pair(struct work *work, size_t a, size_t b, struct pid_sources_part *part, struct pid_error *error)
{
    const struct pid_sources_table *t = work->table;
    size_t y = t->sources;
    double total = work->result->total;
    struct pid_decomposition_table pair = {{t->levels[a], t->levels[b], t->levels[y]}, t->count, t->cells, t->stride,
                                           {t->column[a], t->column[b], t->column[y]}, t->weights};
    struct pid_decomposition_result solved;
    work->options.potentials = false; /* of pairs they are not kept; no source against the others follows */
    enum pid_status status = solve(work, &pair, &solved, part, error);
    if (t->sources > 2) work->result->total = total; /* that of all, not of the pair */
    return status;
}

/* The columns of a row but that of variable `left_out`; `variables` of them. */
static size_t other_columns(const struct pid_sources_table *table, size_t variables, size_t left_out, size_t *columns)
{
    size_t count = 0;
    for (size_t v = 0; v < variables; v++)
        if (v != left_out) columns[count++] = table->column[v];
    return count;
}

/* Copies what the solver lends.  Potentials of the merged source are kept by the cells of the others and the target, of which there
 * are no more than cells of the table, whatever all their levels multiply to. */
static enum pid_status keep_potentials(struct work *work, size_t i, const struct pid_margin *rest, const struct pid_decomposition_result *solved,
                                       size_t *columns, struct pid_error *error)
{
    const struct pid_sources_table *t = work->table;
    struct pid_sources_potentials *potentials = &work->result->potentials[i];
    struct pid_cells cells = {t->count, t->cells, t->stride};
    struct pid_margin margin;
    size_t n = t->sources, y = t->levels[n];
    other_columns(t, n + 1, i, columns);
    if (pid_margin_init(&margin, &cells, t->weights, columns, n, &work->arena, error)) return error->status;
    double *own = pid_arena_array(work->kept, t->levels[i] * y, sizeof *own, error);
    uint32_t *others = own ? pid_arena_array(work->kept, margin.count * n, sizeof *others, error) : NULL;
    double *values = others ? pid_arena_array(work->kept, margin.count, sizeof *values, error) : NULL;
    if (!values) return error->status;
    memcpy(own, solved->lambda, t->levels[i] * y * sizeof *own);
    for (size_t c = 0; c < t->count; c++) {
        const uint32_t *row = t->cells + c * t->stride;
        uint32_t *to = others + margin.of[c] * n;
        for (size_t v = 0; v < n; v++) to[v] = row[columns[v]];
        values[margin.of[c]] = solved->mu[rest->of[c] * y + row[t->column[n]]];
    }
    *potentials = (struct pid_sources_potentials){own, margin.count, others, values};
    return PID_OK;
}

/* Source i against the others merged: each combination of theirs that occurs is one symbol. */
static enum pid_status solve_rest(struct work *work, size_t i, size_t *columns, struct pid_sources_part *part, struct pid_error *error)
{
    const struct pid_sources_table *t = work->table;
    size_t y = t->sources, count = other_columns(t, t->sources, i, columns);
    struct pid_cells cells = {t->count, t->cells, t->stride};
    struct pid_margin rest;
    pid_arena_reset(&work->arena);
    uint32_t *merged = pid_arena_array(&work->arena, 3 * t->count, sizeof *merged, error);
    if (!merged || pid_margin_init(&rest, &cells, t->weights, columns, count, &work->arena, error)) return error->status;
    for (size_t c = 0; c < t->count; c++) {
        merged[3 * c] = t->cells[c * t->stride + t->column[i]];
        merged[3 * c + 1] = rest.of[c];
        merged[3 * c + 2] = t->cells[c * t->stride + t->column[y]];
    }
    struct pid_decomposition_table two = {{t->levels[i], rest.count, t->levels[y]}, t->count, merged, 3, {0, 1, 2}, t->weights};
    struct pid_decomposition_result solved;
    if (solve(work, &two, &solved, part, error)) return error->status;
    return work->result->potentials ? keep_potentials(work, i, &rest, &solved, columns, error) : PID_OK;
}

static enum pid_status entropy_of(struct work *work, const size_t *columns, size_t count, double total, double *bits, struct pid_error *error)
{
    const struct pid_sources_table *t = work->table;
    struct pid_cells cells = {t->count, t->cells, t->stride};
    struct pid_margin margin;
    pid_arena_reset(&work->arena);
    enum pid_status status = pid_margin_init(&margin, &cells, t->weights, columns, count, &work->arena, error);
    if (!status) *bits = pid_margin_entropy(&margin, total);
    return status;
}

static enum pid_status set_o_information(struct work *work, size_t *columns, struct pid_error *error)
{
    const struct pid_sources_table *t = work->table;
    size_t m = t->sources + 1;
    struct pid_sum weights = {0}, sum = {0};
    for (size_t c = 0; c < t->count; c++) pid_sum_add(&weights, t->weights ? t->weights[c] : 1);
    double total = pid_sum_value(&weights), all, without;
    if (entropy_of(work, t->column, m, total, &all, error)) return error->status;
    pid_sum_add(&sum, (double)(m - 2) * all);
    for (size_t v = 0; v < m; v++) {
        if (entropy_of(work, &t->column[v], 1, total, &work->result->entropy[v], error) ||
            entropy_of(work, columns, other_columns(t, m, v, columns), total, &without, error))
            return error->status;
        pid_sum_add(&sum, work->result->entropy[v]);
        pid_sum_add(&sum, -without);
    }
    work->result->o_information = pid_sum_value(&sum);
    return PID_OK;
}

static enum pid_status solve_all(struct work *work, size_t *columns, struct pid_error *error)
{
    size_t n = work->table->sources;
    struct pid_sources_result *r = work->result;
    for (size_t i = 0; i < n && n > 2; i++)
        if (solve_rest(work, i, columns, &r->rest[i], error)) return error->status;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            if (solve_pair(work, a, b, &r->pairs[pid_sources_pair(n, a, b)], error)) return error->status;
    if (n == 2) {
        const struct pid_sources_part *p = &r->pairs[0];
        r->rest[0] = *p;
        r->rest[1] = (struct pid_sources_part){p->redundant, {p->unique[1], p->unique[0]}, p->synergy, {p->mi[1], p->mi[0]}, p->gap};
    }
    struct pid_sum sum = {0};
    pid_sum_add(&sum, r->total);
    for (size_t i = 0; i < n; i++) pid_sum_add(&sum, -r->rest[i].unique[0]);
    r->remainder = fmax(0, pid_sum_value(&sum));
    return set_o_information(work, columns, error);
}

enum pid_status pid_sources_solve(struct pid_decomposition *solver, const struct pid_sources_table *table,
                                  const struct pid_decomposition_options *options, struct pid_arena *arena,
                                  struct pid_sources_result *result, struct pid_error *error)
{
    struct work work = {.solver = solver, .table = table, .options = *options, .kept = arena, .result = result};
    size_t n = table->sources;
    *result = (struct pid_sources_result){.sources = n, .solver = PID_SOLVER_NEWTON};
    if (n < 2) return pid_error_set(error, PID_ERROR_ARGUMENT, "%zu sources: a decomposition needs two or more", n);
    if (!table->count) return pid_error_set(error, PID_ERROR_DATA, "the table has no cells");
    work.options.coupling = false;
    size_t *columns = pid_arena_array(arena, n + 1, sizeof *columns, error);
    result->rest = columns ? pid_arena_array(arena, n, sizeof *result->rest, error) : NULL;
    result->pairs = result->rest ? pid_arena_array(arena, n * (n - 1) / 2, sizeof *result->pairs, error) : NULL;
    result->entropy = result->pairs ? pid_arena_array(arena, n + 1, sizeof *result->entropy, error) : NULL;
    if (result->entropy && n > 2 && options->potentials &&
        !(result->potentials = pid_arena_array(arena, n, sizeof *result->potentials, error)))
        return error->status;
    enum pid_status status = result->entropy ? solve_all(&work, columns, error) : error->status;
    pid_arena_release(&work.arena);
    return status;
}
