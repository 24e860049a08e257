/* pid-extract: arrays in files become a samples stream. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "formats/array.h"
#include "program/output.h"
#include "program/program.h"

enum { OPTION_SOURCE, OPTION_TARGET, OPTION_TYPE, OPTION_KEY, OPTION_ROWS, OPTION_SHARD, OPTION_LIMIT, OPTION_NAN };
static const struct pid_option options[] = {
    [OPTION_SOURCE] = {"source", 0, "NAME=FILE[:MEMBER]", "a source: an array of .npy or .npz, a column or columns of a table; repeatable", false},
    [OPTION_TARGET] = {"target", 0, "NAME=FILE[:MEMBER]", "a target, likewise", false},
    [OPTION_TYPE] = {"type", 0, "NAME=TYPE", "take the variable as vector or category; default: text and one whole number a\n"
                                             "row are categories, everything else is a vector", false},
    [OPTION_KEY] = {"key", 0, "NAME=VALUE", "a key that all records get; repeatable", false},
    [OPTION_ROWS] = {"rows", 0, "A:B", "only rows A to B-1, counted from 0; default: all", false},
    [OPTION_SHARD] = {"shard", 0, "K/N", "only shard K of N (from 0) of these rows, marked as such", true},
    [OPTION_LIMIT] = {"limit", 0, "N", "at most N rows", false},
    [OPTION_NAN] = {"nan", 0, "WHAT", "rows with NaN, infinity or a missing value: refuse (the default), drop, or zero: put\n"
                                      "zeros in", false},
};

enum nan { NAN_REFUSE, NAN_DROP, NAN_ZERO };
static const char *const nan_choices[] = {"refuse", "drop", "zero", NULL};
static const char *const type_choices[] = {"vector", "category", NULL};

struct variable {
    char *name;
    enum pid_role role;
    char *path, *member;       /* member: NULL where there is none */
    int type;                  /* enum pid_type, -1 before it is known */
    struct pid_array *array;
    struct pid_levels levels;  /* category */
    uint32_t *codes;           /* category: [array->rows], ranked */
    float *values;             /* vector: one batch */
};

struct extract {
    struct pid_program *program;
    struct pid_files files;
    struct variable *variables;
    size_t count;
    struct pid_key key;
    uint64_t first, end, limit; /* rows */
    struct pid_shard shard;     /* of these rows */
    enum nan nan;
    uint64_t written, changed;  /* rows; rows dropped or filled */
};

static void must(const struct extract *extract, enum pid_status status, const struct pid_error *error)
{
    if (status != PID_OK) pid_program_fail(extract->program, error);
}

static void *new_array(const struct extract *extract, size_t count, size_t size)
{
    struct pid_error error;
    void *array = pid_array_new(count, size, &error);
    if (!array) pid_program_fail(extract->program, &error);
    return array;
}

/* The value behind the first '=', and the name before it as a string of its own. */
static const char *split_name(const struct extract *extract, int option, const char *argument, char **name)
{
    struct pid_error error;
    const char *equals = strchr(argument, '=');
    if (!equals || equals == argument || !equals[1])
        pid_program_usage(extract->program, "--%s: '%s' is not %s", options[option].name, argument, options[option].argument);
    *name = pid_string_copy_n(argument, (size_t)(equals - argument), &error);
    if (!*name) pid_program_fail(extract->program, &error);
    return equals + 1;
}

static struct variable *find(const struct extract *extract, const char *name)
{
    for (size_t i = 0; i < extract->count; i++)
        if (!strcmp(extract->variables[i].name, name)) return &extract->variables[i];
    return NULL;
}

/* A file may have colons in its name: the longest beginning that is a file counts. */
static void split_member(const struct extract *extract, const char *place, struct variable *variable)
{
    struct pid_error error;
    variable->path = pid_string_copy(place, &error);
    if (!variable->path) pid_program_fail(extract->program, &error);
    if (access(place, F_OK) == 0) return;
    char *colon = variable->path + strlen(place);
    char *last = NULL;
    while ((colon = memrchr(variable->path, ':', (size_t)(colon - variable->path)))) {
        *colon = '\0';
        bool exists = !strcmp(variable->path, "-") || access(variable->path, F_OK) == 0;
        if (exists || !memchr(variable->path, ':', (size_t)(colon - variable->path))) last = colon;
        if (exists) break;
        *colon = ':';
    }
    if (!last) return;
    *last = '\0';
    variable->member = last + 1;
}

