#include "stream/show.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void pid_show_json_text(FILE *file, const char *text)
{
    size_t length;
    putc('"', file);
    for (; *text; text += length) {
        uint32_t point = pid_utf8_next(text, SIZE_MAX, &length);
        if (point == PID_UTF8_NONE) fputs("\\ufffd", file);
        else if (pid_utf8_steers(point)) fprintf(file, "\\u%04" PRIx32, point);
        else {
            if (point == '"' || point == '\\') putc('\\', file);
            fwrite(text, 1, length, file);
        }
    }
    putc('"', file);
}

void pid_show_tsv_text(FILE *file, const char *text)
{
    size_t length;
    for (; *text; text += length) {
        uint32_t point = pid_utf8_next(text, SIZE_MAX, &length);
        if (point == '\t') fputs("\\t", file);
        else if (point == '\n') fputs("\\n", file);
        else if (point == '\r') fputs("\\r", file);
        else if (point == '\\') fputs("\\\\", file);
        else if (pid_utf8_steers(point))
            for (size_t i = 0; i < length; i++) fprintf(file, "\\x%02x", (unsigned char)text[i]);
        else fwrite(text, 1, length, file);
    }
}

void pid_show_number(FILE *file, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    fputs(text, file);
}

void pid_show_number_f32(FILE *file, float value)
{
    char text[40];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value) break;
    }
    fputs(text, file);
}

static void json_number(FILE *file, double value)
{
    if (isfinite(value)) pid_show_number(file, value);
    else fputs("null", file);
}

static void json_f32(FILE *file, float value)
{
    if (isfinite(value)) pid_show_number_f32(file, value);
    else fputs("null", file);
}

static void json_code(FILE *file, const struct pid_variable *variable, uint32_t code, bool names)
{
    if (names && variable->level_names && code < variable->levels) pid_show_json_text(file, variable->level_names[code]);
    else fprintf(file, "%" PRIu32, code);
}

static void json_key(FILE *file, const struct pid_key *key)
{
    fputs("\"key\":{", file);
    for (size_t i = 0; i < key->count; i++) {
        if (i) putc(',', file);
        pid_show_json_text(file, key->pairs[i].name);
        putc(':', file);
        if (key->pairs[i].text) pid_show_json_text(file, key->pairs[i].text);
        else fprintf(file, "%" PRId64, key->pairs[i].integer);
    }
    putc('}', file);
}

static void json_variable(FILE *file, const struct pid_variable *variable)
{
    fputs("{\"name\":", file);
    pid_show_json_text(file, variable->name);
    fprintf(file, ",\"role\":\"%s\",\"type\":\"%s\",", pid_role_name(variable->role), pid_type_name(variable->type));
    if (variable->type == PID_TYPE_VECTOR) fprintf(file, "\"dim\":%" PRIu64, variable->dim);
    else if (!variable->level_names) fprintf(file, "\"levels\":%" PRIu64, variable->levels);
    else {
        fputs("\"levels\":[", file);
        for (uint64_t i = 0; i < variable->levels; i++) {
            if (i) putc(',', file);
            pid_show_json_text(file, variable->level_names[i]);
        }
        putc(']', file);
    }
    putc('}', file);
}

void pid_show_history_json(FILE *file, const struct pid_header *header)
{
    putc('[', file);
    for (size_t i = 0; i < header->stage_count; i++) {
        const struct pid_stage *stage = &header->history[i];
        fputs(i ? ",{\"program\":" : "{\"program\":", file);
        pid_show_json_text(file, stage->program);
        fputs(",\"version\":", file);
        pid_show_json_text(file, stage->version);
        fputs(",\"arguments\":[", file);
        for (size_t j = 0; j < stage->argument_count; j++) {
            if (j) putc(',', file);
            pid_show_json_text(file, stage->arguments[j]);
        }
        fprintf(file, "],\"seed\":%" PRIu64 "}", stage->seed);
    }
    putc(']', file);
}

void pid_show_header_json(FILE *file, const struct pid_header *header)
{
    fprintf(file, "{\"stream\":\"pid\",\"version\":%d,\"kind\":\"%s\",\"grouped\":%s,", PID_STREAM_VERSION,
            pid_kind_name(header->kind), header->grouped ? "true" : "false");
    if (header->shard.of) fprintf(file, "\"shard\":{\"index\":%" PRIu64 ",\"of\":%" PRIu64 "},", header->shard.index, header->shard.of);
    fputs("\"variables\":[", file);
    for (size_t i = 0; i < header->variable_count; i++) {
        if (i) putc(',', file);
        json_variable(file, &header->variables[i]);
    }
    fputs("],\"history\":", file);
    pid_show_history_json(file, header);
    fputs("}\n", file);
}

