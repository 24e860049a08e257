#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/codes.h"
#include "stream/decode.h"
#include "stream/scan.h"

/* An aligned copy of a bin that must hold `count` elements of `size` bytes; NULL with an error. */
static const void *copy_bin(const msgpack_object *object, const char *what, uint64_t count, size_t size, struct pid_arena *arena, struct pid_error *error)
{
    uint64_t bytes;
    if (object->type != MSGPACK_OBJECT_BIN) {
        pid_error_set(error, PID_ERROR_DATA, "%s is not binary", what);
        return NULL;
    }
    if (__builtin_mul_overflow(count, (uint64_t)size, &bytes) || bytes != object->via.bin.size) {
        pid_error_set(error, PID_ERROR_DATA, "%s has %" PRIu32 " bytes for %" PRIu64 " numbers of %zu", what, object->via.bin.size, count, size);
        return NULL;
    }
    void *copy = pid_arena_array(arena, count, size, error);
    if (copy) memcpy(copy, object->via.bin.ptr, bytes);
    return copy;
}

static enum pid_status decode_key(const msgpack_object *object, struct pid_arena *arena, struct pid_key *key, struct pid_error *error)
{
    const msgpack_object *map = pid_decode_field(object, "key");
    key->count = 0;
    if (!map) return PID_OK;
    if (map->type != MSGPACK_OBJECT_MAP) return pid_error_set(error, PID_ERROR_DATA, "'key' is not a map");
    if (map->via.map.size > PID_KEY_MAX) return pid_error_set(error, PID_ERROR_DATA, "'key' has more than %d names", PID_KEY_MAX);
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *from = &map->via.map.ptr[i];
        struct pid_key_pair *pair = &key->pairs[i];
        *pair = (struct pid_key_pair){0};
        if (pid_decode_text(&from->key, "a key's name", arena, &pair->name, error)) return error->status;
        if (pid_key_find(key, pair->name)) return pid_error_set(error, PID_ERROR_DATA, "key '%s' is there twice", pair->name);
        if (from->val.type == MSGPACK_OBJECT_POSITIVE_INTEGER && from->val.via.u64 <= INT64_MAX) pair->integer = (int64_t)from->val.via.u64;
        else if (from->val.type == MSGPACK_OBJECT_NEGATIVE_INTEGER) pair->integer = from->val.via.i64;
        else if (from->val.type == MSGPACK_OBJECT_STR) {
            if (pid_decode_text(&from->val, "a key's value", arena, &pair->text, error)) return error->status;
        } else return pid_error_set(error, PID_ERROR_DATA, "key '%s' is neither an integer nor a text", pair->name);
        key->count++;
    }
    return PID_OK;
}

static enum pid_status check_codes(const uint32_t *codes, uint64_t rows, const struct pid_variable *variable, struct pid_error *error)
{
    uint32_t largest = pid_codes_greatest(codes, rows);
    uint64_t levels = variable->levels ? variable->levels : PID_LEVELS_MAX;
    if (rows && largest >= levels)
        return pid_error_set(error, PID_ERROR_DATA, "variable '%s': code %" PRIu32 " is not below its %" PRIu64 " levels", variable->name, largest, levels);
    return PID_OK;
}

static enum pid_status decode_column(const msgpack_object *bin, const struct pid_variable *variable, uint64_t rows,
                                     struct pid_arena *arena, enum pid_decode decode, struct pid_column *column, struct pid_error *error)
{
    const char *name = variable->name;
    if (bin->type != MSGPACK_OBJECT_BIN) return pid_error_set(error, PID_ERROR_DATA, "variable '%s' is not binary", name);
    uint64_t bytes = bin->via.bin.size;
    *column = (struct pid_column){0};
    if (variable->type == PID_TYPE_CATEGORY) {
        if (bytes != 4 * rows)
            return pid_error_set(error, PID_ERROR_DATA, "variable '%s' has %s%" PRIu64 " labels for %" PRIu64 " rows", name,
                                 bytes % 4 ? "more than " : "", bytes / 4, rows);
        if (decode == PID_DECODE_SIZES) return PID_OK;
        if (!(column->codes = copy_bin(bin, name, rows, 4, arena, error))) return error->status;
        return check_codes(column->codes, rows, variable, error);
    }
    column->dim = variable->dim;
    if (!column->dim) column->dim = bytes / 4 / rows;
    if (!column->dim) return pid_error_set(error, PID_ERROR_DATA, "variable '%s' has no elements in its rows", name);
    if (column->dim > PID_DIM_MAX || bytes / 4 != column->dim * rows || bytes % 4)
        return pid_error_set(error, PID_ERROR_DATA, "variable '%s' has %" PRIu64 " bytes for %" PRIu64 " rows of %" PRIu64 " float32",
                             name, bytes, rows, column->dim);
    column->bytes = bin->via.bin.ptr;
    if (decode != PID_DECODE_ALL) return PID_OK;
    column->values = copy_bin(bin, name, rows * column->dim, 4, arena, error);
    return column->values ? PID_OK : error->status;
}