static void add_variable(struct extract *extract, int option, const char *argument)
{
    char *name;
    const char *place = split_name(extract, option, argument, &name);
    if (find(extract, name)) pid_program_usage(extract->program, "--%s: two variables are named '%s'", options[option].name, name);
    if (extract->count == PID_VARIABLES_MAX) pid_program_usage(extract->program, "more than %d variables", PID_VARIABLES_MAX);
    struct variable *variable = &extract->variables[extract->count++];
    *variable = (struct variable){.name = name, .role = option == OPTION_SOURCE ? PID_ROLE_SOURCE : PID_ROLE_TARGET, .type = -1};
    split_member(extract, place, variable);
}

static void add_key(struct extract *extract, const char *argument)
{
    char *name;
    struct pid_error error;
    const char *value = split_name(extract, OPTION_KEY, argument, &name);
    if (pid_key_find(&extract->key, name)) pid_program_usage(extract->program, "--key: '%s' is given twice", name);
    must(extract, pid_key_set_text(&extract->key, name, value, &error), &error);
    free(name);
}

static void set_rows(struct extract *extract, const char *argument)
{
    char *from, *to;
    struct pid_error error;
    const char *colon = strchr(argument, ':');
    if (!colon) pid_program_usage(extract->program, "--rows: '%s' is not A:B", argument);
    from = pid_string_copy_n(argument, (size_t)(colon - argument), &error);
    to = pid_string_copy(colon + 1, &error);
    if (!from || !to) pid_program_fail(extract->program, &error);
    if (*from) extract->first = pid_program_unsigned(extract->program, OPTION_ROWS, from, 0, INT64_MAX);
    if (*to) extract->end = pid_program_unsigned(extract->program, OPTION_ROWS, to, extract->first, INT64_MAX);
    free(from);
    free(to);
}

/* --type may stand before or behind the variable it is about, so it is looked at when all options are known. */
static void set_type(const struct extract *extract, const char *argument)
{
    char *name;
    const char *type = split_name(extract, OPTION_TYPE, argument, &name);
    struct variable *variable = find(extract, name);
    if (!variable) pid_program_usage(extract->program, "--type: there is no variable '%s'", name);
    variable->type = pid_program_choice(extract->program, OPTION_TYPE, type, type_choices) ? PID_TYPE_CATEGORY : PID_TYPE_VECTOR;
    free(name);
}

static void find_type(const struct extract *extract, struct variable *variable)
{
    const struct pid_array *array = variable->array;
    bool single = array->axes == 1;
    if (variable->type < 0)
        variable->type = single && array->kind != PID_ARRAY_REAL ? PID_TYPE_CATEGORY
                         : array->kind == PID_ARRAY_TEXT         ? PID_TYPE_CATEGORY
                                                                 : PID_TYPE_VECTOR;
    struct pid_error error;
    if (variable->type == PID_TYPE_VECTOR && array->kind == PID_ARRAY_TEXT) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: holds text, not numbers: it can be a category only", array->name);
        pid_program_fail(extract->program, &error);
    }
}

static void open_arrays(struct extract *extract)
{
    struct pid_error error;
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        variable->array = pid_array_open(&extract->files, variable->path, variable->member, &error);
        if (!variable->array) pid_program_fail(extract->program, &error);
        const struct pid_array *first = extract->variables[0].array;
        if (variable->array->rows != first->rows) {
            pid_error_set(&error, PID_ERROR_DATA, "%s: has %llu rows, but %s has %llu: the variables must describe the same samples",
                          variable->array->name, (unsigned long long)variable->array->rows, first->name, (unsigned long long)first->rows);
            pid_program_fail(extract->program, &error);
        }
        find_type(extract, variable);
    }
}

/* Codes of all rows, whatever part of them is written, so that parts made one by one have the same levels. */
static void read_categories(const struct extract *extract, struct variable *variable)
{
    struct pid_error error;
    uint64_t rows = variable->array->rows;
    pid_levels_init(&variable->levels);
    variable->codes = new_array(extract, rows, sizeof *variable->codes);
    must(extract, pid_array_codes(variable->array, &variable->levels, variable->codes, &error), &error);
    uint32_t *rank = new_array(extract, variable->levels.count, sizeof *rank);
    must(extract, pid_levels_rank(&variable->levels, rank, &error), &error);
    for (uint64_t row = 0; row < rows; row++)
        if (variable->codes[row] != PID_ARRAY_MISSING) variable->codes[row] = rank[variable->codes[row]];
    free(rank);
}

static void add_category(const struct extract *extract, struct pid_header *header, const struct variable *variable)
{
    struct pid_error error;
    const struct pid_levels *levels = &variable->levels;
    char **names = new_array(extract, levels->count, sizeof *names);
    uint32_t *rank = new_array(extract, levels->count, sizeof *rank);
    must(extract, pid_levels_rank(levels, rank, &error), &error);
    for (uint32_t code = 0; code < levels->count; code++) names[rank[code]] = pid_levels_text(levels, code);
    must(extract, pid_header_add_variable(header, variable->name, variable->role, PID_TYPE_CATEGORY, levels->count, names, &error), &error);
    free(rank);
    free(names);
}

