/* Rows counted into a table for each key, and the tables with their replicates written. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-joint.h"

/* The variables of the table: their places in the input, sources first. */
struct selection {
    size_t count, sources;
    size_t index[PID_VARIABLES_MAX];
    uint64_t levels[PID_VARIABLES_MAX];
};

/* What --permute-within names: a variable, or a key whose values become the levels of one. */
struct strata {
    bool given;
    ptrdiff_t variable;   /* its place in the input; -1: a key */
    uint64_t levels;
    struct groups values; /* of the key, numbered as they come */
    size_t *rank;         /* of each number: its place in natural order */
    uint32_t *column;     /* of a key's stratum, once for each row of a batch */
    size_t column_room;
};

struct count {
    const struct options *options;
    struct selection selection;
    struct strata strata;
    struct groups groups;
    bool grouped;        /* the input promises that a key which has ended does not come again */
    struct group *under_way; /* whose key it is now */
    struct pid_header header;
    struct pid_stream_output output; /* open from the start: a wrong --output is told before hours of counting */
    uint64_t rows;
};

static void select_variable(struct count *count, const struct pid_header *from, size_t index, enum pid_role role)
{
    struct pid_error error;
    const struct pid_variable *variable = &from->variables[index];
    struct selection *selection = &count->selection;
    if (variable->type == PID_TYPE_VECTOR) {
        pid_error_set(&error, PID_ERROR_DATA, "variable '%s' is a vector, not a category: pid-kmeans makes labels of vectors", variable->name);
        pid_program_fail(count->options->program, &error);
    }
    for (size_t i = 0; i < selection->count; i++)
        if (selection->index[i] == index) pid_program_usage(count->options->program, "variable '%s' is named twice", variable->name);
    selection->levels[selection->count] = variable->levels;
    selection->index[selection->count++] = index;
    must(count->options->program,
         pid_header_add_variable(&count->header, variable->name, role, PID_TYPE_CATEGORY, variable->levels, variable->level_names, &error), &error);
}

static size_t find_variable(const struct options *options, const struct pid_header *header, const char *name)
{
    struct pid_error error;
    ptrdiff_t index = pid_header_find(header, name);
    if (index >= 0) return (size_t)index;
    pid_error_set(&error, PID_ERROR_DATA, "the input has no variable '%s'", name);
    pid_program_fail(options->program, &error);
}

/* The variables named, or those that the input gives the role, save what the other role was given by name. */
static void select_role(struct count *count, const struct names *names, enum pid_role role, const struct pid_header *from)
{
    struct pid_error error;
    const struct options *options = count->options;
    size_t before = count->selection.count;
    for (size_t i = 0; i < names->count; i++) select_variable(count, from, find_variable(options, from, names->name[i]), role);
    const struct names *other = role == PID_ROLE_SOURCE ? &options->target : &options->sources;
    for (size_t i = 0; !names->name && i < from->variable_count; i++) {
        bool taken = false;
        for (size_t j = 0; j < other->count; j++) taken |= !strcmp(other->name[j], from->variables[i].name);
        if (from->variables[i].role == role && !taken) select_variable(count, from, i, role);
    }
    if (count->selection.count > before) return;
    pid_error_set(&error, PID_ERROR_DATA, "the input has no %s: name one with --%s", pid_role_name(role), role == PID_ROLE_SOURCE ? "sources" : "target");
    pid_program_fail(options->program, &error);
}

static void start_strata(struct count *count, const struct pid_header *from)
{
    struct pid_program *program = count->options->program;
    struct strata *strata = &count->strata;
    groups_init(&strata->values, program, 1);
    if (!count->options->within) return;
    strata->given = true;
    strata->variable = pid_header_find(from, count->options->within);
    if (strata->variable < 0) return;
    struct pid_error error;
    const struct pid_variable *variable = &from->variables[strata->variable];
    strata->levels = variable->levels;
    if (variable->type == PID_TYPE_VECTOR) {
        pid_error_set(&error, PID_ERROR_DATA, "--permute-within: variable '%s' is a vector, not a category", variable->name);
        pid_program_fail(program, &error);
    }
    for (size_t v = count->selection.sources; v < count->selection.count; v++)
        if (count->selection.index[v] == (size_t)strata->variable)
            pid_program_usage(program, "--permute-within: within '%s', the target itself, nothing can be permuted", variable->name);
}

