#include "stream/header.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char *const kinds[] = {"samples", "labels", "joint", "decomposition", "codebook"};

const char *pid_kind_name(enum pid_kind kind) { return kinds[kind]; }
const char *pid_role_name(enum pid_role role) { return role == PID_ROLE_SOURCE ? "source" : "target"; }
const char *pid_type_name(enum pid_type type) { return type == PID_TYPE_VECTOR ? "vector" : "category"; }

static void strings_free(char **strings, size_t count)
{
    for (size_t i = 0; strings && i < count; i++) free(strings[i]);
    free(strings);
}

static char **strings_copy(char *const *strings, size_t count, struct pid_error *error)
{
    char **copy = pid_array_new(count, sizeof *copy, error);
    for (size_t i = 0; copy && i < count; i++)
        if (!(copy[i] = pid_string_copy(strings[i], error))) {
            strings_free(copy, count);
            return NULL;
        }
    return copy;
}

static void variable_release(struct pid_variable *variable)
{
    strings_free(variable->level_names, variable->levels);
    free(variable->name);
}

static void stage_release(struct pid_stage *stage)
{
    free(stage->program);
    free(stage->version);
    strings_free(stage->arguments, stage->argument_count);
}

void pid_header_clear_variables(struct pid_header *header)
{
    for (size_t i = 0; i < header->variable_count; i++) variable_release(&header->variables[i]);
    free(header->variables);
    header->variables = NULL;
    header->variable_count = 0;
}

void pid_header_release(struct pid_header *header)
{
    pid_header_clear_variables(header);
    for (size_t i = 0; i < header->stage_count; i++) stage_release(&header->history[i]);
    free(header->history);
    *header = (struct pid_header){0};
}

/* One more element behind `count`; the arrays here are short and grow one by one. */
static enum pid_status append(void **array, size_t count, size_t size, struct pid_error *error)
{
    size_t capacity = count;
    return pid_array_grow(array, &capacity, count + 1, size, error);
}

enum pid_status pid_header_add_variable(struct pid_header *header, const char *name, enum pid_role role, enum pid_type type,
                                        uint64_t size, char *const *names, struct pid_error *error)
{
    if (!*name) return pid_error_set(error, PID_ERROR_DATA, "a variable has no name");
    if (pid_header_find(header, name) >= 0) return pid_error_set(error, PID_ERROR_DATA, "variable '%s' is there twice", name);
    if (header->variable_count == PID_VARIABLES_MAX)
        return pid_error_set(error, PID_ERROR_DATA, "more than %d variables", PID_VARIABLES_MAX);
    uint64_t most = type == PID_TYPE_VECTOR ? PID_DIM_MAX : PID_LEVELS_MAX;
    if (size > most)
        return pid_error_set(error, PID_ERROR_DATA, "variable '%s': %s %" PRIu64 " is above %" PRIu64, name,
                             type == PID_TYPE_VECTOR ? "dim" : "levels", size, most);
    void *array = header->variables;
    if (append(&array, header->variable_count, sizeof *header->variables, error)) return error->status;
    header->variables = array;
    struct pid_variable *variable = &header->variables[header->variable_count];
    *variable = (struct pid_variable){.role = role, .type = type};
    if (!(variable->name = pid_string_copy(name, error))) return error->status;
    if (type == PID_TYPE_VECTOR) {
        variable->dim = size;
    } else {
        variable->levels = size;
        if (names && !(variable->level_names = strings_copy(names, size, error))) {
            free(variable->name);
            return error->status;
        }
    }
    header->variable_count++;
    return PID_OK;
}

enum pid_status pid_header_add_stage(struct pid_header *header, const struct pid_stage *stage, struct pid_error *error)
{
    void *array = header->history;
    if (append(&array, header->stage_count, sizeof *header->history, error)) return error->status;
    header->history = array;
    struct pid_stage copy = {
        .program = pid_string_copy(stage->program, error),
        .version = pid_string_copy(stage->version, error),
        .argument_count = stage->argument_count,
        .arguments = strings_copy(stage->arguments, stage->argument_count, error),
        .seed = stage->seed,
    };
    if (!copy.program || !copy.version || !copy.arguments) {
        stage_release(&copy);
        return error->status;
    }
    header->history[header->stage_count++] = copy;
    return PID_OK;
}

