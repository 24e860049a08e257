/* A table of more than two sources: each against all others, and every pair. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "decomposition/sources.h"
#include "pid-ipfp.h"

struct many {
    struct pid_ipfp_job *job;
    const struct pid_ipfp_names *names;
    struct pid_sources_result solved;
    double symbols[PID_VARIABLES_MAX];       /* occupied cells of each variable, */
    double with_target[PID_VARIABLES_MAX];   /* of each source and the target, */
    double all;                              /* and of all */
};

/* A name that is put together, in the job's storage; NULL on error. */
static char *name_of(struct pid_ipfp_job *job, struct pid_error *error, const char *format, va_list arguments) PID_PRINTF(3, 0);
static char *name_of(struct pid_ipfp_job *job, struct pid_error *error, const char *format, va_list arguments)
{
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    if (length < 0) {
        pid_error_set(error, PID_ERROR_MEMORY, "out of memory");
        return NULL;
    }
    char *name = pid_arena_string(&job->arena, text, (size_t)length, error);
    free(text);
    return name;
}

static enum pid_status add(struct pid_ipfp_job *job, struct pid_error *error, double value, const char *format, ...) PID_PRINTF(4, 5) PID_MUST_CHECK;
static enum pid_status add(struct pid_ipfp_job *job, struct pid_error *error, double value, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *name = name_of(job, error, format, arguments);
    va_end(arguments);
    if (!name) return error->status;
    pid_ipfp_add_value(job, name, value);
    return PID_OK;
}

/* The array's data stay where they are: in the job's storage. */
static enum pid_status add_array(struct pid_ipfp_job *job, struct pid_error *error, struct pid_array_field field, const char *format, ...) PID_PRINTF(4, 5) PID_MUST_CHECK;
static enum pid_status add_array(struct pid_ipfp_job *job, struct pid_error *error, struct pid_array_field field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *name = name_of(job, error, format, arguments);
    va_end(arguments);
    if (!name) return error->status;
    field.name = name;
    pid_ipfp_add_array(job, field);
    return PID_OK;
}

static enum pid_status count_cells(struct many *many, struct pid_error *error)
{
    struct pid_joint table;
    const struct pid_ipfp_job *job = many->job;
    const size_t *column = many->names->column, n = many->names->sources;
    if (pid_joint_from_rows(&table, job->variables, job->shape, job->cells, job->weights, job->cell_count, false, error)) return error->status;
    enum pid_status status = pid_ipfp_count_cells(&table, column, n + 1, &many->all, error);
    for (size_t v = 0; v <= n && !status; v++) status = pid_ipfp_count_cells(&table, &column[v], 1, &many->symbols[v], error);
    for (size_t i = 0; i < n && !status; i++)
        status = pid_ipfp_count_cells(&table, (const size_t[]){column[i], column[n]}, 2, &many->with_target[i], error);
    pid_joint_release(&table);
    return status;
}

static enum pid_status add_unique(struct many *many, struct pid_error *error)
{
    struct pid_ipfp_job *job = many->job;
    const struct pid_sources_result *r = &many->solved;
    size_t n = r->sources;
    double sum = 0;
    char reason[300];
    for (size_t i = 0; i < n; i++) {
        if (add(job, error, r->rest[i].unique[0], "unique:%s", many->names->variable[i])) return error->status;
        sum += r->rest[i].unique[0];
    }
    pid_ipfp_add_value(job, "remainder", r->remainder);
    pid_ipfp_add_value(job, "total", r->total);
    for (size_t i = 0; i < n; i++)
        if (add(job, error, r->rest[i].mi[0], "mi:%s", many->names->variable[i])) return error->status;
    pid_ipfp_share_reason(job, many->names, many->symbols, sum, (double)n / 2 * r->gap, reason, sizeof reason);
    for (size_t i = 0; i < n; i++)
        if (add(job, error, *reason ? NAN : r->rest[i].unique[0] / sum, "share:%s", many->names->variable[i])) return error->status;
    return *reason ? pid_ipfp_add_note(job, reason, error) : PID_OK;
}