/* The stratum of each row of a batch. */
static const uint32_t *strata_column(struct count *count, const struct pid_record *record, struct pid_error *error)
{
    struct strata *strata = &count->strata;
    if (strata->variable >= 0) return record->batch.columns[strata->variable].codes;
    const char *const name[] = {count->options->within};
    struct pid_key value = pid_key_view(&record->key, name, 1, true);
    bool fresh;
    if (!value.count) {
        pid_error_set(error, PID_ERROR_DATA, "has neither a variable nor a key '%s', which --permute-within asks for", *name);
        return NULL;
    }
    void *column = strata->column;
    if (pid_array_grow(&column, &strata->column_room, record->batch.rows, sizeof *strata->column, error)) return NULL;
    strata->column = column;
    size_t number = groups_find(&strata->values, &value, &replicate_data, &fresh)->number;
    for (size_t r = 0; r < record->batch.rows; r++) strata->column[r] = (uint32_t)number;
    return strata->column;
}

/* What binds the rows' draws apart from their numbers: the cluster, or the part of the table that they belong to. */
static enum pid_status part_of(const struct options *options, const struct pid_key *key, uint64_t *part, struct pid_error *error)
{
    struct pid_key other = other_key(options, key);
    if (options->cluster) {
        const char *const name[] = {options->cluster};
        if (!pid_key_find(key, *name)) return pid_error_set(error, PID_ERROR_DATA, "has no key '%s', which --cluster asks for", *name);
        if (!pid_key_find(&other, *name))
            return pid_error_set(error, PID_ERROR_DATA, "each table is one cluster of '%s': leave it out of --per", *name);
        other = pid_key_view(key, name, 1, true);
    }
    *part = other.count ? pid_key_hash(&other) : 0;
    return PID_OK;
}

/* The group's counter, made where there is none.  A group that was settled and comes again after all, as where some records'
 * keys have a name more than others', goes on from its table. */
static enum pid_status start_counter(const struct count *count, struct group *group, const uint64_t *levels, struct pid_error *error)
{
    struct pid_joint *table = &group->settled;
    size_t n = count->groups.variables;
    const uint32_t *columns[PID_VARIABLES_MAX + 1];
    group->counter = pid_counter_new(n, levels, error);
    if (!group->counter) return error->status;
    if (!table->variables) return PID_OK;
    uint64_t *times = pid_array_new(table->cells, sizeof *times, error);
    if (!times) return error->status;
    for (size_t c = 0; c < table->cells; c++) times[c] = (uint64_t)table->weights[c];
    for (size_t v = 0; v < n; v++) columns[v] = table->indices + v;
    enum pid_status status = pid_counter_add(group->counter, columns, n, times, table->cells, error);
    free(times);
    pid_joint_release(table);
    return status;
}

/* With a key of its own for each group the last one has ended when another begins. */
static void settle_last(struct count *count, struct group *group, bool own_key)
{
    if (group == count->under_way) return;
    if (count->under_way && count->grouped && own_key) group_settle(&count->groups, count->under_way);
    count->under_way = group;
}

enum pid_status count_record(struct count *count, const struct pid_record *record, const struct weighting *weighting, struct pid_error *error)
{
    const struct selection *selection = &count->selection;
    const struct pid_batch *batch = &record->batch;
    struct pid_key key;
    bool fresh;
    uint64_t levels[PID_VARIABLES_MAX + 1], part = 0;
    const uint32_t *columns[PID_VARIABLES_MAX + 1], *selected[PID_VARIABLES_MAX];
    if (table_key(count->options, &record->key, &key, error)) return error->status;
    if (!batch->rows) return PID_OK; /* a key without rows has no distribution */
    count->rows += batch->rows;
    pid_program_progress(count->options->program, "%llu rows, %zu tables", (unsigned long long)count->rows, count->groups.count);
    size_t v = 0;
    for (size_t i = 0; i < selection->count; i++) {
        if (i == selection->sources && count->strata.given) {
            levels[v] = count->strata.levels;
            if (!(columns[v++] = strata_column(count, record, error))) return error->status;
        }
        levels[v] = selection->levels[i];
        columns[v++] = selected[i] = batch->columns[selection->index[i]].codes;
    }
    struct group *group = groups_find(&count->groups, &key, &replicate_data, &fresh);
    if (weighting->weights) {
        memcpy(group->shape, levels, v * sizeof *levels);
        return group_append(&count->groups, group, columns, 1, weighting->weights, batch->rows, error);
    }
    settle_last(count, group, key.count == record->key.count);
    if (!group->counter && start_counter(count, group, levels, error)) return error->status;
    if (fresh && keeps_rows(count->options)) {
        group->sample = pid_sample_new(selection->count, selection->levels, count->options->cluster != NULL, error);
        if (!group->sample) return error->status;
    }
    if (pid_counter_add(group->counter, columns, 1, weighting->times, batch->rows, error)) return error->status;
    if (!group->sample) return PID_OK;
    if (part_of(count->options, &record->key, &part, error)) return error->status;
    return pid_sample_add(group->sample, selected, batch->rows, batch->row, part, error);
}

