/* Columns of a table as arrays. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "formats/decimal.h"
#include "formats/table.h"
#include "formats/text.h"

struct columns {
    struct pid_table *table;
    size_t *chosen, count, capacity;
    uint64_t next; /* the row that the table reads next */
};

static enum pid_status choose(struct columns *columns, size_t column, struct pid_error *error)
{
    void *grown = columns->chosen;
    enum pid_status status = pid_array_grow(&grown, &columns->capacity, columns->count + 1, sizeof *columns->chosen, error);
    columns->chosen = grown;
    if (status == PID_OK) columns->chosen[columns->count++] = column;
    return status;
}

static bool is_column(const struct pid_table *table, const char *name)
{
    struct pid_error ignored;
    size_t column;
    return pid_table_column(table, name, &column, &ignored) == PID_OK;
}

/* NAME or FIRST..LAST; `part` is changed. */
static enum pid_status choose_part(struct columns *columns, char *part, struct pid_error *error)
{
    const struct pid_table *table = columns->table;
    size_t first = 0, last = table->columns - 1;
    char *dots = is_column(table, part) ? NULL : strstr(part, "..");
    enum pid_status status = PID_OK;
    if (!dots) {
        status = pid_table_column(table, part, &first, error);
        last = first;
    } else {
        *dots = '\0';
        if (*part) status = pid_table_column(table, part, &first, error);
        if (status == PID_OK && dots[2]) status = pid_table_column(table, dots + 2, &last, error);
        if (status == PID_OK && first > last)
            status = pid_error_set(error, PID_ERROR_ARGUMENT, "%s: column '%s' comes after column '%s'", table->bytes->name, part, dots + 2);
    }
    for (size_t column = first; column <= last && status == PID_OK; column++) status = choose(columns, column, error);
    return status;
}

static enum pid_status choose_all(struct columns *columns, const char *selection, struct pid_error *error)
{
    const struct pid_table *table = columns->table;
    if (!selection && table->columns == 1) return choose(columns, 0, error);
    if (!selection) {
        /* An unknown name has the message that lists the columns. */
        size_t column;
        enum pid_status status = pid_table_column(table, "", &column, error);
        return status == PID_OK ? choose(columns, column, error) : status;
    }
    char *copy = pid_string_copy(selection, error), *part = copy;
    if (!copy) return error->status;
    enum pid_status status;
    if (is_column(table, selection)) {
        status = choose_part(columns, copy, error);
    } else {
        do {
            char *comma = strchr(part, ',');
            if (comma) *comma = '\0';
            status = choose_part(columns, part, error);
            part = comma ? comma + 1 : NULL;
        } while (part && status == PID_OK);
    }
    free(copy);
    return status;
}

/* What a table says where a number is not known. */
static bool is_missing(const struct pid_table_field *field)
{
    return field->length == 0 || !strcasecmp(field->text, "na") || !strcasecmp(field->text, "nan");
}

static bool read_number(const struct pid_table_field *field, double *value)
{
    if (pid_decimal_parse(field->text, field->length, value)) return true;
    const char *text = field->text + (*field->text == '-' || *field->text == '+');
    bool infinite = !strcasecmp(text, "inf") || !strcasecmp(text, "infinity");
    *value = infinite ? (*field->text == '-' ? -INFINITY : INFINITY) : NAN;
    return infinite || is_missing(field);
}

static enum pid_status not_a_number(const struct columns *columns, size_t column, struct pid_error *error)
{
    const struct pid_table *table = columns->table;
    return pid_error_set(error, PID_ERROR_DATA, "%s: line %llu, column '%s': '%.40s' is not a number", table->bytes->name,
                         (unsigned long long)table->line, table->names[column], table->fields[column].text);
}

/* The next row's numbers, to out[count]. */
static enum pid_status read_row(struct columns *columns, float *out, struct pid_error *error)
{
    switch (pid_table_next(columns->table, error)) {
    case PID_TABLE_ERROR: return error->status;
    case PID_TABLE_END:
        return pid_error_set(error, PID_ERROR_DATA, "%s: became shorter while it was read", columns->table->bytes->name);
    case PID_TABLE_RECORD: break;
    }
    for (size_t i = 0; i < columns->count; i++) {
        double value;
        if (!read_number(&columns->table->fields[columns->chosen[i]], &value)) return not_a_number(columns, columns->chosen[i], error);
        out[i] = (float)value;
    }
    columns->next++;
    return PID_OK;
}

static enum pid_status go_to_row(struct columns *columns, uint64_t row, struct pid_error *error)
{
    if (row < columns->next) {
        enum pid_status status = pid_table_restart(columns->table, error);
        if (status != PID_OK) return status;
        columns->next = 0;
    }
    for (; columns->next < row; columns->next++) {
        enum pid_table_result result = pid_table_next(columns->table, error);
        if (result == PID_TABLE_ERROR) return error->status;
        if (result == PID_TABLE_END)
            return pid_error_set(error, PID_ERROR_DATA, "%s: became shorter while it was read", columns->table->bytes->name);
    }
    return PID_OK;
}