static void json_batch(FILE *file, const struct pid_header *header, const struct pid_batch *batch, bool names)
{
    fprintf(file, "\"row\":%" PRIu64 ",\"rows\":%" PRIu64 ",\"data\":{", batch->row, batch->rows);
    for (size_t i = 0; i < header->variable_count; i++) {
        const struct pid_variable *variable = &header->variables[i];
        const struct pid_column *column = &batch->columns[i];
        if (i) putc(',', file);
        pid_show_json_text(file, variable->name);
        fputs(":[", file);
        for (uint64_t row = 0; row < batch->rows; row++) {
            if (row) putc(',', file);
            if (variable->type == PID_TYPE_CATEGORY) {
                json_code(file, variable, column->codes[row], names);
                continue;
            }
            putc('[', file);
            for (uint64_t d = 0; d < column->dim; d++) {
                if (d) putc(',', file);
                json_f32(file, column->values[row * column->dim + d]);
            }
            putc(']', file);
        }
        putc(']', file);
    }
    putc('}', file);
}

static void json_replicate(FILE *file, const struct pid_replicate *replicate)
{
    fprintf(file, "\"replicate\":{\"type\":\"%s\",\"index\":%" PRIu64, pid_replicate_name(replicate->type), replicate->index);
    if (replicate->type == PID_REPLICATE_SUBSAMPLE) {
        fputs(",\"fraction\":", file);
        json_number(file, replicate->fraction);
    }
    putc('}', file);
}

static void json_table(FILE *file, const struct pid_header *header, const struct pid_table_record *table, bool names)
{
    json_replicate(file, &table->replicate);
    fprintf(file, ",\"samples\":%" PRIu64 ",\"shape\":[", table->samples);
    size_t n = header->variable_count;
    for (size_t i = 0; i < n; i++) fprintf(file, i ? ",%" PRIu64 : "%" PRIu64, table->shape[i]);
    fputs("],\"cells\":[", file);
    for (uint64_t cell = 0; cell < table->cells; cell++) {
        fputs(cell ? ",[" : "[", file);
        for (size_t i = 0; i < n; i++) {
            if (i) putc(',', file);
            json_code(file, &header->variables[i], table->indices[cell * n + i], names);
        }
        putc(']', file);
    }
    fputs("],\"weights\":[", file);
    for (uint64_t cell = 0; cell < table->cells; cell++) {
        if (cell) putc(',', file);
        json_number(file, table->weights[cell]);
    }
    putc(']', file);
}

/* Elements as nested arrays of the field's shape; *at is the next element. */
static void json_elements(FILE *file, const struct pid_array_field *field, size_t dim, size_t *at)
{
    putc('[', file);
    for (uint64_t i = 0; i < field->shape[dim]; i++) {
        if (i) putc(',', file);
        if (dim + 1 < field->dims) {
            json_elements(file, field, dim + 1, at);
            continue;
        }
        size_t index = (*at)++;
        switch (field->element) {
        case PID_ELEMENT_F32: json_f32(file, ((const float *)field->data)[index]); break;
        case PID_ELEMENT_F64: json_number(file, ((const double *)field->data)[index]); break;
        case PID_ELEMENT_U32: fprintf(file, "%" PRIu32, ((const uint32_t *)field->data)[index]); break;
        case PID_ELEMENT_U64: fprintf(file, "%" PRIu64, ((const uint64_t *)field->data)[index]); break;
        }
    }
    putc(']', file);
}

static void json_result(FILE *file, const struct pid_result_record *result)
{
    json_replicate(file, &result->replicate);
    fprintf(file, ",\"samples\":%" PRIu64 ",\"values\":{", result->samples);
    for (size_t i = 0; i < result->value_count; i++) {
        if (i) putc(',', file);
        pid_show_json_text(file, result->values[i].name);
        putc(':', file);
        json_number(file, result->values[i].value);
    }
    fputs("},\"text\":{", file);
    for (size_t i = 0; i < result->text_count; i++) {
        if (i) putc(',', file);
        pid_show_json_text(file, result->texts[i].name);
        putc(':', file);
        pid_show_json_text(file, result->texts[i].text);
    }
    fputs("},\"arrays\":{", file);
    for (size_t i = 0; i < result->array_count; i++) {
        size_t at = 0;
        if (i) putc(',', file);
        pid_show_json_text(file, result->arrays[i].name);
        putc(':', file);
        json_elements(file, &result->arrays[i], 0, &at);
    }
    fputs("},\"notes\":[", file);
    for (size_t i = 0; i < result->note_count; i++) {
        if (i) putc(',', file);
        pid_show_json_text(file, result->notes[i]);
    }
    putc(']', file);
}

void pid_show_record_json(FILE *file, const struct pid_header *header, const struct pid_record *record, bool names)
{
    putc('{', file);
    json_key(file, &record->key);
    putc(',', file);
    switch (header->kind) {
    case PID_KIND_SAMPLES:
    case PID_KIND_LABELS: json_batch(file, header, &record->batch, names); break;
    case PID_KIND_JOINT: json_table(file, header, &record->table, names); break;
    case PID_KIND_DECOMPOSITION:
    case PID_KIND_CODEBOOK: json_result(file, &record->result); break;
    }
    fputs("}\n", file);
}