static enum pid_status decode_batch(const msgpack_object *object, const struct pid_header *header, struct pid_arena *arena, enum pid_decode decode,
                                    struct pid_batch *batch, struct pid_error *error)
{
    const msgpack_object *data;
    batch->row = 0;
    if (pid_decode_field(object, "row") && pid_decode_unsigned(object, "row", INT64_MAX, &batch->row, error)) return error->status;
    if (pid_decode_unsigned(object, "rows", UINT32_MAX, &batch->rows, error) ||
        pid_decode_child(object, "data", MSGPACK_OBJECT_MAP, &data, error))
        return error->status;
    /* A record that takes no bytes for its rows could have any number of them, of any size. */
    if (!batch->rows) return pid_error_set(error, PID_ERROR_DATA, "'rows' is 0: a record holds at least one");
    if (!(batch->columns = pid_arena_array(arena, header->variable_count, sizeof *batch->columns, error))) return error->status;
    for (size_t i = 0; i < header->variable_count; i++) {
        const struct pid_variable *variable = &header->variables[i];
        const msgpack_object *bin = pid_decode_field(data, variable->name);
        if (!bin) return pid_error_set(error, PID_ERROR_DATA, "variable '%s' is missing", variable->name);
        if (decode_column(bin, variable, batch->rows, arena, decode, &batch->columns[i], error)) return error->status;
    }
    return PID_OK;
}

static enum pid_status decode_real(const msgpack_object *object, const char *what, double *value, struct pid_error *error)
{
    switch (object->type) {
    case MSGPACK_OBJECT_NIL: *value = NAN; return PID_OK;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64: *value = object->via.f64; return PID_OK;
    case MSGPACK_OBJECT_POSITIVE_INTEGER: *value = (double)object->via.u64; return PID_OK;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER: *value = (double)object->via.i64; return PID_OK;
    default: return pid_error_set(error, PID_ERROR_DATA, "'%s' is not a number", what);
    }
}

static enum pid_status decode_replicate(const msgpack_object *object, struct pid_arena *arena, struct pid_replicate *replicate, struct pid_error *error)
{
    *replicate = (struct pid_replicate){.type = PID_REPLICATE_DATA, .fraction = 1};
    const msgpack_object *map = pid_decode_field(object, "replicate"), *type, *fraction;
    char *name;
    if (!map) return PID_OK;
    if (pid_decode_child(object, "replicate", MSGPACK_OBJECT_MAP, &map, error) ||
        pid_decode_child(map, "type", MSGPACK_OBJECT_STR, &type, error) ||
        pid_decode_text(type, "a replicate's type", arena, &name, error) ||
        pid_decode_unsigned(map, "index", UINT32_MAX, &replicate->index, error))
        return error->status;
    while (strcmp(name, pid_replicate_name(replicate->type)))
        if (replicate->type++ == PID_REPLICATE_SUBSAMPLE) return pid_error_set(error, PID_ERROR_DATA, "unknown replicate type '%s'", name);
    if ((fraction = pid_decode_field(map, "fraction"))) {
        if (decode_real(fraction, "fraction", &replicate->fraction, error)) return error->status;
        if (!(replicate->fraction > 0 && replicate->fraction <= 1)) return pid_error_set(error, PID_ERROR_DATA, "'fraction' is not in (0, 1]");
    }
    return PID_OK;
}

