#include "stream/writer.h"

#include <inttypes.h>
#include <math.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stream/sink.h"

struct pid_writer {
    struct pid_sink *sink;
    char *name;
    struct pid_header header;
    uint64_t records, rows;
    msgpack_packer packer;
    struct pid_error *error; /* where the packer's callback reports, during a call */
};

static int pack_bytes(void *context, const char *bytes, size_t count)
{
    struct pid_writer *writer = context;
    return pid_sink_write(writer->sink, bytes, count, writer->error) ? -1 : 0;
}

/* msgpack-c returns -1 from each call after the callback failed; the error is then in writer->error.  The packing
 * functions below return 0 or -1 alike. */

static int pack_text(msgpack_packer *packer, const char *text)
{
    size_t length = strlen(text);
    return msgpack_pack_str(packer, length) || msgpack_pack_str_body(packer, text, length);
}

/* msgpack counts a bin's bytes in 32 bits and would leave out the rest of a larger number. */
static int pack_bin(msgpack_packer *packer, const void *data, uint64_t count, size_t size)
{
    struct pid_writer *writer = packer->data;
    uint64_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > UINT32_MAX) {
        pid_error_set(writer->error, PID_ERROR_DATA, "%" PRIu64 " elements of %zu bytes are more than a record can hold in one array (4 GiB)", count, size);
        return -1;
    }
    /* A reference body of length 0 may be NULL. */
    return msgpack_pack_bin(packer, bytes) || (bytes && msgpack_pack_bin_body(packer, data, bytes));
}

static int pack_variable(msgpack_packer *packer, const struct pid_variable *variable)
{
    if (msgpack_pack_map(packer, 4) || pack_text(packer, "name") || pack_text(packer, variable->name) || pack_text(packer, "role") ||
        pack_text(packer, pid_role_name(variable->role)) || pack_text(packer, "type") || pack_text(packer, pid_type_name(variable->type)))
        return -1;
    if (variable->type == PID_TYPE_VECTOR) return pack_text(packer, "dim") || msgpack_pack_uint64(packer, variable->dim);
    if (pack_text(packer, "levels")) return -1;
    if (!variable->level_names) return msgpack_pack_uint64(packer, variable->levels);
    if (msgpack_pack_array(packer, variable->levels)) return -1;
    for (uint64_t i = 0; i < variable->levels; i++)
        if (pack_text(packer, variable->level_names[i])) return -1;
    return 0;
}

static int pack_stage(msgpack_packer *packer, const struct pid_stage *stage)
{
    if (msgpack_pack_map(packer, 4) || pack_text(packer, "program") || pack_text(packer, stage->program) || pack_text(packer, "version") ||
        pack_text(packer, stage->version) || pack_text(packer, "arguments") || msgpack_pack_array(packer, stage->argument_count))
        return -1;
    for (size_t i = 0; i < stage->argument_count; i++)
        if (pack_text(packer, stage->arguments[i])) return -1;
    return pack_text(packer, "seed") || msgpack_pack_uint64(packer, stage->seed);
}

static int pack_shard(msgpack_packer *packer, const struct pid_shard *shard)
{
    return pack_text(packer, "shard") || msgpack_pack_map(packer, 2) || pack_text(packer, "index") || msgpack_pack_uint64(packer, shard->index) ||
           pack_text(packer, "of") || msgpack_pack_uint64(packer, shard->of);
}

static int pack_header(msgpack_packer *packer, const struct pid_header *header)
{
    if (msgpack_pack_map(packer, header->shard.of > 1 ? 7 : 6) || pack_text(packer, "stream") || pack_text(packer, "pid") || pack_text(packer, "version") ||
        msgpack_pack_int(packer, PID_STREAM_VERSION) || pack_text(packer, "kind") || pack_text(packer, pid_kind_name(header->kind)) ||
        pack_text(packer, "grouped") || (header->grouped ? msgpack_pack_true(packer) : msgpack_pack_false(packer)) ||
        (header->shard.of > 1 && pack_shard(packer, &header->shard)) || pack_text(packer, "variables") || msgpack_pack_array(packer, header->variable_count))
        return -1;
    for (size_t i = 0; i < header->variable_count; i++)
        if (pack_variable(packer, &header->variables[i])) return -1;
    if (pack_text(packer, "history") || msgpack_pack_array(packer, header->stage_count)) return -1;
    for (size_t i = 0; i < header->stage_count; i++)
        if (pack_stage(packer, &header->history[i])) return -1;
    return 0;
}

