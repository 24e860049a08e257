/* pid-extract: arrays in files become a samples stream.  Here: its options, its header, its end. */
#include "pid-extract.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "program/choices.h"

const struct pid_option extract_options[OPTIONS] = {
    [OPTION_SOURCE] = {"source", 0, "NAME=FILE[:MEMBER]", "a source: an array of npy, npz, safetensors or HDF5, columns of a table, a field of\n"
                                                          "JSON lines; {layer}, or any {name}, in FILE or MEMBER stands for all that\n"
                                                          "fit and becomes a key; repeatable", false},
    [OPTION_TARGET] = {"target", 0, "NAME=FILE[:MEMBER]", "a target, likewise", false},
    [OPTION_TYPE] = {"type", 0, "NAME=TYPE", "take the variable as vector, as category, or by argmax: the place of a row's\n"
                                             "largest value; default: text and one whole number a row are categories,\n"
                                             "everything else is a vector", false},
    [OPTION_TOP] = {"top", 0, "[NAME=]N", "only the N most frequent levels of a category, the rest as one, named (other);\n"
                                          "without NAME of all categories; default: all levels", false},
    [OPTION_LEVELS] = {"levels", 0, "FILE", "categories have the levels that this stream tells; only rows that are written are read", true},
    [OPTION_SHAPE] = {"shape", 0, "NAME=DIM[xDIM...]", "the file is raw little-endian float32, one row of this shape after another", false},
    [OPTION_KEY] = {"key", 0, "NAME=VALUE", "a key that all records get; repeatable", false},
    [OPTION_MANIFEST] = {"manifest", 0, "FILE", "a table with a line for each model, data set, ...: a column with a variable's\n"
                                                "name (--source NAME alone) is its FILE[:MEMBER], the others are keys and {name}s", false},
    [OPTION_POOL] = {"pool", 0, "[NAME=]HOW", "one row out of a sample's tokens: mean, max, first, last, attention-mask; or\n"
                                              "with --rows tokens align; without NAME for all that have tokens", false},
    [OPTION_MASK] = {"mask", 0, "NAME=FILE[:MEMBER]", "samples x tokens, not 0 where a token of the variable counts", false},
    [OPTION_OFFSETS] = {"offsets", 0, "NAME=FILE[:MEMBER]", "the variable is tokens x dim; where each sample's begin, and at the end their\n"
                                                            "number", false},
    [OPTION_ROWS] = {"rows", 0, "A:B|tokens", "only rows A to B-1, counted from 0 (default: all); tokens: each token is a row,\n"
                                              "under key sample; repeatable", false},
    [OPTION_SHARD] = {"shard", 0, "K/N", "only shard K of N (from 0) of these rows, marked as such", true},
    [OPTION_LIMIT] = {"limit", 0, "N", "at most N rows of each group of records with one key", false},
    [OPTION_NAN] = {"nan", 0, "WHAT", "rows with NaN, infinity or a missing value: refuse (the default), drop, or zero: put\n"
                                      "zeros in", false},
};

static const char *const nan_choices[] = {"refuse", "drop", "zero", NULL};
static const char *const type_choices[] = {"vector", "category", "argmax", NULL};
static const char *const pool_choices[] = {"mean", "max", "first", "last", "attention-mask", "align", NULL};

void must(const struct extract *extract, enum pid_status status, const struct pid_error *error)
{
    if (status != PID_OK) pid_program_fail(extract->program, error);
}

void *new_array(const struct extract *extract, size_t count, size_t size)
{
    struct pid_error error;
    void *array = pid_array_new(count, size, &error);
    if (!array) pid_program_fail(extract->program, &error);
    return array;
}

char *new_text(const struct extract *extract, const char *text)
{
    struct pid_error error;
    char *copy = pid_string_copy(text, &error);
    if (!copy) pid_program_fail(extract->program, &error);
    return copy;
}

void refuse(const struct extract *extract, const char *format, ...)
{
    char text[PID_ERROR_MESSAGE_BYTES];
    struct pid_error error;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pid_error_set(&error, PID_ERROR_DATA, "%s", text);
    pid_program_fail(extract->program, &error);
}

