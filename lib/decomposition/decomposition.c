#include "decomposition/decomposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sum.h"
#include "decomposition/problem.h"
#include "decomposition/solve.h"

static const double DEFAULT_TOLERANCE_BITS = 1e-9, DEFAULT_BYTES = 1073741824.0;
/* Sweeps of proportional fitting before the interior point method takes up a large table; more where they may suffice. */
static const double ROUGH = 3e-5; /* nats */
enum { SWEEPS = 200, SWEEPS_ROUGH = 400 };

struct pid_decomposition {
    struct pid_arena arena;
};

struct pid_decomposition *pid_decomposition_new(struct pid_error *error)
{
    return pid_array_new(1, sizeof(struct pid_decomposition), error);
}

void pid_decomposition_free(struct pid_decomposition *d)
{
    if (!d) return;
    pid_arena_release(&d->arena);
    free(d);
}

void pid_decomposition_options_init(struct pid_decomposition_options *options)
{
    *options = (struct pid_decomposition_options){.tolerance = DEFAULT_TOLERANCE_BITS, .solver = PID_SOLVER_AUTO};
}

static enum pid_status check_options(const struct pid_decomposition_options *options, struct pid_error *error)
{
    if (!(options->tolerance >= 0)) return pid_error_set(error, PID_ERROR_ARGUMENT, "a tolerance of %g bits", options->tolerance);
    if (!(options->max_seconds >= 0)) return pid_error_set(error, PID_ERROR_ARGUMENT, "a limit of %g seconds", options->max_seconds);
    if (!(options->coupling_threshold >= 0))
        return pid_error_set(error, PID_ERROR_ARGUMENT, "a threshold of %g", options->coupling_threshold);
    return PID_OK;
}

/* The union lies between the larger of the two informations and both their sum and the total; this sharpens the bounds. */
static void set_values(struct pid_decomposition_result *result, const struct pid_problem *problem, const struct pid_solve *solve)
{
    double most = fmin(problem->mi[0] + problem->mi[1], problem->total), least = fmax(problem->mi[0], problem->mi[1]);
    double upper = fmax(fmin(solve->upper, most), least), lower = fmin(fmax(solve->lower, least), upper);
    result->united = result->upper = upper / M_LN2;
    result->lower = lower / M_LN2;
    result->gap = (upper - lower) / M_LN2;
    result->redundant = fmax(0, problem->mi[0] + problem->mi[1] - upper) / M_LN2;
    result->unique[0] = fmax(0, upper - problem->mi[1]) / M_LN2;
    result->unique[1] = fmax(0, upper - problem->mi[0]) / M_LN2;
    result->synergy = fmax(0, problem->total - upper) / M_LN2;
    result->total = problem->total / M_LN2;
    for (size_t v = 0; v < 3; v++) result->entropy[v] = problem->entropy[v] / M_LN2;
    for (size_t s = 0; s < 2; s++) result->mi[s] = problem->mi[s] / M_LN2;
    result->iterations = solve->iterations;
    result->scale = problem->scale;
}

/* Where what the better source tells alone bounds the union from below more closely than the solver's potentials do, log p(y|x) of
 * that source and 0 of the other are potentials that give this bound. */
static void set_better_source(double *const full[2], const struct pid_solve *solve, const size_t levels[3])
{
    const struct pid_problem *problem = solve->problem;
    size_t better = problem->mi[0] >= problem->mi[1] ? 0 : 1;
    if (!(problem->mi[better] > solve->lower)) return;
    for (size_t s = 0; s < 2; s++) {
        const struct pid_pair_table *pairs = &problem->side[s].full;
        for (size_t from = 0, to; from < pairs->count; from = to) {
            struct pid_sum sum = {0};
            for (to = from; to < pairs->count && pairs->symbol[to] == pairs->symbol[from]; to++) pid_sum_add(&sum, pairs->p[to]);
            for (size_t k = from; k < to; k++)
                full[s][pairs->symbol[k] * levels[2] + problem->target_symbol[pairs->target[k]]] =
                    s == better ? log2(pairs->p[k] / pid_sum_value(&sum)) : 0;
        }
    }
}

