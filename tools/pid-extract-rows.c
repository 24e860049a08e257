/* The rows of a group as records of about 256 KiB. */
#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "pid-extract.h"

enum { PIECE_FLOATS = 1 << 14 };

_Noreturn static void refuse_row(const struct extract *extract, const struct field *field, uint64_t sample, bool token, uint64_t row)
{
    const char *remedy = field->is_category ? "" : ", --nan=zero puts zeros in";
    const char *what = field->is_category ? "the category is missing" : "NaN or infinity (or beyond float32), or no token";
    char where[32] = "";
    if (token) snprintf(where, sizeof where, ", token %llu", (unsigned long long)row);
    refuse(extract, "%s: row %llu%s: %s; --nan=drop leaves such rows out%s", field->name, (unsigned long long)(token ? sample : sample + row),
           where, what, remedy);
}

void check_vectors(struct extract *extract, const struct variable *variable, const struct field *field, uint64_t sample, bool tokens,
                   size_t from, size_t to, bool *bad)
{
    uint64_t width = field->width;
    for (size_t row = from; row < to; row++) {
        row += pid_finite_first_bad(variable->values + row * width, to - row, width);
        if (row == to) break;
        if (extract->nan == NAN_REFUSE) refuse_row(extract, field, sample, tokens, row);
        bad[row] = true;
        if (extract->nan == NAN_ZERO) pid_array_zero_bad(variable->values + row * width, width);
    }
}

/* Reads a batch in pieces that are checked while they are in a near cache. */
static void read_vectors(struct extract *extract, const struct variable *variable, const struct field *field, uint64_t first, size_t count,
                         bool *bad)
{
    struct pid_error error;
    uint64_t width = field->width;
    size_t piece = field->array->by_column ? count : width < PIECE_FLOATS ? (size_t)(PIECE_FLOATS / width) : 1;
    for (size_t row = 0; row < count; row += piece) {
        size_t rows = count - row < piece ? count - row : piece;
        must(extract, pid_array_rows(field->array, first + row, rows, variable->values + row * width, &error), &error);
        check_vectors(extract, variable, field, first, false, row, row + rows, bad);
    }
}

void check_categories(const struct extract *extract, const struct field *field, const uint32_t *codes, uint64_t sample, size_t count, bool *bad)
{
    for (size_t row = 0; row < count; row++) {
        if (codes[row] != PID_ARRAY_MISSING) continue;
        if (extract->nan != NAN_DROP) refuse_row(extract, field, sample, false, row);
        bad[row] = true;
    }
}

void write_run(struct extract *extract, const struct group *group, const struct pid_key *key, uint64_t number, size_t from, size_t count,
               struct pid_stream_output *output)
{
    struct pid_column columns[PID_VARIABLES_MAX] = {{0}};
    if (count > extract->limit - extract->written) count = extract->limit - extract->written;
    if (count == 0) return;
    for (size_t i = 0; i < extract->count; i++) {
        const struct variable *variable = &extract->variables[i];
        uint64_t width = field_of(extract, group, i)->width;
        if (variable->type == PID_TYPE_CATEGORY) columns[i].codes = variable->codes + from;
        else columns[i] = (struct pid_column){.dim = width, .values = variable->values + from * width};
    }
    struct pid_record record = {.key = *key, .batch = {.row = number + from, .rows = count, .columns = columns}};
    pid_stream_output_record(output, &record);
    extract->written += count;
}

void write_batch(struct extract *extract, const struct group *group, const struct pid_key *key, uint64_t number, size_t count,
                 const bool *bad, struct pid_stream_output *output)
{
    for (size_t row = 0; row < count; row++) extract->changed += bad[row];
    if (extract->nan != NAN_DROP) {
        write_run(extract, group, key, number, 0, count, output);
        return;
    }
    /* A record's rows follow each other in the data: a dropped row ends it. */
    for (size_t from = 0, to; from < count; from = to + 1) {
        for (to = from; to < count && !bad[to]; to++) continue;
        write_run(extract, group, key, number, from, to - from, output);
    }
}