static int pack_key(msgpack_packer *packer, const struct pid_key *key)
{
    if (pack_text(packer, "key") || msgpack_pack_map(packer, key->count)) return -1;
    for (size_t i = 0; i < key->count; i++) {
        const struct pid_key_pair *pair = &key->pairs[i];
        if (pack_text(packer, pair->name)) return -1;
        if (pair->text ? pack_text(packer, pair->text) : msgpack_pack_int64(packer, pair->integer)) return -1;
    }
    return 0;
}

static int pack_batch(msgpack_packer *packer, const struct pid_header *header, const struct pid_batch *batch)
{
    if (pack_text(packer, "row") || msgpack_pack_uint64(packer, batch->row) || pack_text(packer, "rows") ||
        msgpack_pack_uint64(packer, batch->rows) || pack_text(packer, "data") || msgpack_pack_map(packer, header->variable_count))
        return -1;
    for (size_t i = 0; i < header->variable_count; i++) {
        const struct pid_variable *variable = &header->variables[i];
        const struct pid_column *column = &batch->columns[i];
        if (pack_text(packer, variable->name)) return -1;
        if (variable->type == PID_TYPE_VECTOR ? pack_bin(packer, column->values, batch->rows, column->dim * sizeof(float))
                                              : pack_bin(packer, column->codes, batch->rows, sizeof(uint32_t)))
            return -1;
    }
    return 0;
}

static int pack_replicate(msgpack_packer *packer, const struct pid_replicate *replicate)
{
    bool fraction = replicate->type == PID_REPLICATE_SUBSAMPLE;
    if (pack_text(packer, "replicate") || msgpack_pack_map(packer, fraction ? 3 : 2) || pack_text(packer, "type") ||
        pack_text(packer, pid_replicate_name(replicate->type)) || pack_text(packer, "index") || msgpack_pack_uint64(packer, replicate->index))
        return -1;
    return fraction ? pack_text(packer, "fraction") || msgpack_pack_double(packer, replicate->fraction) : 0;
}

static int pack_table(msgpack_packer *packer, const struct pid_header *header, const struct pid_table_record *table)
{
    if (pack_replicate(packer, &table->replicate) || pack_text(packer, "samples") || msgpack_pack_uint64(packer, table->samples) ||
        pack_text(packer, "shape") || msgpack_pack_array(packer, header->variable_count))
        return -1;
    for (size_t i = 0; i < header->variable_count; i++)
        if (msgpack_pack_uint64(packer, table->shape[i])) return -1;
    return pack_text(packer, "cells") || pack_bin(packer, table->indices, table->cells, header->variable_count * sizeof(uint32_t)) ||
           pack_text(packer, "weights") || pack_bin(packer, table->weights, table->cells, sizeof(double));
}

static int pack_array_field(msgpack_packer *packer, const struct pid_array_field *field)
{
    uint64_t count = 1;
    if (pack_text(packer, field->name) || msgpack_pack_map(packer, 3) || pack_text(packer, "type") ||
        pack_text(packer, pid_element_name(field->element)) || pack_text(packer, "shape") || msgpack_pack_array(packer, field->dims))
        return -1;
    for (size_t i = 0; i < field->dims; i++) {
        if (msgpack_pack_uint64(packer, field->shape[i])) return -1;
        count *= field->shape[i];
    }
    return pack_text(packer, "data") || pack_bin(packer, field->data, count, pid_element_bytes(field->element));
}

