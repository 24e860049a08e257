#include <inttypes.h>
#include <string.h>

#include "stream/decode.h"

const msgpack_object *pid_decode_field(const msgpack_object *map, const char *name)
{
    if (map->type != MSGPACK_OBJECT_MAP) return NULL;
    size_t length = strlen(name);
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *pair = &map->via.map.ptr[i];
        if (pair->key.type == MSGPACK_OBJECT_STR && pair->key.via.str.size == length && !memcmp(pair->key.via.str.ptr, name, length))
            return &pair->val;
    }
    return NULL;
}

static const char *type_text(msgpack_object_type type)
{
    switch (type) {
    case MSGPACK_OBJECT_POSITIVE_INTEGER: return "a number that is not negative";
    case MSGPACK_OBJECT_STR: return "a text";
    case MSGPACK_OBJECT_ARRAY: return "an array";
    case MSGPACK_OBJECT_MAP: return "a map";
    case MSGPACK_OBJECT_BIN: return "binary";
    default: return "of another type";
    }
}

enum pid_status pid_decode_child(const msgpack_object *map, const char *name, msgpack_object_type type,
                                 const msgpack_object **value, struct pid_error *error)
{
    *value = pid_decode_field(map, name);
    if (!*value) return pid_error_set(error, PID_ERROR_DATA, "'%s' is missing", name);
    if ((*value)->type != type) return pid_error_set(error, PID_ERROR_DATA, "'%s' is not %s", name, type_text(type));
    return PID_OK;
}

enum pid_status pid_decode_unsigned(const msgpack_object *map, const char *name, uint64_t maximum, uint64_t *value, struct pid_error *error)
{
    const msgpack_object *object;
    if (pid_decode_child(map, name, MSGPACK_OBJECT_POSITIVE_INTEGER, &object, error)) return error->status;
    if (object->via.u64 > maximum)
        return pid_error_set(error, PID_ERROR_DATA, "'%s' is %" PRIu64 ", above %" PRIu64, name, object->via.u64, maximum);
    *value = object->via.u64;
    return PID_OK;
}

enum pid_status pid_decode_text(const msgpack_object *value, const char *what, struct pid_arena *arena, char **text, struct pid_error *error)
{
    if (value->type != MSGPACK_OBJECT_STR) return pid_error_set(error, PID_ERROR_DATA, "%s is not a text", what);
    if (memchr(value->via.str.ptr, 0, value->via.str.size)) return pid_error_set(error, PID_ERROR_DATA, "%s holds a NUL byte", what);
    *text = pid_arena_string(arena, value->via.str.ptr, value->via.str.size, error);
    return *text ? PID_OK : error->status;
}

static enum pid_status child_text(const msgpack_object *map, const char *name, struct pid_arena *arena, char **text, struct pid_error *error)
{
    const msgpack_object *value;
    if (pid_decode_child(map, name, MSGPACK_OBJECT_STR, &value, error)) return error->status;
    return pid_decode_text(value, name, arena, text, error);
}

static enum pid_status child_texts(const msgpack_object *array, const char *what, struct pid_arena *arena, char ***texts, struct pid_error *error)
{
    size_t count = array->via.array.size;
    if (!(*texts = pid_arena_array(arena, count, sizeof **texts, error))) return error->status;
    for (size_t i = 0; i < count; i++)
        if (pid_decode_text(&array->via.array.ptr[i], what, arena, &(*texts)[i], error)) return error->status;
    return PID_OK;
}

static enum pid_status decode_variable(const msgpack_object *object, struct pid_header *header, struct pid_arena *arena, struct pid_error *error)
{
    char *name, *role_text, *type_name, **names = NULL;
    if (object->type != MSGPACK_OBJECT_MAP) return pid_error_set(error, PID_ERROR_DATA, "a variable is not a map");
    if (child_text(object, "name", arena, &name, error) || child_text(object, "role", arena, &role_text, error) ||
        child_text(object, "type", arena, &type_name, error))
        return error->status;
    enum pid_role role = !strcmp(role_text, "source") ? PID_ROLE_SOURCE : PID_ROLE_TARGET;
    if (strcmp(role_text, pid_role_name(role)))
        return pid_error_set(error, PID_ERROR_DATA, "variable '%s': role '%s' is neither source nor target", name, role_text);
    enum pid_type type = !strcmp(type_name, "vector") ? PID_TYPE_VECTOR : PID_TYPE_CATEGORY;
    if (strcmp(type_name, pid_type_name(type)))
        return pid_error_set(error, PID_ERROR_DATA, "variable '%s': type '%s' is neither vector nor category", name, type_name);
    uint64_t size = 0;
    const msgpack_object *levels = type == PID_TYPE_CATEGORY ? pid_decode_field(object, "levels") : NULL;
    if (levels && levels->type == MSGPACK_OBJECT_ARRAY) {
        size = levels->via.array.size;
        if (child_texts(levels, "a level's name", arena, &names, error)) return error->status;
        if (!size) names = NULL;
    } else if (pid_decode_unsigned(object, type == PID_TYPE_VECTOR ? "dim" : "levels", UINT64_MAX, &size, error)) {
        return pid_error_prefix(error, "variable '%s'", name);
    }
    return pid_header_add_variable(header, name, role, type, size, names, error);
}

