/* The samples that pid-gauss reads, kept by key. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-gauss.h"

enum { FIRST_SLOTS = 64 };

static void select_variable(struct gauss *gauss, const struct pid_header *from, size_t index, enum pid_role role)
{
    const struct pid_program *program = gauss->options->program;
    const struct pid_variable *variable = &from->variables[index];
    struct pid_error error;
    if (variable->type != PID_TYPE_VECTOR) {
        pid_error_set(&error, PID_ERROR_DATA, "variable '%s' is a category, which has no covariance: pid-kmeans, pid-joint and pid-ipfp are for those",
                      variable->name);
        pid_program_fail(program, &error);
    }
    for (size_t v = 0; v < gauss->variables; v++)
        if (gauss->columns[v] == index) pid_program_usage(program, "variable '%s' is named twice", variable->name);
    gauss->columns[gauss->variables++] = index;
    gauss_must(gauss, pid_header_add_variable(&gauss->header, variable->name, role, PID_TYPE_VECTOR, variable->dim, NULL, &error), &error);
}

/* The variables named, or those that the input gives the role, save what the other role was given by name. */
static void select_role(struct gauss *gauss, const struct list *list, const struct list *other, enum pid_role role, const struct pid_header *from)
{
    struct pid_error error;
    for (size_t i = 0; i < list->count; i++) {
        ptrdiff_t index = pid_header_find(from, list->names[i]);
        if (index < 0) {
            pid_error_set(&error, PID_ERROR_DATA, "the input has no variable '%s'", list->names[i]);
            pid_program_fail(gauss->options->program, &error);
        }
        select_variable(gauss, from, (size_t)index, role);
    }
    for (size_t i = 0; !list->names && i < from->variable_count; i++) {
        bool named = false;
        for (size_t j = 0; j < other->count; j++) named |= !strcmp(other->names[j], from->variables[i].name);
        if (from->variables[i].role == role && !named) select_variable(gauss, from, i, role);
    }
}

static void select_variables(struct gauss *gauss, const struct pid_header *from)
{
    const struct options *options = gauss->options;
    struct pid_error error;
    select_role(gauss, &options->sources, &options->target, PID_ROLE_SOURCE, from);
    gauss->sources = gauss->variables;
    select_role(gauss, &options->target, &options->sources, PID_ROLE_TARGET, from);
    if (gauss->sources < 2 || gauss->variables != gauss->sources + 1) {
        pid_error_set(&error, PID_ERROR_DATA, "%zu sources and %zu targets are not two or more and 1: --sources A,B --target Y selects them",
                      gauss->sources, gauss->variables - gauss->sources);
        pid_program_fail(options->program, &error);
    }
    gauss->header.kind = PID_KIND_DECOMPOSITION;
    gauss->header.grouped = true;
    for (size_t i = 0; i < from->stage_count; i++) gauss_must(gauss, pid_header_add_stage(&gauss->header, &from->history[i], &error), &error);
    pid_choices_check(&options->pca, &gauss->header);
    for (size_t v = 0; v < gauss->variables; v++) {
        const char *text = pid_choices_find(&options->pca, gauss->header.variables[v].name);
        if (text) gauss->components[v] = gauss_components(options->program, options->pca.option, text);
    }
}

static void grow_slots(struct gauss *gauss)
{
    size_t count = gauss->slot_count ? 2 * gauss->slot_count : FIRST_SLOTS;
    free(gauss->slots);
    gauss->slots = gauss_array(gauss, count, sizeof *gauss->slots);
    gauss->slot_count = count;
    for (size_t g = 0; g < gauss->count; g++) {
        size_t at = pid_key_hash(&gauss->groups[g].key) & (count - 1);
        while (gauss->slots[at]) at = (at + 1) & (count - 1);
        gauss->slots[at] = g + 1;
    }
}

/* What tells the rows of one group apart, unless --per says otherwise. */
static const char *const rows_of_one[] = {"sample"};

static enum pid_status group_key(const struct gauss *gauss, const struct pid_key *key, struct pid_key *view, struct pid_error *error)
{
    const struct list *per = &gauss->options->per;
    *view = per->names ? pid_key_view(key, (const char *const *)per->names, per->count, true) : pid_key_view(key, rows_of_one, 1, false);
    for (size_t i = 0; i < per->count; i++)
        if (!pid_key_find(key, per->names[i])) return pid_error_set(error, PID_ERROR_DATA, "has no key '%s', which --per asks for", per->names[i]);
    return pid_key_find(view, "method") ? pid_error_set(error, PID_ERROR_DATA, "has a key 'method', by which pid-gauss tells its answers from others: leave it out of --per") : PID_OK;
}

