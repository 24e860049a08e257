#include "pid-ipfp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "joint/bias.h"
#include "joint/table.h"

enum { VALUES = 28, TEXTS = 2, ARRAYS = 4, NOTES = 4 };

enum pid_status pid_ipfp_names_init(struct pid_ipfp_names *names, const struct pid_header *header, struct pid_error *error)
{
    size_t targets = 0;
    names->sources = 0;
    for (size_t i = 0; i < header->variable_count; i++) {
        if (header->variables[i].role == PID_ROLE_TARGET) {
            targets++;
            continue;
        }
        names->clusters[names->sources] = !header->variables[i].level_names;
        names->column[names->sources++] = i;
    }
    for (size_t i = 0; i < header->variable_count && targets == 1; i++)
        if (header->variables[i].role == PID_ROLE_TARGET) names->column[names->sources] = i;
    if (names->sources < 2 || targets != 1)
        return pid_error_set(error, PID_ERROR_DATA, "has %zu source%s and %zu target%s, not two or more and 1: pid-joint --sources A,B --target Y selects them",
                             names->sources, names->sources == 1 ? "" : "s", targets, targets == 1 ? "" : "s");
    for (size_t i = 0; i <= names->sources; i++) names->variable[i] = header->variables[names->column[i]].name;
    if (names->sources > 2) return PID_OK;
    const char *const *v = names->variable;
    for (size_t i = 0; i < 2; i++) {
        names->unique[i] = pid_string_format(error, "unique:%s", v[i]);
        names->mi[i] = pid_string_format(error, "mi:%s", v[i]);
        names->share[i] = pid_string_format(error, "share:%s", v[i]);
        names->potential[i] = pid_string_format(error, "potential:%s", v[i]);
        if (!names->unique[i] || !names->mi[i] || !names->share[i] || !names->potential[i]) return error->status;
    }
    for (size_t i = 0; i < 3; i++) {
        names->entropy[i] = pid_string_format(error, "entropy:%s", v[i]);
        names->cells[i] = pid_string_format(error, "cells:%s", v[i]);
        if (!names->entropy[i] || !names->cells[i]) return error->status;
    }
    names->cells[3] = pid_string_format(error, "cells:%s+%s", v[0], v[2]);
    names->cells[4] = pid_string_format(error, "cells:%s+%s", v[1], v[2]);
    names->cells[5] = pid_string_format(error, "cells:%s+%s", v[0], v[1]);
    names->cells[6] = pid_string_format(error, "cells:%s+%s+%s", v[0], v[1], v[2]);
    for (size_t i = 3; i < 7; i++)
        if (!names->cells[i]) return error->status;
    return PID_OK;
}

void pid_ipfp_names_release(struct pid_ipfp_names *names)
{
    for (size_t i = 0; i < 2; i++) {
        free(names->unique[i]);
        free(names->mi[i]);
        free(names->share[i]);
        free(names->potential[i]);
    }
    for (size_t i = 0; i < 3; i++) free(names->entropy[i]);
    for (size_t i = 0; i < 7; i++) free(names->cells[i]);
}

static void *copy(struct pid_arena *arena, const void *from, size_t count, size_t size, struct pid_error *error)
{
    void *to = pid_arena_array(arena, count, size, error);
    if (to && count) memcpy(to, from, count * size);
    return to;
}

enum pid_status pid_ipfp_job_load(struct pid_ipfp_job *job, const struct pid_record *record, size_t variables, struct pid_error *error)
{
    const struct pid_table_record *table = &record->table;
    pid_key_release(&job->record.key);
    pid_arena_reset(&job->arena);
    job->variables = variables;
    job->samples = table->samples;
    job->cell_count = table->cells;
    job->replicate = table->replicate;
    if (pid_key_copy(&job->record.key, &record->key, error) ||
        !(job->shape = copy(&job->arena, table->shape, variables, sizeof *job->shape, error)) ||
        !(job->cells = copy(&job->arena, table->indices, table->cells * variables, sizeof *job->cells, error)) ||
        !(job->weights = copy(&job->arena, table->weights, table->cells, sizeof *job->weights, error)))
        return error->status;
    return PID_OK;
}