static void read_batch(struct extract *extract, const struct group *group, uint64_t first, size_t count, bool *bad)
{
    memset(bad, 0, count);
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        const struct field *field = field_of(extract, group, i);
        if (variable->type == PID_TYPE_CATEGORY) {
            if (field->codes) variable->codes = field->codes + (first - field->first);
            else read_codes_again(extract, variable, field, first, count);
            check_categories(extract, field, variable->codes, first, count, bad);
        } else {
            read_vectors(extract, variable, field, first, count, bad);
        }
    }
}

size_t batch_rows(const struct extract *extract, const struct group *group)
{
    size_t row_bytes = 0;
    for (size_t i = 0; i < extract->count; i++) {
        const struct field *field = field_of(extract, group, i);
        row_bytes += field->is_category ? sizeof(uint32_t) : field->width * sizeof(float);
    }
    if (row_bytes > PID_ARRAY_WIDTH_MAXIMUM * sizeof(float)) refuse(extract, "one row takes %zu bytes, more than a record of a stream can hold", row_bytes);
    return row_bytes < PID_BATCH_BYTES ? PID_BATCH_BYTES / row_bytes : 1;
}

static void write_rows(struct extract *extract, const struct group *group, uint64_t begin, uint64_t end, struct pid_stream_output *output)
{
    size_t batch = batch_rows(extract, group);
    bool *bad = new_array(extract, batch, sizeof *bad);
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        const struct field *field = field_of(extract, group, i);
        if (variable->type == PID_TYPE_VECTOR) variable->values = new_array(extract, batch * field->width, sizeof(float));
        else if (!field->codes) variable->read_again = new_array(extract, batch, sizeof *variable->read_again);
    }
    for (uint64_t first = begin; first < end && extract->written < extract->limit; first += batch) {
        uint64_t left = end - first;
        if (extract->nan != NAN_DROP && left > extract->limit - extract->written) left = extract->limit - extract->written;
        size_t count = left < batch ? (size_t)left : batch;
        read_batch(extract, group, first, count, bad);
        write_batch(extract, group, &group->key, first, count, bad, output);
        pid_program_progress(extract->program, "group %zu of %zu: %llu of %llu rows", (size_t)(group - extract->groups) + 1,
                             extract->group_count, (unsigned long long)(first - begin), (unsigned long long)(end - begin));
    }
    for (size_t i = 0; i < extract->count; i++) {
        free(extract->variables[i].values);
        free(extract->variables[i].read_again);
        extract->variables[i].values = NULL;
        extract->variables[i].read_again = NULL;
    }
    free(bad);
}

void written_rows(const struct extract *extract, uint64_t rows, uint64_t *first, uint64_t *end)
{
    uint64_t last = rows < extract->end ? rows : extract->end, begin = extract->first < last ? extract->first : last;
    pid_shard_rows(&extract->shard, last - begin, first, end);
    /* Tokens are no rows of ours, and rows that are dropped do not count. */
    bool counts = extract->limit == 0 || (!extract->token_rows && extract->nan != NAN_DROP);
    if (counts && *end - *first > extract->limit) *end = *first + extract->limit;
    *first += begin;
    *end += begin;
}

void write_group(struct extract *extract, const struct group *group, struct pid_stream_output *output)
{
    uint64_t begin, end;
    written_rows(extract, field_of(extract, group, 0)->rows, &begin, &end);
    extract->written = 0;
    for (size_t i = 0; i < extract->count; i++) {
        struct field *field = field_of(extract, group, i);
        if (extract->variables[i].type == PID_TYPE_VECTOR || !field->codes) open_field(extract, &extract->variables[i], field);
    }
    if (extract->token_rows) write_tokens(extract, group, begin, end, output);
    else write_rows(extract, group, begin, end, output);
    for (size_t i = 0; i < extract->count; i++) close_field(extract, field_of(extract, group, i));
}