enum pid_status pid_header_copy(struct pid_header *to, const struct pid_header *from, struct pid_error *error)
{
    *to = (struct pid_header){.kind = from->kind, .shard = from->shard, .grouped = from->grouped};
    enum pid_status status = PID_OK;
    for (size_t i = 0; !status && i < from->variable_count; i++) {
        const struct pid_variable *v = &from->variables[i];
        status = pid_header_add_variable(to, v->name, v->role, v->type, v->type == PID_TYPE_VECTOR ? v->dim : v->levels,
                                         v->level_names, error);
    }
    for (size_t i = 0; !status && i < from->stage_count; i++) status = pid_header_add_stage(to, &from->history[i], error);
    if (status) pid_header_release(to);
    return status;
}

ptrdiff_t pid_header_find(const struct pid_header *header, const char *name)
{
    for (size_t i = 0; i < header->variable_count; i++)
        if (!strcmp(header->variables[i].name, name)) return (ptrdiff_t)i;
    return -1;
}

enum pid_status pid_header_match(const struct pid_header *first, const struct pid_header *second, struct pid_error *error)
{
    if (first->kind != second->kind)
        return pid_error_set(error, PID_ERROR_DATA, "holds %s, the first stream %s", pid_kind_name(second->kind), pid_kind_name(first->kind));
    if (first->variable_count != second->variable_count)
        return pid_error_set(error, PID_ERROR_DATA, "has %zu variables, the first stream %zu", second->variable_count, first->variable_count);
    for (size_t i = 0; i < first->variable_count; i++) {
        const struct pid_variable *a = &first->variables[i], *b = &second->variables[i];
        if (strcmp(a->name, b->name))
            return pid_error_set(error, PID_ERROR_DATA, "variable %zu is '%s', in the first stream '%s'", i + 1, b->name, a->name);
        if (first->kind == PID_KIND_DECOMPOSITION && a->role == b->role) continue; /* of clusters, of vectors: results do not depend on it */
        if (a->role != b->role || a->type != b->type || a->dim != b->dim || a->levels != b->levels || !a->level_names != !b->level_names)
            return pid_error_set(error, PID_ERROR_DATA, "variable '%s' differs from that of the first stream in role, type or size", a->name);
        for (uint64_t level = 0; a->level_names && level < a->levels; level++)
            if (strcmp(a->level_names[level], b->level_names[level]))
                return pid_error_set(error, PID_ERROR_DATA, "variable '%s': level %" PRIu64 " is '%s', in the first stream '%s'", a->name,
                                     level, b->level_names[level], a->level_names[level]);
    }
    return PID_OK;
}

enum pid_status pid_header_match_history(const struct pid_header *first, const struct pid_header *second, struct pid_error *error)
{
    if (first->stage_count != second->stage_count)
        return pid_error_set(error, PID_ERROR_DATA, "went through %zu programs, the first stream through %zu", second->stage_count, first->stage_count);
    for (size_t i = 0; i < first->stage_count; i++) {
        const struct pid_stage *a = &first->history[i], *b = &second->history[i];
        if (strcmp(a->program, b->program) || strcmp(a->version, b->version))
            return pid_error_set(error, PID_ERROR_DATA, "went through %s %s, the first stream through %s %s", b->program, b->version, a->program, a->version);
        if (a->seed != b->seed)
            return pid_error_set(error, PID_ERROR_DATA, "%s had seed %" PRIu64 ", in the first stream %" PRIu64, a->program, b->seed, a->seed);
        for (size_t j = 0; j < a->argument_count && j < b->argument_count; j++)
            if (strcmp(a->arguments[j], b->arguments[j]))
                return pid_error_set(error, PID_ERROR_DATA, "%s was given %s, in the first stream %s", a->program, b->arguments[j], a->arguments[j]);
        if (a->argument_count != b->argument_count)
            return pid_error_set(error, PID_ERROR_DATA, "%s was given %zu arguments, in the first stream %zu", a->program, b->argument_count, a->argument_count);
    }
    return PID_OK;
}
