/* The decompositions that pid-local applies to labels. */
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-local.h"

void local_must(const struct local *local, enum pid_status status, const struct pid_error *error)
{
    if (status != PID_OK) pid_program_fail(local->options->program, error);
}

void *local_array(const struct local *local, size_t count, size_t size)
{
    struct pid_error error;
    void *array = pid_array_new(count, size, &error);
    if (!array) pid_program_fail(local->options->program, &error);
    return array;
}

static char *named(const struct local *local, const char *kind, const char *name)
{
    struct pid_error error;
    char *text = pid_string_format(&error, "%s%s%s", kind, *name ? ":" : "", name);
    if (!text) pid_program_fail(local->options->program, &error);
    return text;
}

/* Names of the values, and where --by points. */
static enum pid_status name_values(struct local *local, struct pid_error *error)
{
    const char *sources[2] = {NULL, NULL};
    size_t count = 0, targets = 0;
    for (size_t i = 0; i < local->header.variable_count; i++) {
        if (local->header.variables[i].role == PID_ROLE_TARGET) targets++;
        else if (count++ < 2) sources[count - 1] = local->header.variables[i].name;
    }
    if (count != 2 || targets != 1)
        return pid_error_set(error, PID_ERROR_DATA, "has %zu sources and %zu targets; local values are of two sources and one target", count, targets);
    local->names[LOCAL_REDUNDANT] = named(local, "redundant", "");
    local->names[LOCAL_SYNERGY] = named(local, "synergy", "");
    local->names[LOCAL_TOTAL] = named(local, "total", "");
    for (size_t s = 0; s < 2; s++) {
        local->names[LOCAL_UNIQUE + s] = named(local, "unique", sources[s]);
        local->names[LOCAL_MI + s] = named(local, "mi", sources[s]);
    }
    while (local->by < LOCAL_VALUES && strcmp(local->names[local->by], local->options->by)) local->by++;
    if (local->by == LOCAL_VALUES)
        pid_program_usage(local->options->program, "--by: no value '%s'; there are redundant, unique:%s, unique:%s, synergy, total, mi:%s, mi:%s",
                          local->options->by, sources[0], sources[1], sources[0], sources[1]);
    return PID_OK;
}

/* The array of one source's potentials, copied; its shape gives the levels. */
static double *take_potential(const struct local *local, const struct pid_record *record, size_t source, struct local_table *table, struct pid_error *error)
{
    char *name = named(local, "potential", local->names[LOCAL_MI + source] + strlen("mi:"));
    const struct pid_array_field *array = pid_result_array(&record->result, name);
    free(name);
    if (!array || array->element != PID_ELEMENT_F64 || array->dims != 2) {
        pid_error_set(error, PID_ERROR_DATA, "holds no potentials: pid-ipfp --potentials writes them");
        return NULL;
    }
    if (source && array->shape[1] != table->levels[2]) {
        pid_error_set(error, PID_ERROR_DATA, "the two potentials have %zu and %" PRIu64 " symbols of the target", table->levels[2], array->shape[1]);
        return NULL;
    }
    table->levels[source] = array->shape[0];
    table->levels[2] = array->shape[1];
    double *copy = pid_array_new(array->shape[0] * array->shape[1], sizeof *copy, error);
    if (copy) memcpy(copy, array->data, array->shape[0] * array->shape[1] * sizeof *copy);
    return copy;
}

static enum pid_status take_table(struct local *local, const struct pid_record *record, struct pid_error *error)
{
    if (record->result.replicate.type != PID_REPLICATE_DATA) return PID_OK;
    char text[200];
    for (size_t t = 0; t < local->table_count; t++)
        if (pid_key_equal(&local->tables[t].key, &record->key))
            return pid_error_set(error, PID_ERROR_DATA, "its key was there already: %s", pid_key_format(&record->key, text, sizeof text));
    if (!record->result.samples)
        return pid_error_set(error, PID_ERROR_DATA, "is of an exact distribution, not of samples: there are no labels that it was made from");
    void *tables = local->tables;
    if (pid_array_grow(&tables, &local->table_room, local->table_count + 1, sizeof *local->tables, error)) return error->status;
    local->tables = tables;
    struct local_table *table = &local->tables[local->table_count++];
    *table = (struct local_table){.samples = record->result.samples, .gap = pid_result_value(&record->result, "gap")};
    const char *status = pid_result_text(&record->result, "status");
    if (pid_key_copy(&table->key, &record->key, error) || !(table->status = pid_string_copy(status ? status : "", error)) ||
        !(table->lambda = take_potential(local, record, 0, table, error)) || !(table->mu = take_potential(local, record, 1, table, error)))
        return error->status;
    for (size_t s = 0; s < 2; s++) table->mi[s] = pid_result_value(&record->result, local->names[LOCAL_MI + s]);
    return PID_OK;
}