static void make_header(const struct extract *extract, struct pid_header *header)
{
    struct pid_error error;
    *header = (struct pid_header){.kind = PID_KIND_SAMPLES, .shard = extract->shard, .grouped = true};
    for (size_t i = 0; i < extract->count; i++) {
        const struct variable *variable = &extract->variables[i];
        if (variable->type == PID_TYPE_CATEGORY) add_category(extract, header, variable);
        else must(extract, pid_header_add_variable(header, variable->name, variable->role, PID_TYPE_VECTOR, variable->array->width,
                                                   NULL, &error), &error);
    }
}

_Noreturn static void refuse_row(const struct extract *extract, const struct variable *variable, uint64_t row)
{
    struct pid_error error;
    bool category = variable->type == PID_TYPE_CATEGORY;
    pid_error_set(&error, PID_ERROR_DATA, "%s: row %llu: %s; --nan=drop leaves such rows out%s", variable->array->name,
                  (unsigned long long)row, category ? "the category is missing" : "NaN or infinity (or beyond float32)",
                  category ? "" : ", --nan=zero puts zeros in");
    pid_program_fail(extract->program, &error);
}

/* Marks in `bad` the rows from..to-1 of the batch with values that are not finite, and zeros those where it was asked for. */
static void check_vector(struct extract *extract, const struct variable *variable, uint64_t first, size_t from, size_t to, bool *bad)
{
    uint64_t width = variable->array->width;
    for (size_t row = from; row < to; row++) {
        row += pid_array_first_bad(variable->values + row * width, to - row, width);
        if (row == to) break;
        if (extract->nan == NAN_REFUSE) refuse_row(extract, variable, first + row);
        bad[row] = true;
        if (extract->nan == NAN_ZERO) pid_array_zero_bad(variable->values + row * width, width);
    }
}

/* Reads a batch in pieces that are checked while they are in a near cache. */
enum { PIECE_FLOATS = 1 << 14 };

static void read_vector(struct extract *extract, const struct variable *variable, uint64_t first, size_t count, bool *bad)
{
    struct pid_error error;
    uint64_t width = variable->array->width;
    size_t piece = variable->array->by_column ? count : width < PIECE_FLOATS ? (size_t)(PIECE_FLOATS / width) : 1;
    for (size_t row = 0; row < count; row += piece) {
        size_t rows = count - row < piece ? count - row : piece;
        must(extract, pid_array_rows(variable->array, first + row, rows, variable->values + row * width, &error), &error);
        check_vector(extract, variable, first, row, row + rows, bad);
    }
}

static void check_category(const struct extract *extract, const struct variable *variable, uint64_t first, size_t count, bool *bad)
{
    for (size_t row = 0; row < count; row++) {
        if (variable->codes[first + row] != PID_ARRAY_MISSING) continue;
        if (extract->nan != NAN_DROP) refuse_row(extract, variable, first + row);
        bad[row] = true;
    }
}

/* One record: rows from..from+rows-1 of the batch that begins at row `first`. */
static void write_run(struct extract *extract, uint64_t first, size_t from, size_t rows, struct pid_stream_output *output)
{
    struct pid_column columns[PID_VARIABLES_MAX] = {{0}};
    if (rows > extract->limit - extract->written) rows = extract->limit - extract->written;
    if (rows == 0) return;
    for (size_t i = 0; i < extract->count; i++) {
        const struct variable *variable = &extract->variables[i];
        if (variable->type == PID_TYPE_CATEGORY) columns[i].codes = variable->codes + first + from;
        else columns[i] = (struct pid_column){.dim = variable->array->width, .values = variable->values + from * variable->array->width};
    }
    struct pid_record record = {.key = extract->key, .batch = {.row = first + from, .rows = rows, .columns = columns}};
    pid_stream_output_record(output, &record);
    extract->written += rows;
}

static void write_batch(struct extract *extract, uint64_t first, size_t count, bool *bad, struct pid_stream_output *output)
{
    memset(bad, 0, count);
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        if (variable->type == PID_TYPE_CATEGORY) check_category(extract, variable, first, count, bad);
        else read_vector(extract, variable, first, count, bad);
    }
    for (size_t row = 0; row < count; row++) extract->changed += bad[row];
    if (extract->nan != NAN_DROP) {
        write_run(extract, first, 0, count, output);
        return;
    }
    /* A record's rows follow each other in the data: a dropped row ends it. */
    for (size_t from = 0, to; from < count; from = to + 1) {
        for (to = from; to < count && !bad[to]; to++) continue;
        write_run(extract, first, from, to - from, output);
    }
}