void pid_ipfp_job_release(struct pid_ipfp_job *job)
{
    pid_key_release(&job->record.key);
    pid_arena_release(&job->arena);
}

enum pid_status pid_ipfp_job_start(struct pid_ipfp_job *job, size_t values, size_t arrays, struct pid_error *error)
{
    struct pid_result_record *result = &job->record.result;
    *result = (struct pid_result_record){.replicate = job->replicate, .samples = job->samples};
    result->values = pid_arena_array(&job->arena, values, sizeof *result->values, error);
    result->texts = result->values ? pid_arena_array(&job->arena, TEXTS, sizeof *result->texts, error) : NULL;
    result->arrays = result->texts ? pid_arena_array(&job->arena, arrays, sizeof *result->arrays, error) : NULL;
    result->notes = result->arrays ? pid_arena_array(&job->arena, NOTES, sizeof *result->notes, error) : NULL;
    return result->notes ? PID_OK : error->status;
}

void pid_ipfp_add_value(struct pid_ipfp_job *job, const char *name, double value)
{
    struct pid_result_record *result = &job->record.result;
    result->values[result->value_count++] = (struct pid_value_field){name, value};
}

enum pid_status pid_ipfp_add_note(struct pid_ipfp_job *job, const char *text, struct pid_error *error)
{
    char *note = pid_arena_string(&job->arena, text, strlen(text), error);
    if (!note) return error->status;
    job->record.result.notes[job->record.result.note_count++] = note;
    return PID_OK;
}

void pid_ipfp_add_texts(struct pid_ipfp_job *job, enum pid_decomposition_solver solver, enum pid_decomposition_status status)
{
    struct pid_result_record *result = &job->record.result;
    result->texts[result->text_count++] = (struct pid_text_field){"solver", pid_decomposition_solver_name(solver)};
    result->texts[result->text_count++] = (struct pid_text_field){"status", pid_decomposition_status_name(status)};
}

enum pid_status pid_ipfp_count_cells(const struct pid_joint *table, const size_t *columns, size_t count, double *cells, struct pid_error *error)
{
    size_t found;
    if (pid_joint_count_cells(table, columns, count, &found, error)) return error->status;
    *cells = (double)found;
    return PID_OK;
}

static bool holds_counts(const struct pid_ipfp_job *job)
{
    for (size_t i = 0; i < job->cell_count; i++)
        if (job->weights[i] != floor(job->weights[i])) return false;
    return job->samples > 0;
}

/* How many cells of each margin are occupied, and, for data that were counted, the bias of the total; else that is NaN. */
static enum pid_status count_cells(const struct pid_ipfp_job *job, const struct pid_ipfp_names *names, double counts[7], double *bias, struct pid_error *error)
{
    static const struct { size_t count, slot[3]; } margins[7] = {{1, {0}}, {1, {1}}, {1, {2}}, {2, {0, 2}}, {2, {1, 2}}, {2, {0, 1}}, {3, {0, 1, 2}}};
    struct pid_joint table;
    if (pid_joint_from_rows(&table, job->variables, job->shape, job->cells, job->weights, job->cell_count, holds_counts(job), error)) return error->status;
    enum pid_status status = PID_OK;
    *bias = NAN;
    if (table.counts && job->replicate.type == PID_REPLICATE_DATA)
        status = pid_joint_information_bias(&table, names->column, 2, names->column + 2, 1, bias, error);
    for (size_t m = 0; m < 7 && !status; m++) {
        size_t wanted[3];
        for (size_t i = 0; i < margins[m].count; i++) wanted[i] = names->column[margins[m].slot[i]];
        status = pid_ipfp_count_cells(&table, wanted, margins[m].count, &counts[m], error);
    }
    pid_joint_release(&table);
    return status;
}

