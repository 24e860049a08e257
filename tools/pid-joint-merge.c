/* pid-joint: joint streams added up. */
#include <stdlib.h>

#include "base/memory.h"
#include "pid-joint.h"
#include "program/input.h"

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

static enum pid_status add_table(const struct options *options, struct groups *groups, const struct pid_header *header, const struct pid_key *key,
                                 const struct pid_table_record *table, struct pid_error *error)
{
    bool fresh;
    struct group *group = groups_find(groups, key, &table->replicate, &fresh);
    enum pid_status status = join_shapes(group, header, table->shape, fresh, error);
    if (status != PID_OK) return status;
    if (!fresh && table->replicate.type == PID_REPLICATE_PERMUTATION)
        return pid_error_set(error, PID_ERROR_DATA, "permutations of parts are not permutations of the whole: leave --permute to the merge");
    if (options->permute && table->replicate.type == PID_REPLICATE_PERMUTATION)
        return pid_error_set(error, PID_ERROR_DATA, "is a permutation already: --permute is for data");
    if (fresh && table->samples) {
        uint64_t levels[PID_VARIABLES_MAX];
        for (size_t v = 0; v < groups->variables; v++) levels[v] = header->variables[v].levels ? table->shape[v] : 0;
        group->counter = pid_counter_new(groups->variables, levels, error);
        if (!group->counter) return error->status;
    }
    if (!group->counter != !table->samples)
        return pid_error_set(error, PID_ERROR_DATA, "an exact distribution cannot be added to counts of samples");
    if (group->counter) return add_counts(groups, group, table, error);
    const uint32_t *columns[PID_VARIABLES_MAX];
    for (size_t v = 0; v < groups->variables; v++) columns[v] = table->indices + v;
    return group_append(groups, group, columns, groups->variables, table->weights, table->cells, error);
}

/* The data table of a key, kept until its permutations' turn has come, which is behind its bootstraps. */
struct waiting {
    const struct pid_key *key; /* NULL: none */
    struct pid_joint table;
};

static void permute_waiting(const struct options *options, struct pid_stream_output *output, struct waiting *waiting, size_t sources)
{
    if (!waiting->key) return;
    write_permutations(options, output, waiting->key, &waiting->table, sources, 0);
    pid_joint_release(&waiting->table);
    waiting->key = NULL;
}

/* Permutations need the sources before the targets. */
static size_t count_sources(const struct options *options, const struct pid_header *header)
{
    struct pid_error error;
    size_t sources = 0;
    for (size_t v = 0; v < header->variable_count; v++) {
        if (header->variables[v].role != PID_ROLE_SOURCE) continue;
        if (v == sources++ || !options->permute) continue;
        pid_error_set(&error, PID_ERROR_DATA, "source '%s' comes behind a target: --permute wants sources first", header->variables[v].name);
        pid_program_fail(options->program, &error);
    }
    return sources;
}

/* Before the input is read, so that a wrong --output is told at once. */
static void open_output(const struct options *options, const struct pid_input *input, struct pid_stream_output *output)
{
    struct pid_header header = input->header;
    header.grouped = true;
    /* The sum of the shards of a table is the table: nothing to add to its history. */
    if (options->permute || options->per.name) pid_stream_output_open(output, options->program, &header);
    else pid_stream_output_open_unchanged(output, options->program, &header);
}

static void write_merged(const struct options *options, const struct groups *groups, size_t sources, struct pid_stream_output *output)
{
    struct waiting waiting = {0};
    for (size_t g = 0; g < groups->count; g++) {
        struct group *group = groups->group[g];
        struct pid_joint table;
        if (group->replicate.type != PID_REPLICATE_BOOTSTRAP || (waiting.key && !pid_key_equal(waiting.key, &group->key)))
            permute_waiting(options, output, &waiting, sources);
        group_table(groups, group, &table);
        write_table(output, &group->key, &group->replicate, &table);
        if (options->permute && group->replicate.type == PID_REPLICATE_DATA) waiting = (struct waiting){&group->key, table};
        else pid_joint_release(&table);
        group_forget(group);
    }
    permute_waiting(options, output, &waiting, sources);
    pid_stream_output_finish(output);
}

/* --expect: a merge of what happens to be there is no merge of all. */
static void check_expected(const struct options *options, const struct pid_input *input)
{
    struct pid_error error;
    uint64_t found = input->shards.of ? input->shards.of : options->program->file_count > 1 ? options->program->file_count : 1;
    bool marked = input->shards.of || found == 1;
    if (!options->expect || (marked && found == options->expect)) return;
    if (marked) pid_error_set(&error, PID_ERROR_DATA, "the input is a set of %llu shards, not of %llu as --expect says", (unsigned long long)found,
                              (unsigned long long)options->expect);
    else pid_error_set(&error, PID_ERROR_DATA, "the %llu inputs are not marked as shards of one data set, so --expect cannot be checked",
                       (unsigned long long)found);
    pid_program_fail(options->program, &error);
}

void merge_tables(const struct options *options)
{
    struct pid_program *program = options->program;
    struct pid_error error;
    struct pid_input input;
    struct pid_record record;
    struct pid_stream_output output;
    struct groups groups;
    pid_input_open(&input, program, 1u << PID_KIND_JOINT);
    pid_input_refuse_shard(&input);
    size_t sources = count_sources(options, &input.header);
    open_output(options, &input, &output);
    groups_init(&groups, program, input.header.variable_count);
    while (pid_input_next(&input, &record)) {
        struct pid_key key;
        if (table_key(options, &record.key, &key, &error)) pid_input_fail(&input, &error);
        if (add_table(options, &groups, &input.header, &key, &record.table, &error)) pid_input_fail(&input, &error);
    }
    check_expected(options, &input);
    groups_sort(&groups);
    write_merged(options, &groups, sources, &output);
    groups_release(&groups);
    pid_input_close(&input);
}

