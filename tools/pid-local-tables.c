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

/* An array of the record, which must be there. */
static const struct pid_array_field *find_array(const struct local *local, const struct pid_record *record, const char *kind, size_t source,
                                                enum pid_element element, size_t dims, struct pid_error *error)
{
    char *name = local_named(local, kind, local->source[source]);
    const struct pid_array_field *array = pid_result_array(&record->result, name);
    free(name);
    if (array && array->element == element && array->dims == dims) return array;
    pid_error_set(error, PID_ERROR_DATA, "holds no potentials: pid-ipfp --potentials writes them");
    return NULL;
}

/* A copy of its data; 0 x 0 is allowed. */
static void *copy_array(const struct pid_array_field *array, size_t size, struct pid_error *error)
{
    size_t count = 1;
    for (size_t d = 0; d < array->dims; d++) count *= array->shape[d];
    void *copy = pid_array_new(count, size, error);
    if (copy && count) memcpy(copy, array->data, count * size);
    return copy;
}

/* The potentials of a source, whose shape gives the levels, and of more than two sources those of the others. */
static enum pid_status take_potentials(const struct local *local, const struct pid_record *record, size_t source, struct local_table *table, struct pid_error *error)
{
    size_t n = local->sources;
    struct local_potentials *potentials = &table->potentials[source];
    const struct pid_array_field *own = find_array(local, record, "potential", source, PID_ELEMENT_F64, 2, error);
    if (!own) return error->status;
    if (source && own->shape[1] != table->levels[n])
        return pid_error_set(error, PID_ERROR_DATA, "the potentials have %zu and %" PRIu64 " symbols of the target", table->levels[n], own->shape[1]);
    table->levels[source] = own->shape[0];
    table->levels[n] = own->shape[1];
    if (!(potentials->own = copy_array(own, sizeof *potentials->own, error))) return error->status;
    if (n == 2) return PID_OK;
    const struct pid_array_field *others = find_array(local, record, "others", source, PID_ELEMENT_U32, 2, error);
    const struct pid_array_field *rest = others ? find_array(local, record, "potential:others", source, PID_ELEMENT_F64, 1, error) : NULL;
    if (!rest) return error->status;
    if (others->shape[1] != n || others->shape[0] != rest->shape[0])
        return pid_error_set(error, PID_ERROR_DATA, "others:%s does not go with its potentials", local->source[source]);
    potentials->count = rest->shape[0];
    potentials->others = copy_array(others, sizeof *potentials->others, error);
    potentials->rest = potentials->others ? copy_array(rest, sizeof *potentials->rest, error) : NULL;
    return potentials->rest ? PID_OK : error->status;
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
    table->potentials = local_array(local, local->sources, sizeof *table->potentials);
    table->levels = local_array(local, local->sources + 1, sizeof *table->levels);
    table->mi = local_array(local, local->sources, sizeof *table->mi);
    if (pid_key_copy(&table->key, &record->key, error) || !(table->status = pid_string_copy(status ? status : "", error))) return error->status;
    for (size_t s = 0; s < local->sources; s++) {
        if (take_potentials(local, record, s, table, error)) return error->status;
        table->mi[s] = pid_result_value(&record->result, local->names[local->mi + s]);
    }
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
    if (local_name_values(local, &error)) {
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
