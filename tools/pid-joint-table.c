/* pid-joint --table: a distribution or plain rows from a table in text.  The file is read twice: the first time to learn
 * the levels, whose codes are their places in order, the second time to count. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/decimal.h"
#include "formats/levels.h"
#include "formats/table.h"
#include "pid-joint.h"

enum { BATCH_ROWS = 4096 };

/* A column of the table that becomes a variable. */
struct column {
    size_t number;
    struct pid_levels levels;
    uint32_t *rank;
    uint32_t codes[BATCH_ROWS];
};

struct reading {
    const struct options *options;
    struct pid_program *program;
    struct pid_table *table;
    size_t column_count;
    struct column **columns;  /* sources, targets, and what --permute-within names */
    size_t key_count;
    const char *key_name[PID_KEY_MAX];
    size_t key_number[PID_KEY_MAX];
    bool weighted, counted;
    size_t weight_number;     /* the column of --weight or --count */
    double weights[BATCH_ROWS];
    uint64_t times[BATCH_ROWS];
    struct pid_key key;       /* of the rows in the batch */
    uint64_t row;             /* number of the first row in the batch */
    size_t rows;
};

static struct pid_table *open_table(struct pid_files *files, const char *path, struct pid_error *error)
{
    unsigned char magic[2];
    size_t length;
    struct pid_file *file = pid_file_open(files, path, error);
    if (!file) return NULL;
    if (pid_file_read(file, 0, magic, sizeof magic, &length, error) != PID_OK) {
        pid_file_close(files, file);
        return NULL;
    }
    bool compressed = length == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    struct pid_bytes *bytes = compressed ? pid_bytes_gzip(files, file, error) : pid_bytes_plain(files, file, error);
    return bytes ? pid_table_open(bytes, error) : NULL;
}

static size_t find_column(const struct reading *reading, const char *name)
{
    struct pid_error error;
    size_t number;
    must(reading->program, pid_table_column(reading->table, name, &number, &error), &error);
    return number;
}

static bool is_variable(const struct reading *reading, size_t number)
{
    for (size_t c = 0; c < reading->column_count; c++)
        if (reading->columns[c]->number == number) return true;
    return false;
}

static void add_column(struct reading *reading, const char *name)
{
    size_t number = find_column(reading, name);
    if (is_variable(reading, number)) pid_program_usage(reading->program, "column '%s' is named twice", name);
    struct column *column = new_array(reading->program, 1, sizeof *column);
    column->number = number;
    pid_levels_init(&column->levels);
    reading->columns[reading->column_count++] = column;
}

static void add_key(struct reading *reading, const char *name)
{
    size_t number = find_column(reading, name);
    for (size_t i = 0; i < reading->key_count; i++)
        if (reading->key_number[i] == number) return;
    if (reading->key_count == PID_KEY_MAX) pid_program_usage(reading->program, "--per: more than %d columns", PID_KEY_MAX);
    reading->key_name[reading->key_count] = name;
    reading->key_number[reading->key_count++] = number;
}

static void choose_columns(struct reading *reading)
{
    const struct options *options = reading->options;
    size_t count = options->sources.count + options->target.count + 1;
    if (count > PID_VARIABLES_MAX) pid_program_usage(reading->program, "more than %d variables", PID_VARIABLES_MAX - 1);
    reading->columns = new_array(reading->program, count, sizeof(struct column *));
    for (size_t i = 0; i < options->sources.count; i++) add_column(reading, options->sources.name[i]);
    for (size_t i = 0; i < options->target.count; i++) add_column(reading, options->target.name[i]);
    for (size_t i = 0; i < options->per.count; i++) add_key(reading, options->per.name[i]);
    if (options->cluster) add_key(reading, options->cluster);
    if (options->within && !is_variable(reading, find_column(reading, options->within))) add_column(reading, options->within);
    const char *weight = options->weight ? options->weight : options->count;
    reading->weighted = options->weight != NULL;
    reading->counted = options->count != NULL;
    if (!weight) return;
    reading->weight_number = find_column(reading, weight);
    if (is_variable(reading, reading->weight_number)) pid_program_usage(reading->program, "column '%s' cannot be a variable and a weight", weight);
}

_Noreturn static void fail_line(const struct reading *reading, struct pid_error *error)
{
    pid_error_prefix(error, "%s: line %llu", reading->table->bytes->name, (unsigned long long)reading->table->line);
    pid_program_fail(reading->program, error);
}

static bool next_row(const struct reading *reading)
{
    struct pid_error error;
    switch (pid_table_next(reading->table, &error)) {
    case PID_TABLE_RECORD: return true;
    case PID_TABLE_END: return false;
    case PID_TABLE_ERROR: break;
    }
    pid_program_fail(reading->program, &error);
}

/* The code by first sight of a column's text in the present row. */
static uint32_t code_of(struct reading *reading, struct column *column)
{
    struct pid_error error;
    uint32_t code;
    const struct pid_table_field *field = &reading->table->fields[column->number];
    if (pid_levels_add(&column->levels, field->text, field->length, &code, &error)) {
        pid_error_prefix(&error, "column '%s'", reading->table->names[column->number]);
        fail_line(reading, &error);
    }
    return code;
}

