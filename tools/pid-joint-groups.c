/* The tables that pid-joint has under way, found by key and replicate. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "pid-joint.h"

enum { FIRST_SLOTS = 64 };

void must(const struct pid_program *program, enum pid_status status, const struct pid_error *error)
{
    if (status != PID_OK) pid_program_fail(program, error);
}

void *new_array(const struct pid_program *program, size_t count, size_t size)
{
    struct pid_error error;
    void *array = pid_array_new(count, size, &error);
    if (!array) pid_program_fail(program, &error);
    return array;
}

const struct pid_replicate replicate_data = {.type = PID_REPLICATE_DATA, .fraction = 1};

void groups_init(struct groups *groups, struct pid_program *program, size_t variables)
{
    *groups = (struct groups){.program = program, .variables = variables, .slot_count = FIRST_SLOTS};
    groups->slots = new_array(program, FIRST_SLOTS, sizeof *groups->slots);
}

enum pid_status group_append(const struct groups *groups, struct group *group, const uint32_t *const *columns, size_t stride, const double *weights,
                             size_t rows, struct pid_error *error)
{
    size_t n = groups->variables;
    void *indices = group->indices, *all = group->weights;
    enum pid_status status = pid_array_grow(&indices, &group->index_room, (group->rows + rows) * n, sizeof *group->indices, error);
    group->indices = indices;
    if (status == PID_OK) status = pid_array_grow(&all, &group->weight_room, group->rows + rows, sizeof *group->weights, error);
    group->weights = all;
    if (status != PID_OK) return status;
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < n; v++) group->indices[(group->rows + r) * n + v] = columns[v][r * stride];
    memcpy(group->weights + group->rows, weights, rows * sizeof *weights);
    group->rows += rows;
    return PID_OK;
}

void group_forget(struct group *group)
{
    pid_counter_free(group->counter);
    pid_joint_release(&group->settled);
    pid_sample_free(group->sample);
    free(group->indices);
    free(group->weights);
    group->counter = NULL;
    group->sample = NULL;
    group->indices = NULL;
    group->weights = NULL;
}

void groups_release(struct groups *groups)
{
    for (size_t g = 0; g < groups->count; g++) {
        struct group *group = groups->group[g];
        group_forget(group);
        pid_key_release(&group->key);
        free(group->shape);
        free(group);
    }
    free(groups->group);
    free(groups->slots);
}

static bool is_same(const struct group *group, const struct pid_key *key, const struct pid_replicate *replicate)
{
    return group->replicate.type == replicate->type && group->replicate.index == replicate->index &&
           group->replicate.fraction == replicate->fraction && pid_key_equal(&group->key, key);
}

/* The slot of the group, or the free one where it belongs. */
static size_t find_slot(const struct groups *groups, const struct pid_key *key, const struct pid_replicate *replicate)
{
    uint64_t fraction;
    memcpy(&fraction, &replicate->fraction, sizeof fraction);
    uint64_t hash = pid_hash_bits(pid_key_hash(key) ^ pid_hash_bits(replicate->index * 4 + replicate->type) ^ fraction);
    size_t s = (size_t)hash & (groups->slot_count - 1);
    while (groups->slots[s] && !is_same(groups->group[groups->slots[s] - 1], key, replicate)) s = (s + 1) & (groups->slot_count - 1);
    return s;
}

static void double_slots(struct groups *groups)
{
    free(groups->slots);
    groups->slot_count *= 2;
    groups->slots = new_array(groups->program, groups->slot_count, sizeof *groups->slots);
    for (size_t g = 0; g < groups->count; g++)
        groups->slots[find_slot(groups, &groups->group[g]->key, &groups->group[g]->replicate)] = g + 1;
}