/* The potentials in bits over all symbols of the input. */
static enum pid_status set_potentials(struct pid_decomposition_result *result, const struct pid_solve *solve, const size_t levels[3],
                                      struct pid_error *error)
{
    const double *reduced[2] = {solve->lower_point.lambda, solve->lower_point.mu};
    double *full[2];
    for (size_t s = 0; s < 2; s++) {
        size_t count;
        const struct pid_pair_table *pairs = &solve->problem->side[s].full;
        if (__builtin_mul_overflow(levels[s], levels[2], &count))
            return pid_error_set(error, PID_ERROR_MEMORY, "potentials of %zu x %zu symbols do not fit", levels[s], levels[2]);
        if (!(full[s] = pid_arena_array(solve->arena, count, sizeof(double), error))) return error->status;
        for (size_t n = 0; n < count; n++) full[s][n] = NAN;
        for (size_t k = 0; k < pairs->count; k++)
            full[s][pairs->symbol[k] * levels[2] + solve->problem->target_symbol[pairs->target[k]]] =
                reduced[s][pairs->reduced[k]] / M_LN2;
    }
    set_better_source(full, solve, levels);
    result->lambda = full[0];
    result->mu = full[1];
    return PID_OK;
}

struct coupling {
    uint32_t *cells;
    double *q;
    size_t count;
    struct pid_sum left_out;
    const size_t *start, *order; /* targets + 1; the second source's cells by target */
};

static enum pid_status order_by_target(struct coupling *out, const struct pid_pair_table *pairs, size_t targets, struct pid_arena *arena,
                                       struct pid_error *error)
{
    size_t *start = pid_arena_array(arena, targets + 1, sizeof *start, error), *order = pid_arena_array(arena, pairs->count, sizeof *order, error);
    if (!start || !order) return error->status;
    memset(start, 0, (targets + 1) * sizeof *start);
    for (size_t k = 0; k < pairs->count; k++) start[pairs->target[k]]++;
    for (size_t y = 1; y <= targets; y++) start[y] += start[y - 1]; /* the ends, which the next loop moves to the starts */
    for (size_t k = pairs->count; k-- > 0;) order[--start[pairs->target[k]]] = k;
    out->start = start;
    out->order = order;
    return PID_OK;
}

/* Expands the coupling of the merged symbols: each gets its part of a merged cell.  Lists the cells, or only counts them. */
static void expand_coupling(struct coupling *out, struct pid_solve *solve)
{
    const struct pid_problem *problem = solve->problem;
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    const struct pid_pair_table *rows = &a->full, *columns = &b->full;
    const double *q = NULL;
    size_t row = SIZE_MAX;
    for (size_t k = 0; k < rows->count; k++) {
        size_t merged = rows->reduced[k], i = 0, high = a->symbols;
        while (high - i > 1) {
            size_t middle = (i + high) / 2;
            if (a->start[middle] <= merged) i = middle;
            else high = middle;
        }
        double part = rows->p[k] / a->p[merged];
        if (i != row) q = pid_certificate_row(&solve->certificate, problem, row = i);
        for (size_t n = out->start[rows->target[k]]; n < out->start[rows->target[k] + 1]; n++) {
            size_t l = out->order[n];
            double p = q[columns->reduced[l]] * part * (columns->p[l] / b->p[columns->reduced[l]]);
            if (!(p > 0)) continue;
            if (p < solve->options->coupling_threshold) {
                pid_sum_add(&out->left_out, p);
                continue;
            }
            if (out->q) {
                out->cells[3 * out->count] = rows->symbol[k];
                out->cells[3 * out->count + 1] = columns->symbol[l];
                out->cells[3 * out->count + 2] = problem->target_symbol[rows->target[k]];
                out->q[out->count] = p;
            }
            out->count++;
        }
    }
}

