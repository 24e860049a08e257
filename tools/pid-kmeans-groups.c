/* pid-kmeans: groups of records that share a codebook, by key. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-kmeans.h"

void must(const struct settings *s, enum pid_status status, const struct pid_error *error)
{
    if (status) pid_program_fail(s->program, error);
}

void *must_have(const struct settings *s, void *pointer, const struct pid_error *error)
{
    if (!pointer) pid_program_fail(s->program, error);
    return pointer;
}

struct pid_key group_key(const struct settings *s, const struct pid_key *key)
{
    return pid_key_view(key, (const char *const *)s->per, s->per_count, s->per_given);
}

static void insert(struct groups *groups, size_t number)
{
    size_t at = groups->group[number]->hash & (groups->slot_count - 1);
    while (groups->slots[at]) at = (at + 1) & (groups->slot_count - 1);
    groups->slots[at] = number + 1;
}

static void grow(const struct settings *s, struct groups *groups)
{
    struct pid_error error;
    size_t slots = groups->slot_count ? 2 * groups->slot_count : 64;
    free(groups->slots);
    groups->slots = must_have(s, pid_array_new(slots, sizeof *groups->slots, &error), &error);
    groups->slot_count = slots;
    for (size_t i = 0; i < groups->count; i++) insert(groups, i);
}

static struct group *add_group(const struct settings *s, struct groups *groups, const struct pid_key *key, uint64_t hash, size_t variables)
{
    struct pid_error error;
    if (2 * (groups->count + 1) > groups->slot_count) grow(s, groups);
    if (groups->count == groups->made) {
        must(s, pid_array_grow((void **)&groups->group, &groups->room, groups->made + 1, sizeof *groups->group, &error), &error);
        struct group *made = must_have(s, pid_array_new(1, sizeof *made, &error), &error);
        made->models = must_have(s, pid_array_new(variables, sizeof *made->models, &error), &error);
        groups->group[groups->made++] = made;
    }
    struct group *group = groups->group[groups->count];
    must(s, pid_key_copy(&group->key, key, &error), &error);
    group->hash = hash;
    group->rows = group->labelled = 0;
    group->fitted = false;
    for (size_t v = 0; v < variables; v++) {
        group->models[v].seen = group->models[v].kept = 0;
        group->models[v].lent = NULL;
    }
    insert(groups, groups->count++);
    return group;
}

struct group *groups_find(const struct settings *s, struct groups *groups, const struct pid_key *key, size_t variables, bool add)
{
    if (groups->count && pid_key_equal(&groups->group[groups->count - 1]->key, key)) return groups->group[groups->count - 1];
    uint64_t hash = pid_key_hash(key);
    for (size_t at = hash & (groups->slot_count - 1); groups->slot_count && groups->slots[at]; at = (at + 1) & (groups->slot_count - 1)) {
        struct group *group = groups->group[groups->slots[at] - 1];
        if (group->hash == hash && pid_key_equal(&group->key, key)) return group;
    }
    return add ? add_group(s, groups, key, hash, variables) : NULL;
}

void groups_clear(struct groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        pid_key_release(&groups->group[i]->key);
        groups->group[i]->key = (struct pid_key){0};
    }
    groups->count = 0;
    if (groups->slots) memset(groups->slots, 0, groups->slot_count * sizeof *groups->slots);
}

void groups_free(struct groups *groups, size_t variables)
{
    groups_clear(groups);
    for (size_t i = 0; i < groups->made; i++) {
        for (size_t v = 0; v < variables; v++) model_release(&groups->group[i]->models[v]);
        free(groups->group[i]->models);
        free(groups->group[i]);
    }
    free(groups->group);
    free(groups->slots);
}