struct group *groups_find(struct groups *groups, const struct pid_key *key, const struct pid_replicate *replicate, bool *fresh)
{
    struct pid_error error;
    *fresh = false;
    if (groups->last && is_same(groups->last, key, replicate)) return groups->last;
    size_t s = find_slot(groups, key, replicate);
    if (groups->slots[s]) return groups->last = groups->group[groups->slots[s] - 1];
    struct group *group = new_array(groups->program, 1, sizeof *group);
    group->replicate = *replicate;
    group->number = groups->count;
    group->shape = new_array(groups->program, groups->variables, sizeof *group->shape);
    must(groups->program, pid_key_copy(&group->key, key, &error), &error);
    void *array = groups->group;
    must(groups->program, pid_array_grow(&array, &groups->room, groups->count + 1, sizeof *groups->group, &error), &error);
    groups->group = array;
    groups->group[groups->count++] = group;
    groups->slots[s] = groups->count;
    if (groups->count > groups->slot_count / 2) double_slots(groups);
    *fresh = true;
    return groups->last = group;
}

static int compare_groups(const void *left, const void *right)
{
    const struct group *a = *(struct group *const *)left, *b = *(struct group *const *)right;
    int order = pid_key_compare(&a->key, &b->key);
    if (order) return order;
    const struct pid_replicate *x = &a->replicate, *y = &b->replicate;
    if (x->type != y->type) return x->type < y->type ? -1 : 1;
    if (x->fraction != y->fraction) return x->fraction > y->fraction ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

void groups_sort(struct groups *groups)
{
    if (groups->count) qsort(groups->group, groups->count, sizeof *groups->group, compare_groups);
    free(groups->slots);
    groups->slots = NULL;
    groups->last = NULL;
}

static bool is_settled(const struct group *group)
{
    return group->settled.variables > 0;
}

void group_table(const struct groups *groups, struct group *group, struct pid_joint *table)
{
    struct pid_error error;
    if (is_settled(group)) {
        *table = group->settled;
        group->settled = (struct pid_joint){0};
    } else if (group->counter) {
        must(groups->program, pid_counter_table(group->counter, table, &error), &error);
        for (size_t v = 0; v < groups->variables; v++)
            if (group->shape[v] > table->shape[v]) table->shape[v] = group->shape[v];
    } else {
        must(groups->program, pid_joint_from_rows(table, groups->variables, group->shape, group->indices, group->weights, group->rows, false, &error), &error);
    }
}

void group_settle(const struct groups *groups, struct group *group)
{
    if (!group->counter) return;
    struct pid_joint table;
    group_table(groups, group, &table);
    group->settled = table;
    pid_counter_free(group->counter);
    group->counter = NULL;
}

static const char *const sample_name[] = {"sample"};

enum pid_status table_key(const struct options *options, const struct pid_key *key, struct pid_key *view, struct pid_error *error)
{
    if (!options->per.name) {
        *view = pid_key_view(key, sample_name, 1, false);
        return PID_OK;
    }
    const char *const *names = (const char *const *)options->per.name;
    *view = pid_key_view(key, names, options->per.count, true);
    for (size_t i = 0; i < options->per.count; i++)
        if (!pid_key_find(key, names[i])) return pid_error_set(error, PID_ERROR_DATA, "has no key '%s', which --per asks for", names[i]);
    return PID_OK;
}

struct pid_key other_key(const struct options *options, const struct pid_key *key)
{
    if (!options->per.name) return pid_key_view(key, sample_name, 1, true);
    return pid_key_view(key, (const char *const *)options->per.name, options->per.count, false);
}

void write_table(struct pid_stream_output *output, const struct pid_key *key, const struct pid_replicate *replicate, const struct pid_joint *table)
{
    struct pid_record record = {.key = *key};
    record.table = (struct pid_table_record){.replicate = *replicate, .samples = table->counts ? (uint64_t)table->total : 0,
        .shape = table->shape, .cells = table->cells, .indices = table->indices, .weights = table->weights};
    pid_stream_output_record(output, &record);
}
