/* pid-joint: counts joint tables from labels, reads them from text, or adds them up. */
#include "pid-joint.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "program/input.h"

enum { OPTION_PER, OPTION_SOURCES, OPTION_TARGET, OPTION_MERGE };
static const struct pid_option option_list[] = {
    [OPTION_PER] = {"per", 0, "KEYS", "one table for each value of these keys, as in model,layer; '' for a single table;\n"
                                      "default: all keys but sample", false},
    [OPTION_SOURCES] = {"sources", 0, "NAMES", "the sources, as in image,text; default: as the header says", false},
    [OPTION_TARGET] = {"target", 0, "NAMES", "the target; default: as the header says", false},
    [OPTION_MERGE] = {"merge", 0, NULL, "read joint streams and add their tables cell by cell", false},
};

/* The variables of the table: their places in the input, sources first. */
struct selection {
    size_t count;
    size_t index[PID_VARIABLES_MAX];
};

static void select_variable(const struct options *options, const struct pid_header *from, size_t index, enum pid_role role,
                            struct selection *selection, struct pid_header *to)
{
    struct pid_error error;
    const struct pid_variable *variable = &from->variables[index];
    if (variable->type == PID_TYPE_VECTOR) {
        pid_error_set(&error, PID_ERROR_DATA, "variable '%s' is a vector, not a category: pid-kmeans makes labels of vectors", variable->name);
        pid_program_fail(options->program, &error);
    }
    for (size_t i = 0; i < selection->count; i++)
        if (selection->index[i] == index) pid_program_usage(options->program, "variable '%s' is named twice", variable->name);
    selection->index[selection->count++] = index;
    must(options->program, pid_header_add_variable(to, variable->name, role, PID_TYPE_CATEGORY, variable->levels, variable->level_names, &error), &error);
}

static void select_role(const struct options *options, const struct names *names, enum pid_role role, const struct pid_header *from,
                        struct selection *selection, struct pid_header *to)
{
    struct pid_error error;
    size_t before = selection->count;
    for (size_t i = 0; i < names->count; i++) {
        ptrdiff_t index = pid_header_find(from, names->name[i]);
        if (index < 0) {
            pid_error_set(&error, PID_ERROR_DATA, "the input has no variable '%s'", names->name[i]);
            pid_program_fail(options->program, &error);
        }
        select_variable(options, from, (size_t)index, role, selection, to);
    }
    /* A variable that the other role was given by name is not also taken by default. */
    const struct names *other = role == PID_ROLE_SOURCE ? &options->target : &options->sources;
    for (size_t i = 0; !names->name && i < from->variable_count; i++) {
        bool taken = false;
        for (size_t j = 0; j < other->count; j++) taken |= !strcmp(other->name[j], from->variables[i].name);
        if (from->variables[i].role == role && !taken) select_variable(options, from, i, role, selection, to);
    }
    if (selection->count > before) return;
    pid_error_set(&error, PID_ERROR_DATA, "the input has no %s: name one with --%s", pid_role_name(role), role == PID_ROLE_SOURCE ? "sources" : "target");
    pid_program_fail(options->program, &error);
}

static void write_tables(const struct groups *groups, const struct pid_header *header)
{
    struct pid_stream_output output;
    pid_stream_output_open(&output, groups->program, header);
    for (size_t g = 0; g < groups->count; g++) {
        struct pid_joint table;
        group_table(groups, groups->group[g], &table);
        write_table(&output, groups->group[g], &table);
        pid_joint_release(&table);
    }
    pid_stream_output_finish(&output);
}

static void count_batch(struct groups *groups, const struct selection *selection, const uint64_t *levels, const struct pid_key *key,
                        const struct pid_batch *batch)
{
    static const struct pid_replicate data = {.type = PID_REPLICATE_DATA, .fraction = 1};
    struct pid_error error;
    bool fresh;
    struct group *group = groups_find(groups, key, &data, &fresh);
    if (fresh) group->counter = pid_counter_new(selection->count, levels, &error);
    if (!group->counter) pid_program_fail(groups->program, &error);
    const uint32_t *columns[PID_VARIABLES_MAX];
    for (size_t v = 0; v < selection->count; v++) columns[v] = batch->columns[selection->index[v]].codes;
    must(groups->program, pid_counter_add(group->counter, columns, 1, NULL, batch->rows, &error), &error);
}

