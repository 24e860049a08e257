#include "decomposition/solve.h"

#include <math.h>
#include <string.h>
#include <time.h>

double pid_solve_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

enum pid_status pid_point_new(struct pid_point *point, const struct pid_problem *problem, struct pid_arena *arena, bool pair,
                              struct pid_error *error)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    point->lambda = pid_arena_array(arena, a->cells, sizeof(double), error);
    point->mu = pid_arena_array(arena, b->cells, sizeof(double), error);
    point->pair = pid_arena_array(arena, pair ? a->symbols * b->symbols : 0, sizeof(double), error);
    return point->lambda && point->mu && point->pair ? PID_OK : error->status;
}

enum pid_status pid_solve_init(struct pid_solve *solve, const struct pid_problem *problem, struct pid_arena *arena,
                               const struct pid_decomposition_options *options, struct pid_error *error)
{
    *solve = (struct pid_solve){.problem = problem, .options = options, .arena = arena, .tolerance = options->tolerance * M_LN2,
                                .lower = -INFINITY, .upper = INFINITY};
    if (pid_certificate_init(&solve->certificate, arena, problem, options->workers, error) != PID_OK ||
        pid_point_new(&solve->upper_point, problem, arena, true, error) != PID_OK)
        return error->status;
    return pid_point_new(&solve->lower_point, problem, arena, false, error);
}

static void keep_upper(struct pid_solve *solve, const struct pid_point *point)
{
    const struct pid_side *a = &solve->problem->side[0], *b = &solve->problem->side[1];
    solve->upper = solve->certificate.upper;
    memcpy(solve->upper_point.lambda, point->lambda, a->cells * sizeof(double));
    memcpy(solve->upper_point.mu, point->mu, b->cells * sizeof(double));
    memcpy(solve->upper_point.pair, point->pair, a->symbols * b->symbols * sizeof(double));
}

static void keep_lower(struct pid_solve *solve, const struct pid_point *point)
{
    const struct pid_side *a = &solve->problem->side[0], *b = &solve->problem->side[1];
    const struct pid_certificate *c = &solve->certificate;
    solve->lower = c->lower;
    for (size_t i = 0; i < a->symbols; i++)
        for (size_t k = a->start[i]; k < a->start[i + 1]; k++) solve->lower_point.lambda[k] = point->lambda[k] - c->row_shift[i];
    for (size_t j = 0; j < b->symbols; j++)
        for (size_t k = b->start[j]; k < b->start[j + 1]; k++) solve->lower_point.mu[k] = point->mu[k] - c->column_shift[j];
}

bool pid_solve_certify(struct pid_solve *solve, const struct pid_point *point)
{
    pid_certificate_compute(&solve->certificate, solve->problem, point);
    if (solve->certificate.upper < solve->upper) keep_upper(solve, point);
    if (solve->certificate.lower > solve->lower) keep_lower(solve, point);
    double gap = solve->upper - solve->lower;
    if (solve->options->progress) {
        struct pid_decomposition_progress now = {solve->iterations, pid_solve_clock() - solve->started, gap / M_LN2};
        solve->options->progress(solve->options->progress_context, &now);
    }
    return gap <= solve->tolerance;
}

bool pid_solve_stopped(const struct pid_solve *solve, enum pid_decomposition_status *status)
{
    const struct pid_decomposition_options *options = solve->options;
    if (options->cancel && atomic_load_explicit(options->cancel, memory_order_relaxed)) *status = PID_CANCELLED;
    else if (options->max_iterations && solve->iterations >= options->max_iterations) *status = PID_ITERATION_LIMIT;
    else if (options->max_seconds > 0 && pid_solve_clock() - solve->started >= options->max_seconds) *status = PID_TIME_LIMIT;
    else return false;
    return true;
}