static size_t batch_rows(const struct extract *extract)
{
    size_t row_bytes = 0;
    for (size_t i = 0; i < extract->count; i++)
        row_bytes += extract->variables[i].type == PID_TYPE_CATEGORY ? sizeof(uint32_t) : extract->variables[i].array->width * sizeof(float);
    struct pid_error error;
    if (row_bytes > PID_ARRAY_WIDTH_MAXIMUM * sizeof(float)) {
        pid_error_set(&error, PID_ERROR_DATA, "one row takes %zu bytes, more than a record of a stream can hold", row_bytes);
        pid_program_fail(extract->program, &error);
    }
    return row_bytes < PID_BATCH_BYTES ? PID_BATCH_BYTES / row_bytes : 1;
}

static void write_rows(struct extract *extract, struct pid_stream_output *output)
{
    uint64_t rows = extract->variables[0].array->rows;
    uint64_t end = rows < extract->end ? rows : extract->end, begin = extract->first < end ? extract->first : end, skipped, kept;
    pid_shard_rows(&extract->shard, end - begin, &skipped, &kept);
    end = begin + kept;
    begin += skipped;
    size_t batch = batch_rows(extract);
    bool *bad = new_array(extract, batch, sizeof *bad);
    for (size_t i = 0; i < extract->count; i++)
        if (extract->variables[i].type == PID_TYPE_VECTOR)
            extract->variables[i].values = new_array(extract, batch * extract->variables[i].array->width, sizeof(float));
    for (uint64_t first = begin; first < end && extract->written < extract->limit; first += batch) {
        uint64_t left = end - first;
        if (extract->nan != NAN_DROP && left > extract->limit - extract->written) left = extract->limit - extract->written;
        write_batch(extract, first, left < batch ? (size_t)left : batch, bad, output);
        pid_program_progress(extract->program, "%llu of %llu rows", (unsigned long long)(first - begin), (unsigned long long)(end - begin));
    }
    free(bad);
}

static void release(struct extract *extract)
{
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        pid_array_free(variable->array);
        pid_levels_release(&variable->levels);
        free(variable->codes);
        free(variable->values);
        free(variable->path);
        free(variable->name);
    }
    free(extract->variables);
    pid_files_release(&extract->files);
    pid_key_release(&extract->key);
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-extract",
        .summary = "Writes arrays that lie in files as a samples stream.",
        .operands = "",
        .examples = "  pid-extract --source image=e.npz:image --source text=e.npz:text --target answer=e.npz:answer --key model=blip\n"
                    "  pid-extract --source voice=votes.csv:voice --source face=votes.csv:face --target emotion=votes.csv:emotion\n"
                    "  pid-extract --source x=data.tsv:x0..x63 --target y=data.tsv:label --nan=drop\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
    };
    struct extract extract = {.program = &program, .end = UINT64_MAX, .limit = UINT64_MAX};
    const char *argument, **types;
    size_t type_count = 0;
    pid_program_start(&program, argc, argv);
    extract.variables = new_array(&extract, PID_VARIABLES_MAX, sizeof *extract.variables);
    types = new_array(&extract, (size_t)argc, sizeof *types);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_SOURCE:
        case OPTION_TARGET: add_variable(&extract, option, argument); break;
        case OPTION_TYPE: types[type_count++] = argument; break;
        case OPTION_KEY: add_key(&extract, argument); break;
        case OPTION_ROWS: set_rows(&extract, argument); break;
        case OPTION_SHARD: extract.shard = pid_program_shard(&program, option, argument); break;
        case OPTION_LIMIT: extract.limit = pid_program_unsigned(&program, option, argument, 0, INT64_MAX); break;
        case OPTION_NAN: extract.nan = (enum nan)pid_program_choice(&program, option, argument, nan_choices); break;
        }
    }
    for (size_t i = 0; i < type_count; i++) set_type(&extract, types[i]);
    if (extract.shard.of && extract.limit != UINT64_MAX) pid_program_usage(&program, "--limit counts the rows of all shards: use --rows");
    if (extract.count == 0) pid_program_usage(&program, "no variables: name at least one --source or --target");

    struct pid_header header;
    struct pid_stream_output output;
    open_arrays(&extract);
    for (size_t i = 0; i < extract.count; i++)
        if (extract.variables[i].type == PID_TYPE_CATEGORY) read_categories(&extract, &extract.variables[i]);
    make_header(&extract, &header);
    pid_stream_output_open(&output, &program, &header);
    write_rows(&extract, &output);
    pid_stream_output_finish(&output);
    if (extract.changed)
        pid_program_warn(&program, "%llu rows with NaN, infinity or a missing value were %s", (unsigned long long)extract.changed,
                         extract.nan == NAN_DROP ? "dropped" : "filled with zeros");
    pid_header_release(&header);
    free(types);
    release(&extract);
    return pid_program_end(&program);
}
