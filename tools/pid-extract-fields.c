/* The arrays behind the variables: opening them, what they are. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/place.h"
#include "pid-extract.h"

/* Arrays that stay open, once looked into, where there are no more of them. */
enum { KEPT_OPEN = 16 };

static struct pid_array *open_array(struct extract *extract, const struct variable *variable, const char *path, const char *member)
{
    struct pid_error error;
    struct pid_array *array;
    if (variable->axes) {
        if (member) refuse(extract, "%s: raw float32 (--shape) has no members: leave ':%s' away", path, member);
        array = pid_array_open_raw(&extract->files, path, variable->axes + 1, variable->shape, &error);
    } else {
        array = pid_array_open(&extract->files, path, member, &error);
    }
    if (!array) pid_program_fail(extract->program, &error);
    return array;
}

/* The array of --mask or --offsets, with the field's keys put in. */
static struct pid_array *open_beside(struct extract *extract, const struct field *field, const char *place)
{
    struct pid_error error;
    char *path, *member, *filled = pid_pattern_fill(place, &field->keys, &error);
    if (!filled) pid_program_fail(extract->program, &error);
    must(extract, pid_place_split(filled, &path, &member, &error), &error);
    struct pid_array *array = pid_array_open(&extract->files, path, member, &error);
    if (!array) pid_program_fail(extract->program, &error);
    free(path);
    free(member);
    free(filled);
    return array;
}

static struct pid_tokens *open_tokens(struct extract *extract, const struct variable *variable, const struct field *field,
                                      struct pid_array *array)
{
    struct pid_error error;
    struct pid_tokens *tokens;
    if (variable->pool == POOL_ATTENTION_MASK && !variable->mask) refuse(extract, "--pool attention-mask: name the mask of '%s' by --mask", variable->name);
    if (field->parts) tokens = pid_tokens_parts(&extract->files, field->token_parts, field->part_count, &error);
    else if (variable->offsets) tokens = pid_tokens_ragged(array, open_beside(extract, field, variable->offsets), &error);
    else tokens = pid_tokens_dense(array, variable->mask ? open_beside(extract, field, variable->mask) : NULL, &error);
    if (!tokens) pid_program_fail(extract->program, &error);
    return tokens;
}

/* Whether it has samples of several tokens of which something is to be made. */
static bool has_tokens(const struct extract *extract, const struct variable *variable, const struct field *field, const struct pid_array *array)
{
    if (variable->pool == POOL_NONE && !extract->token_rows) return false;
    return field->parts || variable->offsets || variable->mask || variable->pool_named || array->axes >= 3;
}

void open_field(struct extract *extract, const struct variable *variable, struct field *field)
{
    static const enum pid_pool pools[] = {[POOL_MEAN] = PID_POOL_MEAN, [POOL_MAX] = PID_POOL_MAX, [POOL_FIRST] = PID_POOL_FIRST,
                                          [POOL_LAST] = PID_POOL_LAST, [POOL_ATTENTION_MASK] = PID_POOL_MEAN};
    struct pid_error error;
    if (field->array || field->tokens) return;
    struct pid_array *array = field->parts ? NULL : open_array(extract, variable, field->path, field->member);
    if (has_tokens(extract, variable, field, array)) {
        struct pid_tokens *tokens = open_tokens(extract, variable, field, array);
        if (variable->pool == POOL_NONE || variable->pool == POOL_ALIGN) {
            field->tokens = tokens;
            return;
        }
        array = pid_tokens_pool(tokens, pools[variable->pool], &error);
    }
    if (array && variable->largest) array = pid_array_largest(array, &error);
    if (!array) pid_program_fail(extract->program, &error);
    field->array = array;
}

static void really_close(struct field *field)
{
    pid_array_free(field->array);
    pid_tokens_free(field->tokens);
    field->array = NULL;
    field->tokens = NULL;
}

void close_field(const struct extract *extract, struct field *field)
{
    if (!extract->keep_open) really_close(field);
}

static bool looks_like_category(const struct pid_array *array)
{
    return array->kind == PID_ARRAY_TEXT || (array->axes == 1 && array->kind != PID_ARRAY_REAL);
}

static void describe(struct extract *extract, struct variable *variable, struct field *field)
{
    open_field(extract, variable, field);
    if (field->tokens) {
        field->has_tokens = true;
        field->name = new_text(extract, field->tokens->name);
        field->rows = field->tokens->samples;
        field->width = field->tokens->dim;
        field->starts = new_array(extract, field->rows + 1, sizeof *field->starts);
        memcpy(field->starts, field->tokens->starts, (field->rows + 1) * sizeof *field->starts);
    } else {
        field->name = new_text(extract, field->array->name);
        field->rows = field->array->rows;
        field->width = field->array->width;
        field->is_category = variable->type < 0 ? looks_like_category(field->array) : variable->type == PID_TYPE_CATEGORY;
        if (!field->is_category && field->array->kind == PID_ARRAY_TEXT)
            refuse(extract, "%s: holds text, not numbers: it can be a category only", field->name);
    }
    if (variable->type == PID_TYPE_CATEGORY && field->tokens) refuse(extract, "%s: tokens can be vectors only", field->name);
    close_field(extract, field);
}

/* What the fields of one variable are must be the same; they may differ in width. */
static void agree_on_type(struct extract *extract, struct variable *variable)
{
    const struct field *first = &variable->fields[0];
    variable->width = first->width;
    for (size_t i = 0; i < variable->field_count; i++) {
        const struct field *field = &variable->fields[i];
        if (field->is_category != first->is_category)
            refuse(extract, "%s: is a %s, but %s is a %s: say which by --type %s=", field->name, field->is_category ? "category" : "vector",
                   first->name, first->is_category ? "category" : "vector", variable->name);
        if (field->width != variable->width) variable->width = 0;
    }
    variable->type = first->is_category ? PID_TYPE_CATEGORY : PID_TYPE_VECTOR;
}

static void check_group(const struct extract *extract, const struct group *group)
{
    const struct field *first = field_of(extract, group, 0), *tokens = NULL;
    for (size_t v = 0; v < extract->count; v++) {
        const struct field *field = field_of(extract, group, v);
        if (field->rows != first->rows)
            refuse(extract, "%s: has %llu rows, but %s has %llu: the variables must describe the same samples", field->name,
                   (unsigned long long)field->rows, first->name, (unsigned long long)first->rows);
        if (!field->has_tokens) continue;
        for (uint64_t i = 0; tokens && extract->variables[v].pool != POOL_ALIGN && i < field->rows; i++)
            if (field->starts[i + 1] != tokens->starts[i + 1])
                refuse(extract, "%s: sample %llu has another number of tokens than in %s: pool them, or see --pool align", field->name,
                       (unsigned long long)i, tokens->name);
        tokens = field;
    }
    if (extract->token_rows && !tokens) refuse(extract, "--rows tokens: no variable has tokens (samples x tokens x dim, --offsets, {sample})");
}

void describe_fields(struct extract *extract)
{
    size_t fields = 0;
    for (size_t v = 0; v < extract->count; v++) fields += extract->variables[v].field_count;
    extract->keep_open = fields <= KEPT_OPEN;
    for (size_t v = 0; v < extract->count; v++) {
        struct variable *variable = &extract->variables[v];
        for (size_t i = 0; i < variable->field_count; i++) describe(extract, variable, &variable->fields[i]);
        agree_on_type(extract, variable);
    }
    for (size_t i = 0; i < extract->group_count; i++) check_group(extract, &extract->groups[i]);
}