static enum pid_status column_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    struct columns *columns = array->state;
    enum pid_status status = go_to_row(columns, first, error);
    for (size_t row = 0; row < count && status == PID_OK; row++) status = read_row(columns, out + row * array->width, error);
    return status;
}

static enum pid_status field_code(enum pid_array_kind kind, const struct pid_table_field *field, struct pid_levels *levels, uint32_t *code,
                                  struct pid_error *error)
{
    *code = PID_ARRAY_MISSING;
    double value;
    if (kind == PID_ARRAY_TEXT) {
        if (!pid_text_is_utf8(field->text, field->length))
            return pid_error_set(error, PID_ERROR_DATA, "is not UTF-8: convert the file, for example with iconv -f latin1 -t utf-8");
    } else if (!read_number(field, &value) || !isfinite(value)) {
        return PID_OK;
    } else if (value == floor(value) && fabs(value) < 0x1p53) {
        /* 1, 1.0 and +1 are the same label. */
        return pid_levels_add_integer(levels, (int64_t)value, false, code, error);
    }
    return pid_levels_add(levels, field->text, field->length, code, error);
}

static enum pid_status column_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                    struct pid_error *error)
{
    struct columns *columns = array->state;
    struct pid_table *table = columns->table;
    enum pid_status status = go_to_row(columns, first, error);
    for (; columns->next < first + count && status == PID_OK; columns->next++) {
        enum pid_table_result result = pid_table_next(table, error);
        if (result == PID_TABLE_ERROR) return error->status;
        if (result == PID_TABLE_END)
            return pid_error_set(error, PID_ERROR_DATA, "%s: became shorter while it was read", table->bytes->name);
        status = field_code(array->kind, &table->fields[columns->chosen[0]], levels, &codes[columns->next - first], error);
        if (status != PID_OK)
            pid_error_prefix(error, "%s: line %llu, column '%s'", table->bytes->name, (unsigned long long)table->line,
                             table->names[columns->chosen[0]]);
    }
    return status;
}

static void column_free(struct pid_array *array)
{
    struct columns *columns = array->state;
    if (!columns) return;
    pid_table_free(columns->table);
    free(columns->chosen);
    free(columns);
}

/* Reads the whole table once: counts the rows and finds what the chosen columns hold. */
static enum pid_status look(struct columns *columns, uint64_t *rows, enum pid_array_kind *kind, struct pid_error *error)
{
    struct pid_table *table = columns->table;
    bool numbers = true, whole = true, any = false;
    for (*rows = 0;; ++*rows) {
        switch (pid_table_next(table, error)) {
        case PID_TABLE_ERROR: return error->status;
        case PID_TABLE_END:
            *kind = !numbers || !any ? PID_ARRAY_TEXT : whole ? PID_ARRAY_WHOLE : PID_ARRAY_REAL;
            if (columns->count > 1 && *kind == PID_ARRAY_TEXT) *kind = PID_ARRAY_REAL;
            columns->next = *rows;
            return PID_OK;
        case PID_TABLE_RECORD: break;
        }
        for (size_t i = 0; i < columns->count && numbers; i++) {
            const struct pid_table_field *field = &table->fields[columns->chosen[i]];
            double value;
            if (read_number(field, &value)) {
                any |= !isnan(value);
                whole = whole && (isnan(value) || pid_decimal_is_integer(field->text));
            } else if (columns->count > 1) {
                return not_a_number(columns, columns->chosen[i], error);
            } else {
                numbers = false;
            }
        }
    }
}

static struct pid_array *make_array(struct columns *columns, const char *selection, struct pid_error *error)
{
    enum pid_array_kind kind = PID_ARRAY_TEXT;
    uint64_t shape[2] = {0, columns->count};
    if (look(columns, &shape[0], &kind, error) != PID_OK) return NULL;
    const char *file = columns->table->bytes->name;
    char *name = selection ? pid_string_format(error, "%s: column '%s'", file, selection) : pid_string_copy(file, error);
    struct pid_array *array = name ? pid_array_new_shape(name, columns->count > 1 ? 2 : 1, shape, error) : NULL;
    free(name);
    if (array) array->kind = kind;
    return array;
}

struct pid_array *pid_table_array_open(struct pid_bytes *bytes, const char *selection, struct pid_error *error)
{
    static const struct pid_array_methods methods = {column_rows, column_codes, column_free, NULL};
    struct columns *columns = pid_array_new(1, sizeof *columns, error);
    if (!columns) {
        pid_bytes_free(bytes);
        return NULL;
    }
    columns->table = pid_table_open(bytes, error);
    struct pid_array *array = NULL;
    if (columns->table && choose_all(columns, selection, error) == PID_OK) array = make_array(columns, selection, error);
    if (array) {
        array->methods = &methods;
        array->state = columns;
        return array;
    }
    pid_table_free(columns->table);
    free(columns->chosen);
    free(columns);
    return NULL;
}