static enum pid_status check_cells(const struct pid_table_record *table, const struct pid_header *header, struct pid_error *error)
{
    size_t n = header->variable_count;
    for (uint64_t cell = 0; cell < table->cells; cell++) {
        for (size_t i = 0; i < n; i++)
            if (table->indices[cell * n + i] >= table->shape[i])
                return pid_error_set(error, PID_ERROR_DATA, "cell %" PRIu64 ": symbol %" PRIu32 " of '%s' is not below its %" PRIu64 " symbols",
                                     cell + 1, table->indices[cell * n + i], header->variables[i].name, table->shape[i]);
        double weight = table->weights[cell];
        if (!(weight >= 0 && weight < INFINITY))
            return pid_error_set(error, PID_ERROR_DATA, "cell %" PRIu64 ": weight %g is not a finite number of at least 0", cell + 1, weight);
    }
    return PID_OK;
}

static enum pid_status decode_table(const msgpack_object *object, const struct pid_header *header, struct pid_arena *arena,
                                    struct pid_table_record *table, struct pid_error *error)
{
    const msgpack_object *shape, *indices, *weights;
    size_t n = header->variable_count;
    if (decode_replicate(object, arena, &table->replicate, error) || pid_decode_unsigned(object, "samples", UINT64_MAX, &table->samples, error) ||
        pid_decode_child(object, "shape", MSGPACK_OBJECT_ARRAY, &shape, error) ||
        pid_decode_child(object, "cells", MSGPACK_OBJECT_BIN, &indices, error) ||
        pid_decode_child(object, "weights", MSGPACK_OBJECT_BIN, &weights, error))
        return error->status;
    if (shape->via.array.size != n)
        return pid_error_set(error, PID_ERROR_DATA, "'shape' has %" PRIu32 " numbers for %zu variables", shape->via.array.size, n);
    uint64_t *sizes = pid_arena_array(arena, n, sizeof *sizes, error);
    if (!sizes) return error->status;
    for (size_t i = 0; i < n; i++) {
        const msgpack_object *size = &shape->via.array.ptr[i];
        if (size->type != MSGPACK_OBJECT_POSITIVE_INTEGER || size->via.u64 > PID_LEVELS_MAX)
            return pid_error_set(error, PID_ERROR_DATA, "'shape': size %zu is not a number up to %d", i + 1, PID_LEVELS_MAX);
        sizes[i] = size->via.u64;
    }
    table->shape = sizes;
    table->cells = weights->via.bin.size / 8;
    if (!(table->weights = copy_bin(weights, "'weights'", table->cells, 8, arena, error)) ||
        !(table->indices = copy_bin(indices, "'cells'", table->cells * n, 4, arena, error)))
        return error->status;
    return check_cells(table, header, error);
}

static enum pid_status decode_array_field(const msgpack_object *map, struct pid_arena *arena, struct pid_array_field *field, struct pid_error *error)
{
    const msgpack_object *type, *shape, *data;
    char *name;
    if (map->type != MSGPACK_OBJECT_MAP) return pid_error_set(error, PID_ERROR_DATA, "not a map");
    if (pid_decode_child(map, "type", MSGPACK_OBJECT_STR, &type, error) || pid_decode_text(type, "'type'", arena, &name, error) ||
        pid_decode_child(map, "shape", MSGPACK_OBJECT_ARRAY, &shape, error) ||
        pid_decode_child(map, "data", MSGPACK_OBJECT_BIN, &data, error))
        return error->status;
    field->element = PID_ELEMENT_F32;
    while (strcmp(name, pid_element_name(field->element)))
        if (field->element++ == PID_ELEMENT_U64) return pid_error_set(error, PID_ERROR_DATA, "unknown element type '%s'", name);
    field->dims = shape->via.array.size;
    if (field->dims < 1 || field->dims > PID_ARRAY_DIMS_MAX)
        return pid_error_set(error, PID_ERROR_DATA, "%zu dimensions are not 1 to %d", field->dims, PID_ARRAY_DIMS_MAX);
    uint64_t count = 1, around = 1; /* elements; the same without the sizes that are 0 */
    for (size_t i = 0; i < field->dims; i++) {
        const msgpack_object *size = &shape->via.array.ptr[i];
        if (size->type != MSGPACK_OBJECT_POSITIVE_INTEGER || __builtin_mul_overflow(around, size->via.u64 ? size->via.u64 : 1, &around))
            return pid_error_set(error, PID_ERROR_DATA, "'shape' is not sizes");
        field->shape[i] = size->via.u64;
        count *= size->via.u64;
    }
    if (!count && around > PID_SCAN_OBJECTS_MAX)
        return pid_error_set(error, PID_ERROR_DATA, "'shape': %" PRIu64 " rows or columns of nothing", around);
    field->data = copy_bin(data, "'data'", count, pid_element_bytes(field->element), arena, error);
    return field->data ? PID_OK : error->status;
}

