/* Which fields go together: those of all variables whose keys agree make a group. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/table.h"
#include "pid-extract.h"

/* Groups while the variables are added one by one. */
struct candidate {
    struct pid_bindings keys;
    size_t *fields; /* [variables] */
};

struct candidates {
    size_t count, capacity;
    struct candidate *list;
};

static void release_candidates(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++) {
        pid_bindings_release(&candidates->list[i].keys);
        free(candidates->list[i].fields);
    }
    free(candidates->list);
    *candidates = (struct candidates){0};
}

static bool agree(const struct pid_bindings *a, const struct pid_bindings *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const char *value = pid_bindings_find(b, a->pairs[i].name);
        if (value && strcmp(value, a->pairs[i].value)) return false;
    }
    return true;
}

/* `before` (NULL: none) with field number `field` of variable `variable`. */
static void add_candidate(const struct extract *extract, struct candidates *to, const struct candidate *before, size_t variable, size_t field)
{
    struct pid_error error;
    void *grown = to->list;
    must(extract, pid_array_grow(&grown, &to->capacity, to->count + 1, sizeof *to->list, &error), &error);
    to->list = grown;
    struct candidate *candidate = &to->list[to->count++];
    *candidate = (struct candidate){.fields = new_array(extract, extract->count, sizeof *candidate->fields)};
    const struct pid_bindings *keys = &extract->variables[variable].fields[field].keys;
    if (before) {
        must(extract, pid_bindings_copy(&candidate->keys, &before->keys, &error), &error);
        memcpy(candidate->fields, before->fields, variable * sizeof *before->fields);
    }
    for (size_t i = 0; i < keys->count; i++)
        must(extract, pid_bindings_set(&candidate->keys, keys->pairs[i].name, keys->pairs[i].value, &error), &error);
    candidate->fields[variable] = field;
}

static void add_group(struct extract *extract, const struct candidate *candidate)
{
    struct pid_error error;
    void *grown = extract->groups;
    must(extract, pid_array_grow(&grown, &extract->group_capacity, extract->group_count + 1, sizeof *extract->groups, &error), &error);
    extract->groups = grown;
    struct group *group = &extract->groups[extract->group_count++];
    *group = (struct group){.fields = new_array(extract, extract->count, sizeof *group->fields)};
    memcpy(group->fields, candidate->fields, extract->count * sizeof *group->fields);
    must(extract, pid_key_copy(&group->key, &extract->key, &error), &error);
    for (size_t i = 0; i < candidate->keys.count; i++) {
        const char *name = candidate->keys.pairs[i].name;
        if (pid_key_find(&extract->key, name)) pid_program_usage(extract->program, "--key: '%s' is set by {%s} too", name, name);
        if (extract->token_rows && !strcmp(name, "sample"))
            pid_program_usage(extract->program, "{sample} numbers the samples of arrays of tokens: no other key can have that name");
        must(extract, pid_key_set_text(&group->key, name, candidate->keys.pairs[i].value, &error), &error);
    }
}

/* The fields that no group has, since another variable has none with their keys. */
static void tell_left_out(const struct extract *extract, const size_t *from, const struct candidates *candidates)
{
    for (size_t v = 0; v < extract->count; v++) {
        const struct variable *variable = &extract->variables[v];
        bool *used = new_array(extract, variable->field_count, sizeof *used);
        for (size_t i = 0; i < candidates->count; i++) used[candidates->list[i].fields[v]] = true;
        size_t left_out = 0, first = 0;
        for (size_t f = variable->field_count; f-- > from[v];)
            if (!used[f]) {
                left_out++;
                first = f;
            }
        const struct field *field = left_out ? &variable->fields[first] : NULL;
        if (left_out)
            pid_program_warn(extract->program, "%s: %zu of %zu arrays are left out, since other variables have none for their keys: %s%s%s%s",
                             variable->name, left_out, variable->field_count - from[v], field->path, field->member ? ":" : "",
                             field->member ? field->member : "", left_out > 1 ? " and so on" : "");
        free(used);
    }
}