static void tsv_code(FILE *file, const struct pid_variable *variable, uint32_t code, bool names)
{
    if (names && variable->level_names && code < variable->levels) pid_show_tsv_text(file, variable->level_names[code]);
    else fprintf(file, "%" PRIu32, code);
}

static void tsv_key(FILE *file, const struct pid_key *key)
{
    for (size_t i = 0; i < key->count; i++) {
        if (key->pairs[i].text) pid_show_tsv_text(file, key->pairs[i].text);
        else fprintf(file, "%" PRId64, key->pairs[i].integer);
        putc('\t', file);
    }
}

/* "data", "bootstrap 3", "subsample 0.5 3". */
static void tsv_replicate(FILE *file, const struct pid_replicate *replicate)
{
    fputs(pid_replicate_name(replicate->type), file);
    if (replicate->type == PID_REPLICATE_SUBSAMPLE) fprintf(file, " %g", replicate->fraction);
    if (replicate->type != PID_REPLICATE_DATA) fprintf(file, " %" PRIu64, replicate->index);
}

void pid_show_tsv_columns(FILE *file, const struct pid_header *header, const struct pid_record *record)
{
    for (size_t i = 0; i < record->key.count; i++) {
        pid_show_tsv_text(file, record->key.pairs[i].name);
        putc('\t', file);
    }
    if (header->kind == PID_KIND_JOINT) {
        for (size_t i = 0; i < header->variable_count; i++) {
            pid_show_tsv_text(file, header->variables[i].name);
            putc('\t', file);
        }
        fputs("weight\treplicate", file);
    } else if (header->kind == PID_KIND_SAMPLES || header->kind == PID_KIND_LABELS) {
        fputs("row", file);
        for (size_t i = 0; i < header->variable_count; i++) {
            uint64_t dim = header->variables[i].type == PID_TYPE_VECTOR ? record->batch.columns[i].dim : 0;
            for (uint64_t d = 0; d < (dim ? dim : 1); d++) {
                putc('\t', file);
                pid_show_tsv_text(file, header->variables[i].name);
                if (dim) fprintf(file, ".%" PRIu64, d);
            }
        }
    } else {
        fputs("replicate\tsamples", file);
        for (size_t i = 0; i < record->result.text_count; i++) {
            putc('\t', file);
            pid_show_tsv_text(file, record->result.texts[i].name);
        }
        for (size_t i = 0; i < record->result.value_count; i++) {
            putc('\t', file);
            pid_show_tsv_text(file, record->result.values[i].name);
        }
    }
}

static void tsv_batch(FILE *file, const struct pid_header *header, const struct pid_record *record, bool names)
{
    for (uint64_t row = 0; row < record->batch.rows; row++) {
        tsv_key(file, &record->key);
        fprintf(file, "%" PRIu64, record->batch.row + row);
        for (size_t i = 0; i < header->variable_count; i++) {
            const struct pid_column *column = &record->batch.columns[i];
            if (header->variables[i].type == PID_TYPE_CATEGORY) {
                putc('\t', file);
                tsv_code(file, &header->variables[i], column->codes[row], names);
                continue;
            }
            for (uint64_t d = 0; d < column->dim; d++) {
                putc('\t', file);
                pid_show_number_f32(file, column->values[row * column->dim + d]);
            }
        }
        putc('\n', file);
    }
}

void pid_show_tsv_record(FILE *file, const struct pid_header *header, const struct pid_record *record, bool names)
{
    if (header->kind == PID_KIND_SAMPLES || header->kind == PID_KIND_LABELS) {
        tsv_batch(file, header, record, names);
    } else if (header->kind == PID_KIND_JOINT) {
        const struct pid_table_record *table = &record->table;
        for (uint64_t cell = 0; cell < table->cells; cell++) {
            tsv_key(file, &record->key);
            for (size_t i = 0; i < header->variable_count; i++) {
                tsv_code(file, &header->variables[i], table->indices[cell * header->variable_count + i], names);
                putc('\t', file);
            }
            pid_show_number(file, table->weights[cell]);
            putc('\t', file);
            tsv_replicate(file, &table->replicate);
            putc('\n', file);
        }
    } else {
        const struct pid_result_record *result = &record->result;
        tsv_key(file, &record->key);
        tsv_replicate(file, &result->replicate);
        fprintf(file, "\t%" PRIu64, result->samples);
        for (size_t i = 0; i < result->text_count; i++) {
            putc('\t', file);
            pid_show_tsv_text(file, result->texts[i].text);
        }
        for (size_t i = 0; i < result->value_count; i++) {
            putc('\t', file);
            if (isnan(result->values[i].value)) putc('.', file);
            else pid_show_number(file, result->values[i].value);
        }
        putc('\n', file);
    }
}