static enum pid_status set_coupling(struct pid_decomposition_result *result, struct pid_solve *solve, struct pid_error *error)
{
    struct coupling list = {0};
    if (order_by_target(&list, &solve->problem->side[1].full, solve->problem->targets, solve->arena, error) != PID_OK) return error->status;
    pid_certificate_compute(&solve->certificate, solve->problem, &solve->upper_point);
    expand_coupling(&list, solve);
    size_t count = list.count;
    list = (struct coupling){.cells = pid_arena_array(solve->arena, 3 * count, sizeof *list.cells, error),
                             .q = pid_arena_array(solve->arena, count, sizeof *list.q, error), .start = list.start, .order = list.order};
    if (!list.cells || !list.q) return error->status;
    expand_coupling(&list, solve);
    result->coupling_count = count;
    result->coupling_cells = list.cells;
    result->coupling = list.q;
    result->coupling_left_out = pid_sum_value(&list.left_out);
    return PID_OK;
}

static enum pid_status run(struct pid_solve *solve, struct pid_decomposition_result *result, struct pid_error *error)
{
    enum pid_decomposition_solver solver = solve->options->solver;
    double bytes = solve->options->max_bytes > 0 ? solve->options->max_bytes : DEFAULT_BYTES;
    if (solver == PID_SOLVER_AUTO) solver = pid_newton_bytes(solve->problem) <= bytes ? PID_SOLVER_NEWTON : PID_SOLVER_IPFP;
    if (solver == PID_SOLVER_NEWTON && pid_newton_is_large(solve->problem)) {
        result->solver = PID_SOLVER_IPFP;
        if (pid_ipfp_solve(solve, solve->tolerance >= ROUGH ? SWEEPS_ROUGH : SWEEPS, &result->status, error) != PID_OK)
            return error->status;
        if (result->status != PID_STALLED) return PID_OK;
    }
    result->solver = solver;
    if (solver == PID_SOLVER_NEWTON) {
        if (pid_newton_run(solve, &result->status, error) != PID_OK) return error->status;
        if (result->status != PID_STALLED || solve->options->solver == PID_SOLVER_NEWTON) return PID_OK;
        result->fell_back = true;
        result->solver = PID_SOLVER_IPFP;
    }
    return pid_ipfp_solve(solve, 0, &result->status, error);
}

enum pid_status pid_decomposition_solve(struct pid_decomposition *d, const struct pid_decomposition_table *table,
                                        const struct pid_decomposition_options *options,
                                        struct pid_decomposition_result *result, struct pid_error *error)
{
    struct pid_problem problem;
    struct pid_solve solve;
    double started = pid_solve_clock();
    *result = (struct pid_decomposition_result){0};
    if (check_options(options, error) != PID_OK) return error->status;
    pid_arena_reset(&d->arena);
    if (pid_problem_init(&problem, &d->arena, table, error) != PID_OK ||
        pid_solve_init(&solve, &problem, &d->arena, options, error) != PID_OK)
        return error->status;
    solve.started = started;
    if (run(&solve, result, error) != PID_OK) return error->status;
    set_values(result, &problem, &solve);
    if (options->potentials && set_potentials(result, &solve, table->levels, error) != PID_OK) return error->status;
    if (options->coupling && set_coupling(result, &solve, error) != PID_OK) return error->status;
    result->seconds = pid_solve_clock() - started;
    return PID_OK;
}

const char *pid_decomposition_solver_name(enum pid_decomposition_solver solver)
{
    static const char *const names[] = {"auto", "newton", "ipfp"};
    return names[solver];
}

const char *pid_decomposition_status_name(enum pid_decomposition_status status)
{
    static const char *const names[] = {"converged", "iteration-limit", "time-limit", "stalled", "cancelled"};
    return names[status];
}