static enum pid_status find_group(struct gauss *gauss, const struct pid_key *key, struct group **group, struct pid_error *error)
{
    if (2 * (gauss->count + 1) > gauss->slot_count) grow_slots(gauss);
    size_t at = pid_key_hash(key) & (gauss->slot_count - 1);
    for (; gauss->slots[at]; at = (at + 1) & (gauss->slot_count - 1)) {
        *group = &gauss->groups[gauss->slots[at] - 1];
        if (pid_key_equal(&(*group)->key, key)) return PID_OK;
    }
    void *groups = gauss->groups;
    if (pid_array_grow(&groups, &gauss->room, gauss->count + 1, sizeof *gauss->groups, error)) return error->status;
    gauss->groups = groups;
    *group = &gauss->groups[gauss->count];
    **group = (struct group){.dims = gauss_array(gauss, gauss->variables, sizeof(size_t)), .rooms = gauss_array(gauss, gauss->variables, sizeof(size_t)),
                             .values = gauss_array(gauss, gauss->variables, sizeof(float *)), .kept = gauss_array(gauss, gauss->variables, sizeof(double))};
    if (pid_key_copy(&(*group)->key, key, error)) return error->status;
    if (gauss->options->bootstrap || gauss->options->fraction_count) {
        uint64_t shape = 0;
        if (!((*group)->sample = pid_sample_new(1, &shape, gauss->options->cluster != NULL, error))) return error->status;
    }
    gauss->slots[at] = ++gauss->count;
    return PID_OK;
}

/* What binds the rows' draws apart from their numbers, as pid-joint has it. */
static enum pid_status part_of(const struct gauss *gauss, const struct pid_key *key, uint64_t *part, struct pid_error *error)
{
    const char *cluster = gauss->options->cluster;
    const struct list *per = &gauss->options->per;
    struct pid_key other = per->names ? pid_key_view(key, (const char *const *)per->names, per->count, false) : pid_key_view(key, rows_of_one, 1, true);
    if (cluster) {
        if (!pid_key_find(key, cluster)) return pid_error_set(error, PID_ERROR_DATA, "has no key '%s', which --cluster asks for", cluster);
        if (!pid_key_find(&other, cluster)) return pid_error_set(error, PID_ERROR_DATA, "each decomposition is one cluster of '%s': leave it out of --per", cluster);
        other = pid_key_view(key, &cluster, 1, true);
    }
    *part = other.count ? pid_key_hash(&other) : 0;
    return PID_OK;
}

static enum pid_status number_rows(struct gauss *gauss, struct group *group, const struct pid_record *record, struct pid_error *error)
{
    uint64_t part = 0;
    bool drawn = group->sample || gauss->options->permute;
    if (drawn && group->rows + record->batch.rows > UINT32_MAX) return pid_error_set(error, PID_ERROR_MEMORY, "more than 2^32 - 1 rows of one key to draw from");
    if (!group->sample) return PID_OK;
    if (part_of(gauss, &record->key, &part, error)) return error->status;
    uint32_t *numbers = gauss_array(gauss, record->batch.rows, sizeof *numbers);
    const uint32_t *column = numbers;
    for (uint64_t r = 0; r < record->batch.rows; r++) numbers[r] = (uint32_t)(group->rows + r);
    enum pid_status status = pid_sample_add(group->sample, &column, record->batch.rows, record->batch.row, part, error);
    free(numbers);
    return status;
}

static enum pid_status add_rows(struct gauss *gauss, const struct pid_record *record, struct pid_error *error)
{
    const struct pid_batch *batch = &record->batch;
    struct pid_key key;
    struct group *group = NULL;
    if (group_key(gauss, &record->key, &key, error)) return error->status;
    if (!batch->rows) return PID_OK;
    if (find_group(gauss, &key, &group, error) || number_rows(gauss, group, record, error)) return error->status;
    for (size_t v = 0; v < gauss->variables; v++) {
        const struct pid_column *column = &batch->columns[gauss->columns[v]];
        if (group->rows && column->dim != group->dims[v])
            return pid_error_set(error, PID_ERROR_DATA, "variable '%s' has %llu columns here, %zu before", gauss->header.variables[v].name,
                                 (unsigned long long)column->dim, group->dims[v]);
        group->dims[v] = column->dim;
        void *values = group->values[v];
        if (pid_array_grow(&values, &group->rooms[v], (group->rows + batch->rows) * column->dim, sizeof(float), error)) return error->status;
        group->values[v] = values;
        memcpy(group->values[v] + group->rows * column->dim, column->values, batch->rows * column->dim * sizeof(float));
    }
    group->rows += batch->rows;
    return PID_OK;
}

void gauss_read(struct gauss *gauss)
{
    struct pid_error error;
    struct pid_input input;
    struct pid_record record;
    uint64_t rows = 0;
    pid_input_open(&input, gauss->options->program, 1u << PID_KIND_SAMPLES);
    pid_input_refuse_shard(&input);
    select_variables(gauss, &input.header);
    while (pid_input_next(&input, &record)) {
        if (add_rows(gauss, &record, &error)) pid_input_fail(&input, &error);
        pid_program_progress(gauss->options->program, "%llu rows", (unsigned long long)(rows += record.batch.rows));
    }
    pid_input_close(&input);
}