static enum pid_status decode_stage(const msgpack_object *object, struct pid_header *header, struct pid_arena *arena, struct pid_error *error)
{
    struct pid_stage stage = {0};
    const msgpack_object *arguments;
    if (object->type != MSGPACK_OBJECT_MAP) return pid_error_set(error, PID_ERROR_DATA, "a stage is not a map");
    if (child_text(object, "program", arena, &stage.program, error) || child_text(object, "version", arena, &stage.version, error) ||
        pid_decode_child(object, "arguments", MSGPACK_OBJECT_ARRAY, &arguments, error) ||
        child_texts(arguments, "an argument", arena, &stage.arguments, error) ||
        pid_decode_unsigned(object, "seed", UINT64_MAX, &stage.seed, error))
        return error->status;
    stage.argument_count = arguments->via.array.size;
    return pid_header_add_stage(header, &stage, error);
}

static enum pid_status decode_shard(const msgpack_object *object, struct pid_shard *shard, struct pid_error *error)
{
    if (object->type != MSGPACK_OBJECT_MAP) return pid_error_set(error, PID_ERROR_DATA, "'shard' is not a map");
    if (pid_decode_unsigned(object, "of", PID_SHARDS_MAX, &shard->of, error) || pid_decode_unsigned(object, "index", PID_SHARDS_MAX, &shard->index, error))
        return pid_error_prefix(error, "'shard'");
    if (shard->of < 2 || shard->index >= shard->of)
        return pid_error_set(error, PID_ERROR_DATA, "there is no shard %" PRIu64 " of %" PRIu64, shard->index, shard->of);
    return PID_OK;
}

static enum pid_status decode_body(const msgpack_object *object, struct pid_header *header, struct pid_arena *arena, struct pid_error *error)
{
    char *kind;
    const msgpack_object *variables, *history, *grouped = pid_decode_field(object, "grouped");
    if (child_text(object, "kind", arena, &kind, error)) return error->status;
    int found = -1;
    for (int i = 0; i < PID_KINDS; i++)
        if (!strcmp(kind, pid_kind_name((enum pid_kind)i))) found = i;
    if (found < 0) return pid_error_set(error, PID_ERROR_DATA, "unknown kind '%s'", kind);
    header->kind = (enum pid_kind)found;
    if (grouped && grouped->type != MSGPACK_OBJECT_BOOLEAN) return pid_error_set(error, PID_ERROR_DATA, "'grouped' is not a boolean");
    header->grouped = grouped && grouped->via.boolean;
    const msgpack_object *shard = pid_decode_field(object, "shard");
    if (shard && decode_shard(shard, &header->shard, error)) return error->status;
    if (pid_decode_child(object, "variables", MSGPACK_OBJECT_ARRAY, &variables, error)) return error->status;
    for (uint32_t i = 0; i < variables->via.array.size; i++)
        if (decode_variable(&variables->via.array.ptr[i], header, arena, error)) return error->status;
    if (!header->variable_count) return pid_error_set(error, PID_ERROR_DATA, "there are no variables");
    /* A stage of one's own need not write a history. */
    if (!pid_decode_field(object, "history")) return PID_OK;
    if (pid_decode_child(object, "history", MSGPACK_OBJECT_ARRAY, &history, error)) return error->status;
    for (uint32_t i = 0; i < history->via.array.size; i++)
        if (decode_stage(&history->via.array.ptr[i], header, arena, error)) return pid_error_prefix(error, "history %" PRIu32, i + 1);
    return PID_OK;
}

enum pid_status pid_decode_header(const msgpack_object *object, struct pid_header *header, struct pid_error *error)
{
    const msgpack_object *stream = pid_decode_field(object, "stream");
    if (!stream || stream->type != MSGPACK_OBJECT_STR || stream->via.str.size != 3 || memcmp(stream->via.str.ptr, "pid", 3))
        return pid_error_set(error, PID_ERROR_DATA, "not a pid stream");
    uint64_t version;
    if (pid_decode_unsigned(object, "version", UINT64_MAX, &version, error)) return pid_error_prefix(error, "header");
    if (version != PID_STREAM_VERSION)
        return pid_error_set(error, PID_ERROR_DATA, "stream version %" PRIu64 "; this program reads version %d: use a newer pidtools",
                             version, PID_STREAM_VERSION);
    struct pid_arena arena = {0};
    *header = (struct pid_header){0};
    enum pid_status status = decode_body(object, header, &arena, error);
    pid_arena_release(&arena);
    if (status) {
        pid_header_release(header);
        return pid_error_prefix(error, "header");
    }
    return PID_OK;
}

bool pid_decode_is_trailer(const msgpack_object *object)
{
    return pid_decode_field(object, "end") != NULL;
}

enum pid_status pid_decode_trailer(const msgpack_object *object, struct pid_trailer *trailer, struct pid_error *error)
{
    uint64_t crc32;
    const msgpack_object *end = pid_decode_field(object, "end");
    if (end->type != MSGPACK_OBJECT_BOOLEAN || !end->via.boolean) return pid_error_set(error, PID_ERROR_DATA, "trailer: 'end' is not true");
    if (pid_decode_unsigned(object, "records", UINT64_MAX, &trailer->records, error) ||
        pid_decode_unsigned(object, "rows", UINT64_MAX, &trailer->rows, error) ||
        pid_decode_unsigned(object, "crc32", UINT32_MAX, &crc32, error))
        return pid_error_prefix(error, "trailer");
    trailer->crc32 = (uint32_t)crc32;
    return PID_OK;
}