void local_read_tables(struct local *local)
{
    const struct pid_program *program = local->options->program;
    const char *name = local->options->decomposition;
    struct pid_error error;
    struct pid_record record;
    enum pid_next next;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        pid_error_errno(&error, "%s", name);
        pid_program_fail(program, &error);
    }
    struct pid_reader *reader = pid_reader_new(fd, name, program->record_bytes_max, &error);
    if (!reader) pid_program_fail(program, &error);
    const struct pid_header *header = pid_reader_header(reader);
    if (header->kind != PID_KIND_DECOMPOSITION) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: holds %s, not decompositions", name, pid_kind_name(header->kind));
        pid_program_fail(program, &error);
    }
    local_must(local, pid_header_copy(&local->header, header, &error), &error);
    if (name_values(local, &error)) {
        pid_error_prefix(&error, "%s", name);
        pid_program_fail(program, &error);
    }
    while ((next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) {
        if (!take_table(local, &record, &error)) continue;
        pid_error_prefix(&error, "%s: record %" PRIu64, name, pid_reader_record_number(reader));
        pid_program_fail(program, &error);
    }
    if (next == PID_NEXT_ERROR) pid_program_fail(program, &error);
    if (!local->table_count) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: holds no decomposition", name);
        pid_program_fail(program, &error);
    }
    /* The answer depends on the decompositions' content, wherever they lay. */
    char checksum[60];
    snprintf(checksum, sizeof checksum, "decomposition-crc32=%08x", (unsigned)pid_reader_checksum(reader));
    pid_program_record_argument(local->options->program, checksum);
    pid_reader_free(reader);
}

/* Whether the labels' own information is the decomposition's. */
static void check_table(const struct local *local, size_t number, const double mi[2])
{
    const struct local_table *table = &local->tables[number];
    struct pid_error error;
    char text[200];
    for (size_t s = 0; s < 2; s++) {
        if (fabs(mi[s] - table->mi[s]) <= 1e-9) continue;
        pid_error_set(&error, PID_ERROR_DATA, "%s: %s: not the decomposition of these labels: %s is %.9g there, %.9g in the labels",
                      local->options->decomposition, pid_key_format(&table->key, text, sizeof text), local->names[LOCAL_MI + s], table->mi[s], mi[s]);
        pid_program_fail(local->options->program, &error);
    }
}

void local_compute(struct local *local)
{
    struct pid_error error;
    size_t n = local->column_count, at = 0;
    char text[200];
    local->values = local_array(local, local->cell_count, sizeof *local->values);
    uint32_t *codes = local_array(local, local->cell_count * 3, sizeof *codes);
    double *weights = local_array(local, local->cell_count, sizeof *weights);
    size_t *place = local_array(local, local->cell_count, sizeof *place);
    struct pid_local *values = local_array(local, local->cell_count, sizeof *values);
    for (size_t t = 0; t < local->table_count; t++) {
        const struct local_table *table = &local->tables[t];
        if (table->rows != table->samples) {
            pid_error_set(&error, PID_ERROR_DATA, "%s: %s: was made from %" PRIu64 " samples; the labels have %" PRIu64, local->options->decomposition,
                          pid_key_format(&table->key, text, sizeof text), table->samples, table->rows);
            pid_program_fail(local->options->program, &error);
        }
        at = 0;
        for (size_t c = 0; c < local->cell_count; c++) {
            if (local->cells[c].table != t) continue;
            memcpy(codes + 3 * at, local->codes + c * n, 3 * sizeof *codes);
            weights[at] = (double)local->cells[c].rows;
            place[at++] = c;
        }
        struct pid_decomposition_table cells = {{table->levels[0], table->levels[1], table->levels[2]}, at, codes, 3, {0, 1, 2}, weights};
        local_must(local, pid_local_compute(&cells, table->lambda, table->mu, values, &error), &error);
        double mi[2] = {0, 0};
        for (size_t i = 0; i < at; i++) {
            local->values[place[i]] = values[i];
            for (size_t s = 0; s < 2; s++) mi[s] += values[i].mi[s] * weights[i] / (double)table->rows;
        }
        check_table(local, t, mi);
    }
    free(values);
    free(place);
    free(weights);
    free(codes);
}
