/* NAME=FILE[:MEMBER]: which file, which member, and all that a pattern in either names. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/place.h"
#include "formats/text.h"
#include "pid-extract.h"

#define SAMPLE "sample"

/* As pid_place_split where the file's name is a pattern: the longest beginning that some file fits. */
static void split_pattern(const struct extract *extract, const char *place, struct pid_matches *files, char **member)
{
    struct pid_error error;
    char *path = new_text(extract, place);
    *member = NULL;
    for (char *colon = path + strlen(path); colon; colon = memrchr(path, ':', (size_t)(colon - path))) {
        *colon = '\0';
        must(extract, pid_pattern_files(path, files, &error), &error);
        if (files->count) {
            size_t length = strlen(path);
            if (place[length]) *member = new_text(extract, place + length + 1);
            break;
        }
    }
    free(path);
}

static void bind(const struct extract *extract, struct pid_bindings *to, const struct pid_bindings *from, const char *place)
{
    struct pid_error error;
    for (size_t i = 0; i < from->count; i++)
        if (pid_bindings_set(to, from->pairs[i].name, from->pairs[i].value, &error) != PID_OK) {
            pid_error_prefix(&error, "'%s'", place);
            pid_program_fail(extract->program, &error);
        }
}

static bool equal_keys(const struct pid_bindings *a, const struct pid_bindings *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const char *value = pid_bindings_find(b, a->pairs[i].name);
        if (!value || strcmp(value, a->pairs[i].value)) return false;
    }
    return true;
}

static struct field *new_field(const struct extract *extract, struct variable *variable, const char *path, const char *member)
{
    struct pid_error error;
    void *grown = variable->fields;
    must(extract, pid_array_grow(&grown, &variable->field_capacity, variable->field_count + 1, sizeof *variable->fields, &error), &error);
    variable->fields = grown;
    struct field *field = &variable->fields[variable->field_count++];
    *field = (struct field){.path = new_text(extract, path), .member = member ? new_text(extract, member) : NULL};
    return field;
}

static void add_part(const struct extract *extract, struct field *field, const char *path, const char *member, const char *sample)
{
    struct pid_error error;
    /* A list that is copied each time it is a power of two long. */
    if ((field->part_count & (field->part_count - 1)) == 0) {
        size_t capacity = field->part_count;
        void *grown = field->parts;
        must(extract, pid_array_grow(&grown, &capacity, 2 * field->part_count + 1, sizeof *field->parts, &error), &error);
        field->parts = grown;
    }
    field->parts[field->part_count++] =
        (struct part){new_text(extract, path), member ? new_text(extract, member) : NULL, new_text(extract, sample)};
}

/* The field of a file and a member; where {sample} stands in the place of a variable with tokens, all of its values are
 * one field. */
static void add_match(const struct extract *extract, struct variable *variable, size_t from, const char *path, const char *member,
                      struct pid_bindings *keys)
{
    struct pid_error error;
    struct field *field = NULL;
    const char *sample = variable->pool != POOL_NONE || extract->token_rows ? pid_bindings_find(keys, SAMPLE) : NULL;
    char *number = sample ? new_text(extract, sample) : NULL;
    if (number) pid_bindings_remove(keys, SAMPLE);
    for (size_t i = from; i < variable->field_count && number && !field; i++)
        if (variable->fields[i].parts && equal_keys(&variable->fields[i].keys, keys)) field = &variable->fields[i];
    if (!field) {
        field = new_field(extract, variable, path, member);
        must(extract, pid_bindings_copy(&field->keys, keys, &error), &error);
    }
    if (number) add_part(extract, field, path, member, number);
    free(number);
}

static int compare_parts(const void *a, const void *b)
{
    return pid_text_compare(((const struct part *)a)->sample, ((const struct part *)b)->sample);
}

static void sort_parts(const struct extract *extract, struct field *field)
{
    if (!field->parts) return;
    qsort(field->parts, field->part_count, sizeof *field->parts, compare_parts);
    field->token_parts = new_array(extract, field->part_count, sizeof *field->token_parts);
    for (size_t i = 0; i < field->part_count; i++)
        field->token_parts[i] = (struct pid_token_part){field->parts[i].path, field->parts[i].member};
}

/* The members of one file that fit. */
static void add_members(struct extract *extract, struct variable *variable, size_t from, const char *path, const char *pattern,
                        const struct pid_bindings *keys)
{
    struct pid_error error;
    struct pid_names names = {0};
    struct pid_matches members = {0};
    must(extract, pid_array_members(&extract->files, path, &names, &error), &error);
    must(extract, pid_pattern_names(pattern, names.names, names.count, &members, &error), &error);
    for (size_t i = 0; i < members.count; i++) {
        struct pid_bindings all = {0};
        must(extract, pid_bindings_copy(&all, keys, &error), &error);
        bind(extract, &all, &members.matches[i].bindings, pattern);
        add_match(extract, variable, from, path, members.matches[i].text, &all);
        pid_bindings_release(&all);
    }
    pid_matches_release(&members);
    pid_names_release(&names);
}

static void add_file(struct extract *extract, struct variable *variable, size_t from, const struct pid_match *file, const char *member,
                     const struct pid_bindings *known)
{
    struct pid_error error;
    struct pid_bindings keys = {0};
    must(extract, pid_bindings_copy(&keys, known, &error), &error);
    bind(extract, &keys, &file->bindings, file->text);
    char *wanted = member ? pid_pattern_fill(member, &keys, &error) : NULL;
    if (member && !wanted) pid_program_fail(extract->program, &error);
    if (wanted && pid_pattern_is(wanted)) add_members(extract, variable, from, file->text, wanted, &keys);
    else add_match(extract, variable, from, file->text, wanted, &keys);
    free(wanted);
    pid_bindings_release(&keys);
}

void add_fields(struct extract *extract, struct variable *variable, const char *place, const struct pid_bindings *known)
{
    struct pid_error error;
    struct pid_matches files = {0};
    char *member = NULL, *filled = pid_pattern_fill(place, known, &error);
    if (!filled) pid_program_fail(extract->program, &error);
    size_t from = variable->field_count;
    if (pid_pattern_is(filled)) split_pattern(extract, filled, &files, &member);
    if (files.count == 0) {
        /* No pattern in the file's name: it is as it stands, and it is what cannot be opened if it is not there. */
        struct pid_match file = {0};
        must(extract, pid_place_split(filled, &file.text, &member, &error), &error);
        if (pid_pattern_is(file.text)) refuse(extract, "no file fits '%s'", file.text);
        add_file(extract, variable, from, &file, member, known);
        free(file.text);
    }
    for (size_t i = 0; i < files.count; i++) add_file(extract, variable, from, &files.matches[i], member, known);
    if (variable->field_count == from) refuse(extract, "nothing fits '%s'", filled);
    for (size_t i = from; i < variable->field_count; i++) sort_parts(extract, &variable->fields[i]);
    pid_matches_release(&files);
    free(member);
    free(filled);
}