static int pack_result(msgpack_packer *packer, const struct pid_result_record *result)
{
    if (pack_replicate(packer, &result->replicate) || pack_text(packer, "samples") || msgpack_pack_uint64(packer, result->samples) ||
        pack_text(packer, "values") || msgpack_pack_map(packer, result->value_count))
        return -1;
    for (size_t i = 0; i < result->value_count; i++) {
        double value = result->values[i].value;
        if (pack_text(packer, result->values[i].name) || (isnan(value) ? msgpack_pack_nil(packer) : msgpack_pack_double(packer, value))) return -1;
    }
    if (pack_text(packer, "text") || msgpack_pack_map(packer, result->text_count)) return -1;
    for (size_t i = 0; i < result->text_count; i++)
        if (pack_text(packer, result->texts[i].name) || pack_text(packer, result->texts[i].text)) return -1;
    if (pack_text(packer, "arrays") || msgpack_pack_map(packer, result->array_count)) return -1;
    for (size_t i = 0; i < result->array_count; i++)
        if (pack_array_field(packer, &result->arrays[i])) return -1;
    if (pack_text(packer, "notes") || msgpack_pack_array(packer, result->note_count)) return -1;
    for (size_t i = 0; i < result->note_count; i++)
        if (pack_text(packer, result->notes[i])) return -1;
    return 0;
}

/* Turns a packing function's verdict into a status; the callback has filled *error. */
static enum pid_status packed(struct pid_writer *writer, int result, struct pid_error *error)
{
    if (!result) return PID_OK;
    return pid_error_prefix(error, "%s", writer->name);
}

struct pid_writer *pid_writer_new(int fd, const char *name, const struct pid_header *header, bool gzip, struct pid_error *error)
{
    struct pid_writer *writer = pid_array_new(1, sizeof *writer, error);
    if (!writer) return NULL;
    writer->sink = pid_sink_new(fd, gzip, error);
    if (writer->sink) writer->name = pid_string_copy(name, error);
    if (!writer->name || pid_header_copy(&writer->header, header, error)) {
        pid_writer_abandon(writer);
        return NULL;
    }
    msgpack_packer_init(&writer->packer, writer, pack_bytes);
    writer->error = error;
    if (packed(writer, pack_header(&writer->packer, header), error)) {
        pid_writer_abandon(writer);
        return NULL;
    }
    return writer;
}

void pid_writer_abandon(struct pid_writer *writer)
{
    if (!writer) return;
    pid_header_release(&writer->header);
    pid_sink_free(writer->sink);
    free(writer->name);
    free(writer);
}

enum pid_status pid_writer_record(struct pid_writer *writer, const struct pid_record *record, struct pid_error *error)
{
    msgpack_packer *packer = &writer->packer;
    const struct pid_header *header = &writer->header;
    int result;
    writer->error = error;
    switch (header->kind) {
    case PID_KIND_SAMPLES:
    case PID_KIND_LABELS:
        result = msgpack_pack_map(packer, 4) || pack_key(packer, &record->key) || pack_batch(packer, header, &record->batch);
        writer->rows += record->batch.rows;
        break;
    case PID_KIND_JOINT:
        result = msgpack_pack_map(packer, 6) || pack_key(packer, &record->key) || pack_table(packer, header, &record->table);
        break;
    default:
        result = msgpack_pack_map(packer, 7) || pack_key(packer, &record->key) || pack_result(packer, &record->result);
        break;
    }
    writer->records++;
    return packed(writer, result, error);
}

enum pid_status pid_writer_bytes(struct pid_writer *writer, const void *bytes, size_t length, uint32_t crc, uint64_t rows,
                                 struct pid_error *error)
{
    writer->records++;
    writer->rows += rows;
    return packed(writer, pid_sink_write_summed(writer->sink, bytes, length, crc, error) != PID_OK, error);
}

enum pid_status pid_writer_flush(struct pid_writer *writer, struct pid_error *error)
{
    return packed(writer, pid_sink_flush(writer->sink, false, error) != PID_OK, error);
}

static int pack_trailer(struct pid_writer *writer, uint32_t crc)
{
    msgpack_packer *packer = &writer->packer;
    return msgpack_pack_map(packer, 4) || pack_text(packer, "end") || msgpack_pack_true(packer) || pack_text(packer, "records") ||
           msgpack_pack_uint64(packer, writer->records) || pack_text(packer, "rows") || msgpack_pack_uint64(packer, writer->rows) ||
           pack_text(packer, "crc32") || msgpack_pack_uint32(packer, crc);
}

enum pid_status pid_writer_finish(struct pid_writer *writer, struct pid_error *error)
{
    writer->error = error;
    int result = pack_trailer(writer, pid_sink_crc32(writer->sink));
    if (!result) result = pid_sink_flush(writer->sink, true, error) != PID_OK;
    enum pid_status status = packed(writer, result, error);
    pid_writer_abandon(writer);
    return status;
}