/* All groups of one line of the manifest, or of everything where there is none; `columns` are the manifest's texts. */
static void join(struct extract *extract, const struct pid_bindings *columns, const struct pid_bindings *known, const char *where)
{
    struct candidates candidates = {0};
    size_t *from = new_array(extract, extract->count, sizeof *from);
    for (size_t v = 0; v < extract->count; v++) {
        struct variable *variable = &extract->variables[v];
        struct candidates more = {0};
        const char *place = variable->place ? variable->place : pid_bindings_find(columns, variable->name);
        from[v] = variable->field_count;
        if (!place || !*place) refuse(extract, "%s: the manifest names no file for '%s'", where, variable->name);
        add_fields(extract, variable, place, known);
        for (size_t f = from[v]; f < variable->field_count; f++) {
            if (v == 0) add_candidate(extract, &more, NULL, v, f);
            for (size_t i = 0; i < candidates.count; i++)
                if (agree(&candidates.list[i].keys, &variable->fields[f].keys)) add_candidate(extract, &more, &candidates.list[i], v, f);
        }
        release_candidates(&candidates);
        candidates = more;
        if (candidates.count == 0)
            refuse(extract, "%s: no array of '%s' has the same keys as those of the variables before it", where, variable->name);
    }
    tell_left_out(extract, from, &candidates);
    for (size_t i = 0; i < candidates.count; i++) add_group(extract, &candidates.list[i]);
    release_candidates(&candidates);
    free(from);
}

static bool is_variable(const struct extract *extract, const char *name)
{
    for (size_t i = 0; i < extract->count; i++)
        if (!strcmp(extract->variables[i].name, name)) return !extract->variables[i].place;
    return false;
}

/* The columns with a variable's name are its places, the others are keys. */
static void read_manifest(struct extract *extract)
{
    struct pid_error error;
    struct pid_file *file = pid_file_open(&extract->files, extract->manifest, &error);
    struct pid_bytes *bytes = file ? pid_bytes_plain(&extract->files, file, &error) : NULL;
    struct pid_table *table = bytes ? pid_table_open(bytes, &error) : NULL;
    if (!table) pid_program_fail(extract->program, &error);
    if (table->columns > PID_PATTERN_NAMES) refuse(extract, "%s: has more than %d columns", extract->manifest, PID_PATTERN_NAMES);
    for (;;) {
        struct pid_bindings columns = {0}, keys = {0};
        enum pid_table_result result = pid_table_next(table, &error);
        if (result == PID_TABLE_ERROR) pid_program_fail(extract->program, &error);
        if (result == PID_TABLE_END) break;
        char where[PID_ERROR_MESSAGE_BYTES / 2];
        snprintf(where, sizeof where, "%s: line %llu", extract->manifest, (unsigned long long)table->line);
        for (size_t i = 0; i < table->columns; i++) {
            const char *name = table->names[i], *value = table->fields[i].text;
            if (pid_bindings_find(&columns, name)) refuse(extract, "%s: has two columns named '%s'", extract->manifest, name);
            must(extract, pid_bindings_set(&columns, name, value, &error), &error);
            if (!is_variable(extract, name)) must(extract, pid_bindings_set(&keys, name, value, &error), &error);
        }
        join(extract, &columns, &keys, where);
        pid_bindings_release(&columns);
        pid_bindings_release(&keys);
    }
    pid_table_free(table);
    if (extract->group_count == 0) refuse(extract, "%s: has no line behind its header", extract->manifest);
}

static int compare_groups(const void *a, const void *b)
{
    return pid_key_compare(&((const struct group *)a)->key, &((const struct group *)b)->key);
}

void make_groups(struct extract *extract)
{
    static const struct pid_bindings none = {0};
    if (extract->manifest) read_manifest(extract);
    else join(extract, &none, &none, "--source");
    qsort(extract->groups, extract->group_count, sizeof *extract->groups, compare_groups);
    for (size_t i = 1; i < extract->group_count; i++)
        if (pid_key_equal(&extract->groups[i - 1].key, &extract->groups[i].key)) {
            char key[PID_ERROR_MESSAGE_BYTES / 2];
            refuse(extract, "two groups have the key %s", pid_key_format(&extract->groups[i].key, key, sizeof key));
        }
}
