/* The record of one decomposition. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-gauss.h"

/* Values with the names that are made for them. */
struct values { const struct gauss *gauss; size_t count, room; struct pid_value_field *fields; };

static void add(struct values *values, double value, const char *format, ...) PID_PRINTF(3, 4);
static void add(struct values *values, double value, const char *format, ...)
{
    char *name = NULL;
    struct pid_error error;
    void *fields = values->fields;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&name, format, arguments);
    va_end(arguments);
    if (length < 0) pid_error_set(&error, PID_ERROR_MEMORY, "out of memory");
    if (length < 0 || pid_array_grow(&fields, &values->room, values->count + 1, sizeof *values->fields, &error))
        pid_program_fail(values->gauss->options->program, &error);
    values->fields = fields;
    values->fields[values->count++] = (struct pid_value_field){name, value};
}

static const char *name_of(const struct gauss *gauss, size_t variable) { return gauss->header.variables[variable].name; }

/* The atoms of two sources, or those of more, under `prefix`. */
static void add_values(struct values *to, const struct pid_gauss_values *v, const char *prefix)
{
    const struct gauss *gauss = to->gauss;
    size_t n = gauss->sources;
    if (n == 2) add(to, v->pairs[0].redundant, "%sredundant", prefix);
    for (size_t i = 0; i < n; i++) add(to, v->rest[i].unique[0], "%sunique:%s", prefix, name_of(gauss, i));
    if (n == 2) add(to, v->pairs[0].synergy, "%ssynergy", prefix);
    else add(to, *v->remainder, "%sremainder", prefix);
    add(to, *v->total, "%stotal", prefix);
    for (size_t i = 0; i < n; i++) add(to, v->rest[i].mi[0], "%smi:%s", prefix, name_of(gauss, i));
    if (n == 2) return;
    for (size_t i = 0; i < n; i++) {
        add(to, v->rest[i].redundant, "%sredundant:%s", prefix, name_of(gauss, i));
        add(to, v->rest[i].synergy, "%ssynergy:%s", prefix, name_of(gauss, i));
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            const struct pid_gauss_part *pair = &v->pairs[pid_gauss_pair(n, a, b)];
            add(to, pair->redundant, "%sredundant:%s+%s", prefix, name_of(gauss, a), name_of(gauss, b));
            add(to, pair->synergy, "%ssynergy:%s+%s", prefix, name_of(gauss, a), name_of(gauss, b));
        }
    add(to, *v->o_information, "%so-information", prefix);
}

static bool add_shares(struct values *to, const struct pid_gauss_result *r)
{
    size_t n = r->sources;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += r->values.rest[i].unique[0];
    bool defined = sum > (double)n * r->gap;
    for (size_t i = 0; i < n; i++) add(to, defined ? r->values.rest[i].unique[0] / sum : NAN, "share:%s", name_of(to->gauss, i));
    return defined;
}

/* Redundancy as the smaller information (Williams, Beer's measure for Gaussians, Barrett 2015), beside the atoms. */
static void add_mmi(struct values *to, const struct pid_gauss_values *v)
{
    const struct pid_gauss_part *p = &v->pairs[0];
    double least = fmin(p->mi[0], p->mi[1]);
    if (isnan(p->mi[0]) || isnan(p->mi[1])) least = NAN;
    add(to, least, "mmi:redundant");
    for (size_t i = 0; i < 2; i++) add(to, p->mi[i] - least, "mmi:unique:%s", name_of(to->gauss, i));
    add(to, p->total - p->mi[0] - p->mi[1] + least, "mmi:synergy");
}

void gauss_write(struct gauss *gauss, const struct pid_key *key, struct pid_replicate replicate, uint64_t samples,
                 const struct pid_gauss_result *result, const double *kept)
{
    struct pid_error error;
    struct values values = {.gauss = gauss};
    struct pid_text_field texts[] = {{"solver", "gauss"}, {"status", result->infinite ? "infinite" : "converged"}};
    const char *notes[2];
    struct pid_record record = {{0}, .result = {.replicate = replicate, .samples = samples, .texts = texts, .text_count = 2, .notes = notes}};
    struct pid_key named = {0};
    bool data = replicate.type == PID_REPLICATE_DATA;
    gauss_must(gauss, pid_key_copy(&named, key, &error), &error);
    gauss_must(gauss, pid_key_set_text(&named, "method", "gauss", &error), &error);
    record.key = named;
    add_values(&values, &result->values, "");
    if (!add_shares(&values, result) && data) notes[record.result.note_count++] = "share undefined: the unique informations do not exceed their certified error";
    if (result->infinite && data)
        notes[record.result.note_count++] = "the sources determine the target, or a part of it, as a linear function: total and synergy are infinite";
    if (gauss->sources == 2) {
        add(&values, result->values.pairs[0].upper, "union");
        add(&values, result->values.pairs[0].lower, "lower");
        add(&values, result->values.pairs[0].upper, "upper");
        add_mmi(&values, &result->values);
    }
    add(&values, result->gap, "gap");
    if (result->has_bias) add_values(&values, &result->bias, "bias:");
    for (size_t v = 0; v < gauss->variables; v++) add(&values, (double)result->ranks[v], "dim:%s", name_of(gauss, v));
    for (size_t v = 0; kept && v < gauss->variables; v++) add(&values, kept[v], "variance:%s", name_of(gauss, v));
    record.result.values = values.fields;
    record.result.value_count = values.count;
    pid_stream_output_record(&gauss->output, &record);
    for (size_t i = 0; i < values.count; i++) free((char *)(uintptr_t)values.fields[i].name);
    free(values.fields);
    pid_key_release(&named);
}