void count_labels(const struct options *options)
{
    struct pid_program *program = options->program;
    struct pid_error error;
    struct pid_input input;
    struct pid_record record;
    struct selection selection = {0};
    struct pid_header header = {.kind = PID_KIND_JOINT, .grouped = true};
    pid_input_open(&input, program, 1u << PID_KIND_LABELS | 1u << PID_KIND_SAMPLES);
    select_role(options, &options->sources, PID_ROLE_SOURCE, &input.header, &selection, &header);
    select_role(options, &options->target, PID_ROLE_TARGET, &input.header, &selection, &header);
    for (size_t i = 0; i < input.header.stage_count; i++) must(program, pid_header_add_stage(&header, &input.header.history[i], &error), &error);
    uint64_t levels[PID_VARIABLES_MAX];
    for (size_t v = 0; v < selection.count; v++) levels[v] = header.variables[v].levels;

    struct groups groups;
    groups_init(&groups, program, selection.count);
    uint64_t rows = 0;
    while (pid_input_next(&input, &record)) {
        struct pid_key key;
        if (table_key(options, &record.key, &key, &error)) pid_input_fail(&input, &error);
        /* A key without rows has no distribution. */
        if (record.batch.rows) count_batch(&groups, &selection, levels, &key, &record.batch);
        rows += record.batch.rows;
        pid_program_progress(program, "%llu rows, %zu tables", (unsigned long long)rows, groups.count);
    }
    pid_input_close(&input);
    pid_program_note(program, "%llu rows, %zu tables", (unsigned long long)rows, groups.count);
    groups_sort(&groups);
    write_tables(&groups, &header);
    groups_release(&groups);
    pid_header_release(&header);
}

static void add_exact(struct groups *groups, struct group *group, const struct pid_table_record *table)
{
    struct pid_error error;
    size_t n = groups->variables;
    void *indices = group->indices, *weights = group->weights;
    must(groups->program, pid_array_grow(&indices, &group->index_room, (group->rows + table->cells) * n, sizeof *group->indices, &error), &error);
    group->indices = indices;
    must(groups->program, pid_array_grow(&weights, &group->weight_room, group->rows + table->cells, sizeof *group->weights, &error), &error);
    group->weights = weights;
    memcpy(group->indices + group->rows * n, table->indices, table->cells * n * sizeof *group->indices);
    memcpy(group->weights + group->rows, table->weights, table->cells * sizeof *group->weights);
    group->rows += table->cells;
}

/* The weights of a table of samples must be counts of them. */
static enum pid_status read_counts(const struct pid_table_record *table, uint64_t *counts, struct pid_error *error)
{
    uint64_t sum = 0;
    for (size_t c = 0; c < table->cells; c++) {
        double weight = table->weights[c];
        counts[c] = weight <= (double)PID_JOINT_COUNT_MAX ? (uint64_t)weight : 0;
        if ((double)counts[c] != weight)
            return pid_error_set(error, PID_ERROR_DATA, "cell %zu: weight %.17g is not a count, in a table of %llu samples", c + 1, weight,
                                 (unsigned long long)table->samples);
        sum += counts[c];
    }
    if (sum != table->samples)
        return pid_error_set(error, PID_ERROR_DATA, "the counts add up to %llu, not to its %llu samples", (unsigned long long)sum,
                             (unsigned long long)table->samples);
    return PID_OK;
}

static enum pid_status add_counts(struct groups *groups, struct group *group, const struct pid_table_record *table, struct pid_error *error)
{
    uint64_t *counts = pid_array_new(table->cells, sizeof *counts, error);
    const uint32_t *columns[PID_VARIABLES_MAX];
    for (size_t v = 0; v < groups->variables; v++) columns[v] = table->indices + v;
    enum pid_status status = counts ? read_counts(table, counts, error) : error->status;
    if (status == PID_OK) status = pid_counter_add(group->counter, columns, groups->variables, counts, table->cells, error);
    free(counts);
    return status;
}