/* A share means something only where the unique informations stand above their own error, and where the symbols repeat. */
void pid_ipfp_share_reason(const struct pid_ipfp_job *job, const struct pid_ipfp_names *names, const double *symbols, double sum, double gap,
                           char *reason, size_t size)
{
    *reason = '\0';
    for (size_t i = 0; i < names->sources && job->samples; i++) {
        double possible = names->clusters[i] ? (double)job->shape[names->column[i]] : symbols[i];
        if ((double)job->samples > possible) continue;
        snprintf(reason, size, "share undefined: %.0f samples for %.0f symbols of %.100s tell nothing", (double)job->samples, possible, names->variable[i]);
        return;
    }
    if (!(sum > 2 * gap)) snprintf(reason, size, "share undefined: the unique informations do not exceed their certified error");
}

static enum pid_status set_shares(struct pid_ipfp_job *job, const struct pid_ipfp_names *names, const struct pid_decomposition_result *solved,
                                  const double cells[7], struct pid_error *error)
{
    double sum = solved->unique[0] + solved->unique[1];
    double share[2] = {solved->unique[0] / sum, solved->unique[1] / sum};
    char text[300];
    pid_ipfp_share_reason(job, names, cells, sum, solved->gap, text, sizeof text);
    for (size_t i = 0; i < 2; i++) pid_ipfp_add_value(job, names->share[i], *text ? NAN : fmin(1, fmax(0, share[i])));
    return *text ? pid_ipfp_add_note(job, text, error) : PID_OK;
}

void pid_ipfp_add_array(struct pid_ipfp_job *job, struct pid_array_field field)
{
    job->record.result.arrays[job->record.result.array_count++] = field;
}

static enum pid_status set_arrays(struct pid_ipfp_job *job, const struct pid_ipfp_names *names, const struct pid_decomposition_table *table,
                                  const struct pid_decomposition_result *solved, struct pid_error *error)
{
    const double *potential[2] = {solved->lambda, solved->mu};
    for (size_t i = 0; i < 2; i++) {
        if (!potential[i]) continue;
        void *data = copy(&job->arena, potential[i], table->levels[i] * table->levels[2], sizeof(double), error);
        if (!data) return error->status;
        pid_ipfp_add_array(job, (struct pid_array_field){names->potential[i], PID_ELEMENT_F64, 2, {table->levels[i], table->levels[2]}, data});
    }
    if (!solved->coupling) return PID_OK;
    void *cells = copy(&job->arena, solved->coupling_cells, solved->coupling_count * 3, sizeof(uint32_t), error);
    void *weights = cells ? copy(&job->arena, solved->coupling, solved->coupling_count, sizeof(double), error) : NULL;
    if (!weights) return error->status;
    pid_ipfp_add_array(job, (struct pid_array_field){"coupling:cells", PID_ELEMENT_U32, 2, {solved->coupling_count, 3}, cells});
    pid_ipfp_add_array(job, (struct pid_array_field){"coupling:weights", PID_ELEMENT_F64, 1, {solved->coupling_count}, weights});
    return PID_OK;
}

/* What a replicate is solved to.  n samples with c cells in the smaller of the two tables of source and target: an information
 * that is there moves by about 1/sqrt(n), one that is not has a bias of about c/n, and with the target permuted a spread of
 * about sqrt(c)/n; a hundredth of that is nothing to an interval or a p-value. */
static double chance_tolerance(const struct pid_ipfp_job *job, double c)
{
    double n = 0;
    for (size_t i = 0; i < job->cell_count; i++) n += job->weights[i];
    return 0.01 * (job->replicate.type == PID_REPLICATE_PERMUTATION ? sqrt(c) / n : fmin(1 / sqrt(n), c / n));
}

double pid_ipfp_job_tolerance(struct pid_ipfp_job *job, double tolerance, double replicate_tolerance, double cells)
{
    job->tolerance = tolerance;
    if (job->replicate.type != PID_REPLICATE_DATA)
        job->tolerance = fmax(tolerance, replicate_tolerance < 0 ? chance_tolerance(job, cells) : replicate_tolerance);
    return job->tolerance;
}