/* How a source goes together with all others, and every two with each other. */
static enum pid_status add_parts(struct many *many, struct pid_error *error)
{
    struct pid_ipfp_job *job = many->job;
    const char *const *variable = many->names->variable;
    const struct pid_sources_result *r = &many->solved;
    size_t n = r->sources;
    for (size_t i = 0; i < n; i++)
        if (add(job, error, r->rest[i].redundant, "redundant:%s", variable[i]) || add(job, error, r->rest[i].synergy, "synergy:%s", variable[i]))
            return error->status;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            const struct pid_sources_part *pair = &r->pairs[pid_sources_pair(n, a, b)];
            if (add(job, error, pair->redundant, "redundant:%s+%s", variable[a], variable[b]) ||
                add(job, error, pair->synergy, "synergy:%s+%s", variable[a], variable[b]))
                return error->status;
        }
    pid_ipfp_add_value(job, "o-information", r->o_information);
    return PID_OK;
}

static enum pid_status add_counts(struct many *many, struct pid_error *error)
{
    struct pid_ipfp_job *job = many->job;
    const char *const *variable = many->names->variable;
    const struct pid_sources_result *r = &many->solved;
    size_t n = r->sources;
    pid_ipfp_add_value(job, "gap", r->gap);
    pid_ipfp_add_value(job, "iterations", (double)r->iterations);
    for (size_t v = 0; v <= n; v++)
        if (add(job, error, r->entropy[v], "entropy:%s", variable[v])) return error->status;
    for (size_t v = 0; v <= n; v++)
        if (add(job, error, many->symbols[v], "cells:%s", variable[v])) return error->status;
    for (size_t i = 0; i < n; i++)
        if (add(job, error, many->with_target[i], "cells:%s+%s", variable[i], variable[n])) return error->status;
    pid_ipfp_add_value(job, "cells", many->all);
    return PID_OK;
}

static enum pid_status add_potentials(struct many *many, struct pid_error *error)
{
    struct pid_ipfp_job *job = many->job;
    const struct pid_sources_result *r = &many->solved;
    const size_t *column = many->names->column;
    size_t n = r->sources;
    for (size_t i = 0; i < n && r->potentials; i++) {
        const struct pid_sources_potentials *p = &r->potentials[i];
        const char *variable = many->names->variable[i];
        uint64_t levels = job->shape[column[i]], target = job->shape[column[n]];
        if (add_array(job, error, (struct pid_array_field){NULL, PID_ELEMENT_F64, 2, {levels, target}, p->own}, "potential:%s", variable) ||
            add_array(job, error, (struct pid_array_field){NULL, PID_ELEMENT_U32, 2, {p->count, n}, p->others}, "others:%s", variable) ||
            add_array(job, error, (struct pid_array_field){NULL, PID_ELEMENT_F64, 1, {p->count}, p->rest}, "potential:others:%s", variable))
            return error->status;
    }
    return PID_OK;
}

enum pid_status pid_ipfp_job_solve_sources(struct pid_ipfp_job *job, const struct pid_ipfp_names *names, struct pid_decomposition *solver,
                                           const struct pid_decomposition_options *options, double replicate_tolerance, struct pid_error *error)
{
    struct many many = {.job = job, .names = names};
    struct pid_decomposition_options mine = *options;
    size_t n = names->sources, levels[PID_VARIABLES_MAX];
    double least = INFINITY;
    if (count_cells(&many, error)) return error->status;
    for (size_t i = 0; i < n; i++) least = fmin(least, many.with_target[i]);
    for (size_t v = 0; v <= n; v++) levels[v] = job->shape[names->column[v]];
    mine.tolerance = pid_ipfp_job_tolerance(job, options->tolerance, replicate_tolerance, least);
    struct pid_sources_table table = {n, levels, names->column, job->cell_count, job->cells, job->variables, job->weights};
    if (pid_sources_solve(solver, &table, &mine, &job->arena, &many.solved, error)) return error->status;
    job->gap = many.solved.gap;
    /* 5 values and 3 counts a source, 2 values a pair, 2 of the target, 6 of the whole */
    if (pid_ipfp_job_start(job, 8 * n + n * (n - 1) + 8, 3 * n, error)) return error->status;
    if (add_unique(&many, error) || add_parts(&many, error) || add_counts(&many, error) || add_potentials(&many, error)) return error->status;
    pid_ipfp_add_texts(job, many.solved.solver, many.solved.status);
    return many.solved.fell_back ? pid_ipfp_add_note(job, "newton stalled; an answer is of ipfp", error) : PID_OK;
}