/* Tables of one key have one shape, except where the stream leaves the levels open: there the larger one counts. */
static enum pid_status join_shapes(struct group *group, const struct pid_header *header, const uint64_t *shape, bool fresh, struct pid_error *error)
{
    for (size_t v = 0; v < header->variable_count; v++) {
        if (!fresh && header->variables[v].levels && group->shape[v] != shape[v])
            return pid_error_set(error, PID_ERROR_DATA, "variable '%s' has %llu levels here and %llu in an earlier table of its key",
                                 header->variables[v].name, (unsigned long long)shape[v], (unsigned long long)group->shape[v]);
        if (shape[v] > group->shape[v]) group->shape[v] = shape[v];
    }
    return PID_OK;
}

static enum pid_status add_table(struct groups *groups, const struct pid_header *header, const struct pid_key *key,
                                 const struct pid_table_record *table, struct pid_error *error)
{
    bool fresh;
    struct group *group = groups_find(groups, key, &table->replicate, &fresh);
    enum pid_status status = join_shapes(group, header, table->shape, fresh, error);
    if (status != PID_OK) return status;
    if (fresh && table->samples) {
        uint64_t levels[PID_VARIABLES_MAX];
        for (size_t v = 0; v < groups->variables; v++) levels[v] = header->variables[v].levels ? table->shape[v] : 0;
        group->counter = pid_counter_new(groups->variables, levels, error);
        if (!group->counter) return error->status;
    }
    if (!group->counter != !table->samples)
        return pid_error_set(error, PID_ERROR_DATA, "an exact distribution cannot be added to counts of samples");
    if (group->counter) return add_counts(groups, group, table, error);
    add_exact(groups, group, table);
    return PID_OK;
}

void merge_tables(const struct options *options)
{
    struct pid_program *program = options->program;
    struct pid_error error;
    struct pid_input input;
    struct pid_record record;
    struct groups groups;
    pid_input_open(&input, program, 1u << PID_KIND_JOINT);
    groups_init(&groups, program, input.header.variable_count);
    while (pid_input_next(&input, &record)) {
        struct pid_key key;
        if (table_key(options, &record.key, &key, &error)) pid_input_fail(&input, &error);
        if (add_table(&groups, &input.header, &key, &record.table, &error)) pid_input_fail(&input, &error);
    }
    groups_sort(&groups);
    input.header.grouped = true;
    write_tables(&groups, &input.header);
    groups_release(&groups);
    pid_input_close(&input);
}

/* "a,b" into a list; the text is cut up in place of a copy. */
static void parse_names(const struct pid_program *program, const char *option, const char *text, struct names *names)
{
    struct pid_error error;
    for (size_t i = 0; i < names->count; i++) free(names->name[i]);
    free(names->name);
    names->count = 0;
    names->name = new_array(program, strlen(text) + 1, sizeof *names->name);
    for (const char *at = text; *text; at += strcspn(at, ",") + 1) {
        size_t length = strcspn(at, ",");
        if (!length) pid_program_usage(program, "--%s: a name in '%s' is empty", option, text);
        names->name[names->count] = pid_string_copy_n(at, length, &error);
        if (!names->name[names->count++]) pid_program_fail(program, &error);
        if (!at[length]) break;
    }
}

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) free(names->name[i]);
    free(names->name);
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-joint",
        .summary = "Counts a joint table for each key, from labels in the FILEs named or standard input.",
        .operands = "[FILE...]",
        .examples = "  pid-joint labels.mp | pid-ipfp | pid-report\n  pid-joint --per model,layer --sources image,text --target answer labels.mp\n"
                    "  pid-joint --merge part-*.mp -o all.mp\n",
        .options = option_list,
        .option_count = sizeof option_list / sizeof *option_list,
    };
    struct options options = {.program = &program};
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_PER: parse_names(&program, "per", argument, &options.per); break;
        case OPTION_SOURCES: parse_names(&program, "sources", argument, &options.sources); break;
        case OPTION_TARGET: parse_names(&program, "target", argument, &options.target); break;
        case OPTION_MERGE: options.merge = true; break;
        }
    }
    if (options.merge && (options.sources.name || options.target.name))
        pid_program_usage(&program, "--merge keeps the variables: --sources and --target are for labels");
    if (options.merge) merge_tables(&options);
    else count_labels(&options);
    free_names(&options.per);
    free_names(&options.sources);
    free_names(&options.target);
    return pid_program_end(&program);
}