/* Potentials have a number for each symbol of a source with each of the target, whether or not it occurs.  Up to 16 MiB of them
 * are written; more only where there are cells enough for a table of that size not to be a few cells in a vast shape. */
static enum pid_status check_potentials(const struct pid_ipfp_job *job, const struct pid_ipfp_names *names, struct pid_error *error)
{
    enum { ELEMENTS = 2 << 20, ELEMENTS_A_CELL = 1024 };
    double elements = 0;
    for (size_t i = 0; i < names->sources; i++)
        elements += (double)job->shape[names->column[i]] * (double)job->shape[names->column[names->sources]];
    if (elements <= ELEMENTS || elements <= ELEMENTS_A_CELL * (double)job->cell_count) return PID_OK;
    return pid_error_set(error, PID_ERROR_DATA, "the potentials would be %.0f numbers for a table of %zu cells: number the symbols without gaps", elements,
                         job->cell_count);
}

enum pid_status pid_ipfp_job_solve(struct pid_ipfp_job *job, const struct pid_ipfp_names *names, struct pid_decomposition *solver,
                                   const struct pid_decomposition_options *options, double replicate_tolerance, struct pid_error *error)
{
    struct pid_decomposition_result solved;
    struct pid_decomposition_options mine = *options;
    double cells[7], bias;
    if (options->potentials && check_potentials(job, names, error)) return error->status;
    if (names->sources > 2) return pid_ipfp_job_solve_sources(job, names, solver, options, replicate_tolerance, error);
    if (count_cells(job, names, cells, &bias, error)) return error->status;
    mine.tolerance = pid_ipfp_job_tolerance(job, options->tolerance, replicate_tolerance, fmin(cells[3], cells[4]));
    struct pid_decomposition_table table = {.count = job->cell_count, .cells = job->cells, .stride = job->variables, .weights = job->weights};
    for (size_t i = 0; i < 3; i++) {
        table.column[i] = names->column[i];
        table.levels[i] = job->shape[names->column[i]];
    }
    if (pid_decomposition_solve(solver, &table, &mine, &solved, error)) return error->status;
    job->gap = solved.gap;

    if (pid_ipfp_job_start(job, VALUES, ARRAYS, error)) return error->status;
    pid_ipfp_add_value(job, "redundant", solved.redundant);
    for (size_t i = 0; i < 2; i++) pid_ipfp_add_value(job, names->unique[i], solved.unique[i]);
    pid_ipfp_add_value(job, "synergy", solved.synergy);
    pid_ipfp_add_value(job, "total", solved.total);
    for (size_t i = 0; i < 2; i++) pid_ipfp_add_value(job, names->mi[i], solved.mi[i]);
    if (set_shares(job, names, &solved, cells, error)) return error->status;
    pid_ipfp_add_value(job, "union", solved.united);
    pid_ipfp_add_value(job, "lower", solved.lower);
    pid_ipfp_add_value(job, "upper", solved.upper);
    pid_ipfp_add_value(job, "gap", solved.gap);
    pid_ipfp_add_value(job, "iterations", (double)solved.iterations);
    for (size_t i = 0; i < 3; i++) pid_ipfp_add_value(job, names->entropy[i], solved.entropy[i]);
    for (size_t i = 0; i < 7; i++) pid_ipfp_add_value(job, names->cells[i], cells[i]);
    if (!isnan(bias)) pid_ipfp_add_value(job, "bias:total", bias);
    if (options->coupling) pid_ipfp_add_value(job, "coupling:left-out", solved.coupling_left_out);
    pid_ipfp_add_texts(job, solved.solver, solved.status);
    if (solved.fell_back && pid_ipfp_add_note(job, "newton stalled; the answer is of ipfp", error)) return error->status;
    return set_arrays(job, names, &table, &solved, error);
}