/* The value behind the first '=', and the name before it as a string of its own. */
static const char *split_name(const struct extract *extract, int option, const char *argument, char **name)
{
    struct pid_error error;
    const char *equals = strchr(argument, '=');
    if (!equals || equals == argument || !equals[1])
        pid_program_usage(extract->program, "--%s: '%s' is not %s", extract_options[option].name, argument, extract_options[option].argument);
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

/* The variable before the '=' of an option's argument. */
static struct variable *named(const struct extract *extract, int option, const char *argument, const char **value)
{
    char *name;
    *value = split_name(extract, option, argument, &name);
    struct variable *variable = find(extract, name);
    if (!variable) pid_program_usage(extract->program, "--%s: there is no variable '%s'", extract_options[option].name, name);
    free(name);
    return variable;
}

static void add_variable(struct extract *extract, int option, const char *argument)
{
    char *name;
    const char *place = NULL;
    if (extract->manifest && !strchr(argument, '=')) name = new_text(extract, argument);
    else place = split_name(extract, option, argument, &name);
    if (!*name) pid_program_usage(extract->program, "--%s: '' is not a name", extract_options[option].name);
    if (find(extract, name)) pid_program_usage(extract->program, "--%s: two variables are named '%s'", extract_options[option].name, name);
    if (extract->count == PID_VARIABLES_MAX) pid_program_usage(extract->program, "more than %d variables", PID_VARIABLES_MAX);
    extract->variables[extract->count++] = (struct variable){
        .name = name,
        .role = option == OPTION_SOURCE ? PID_ROLE_SOURCE : PID_ROLE_TARGET,
        .place = place ? new_text(extract, place) : NULL,
        .type = -1,
        .pool = POOL_NONE,
    };
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
    if (!strcmp(argument, "tokens")) {
        extract->token_rows = true;
        return;
    }
    const char *colon = strchr(argument, ':');
    if (!colon) pid_program_usage(extract->program, "--rows: '%s' is not A:B or tokens", argument);
    char *from = new_text(extract, argument), *to = from + (colon - argument) + 1;
    to[-1] = '\0';
    if (*from) extract->first = pid_program_unsigned(extract->program, OPTION_ROWS, from, 0, INT64_MAX);
    if (*to) extract->end = pid_program_unsigned(extract->program, OPTION_ROWS, to, extract->first, INT64_MAX);
    free(from);
}

static void set_type(const struct extract *extract, const char *argument)
{
    const char *type;
    struct variable *variable = named(extract, OPTION_TYPE, argument, &type);
    int choice = pid_program_choice(extract->program, OPTION_TYPE, type, type_choices);
    variable->type = choice ? PID_TYPE_CATEGORY : PID_TYPE_VECTOR;
    variable->largest = choice == 2;
}

static void set_top(const struct extract *extract, const char *argument)
{
    if (!strchr(argument, '=')) {
        uint64_t top = pid_program_unsigned(extract->program, OPTION_TOP, argument, 1, PID_LEVELS_MAXIMUM);
        for (size_t i = 0; i < extract->count; i++)
            if (!extract->variables[i].top) extract->variables[i].top = top;
        return;
    }
    const char *value;
    struct variable *variable = named(extract, OPTION_TOP, argument, &value);
    variable->top = pid_program_unsigned(extract->program, OPTION_TOP, value, 1, PID_LEVELS_MAXIMUM);
}

/* "576x1024" */
static void set_shape(const struct extract *extract, const char *argument)
{
    const char *value;
    struct variable *variable = named(extract, OPTION_SHAPE, argument, &value);
    char *text = new_text(extract, value), *at = text;
    variable->axes = 0;
    for (char *size; (size = strsep(&at, "x"));) {
        if (variable->axes == PID_ARRAY_AXES - 1) pid_program_usage(extract->program, "--shape: '%s' has more than %d axes", value, PID_ARRAY_AXES - 1);
        variable->shape[variable->axes++] = pid_program_unsigned(extract->program, OPTION_SHAPE, size, 1, PID_ARRAY_WIDTH_MAXIMUM);
    }
    free(text);
}

static enum pool pool_of(const struct pid_program *program, int option, const char *text)
{
    return (enum pool)pid_program_choice(program, option, text, pool_choices);
}

static void check_pool(const struct pid_program *program, int option, const char *text) { pool_of(program, option, text); }

/* "mean" for all that have tokens, or "image=mean,text=last". */
static void set_pool(const struct extract *extract, const char *argument)
{
    struct pid_choices choices = pid_choices_open(extract->program, OPTION_POOL, argument, check_pool);
    for (size_t c = 0; c < choices.count; c++) {
        const char *how = choices.items[c];
        struct variable *variable = strchr(how, '=') ? named(extract, OPTION_POOL, choices.items[c], &how) : NULL;
        if (variable) {
            variable->pool = pool_of(extract->program, OPTION_POOL, how);
            variable->pool_named = true;
            continue;
        }
        for (size_t i = 0; i < extract->count; i++)
            if (!extract->variables[i].pool_named) extract->variables[i].pool = pool_of(extract->program, OPTION_POOL, how);
    }
    pid_choices_close(&choices);
}

static void set_place(const struct extract *extract, int option, const char *argument)
{
    const char *place;
    struct variable *variable = named(extract, option, argument, &place);
    char **to = option == OPTION_MASK ? &variable->mask : &variable->offsets;
    if (*to) pid_program_usage(extract->program, "--%s: '%s' is given twice", extract_options[option].name, variable->name);
    *to = new_text(extract, place);
}

static void set_option(struct extract *extract, int option, const char *argument)
{
    switch (option) {
    case OPTION_SOURCE:
    case OPTION_TARGET: add_variable(extract, option, argument); break;
    case OPTION_TYPE: set_type(extract, argument); break;
    case OPTION_TOP: set_top(extract, argument); break;
    case OPTION_LEVELS: extract->levels = argument; break;
    case OPTION_SHAPE: set_shape(extract, argument); break;
    case OPTION_POOL: set_pool(extract, argument); break;
    case OPTION_MASK:
    case OPTION_OFFSETS: set_place(extract, option, argument); break;
    case OPTION_KEY: add_key(extract, argument); break;
    case OPTION_MANIFEST: extract->manifest = argument; break;
    case OPTION_ROWS: set_rows(extract, argument); break;
    case OPTION_SHARD: extract->shard = pid_program_shard(extract->program, option, argument); break;
    case OPTION_LIMIT: extract->limit = pid_program_unsigned(extract->program, option, argument, 0, INT64_MAX); break;
    case OPTION_NAN: extract->nan = (enum nan)pid_program_choice(extract->program, option, argument, nan_choices); break;
    }
}

/* What is about variables may stand before or behind them: first the manifest, then the variables, then the rest. */
static int turn_of(int option)
{
    return option == OPTION_MANIFEST ? 0 : option == OPTION_SOURCE || option == OPTION_TARGET ? 1 : 2;
}

static void check_options(const struct extract *extract)
{
    const struct pid_program *program = extract->program;
    if (extract->shard.of && extract->limit != UINT64_MAX) pid_program_usage(program, "--limit counts the rows of all shards: use --rows");
    if (extract->count == 0) pid_program_usage(program, "no variables: name at least one --source or --target");
    if (extract->token_rows && pid_key_find(&extract->key, "sample")) pid_program_usage(program, "--key: 'sample' is set by --rows tokens");
    for (size_t i = 0; i < extract->count; i++) {
        const struct variable *variable = &extract->variables[i];
        const char *name = variable->name;
        bool pooled = variable->pool != POOL_NONE;
        if (variable->mask && variable->offsets) pid_program_usage(program, "--mask and --offsets: '%s' can have one of them", name);
        if ((variable->mask || variable->offsets) && !pooled && !extract->token_rows)
            pid_program_usage(program, "'%s' has tokens: say --pool or --rows tokens", name);
        if (variable->pool == POOL_ALIGN && !extract->token_rows) pid_program_usage(program, "--pool align makes tokens of tokens: it goes with --rows tokens");
        if (variable->largest && extract->token_rows && !pooled && variable->offsets)
            pid_program_usage(program, "--type: argmax of '%s' needs one row a sample: pool its tokens", name);
    }
}

static void read_options(struct extract *extract, int argc, char **argv)
{
    struct pid_program *program = extract->program;
    struct given { int option; const char *argument; } *given;
    size_t count = 0;
    pid_program_start(program, argc, argv);
    extract->variables = new_array(extract, PID_VARIABLES_MAX, sizeof *extract->variables);
    given = new_array(extract, 2 * (size_t)argc, sizeof *given);
    for (const char *argument; (given[count].option = pid_program_option(program, &argument)) >= 0; count++) given[count].argument = argument;
    for (int turn = 0; turn < 3; turn++)
        for (size_t i = 0; i < count; i++)
            if (turn_of(given[i].option) == turn) set_option(extract, given[i].option, given[i].argument);
    free(given);
    check_options(extract);
}

static void make_header(const struct extract *extract, struct pid_header *header)
{
    struct pid_error error;
    *header = (struct pid_header){.kind = PID_KIND_SAMPLES, .shard = extract->shard, .grouped = true};
    for (size_t i = 0; i < extract->count; i++) {
        const struct variable *variable = &extract->variables[i];
        bool category = variable->type == PID_TYPE_CATEGORY;
        must(extract, pid_header_add_variable(header, variable->name, variable->role, (enum pid_type)variable->type,
                                              category ? variable->level_count : variable->width, category ? variable->level_names : NULL,
                                              &error), &error);
    }
}

static void release_field(struct field *field)
{
    pid_array_free(field->array);
    pid_tokens_free(field->tokens);
    for (size_t i = 0; i < field->part_count; i++) {
        free(field->parts[i].path);
        free(field->parts[i].member);
        free(field->parts[i].sample);
    }
    free(field->parts);
    free(field->token_parts);
    pid_bindings_release(&field->keys);
    free(field->path);
    free(field->member);
    free(field->name);
    free(field->codes);
    free(field->starts);
}

static void release(struct extract *extract)
{
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        for (size_t f = 0; f < variable->field_count; f++) release_field(&variable->fields[f]);
        free(variable->fields);
        free(variable->level_names);
        free(variable->counts);
        free(variable->code_of);
        pid_levels_release(&variable->levels);
        free(variable->mask);
        free(variable->offsets);
        free(variable->place);
        free(variable->name);
    }
    for (size_t i = 0; i < extract->group_count; i++) {
        pid_key_release(&extract->groups[i].key);
        free(extract->groups[i].fields);
    }
    free(extract->groups);
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
                    "  pid-extract --source x=data.tsv:x0..x63 --target y=data.tsv:label --nan=drop\n"
                    "  pid-extract --source image='feats.safetensors:layer.{layer}.image' \\\n"
                    "    --source text='feats.safetensors:layer.{layer}.text' --pool mean --target answer=answers.npy --top 20\n",
        .options = extract_options,
        .option_count = OPTIONS,
    };
    struct extract extract = {.program = &program, .end = UINT64_MAX, .limit = UINT64_MAX};
    struct pid_header header;
    struct pid_stream_output output;
    read_options(&extract, argc, argv);
    make_groups(&extract);
    describe_fields(&extract);
    read_categories(&extract);
    make_header(&extract, &header);
    pid_stream_output_open(&output, &program, &header);
    uint64_t written = 0;
    for (size_t i = 0; i < extract.group_count; i++) {
        write_group(&extract, &extract.groups[i], &output);
        written += extract.written;
    }
    pid_stream_output_finish(&output);
    if (!written && !extract.shard.of) pid_program_warn(&program, "no rows: the output is empty");
    if (extract.changed)
        pid_program_warn(&program, "%llu rows with NaN, infinity or a missing value were %s", (unsigned long long)extract.changed,
                         extract.nan == NAN_DROP ? "dropped" : "filled with zeros");
    pid_header_release(&header);
    release(&extract);
    return pid_program_end(&program);
}