static void learn_levels(struct reading *reading)
{
    struct pid_error error;
    uint64_t rows = 0;
    for (; next_row(reading); rows++)
        for (size_t c = 0; c < reading->column_count; c++) code_of(reading, reading->columns[c]);
    if (!rows) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: has no rows behind its header line", reading->table->bytes->name);
        pid_program_fail(reading->program, &error);
    }
    for (size_t c = 0; c < reading->column_count; c++) {
        struct column *column = reading->columns[c];
        column->rank = new_array(reading->program, column->levels.count, sizeof *column->rank);
        must(reading->program, pid_levels_rank(&column->levels, column->rank, &error), &error);
    }
    must(reading->program, pid_table_restart(reading->table, &error), &error);
}

static void make_header(const struct reading *reading, struct pid_header *header)
{
    struct pid_error error;
    *header = (struct pid_header){.kind = PID_KIND_LABELS};
    for (size_t c = 0; c < reading->column_count; c++) {
        const struct column *column = reading->columns[c];
        char **names = new_array(reading->program, column->levels.count, sizeof *names);
        for (uint32_t code = 0; code < column->levels.count; code++) names[column->rank[code]] = pid_levels_text(&column->levels, code);
        enum pid_role role = c < reading->options->sources.count ? PID_ROLE_SOURCE : PID_ROLE_TARGET;
        must(reading->program, pid_header_add_variable(header, reading->table->names[column->number], role, PID_TYPE_CATEGORY, column->levels.count, names, &error),
             &error);
        free(names);
    }
}

static void flush_batch(struct reading *reading, struct count *count)
{
    struct pid_error error;
    struct pid_column columns[PID_VARIABLES_MAX] = {{0}};
    for (size_t c = 0; c < reading->column_count; c++) columns[c].codes = reading->columns[c]->codes;
    struct pid_record record = {.key = reading->key, .batch = {.row = reading->row, .rows = reading->rows, .columns = columns}};
    struct weighting weighting = {reading->counted ? reading->times : NULL, reading->weighted ? reading->weights : NULL};
    if (count_record(count, &record, &weighting, &error)) {
        pid_error_prefix(&error, "%s", reading->table->bytes->name);
        pid_program_fail(reading->program, &error);
    }
    reading->row += reading->rows;
    reading->rows = 0;
}

/* Whether the present row's key is that of the batch; makes it so where the batch is empty. */
static bool take_key(struct reading *reading)
{
    struct pid_error error;
    struct pid_key key = {0};
    for (size_t i = 0; i < reading->key_count; i++)
        must(reading->program, pid_key_set_text(&key, reading->key_name[i], reading->table->fields[reading->key_number[i]].text, &error), &error);
    bool same = pid_key_equal(&key, &reading->key);
    if (!same && !reading->rows) {
        struct pid_key old = reading->key;
        reading->key = key;
        key = old;
    }
    pid_key_release(&key);
    return same || !reading->rows;
}

static void take_weight(struct reading *reading)
{
    struct pid_error error;
    const struct pid_table_field *field = &reading->table->fields[reading->weight_number];
    double value;
    bool number = pid_decimal_parse(field->text, field->length, &value) && value >= 0;
    if (reading->counted) number = number && value == floor(value) && value <= (double)PID_JOINT_COUNT_MAX;
    if (!number) {
        pid_error_set(&error, PID_ERROR_DATA, "column '%s': '%s' is not a %s of at least 0", reading->table->names[reading->weight_number], field->text,
                      reading->counted ? "whole number" : "finite number");
        fail_line(reading, &error);
    }
    reading->weights[reading->rows] = value;
    reading->times[reading->rows] = (uint64_t)(reading->counted ? value : 0);
}

static void count_rows(struct reading *reading, struct count *count)
{
    while (next_row(reading)) {
        if (reading->rows == BATCH_ROWS) flush_batch(reading, count);
        if (reading->key_count && !take_key(reading)) {
            flush_batch(reading, count);
            take_key(reading);
        }
        if (reading->weighted || reading->counted) take_weight(reading);
        for (size_t c = 0; c < reading->column_count; c++) {
            struct column *column = reading->columns[c];
            column->codes[reading->rows] = column->rank[code_of(reading, column)];
        }
        reading->rows++;
    }
    flush_batch(reading, count);
}

void read_table(const struct options *options)
{
    struct pid_error error;
    struct pid_files files = {0};
    struct pid_header header;
    struct reading *reading = new_array(options->program, 1, sizeof *reading);
    reading->options = options;
    reading->program = options->program;
    reading->table = open_table(&files, options->table, &error);
    if (!reading->table) pid_program_fail(options->program, &error);
    choose_columns(reading);
    learn_levels(reading);
    make_header(reading, &header);
    struct count *count = count_new(options, &header);
    count_rows(reading, count);
    pid_header_release(&header);
    for (size_t c = 0; c < reading->column_count; c++) {
        pid_levels_release(&reading->columns[c]->levels);
        free(reading->columns[c]->rank);
        free(reading->columns[c]);
    }
    free(reading->columns);
    pid_table_free(reading->table);
    pid_files_release(&files);
    pid_key_release(&reading->key);
    free(reading);
    count_finish(count);
}
