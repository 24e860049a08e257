#include "formats/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/text.h"

enum { BLOCK_BYTES = 1 << 18 };

/* Moves the unread bytes to the front and reads more behind them; sets ended where there is no more. */
static enum pid_status fill(struct pid_table *table, struct pid_error *error)
{
    if (table->begin) memmove(table->buffer, table->buffer + table->begin, table->end - table->begin);
    table->end -= table->begin;
    table->begin = 0;
    if (table->end > PID_TABLE_RECORD_MAXIMUM)
        return pid_error_set(error, PID_ERROR_DATA, "%s: line %llu: a record of more than %d bytes: is a quote left open?",
                             table->bytes->name, (unsigned long long)table->next_line, PID_TABLE_RECORD_MAXIMUM);
    void *grown = table->buffer;
    /* One byte is kept for the NUL behind a last line that has no newline. */
    enum pid_status status = pid_buffer_grow(&grown, &table->capacity, table->end + BLOCK_BYTES + 1, PID_TABLE_RECORD_MAXIMUM + BLOCK_BYTES + 1, error);
    table->buffer = grown;
    if (status != PID_OK) return status;
    size_t got;
    status = pid_bytes_read(table->bytes, table->buffer + table->end, table->capacity - table->end - 1, &got, error);
    table->end += got;
    table->ended = status == PID_OK && got == 0;
    return status;
}

static enum pid_status add_field(struct pid_table *table, size_t *count, char *text, size_t length, struct pid_error *error)
{
    if (*count == table->field_capacity) {
        void *grown = table->fields;
        enum pid_status status = pid_array_grow(&grown, &table->field_capacity, *count + 1, sizeof *table->fields, error);
        table->fields = grown;
        if (status != PID_OK) return status;
    }
    table->fields[(*count)++] = (struct pid_table_field){text, length};
    return PID_OK;
}

static enum pid_status failed(const struct pid_table *table, const char *what, struct pid_error *error)
{
    return pid_error_set(error, PID_ERROR_DATA, "%s: line %llu: %s", table->bytes->name, (unsigned long long)table->next_line, what);
}

/* The closing quote of a field whose text begins at `at`, or NULL where the buffer ends first. */
static char *closing_quote(char *at, char *end)
{
    while ((at = memchr(at, '"', (size_t)(end - at)))) {
        if (at + 1 == end || at[1] != '"') return at;
        at += 2;
    }
    return NULL;
}

/* Takes doubled quotes as one, in place, and counts the lines. */
static size_t unquote(char *text, size_t length, uint64_t *lines)
{
    size_t kept = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n') ++*lines;
        text[kept++] = text[i];
        if (text[i] == '"') i++;
    }
    return kept;
}

/* Finds the end of the record that begins at table->begin without changing anything: the byte behind its newline, or the
 * end of the input.  NULL: more bytes are needed. */
static char *record_end(const struct pid_table *table)
{
    char *at = table->buffer + table->begin, *end = table->buffer + table->end;
    bool field_begins = true;
    while (at < end) {
        if (field_begins && *at == '"') {
            char *close = closing_quote(at + 1, end);
            if (!close || (close + 1 == end && !table->ended)) return NULL;
            at = close + 1;
            field_begins = false;
            continue;
        }
        field_begins = *at == table->delimiter;
        if (*at++ == '\n') return at;
    }
    return table->ended && at > table->buffer + table->begin ? at : NULL;
}

/* Splits the record in [at, end); `end` is behind its newline, if it has one. */
static enum pid_status split(struct pid_table *table, char *at, char *end, size_t *count, struct pid_error *error)
{
    uint64_t lines = 0;
    if (end[-1] == '\n') {
        lines++;
        end--;
        if (end > at && end[-1] == '\r') end--;
    }
    *count = 0;
    for (;;) {
        char *text = at, *stop;
        size_t length;
        if (at < end && *at == '"') {
            text++;
            stop = closing_quote(text, end);
            if (!stop) return failed(table, "a quote is not closed", error);
            length = unquote(text, (size_t)(stop - text), &lines);
            stop++;
            if (stop < end && *stop != table->delimiter)
                return failed(table, "text follows a closing quote; write quotes inside a quoted field twice", error);
        } else {
            stop = memchr(at, table->delimiter, (size_t)(end - at));
            if (!stop) stop = end;
            length = (size_t)(stop - at);
        }
        if (add_field(table, count, text, length, error) != PID_OK) return error->status;
        bool last = stop == end;
        text[length] = '\0';
        if (last) break;
        at = stop + 1;
    }
    table->line = table->next_line;
    table->next_line += lines;
    return PID_OK;
}

static enum pid_table_result next_record(struct pid_table *table, size_t *count, struct pid_error *error)
{
    char *end;
    while (!(end = record_end(table))) {
        if (table->ended) {
            if (table->begin == table->end) return PID_TABLE_END;
            failed(table, "a quote is not closed", error);
            return PID_TABLE_ERROR;
        }
        if (fill(table, error) != PID_OK) return PID_TABLE_ERROR;
    }
    char *begin = table->buffer + table->begin;
    if (memchr(begin, '\0', (size_t)(end - begin))) {
        failed(table, "holds a NUL byte: it is not text", error);
        return PID_TABLE_ERROR;
    }
    table->begin = (size_t)(end - table->buffer);
    return split(table, begin, end, count, error) == PID_OK ? PID_TABLE_RECORD : PID_TABLE_ERROR;
}