/* Strata that are values of a key become numbered in natural order, so that draws do not depend on which came first. */
static void order_strata(const struct count *count, struct pid_joint *table)
{
    struct pid_error error;
    struct pid_joint ordered;
    if (!count->strata.given || count->strata.variable >= 0) return;
    for (size_t c = 0; c < table->cells; c++) {
        uint32_t *stratum = &table->indices[c * table->variables + count->selection.sources];
        *stratum = (uint32_t)count->strata.rank[*stratum];
    }
    table->shape[count->selection.sources] = count->strata.values.count;
    must(count->options->program,
         pid_joint_from_rows(&ordered, table->variables, table->shape, table->indices, table->weights, table->cells, true, &error), &error);
    pid_joint_release(table);
    *table = ordered;
}

static void write_group(const struct count *count, struct group *group, struct pid_stream_output *output)
{
    struct pid_error error;
    struct pid_joint full, data;
    const struct options *options = count->options;
    size_t sources = count->selection.sources, wanted[PID_VARIABLES_MAX];
    group_table(&count->groups, group, &full);
    if (!full.cells) {
        char key[200];
        pid_error_set(&error, PID_ERROR_DATA, "%s: all weights are 0", pid_key_format(&group->key, key, sizeof key));
        pid_program_fail(options->program, &error);
    }
    if (count->strata.given) {
        order_strata(count, &full);
        for (size_t v = 0; v < count->selection.count; v++) wanted[v] = v < sources ? v : v + 1;
        must(options->program, pid_joint_project(&full, wanted, count->selection.count, &data, NULL, &error), &error);
    }
    const struct pid_joint *table = count->strata.given ? &data : &full;
    write_table(output, &group->key, &replicate_data, table);
    if (group->sample) must(options->program, pid_sample_bind(group->sample, table, &error), &error);
    write_bootstraps(options, output, &group->key, group->sample);
    write_permutations(options, output, &group->key, &full, sources, count->strata.given);
    write_subsamples(options, output, &group->key, group->sample);
    if (count->strata.given) pid_joint_release(&data);
    pid_joint_release(&full);
}

static void write_groups(struct count *count)
{
    struct strata *strata = &count->strata;
    strata->rank = new_array(count->options->program, strata->values.count, sizeof *strata->rank);
    groups_sort(&strata->values);
    for (size_t i = 0; i < strata->values.count; i++) strata->rank[strata->values.group[i]->number] = i;
    groups_sort(&count->groups);
    for (size_t g = 0; g < count->groups.count; g++) {
        write_group(count, count->groups.group[g], &count->output);
        group_forget(count->groups.group[g]);
    }
    pid_stream_output_finish(&count->output);
    pid_program_note(count->options->program, "%llu rows, %zu tables", (unsigned long long)count->rows, count->groups.count);
}

struct count *count_new(const struct options *options, const struct pid_header *from)
{
    struct pid_error error;
    struct count *count = new_array(options->program, 1, sizeof *count);
    count->options = options;
    count->grouped = from->grouped;
    count->header = (struct pid_header){.kind = PID_KIND_JOINT, .grouped = true, .shard = from->shard};
    select_role(count, &options->sources, PID_ROLE_SOURCE, from);
    count->selection.sources = count->selection.count;
    select_role(count, &options->target, PID_ROLE_TARGET, from);
    start_strata(count, from);
    for (size_t i = 0; i < from->stage_count; i++)
        must(options->program, pid_header_add_stage(&count->header, &from->history[i], &error), &error);
    groups_init(&count->groups, options->program, count->selection.count + count->strata.given);
    pid_stream_output_open(&count->output, options->program, &count->header);
    return count;
}

void count_finish(struct count *count)
{
    write_groups(count);
    groups_release(&count->groups);
    groups_release(&count->strata.values);
    free(count->strata.rank);
    free(count->strata.column);
    pid_header_release(&count->header);
    free(count);
}