/* An optional map of the record; *size is 0 where it is missing. */
static enum pid_status optional_map(const msgpack_object *object, const char *name, const msgpack_object **map, size_t *size, struct pid_error *error)
{
    *size = 0;
    if (!pid_decode_field(object, name)) return PID_OK;
    if (pid_decode_child(object, name, MSGPACK_OBJECT_MAP, map, error)) return error->status;
    *size = (*map)->via.map.size;
    return PID_OK;
}

static enum pid_status decode_notes(const msgpack_object *object, struct pid_arena *arena, struct pid_result_record *result, struct pid_error *error)
{
    const msgpack_object *notes;
    result->note_count = 0;
    if (!pid_decode_field(object, "notes")) return PID_OK;
    if (pid_decode_child(object, "notes", MSGPACK_OBJECT_ARRAY, &notes, error)) return error->status;
    if (!(result->notes = pid_arena_array(arena, notes->via.array.size, sizeof *result->notes, error))) return error->status;
    for (; result->note_count < notes->via.array.size; result->note_count++) {
        char *text;
        if (pid_decode_text(&notes->via.array.ptr[result->note_count], "a note", arena, &text, error)) return error->status;
        result->notes[result->note_count] = text;
    }
    return PID_OK;
}

static enum pid_status decode_result(const msgpack_object *object, struct pid_arena *arena, struct pid_result_record *result, struct pid_error *error)
{
    const msgpack_object *texts = NULL, *values = NULL, *arrays = NULL;
    if (decode_replicate(object, arena, &result->replicate, error) || pid_decode_unsigned(object, "samples", UINT64_MAX, &result->samples, error) ||
        optional_map(object, "text", &texts, &result->text_count, error) ||
        optional_map(object, "values", &values, &result->value_count, error) ||
        optional_map(object, "arrays", &arrays, &result->array_count, error))
        return error->status;
    result->texts = pid_arena_array(arena, result->text_count, sizeof *result->texts, error);
    result->values = result->texts ? pid_arena_array(arena, result->value_count, sizeof *result->values, error) : NULL;
    result->arrays = result->values ? pid_arena_array(arena, result->array_count, sizeof *result->arrays, error) : NULL;
    if (!result->arrays) return error->status;
    char *name, *text;
    for (size_t i = 0; i < result->text_count; i++) {
        const msgpack_object_kv *pair = &texts->via.map.ptr[i];
        if (pid_decode_text(&pair->key, "a name in 'text'", arena, &name, error) || pid_decode_text(&pair->val, name, arena, &text, error))
            return error->status;
        result->texts[i] = (struct pid_text_field){name, text};
    }
    for (size_t i = 0; i < result->value_count; i++) {
        const msgpack_object_kv *pair = &values->via.map.ptr[i];
        if (pid_decode_text(&pair->key, "a name in 'values'", arena, &name, error) || decode_real(&pair->val, name, &result->values[i].value, error))
            return error->status;
        result->values[i].name = name;
    }
    for (size_t i = 0; i < result->array_count; i++) {
        const msgpack_object_kv *pair = &arrays->via.map.ptr[i];
        if (pid_decode_text(&pair->key, "a name in 'arrays'", arena, &name, error)) return error->status;
        if (decode_array_field(&pair->val, arena, &result->arrays[i], error)) return pid_error_prefix(error, "array '%s'", name);
        result->arrays[i].name = name;
    }
    return decode_notes(object, arena, result, error);
}

enum pid_status pid_decode_record(const msgpack_object *object, const struct pid_header *header, struct pid_arena *arena,
                                  enum pid_decode decode, struct pid_record *record, struct pid_error *error)
{
    if (object->type != MSGPACK_OBJECT_MAP) return pid_error_set(error, PID_ERROR_DATA, "not a map");
    if (decode_key(object, arena, &record->key, error)) return error->status;
    switch (header->kind) {
    case PID_KIND_SAMPLES:
    case PID_KIND_LABELS: return decode_batch(object, header, arena, decode, &record->batch, error);
    case PID_KIND_JOINT: return decode_table(object, header, arena, &record->table, error);
    case PID_KIND_DECOMPOSITION:
    case PID_KIND_CODEBOOK: return decode_result(object, arena, &record->result, error);
    }
    return pid_error_set(error, PID_ERROR_DATA, "unknown kind");
}