enum pid_table_result pid_table_next(struct pid_table *table, struct pid_error *error)
{
    size_t count;
    enum pid_table_result result = next_record(table, &count, error);
    if (result != PID_TABLE_RECORD || count == table->columns) return result;
    pid_error_set(error, PID_ERROR_DATA, "%s: line %llu: has %zu fields where the header has %zu", table->bytes->name,
                  (unsigned long long)table->line, count, table->columns);
    return PID_TABLE_ERROR;
}

/* Skips the byte order mark that some programs write, and finds the delimiter in the first line. */
static enum pid_status begin_reading(struct pid_table *table, struct pid_error *error)
{
    table->begin = table->end = 0;
    table->ended = false;
    table->next_line = 1;
    enum pid_status status = fill(table, error);
    if (status != PID_OK) return status;
    if (table->end >= 3 && !memcmp(table->buffer, "\xef\xbb\xbf", 3)) table->begin = 3;
    const char *line = table->buffer + table->begin;
    const char *newline = memchr(line, '\n', table->end - table->begin);
    size_t length = newline ? (size_t)(newline - line) : table->end - table->begin;
    table->delimiter = memchr(line, '\t', length) ? '\t' : memchr(line, ',', length) || !memchr(line, ';', length) ? ',' : ';';
    return PID_OK;
}

static bool is_name(const struct pid_table_field *field)
{
    for (size_t i = 0; i < field->length; i++)
        if ((unsigned char)field->text[i] < 0x20 || field->text[i] == 0x7f) return false;
    return pid_text_is_utf8(field->text, field->length);
}

static enum pid_status read_header(struct pid_table *table, struct pid_error *error)
{
    enum pid_status status = begin_reading(table, error);
    if (status != PID_OK) return status;
    switch (next_record(table, &table->columns, error)) {
    case PID_TABLE_ERROR: table->columns = 0; return error->status;
    case PID_TABLE_END:
        table->columns = 0;
        return pid_error_set(error, PID_ERROR_DATA, "%s: is empty: a header line with the names of the columns is needed", table->bytes->name);
    case PID_TABLE_RECORD: break;
    }
    table->names = pid_array_new(table->columns, sizeof *table->names, error);
    if (!table->names) return error->status;
    for (size_t i = 0; i < table->columns; i++) {
        if (!is_name(&table->fields[i]))
            return pid_error_set(error, PID_ERROR_DATA, "%s: is in no known format: taken as a table, the name of column %zu is not text in UTF-8",
                                 table->bytes->name, i + 1);
        if (!(table->names[i] = pid_string_copy(table->fields[i].text, error))) return error->status;
    }
    return PID_OK;
}

struct pid_table *pid_table_open(struct pid_bytes *bytes, struct pid_error *error)
{
    struct pid_table *table = pid_array_new(1, sizeof *table, error);
    if (!table) {
        pid_bytes_free(bytes);
        return NULL;
    }
    table->bytes = bytes;
    if (read_header(table, error) == PID_OK) return table;
    pid_table_free(table);
    return NULL;
}

void pid_table_free(struct pid_table *table)
{
    if (!table) return;
    for (size_t i = 0; table->names && i < table->columns; i++) free(table->names[i]);
    free(table->names);
    free(table->fields);
    free(table->buffer);
    pid_bytes_free(table->bytes);
    free(table);
}

enum pid_status pid_table_restart(struct pid_table *table, struct pid_error *error)
{
    size_t count;
    enum pid_status status = pid_bytes_seek(table->bytes, 0, error);
    if (status == PID_OK) status = begin_reading(table, error);
    if (status != PID_OK) return status;
    switch (next_record(table, &count, error)) {
    case PID_TABLE_ERROR: return error->status;
    case PID_TABLE_END: return pid_error_set(error, PID_ERROR_DATA, "%s: became empty while it was read", table->bytes->name);
    case PID_TABLE_RECORD: break;
    }
    return PID_OK;
}

/* The names of all columns, ", " between them, as far as they fit. */
static void list_names(const struct pid_table *table, char *text, size_t capacity)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < table->columns && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? ", " : "", table->names[i]);
}

enum pid_status pid_table_column(const struct pid_table *table, const char *name, size_t *column, struct pid_error *error)
{
    size_t found = table->columns;
    for (size_t i = 0; i < table->columns; i++) {
        if (strcmp(table->names[i], name)) continue;
        if (found < table->columns)
            return pid_error_set(error, PID_ERROR_ARGUMENT, "%s: two columns are named '%s': rename one", table->bytes->name, name);
        found = i;
    }
    *column = found;
    if (found < table->columns) return PID_OK;
    char names[PID_ERROR_MESSAGE_BYTES / 2];
    list_names(table, names, sizeof names);
    return pid_error_set(error, PID_ERROR_ARGUMENT, "%s: has no column '%s'; there are: %s", table->bytes->name, name, names);
}
