#include "formats/jsonl.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BLOCK_BYTES = 1 << 18 };

struct jsonl {
    struct pid_bytes *bytes;
    char *member;
    char *buffer;
    size_t capacity, begin, end;
    bool ended;
    uint64_t line; /* of the object read last, from 1 */
    uint64_t next; /* the row that comes next */
};

static enum pid_status wrong(const struct jsonl *jsonl, const char *what, struct pid_error *error)
{
    return pid_error_set(error, PID_ERROR_DATA, "%s: line %llu: %s", jsonl->bytes->name, (unsigned long long)jsonl->line, what);
}

static enum pid_status fill(struct jsonl *jsonl, struct pid_error *error)
{
    if (jsonl->begin) memmove(jsonl->buffer, jsonl->buffer + jsonl->begin, jsonl->end - jsonl->begin);
    jsonl->end -= jsonl->begin;
    jsonl->begin = 0;
    if (jsonl->end > PID_JSONL_LINE_MAXIMUM) return wrong(jsonl, "the line behind it is too long", error);
    void *grown = jsonl->buffer;
    enum pid_status status = pid_buffer_grow(&grown, &jsonl->capacity, jsonl->end + BLOCK_BYTES, PID_JSONL_LINE_MAXIMUM + BLOCK_BYTES, error);
    jsonl->buffer = grown;
    if (status != PID_OK) return status;
    size_t got;
    status = pid_bytes_read(jsonl->bytes, jsonl->buffer + jsonl->end, jsonl->capacity - jsonl->end, &got, error);
    if (status != PID_OK) return status;
    jsonl->end += got;
    jsonl->ended = got == 0;
    return PID_OK;
}

/* The next line that is not blank; *text is NULL at the end. */
static enum pid_status next_line(struct jsonl *jsonl, const char **text, size_t *length, struct pid_error *error)
{
    size_t searched = 0;
    for (;;) {
        char *from = jsonl->buffer + jsonl->begin;
        size_t left = jsonl->end - jsonl->begin;
        char *newline = left > searched ? memchr(from + searched, '\n', left - searched) : NULL;
        if (!newline && !jsonl->ended) {
            searched = left;
            enum pid_status status = fill(jsonl, error);
            if (status != PID_OK) return status;
            continue;
        }
        *length = newline ? (size_t)(newline - from) : left;
        *text = newline || left ? from : NULL;
        if (!*text) return PID_OK;
        jsonl->begin += *length + (newline != NULL);
        jsonl->line++;
        searched = 0;
        for (size_t i = 0; i < *length; i++)
            if (!strchr(" \t\r", from[i])) return PID_OK;
    }
}

/* The next row, which the caller gives back; NULL at the end. */
static enum pid_status next_object(struct jsonl *jsonl, json_t **object, struct pid_error *error)
{
    const char *text;
    size_t length;
    *object = NULL;
    enum pid_status status = next_line(jsonl, &text, &length, error);
    if (status != PID_OK || !text) return status;
    json_error_t where;
    *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    if (!*object) return wrong(jsonl, where.text, error);
    if (json_is_object(*object)) return PID_OK;
    json_decref(*object);
    *object = NULL;
    return wrong(jsonl, "is not an object", error);
}

/* The next row's value, borrowed from *object, which the caller gives back; *object is NULL at the end. */
static enum pid_status next_value(struct jsonl *jsonl, json_t **object, json_t **value, struct pid_error *error)
{
    *value = NULL;
    enum pid_status status = next_object(jsonl, object, error);
    if (status != PID_OK || !*object) return status;
    if (!(*value = json_object_get(*object, jsonl->member)))
        status = pid_error_set(error, PID_ERROR_DATA, "%s: line %llu: has no field '%s'", jsonl->bytes->name, (unsigned long long)jsonl->line, jsonl->member);
    if (status == PID_OK) {
        jsonl->next++;
        return PID_OK;
    }
    json_decref(*object);
    *object = NULL;
    return status;
}

static enum pid_status restart(struct jsonl *jsonl, struct pid_error *error)
{
    jsonl->begin = jsonl->end = 0;
    jsonl->ended = false;
    jsonl->line = jsonl->next = 0;
    return pid_bytes_seek(jsonl->bytes, 0, error);
}

/* As next_value, where a row must come. */
static enum pid_status need_value(struct jsonl *jsonl, json_t **object, json_t **value, struct pid_error *error)
{
    enum pid_status status = next_value(jsonl, object, value, error);
    if (status != PID_OK || *object) return status;
    return pid_error_set(error, PID_ERROR_DATA, "%s: became shorter while it was read", jsonl->bytes->name);
}

static enum pid_status go_to_row(struct jsonl *jsonl, uint64_t row, struct pid_error *error)
{
    enum pid_status status = row < jsonl->next ? restart(jsonl, error) : PID_OK;
    while (status == PID_OK && jsonl->next < row) {
        json_t *object, *value;
        status = need_value(jsonl, &object, &value, error);
        json_decref(object);
    }
    return status;
}

/* A number, null as NaN, a truth value as 0 or 1. */
static bool number_of(json_t *value, float *out)
{
    if (json_is_null(value)) *out = NAN;
    else if (json_is_boolean(value)) *out = json_is_true(value) ? 1 : 0;
    else if (json_is_number(value)) *out = (float)json_number_value(value);
    else return false;
    return true;
}

static enum pid_status read_row(struct jsonl *jsonl, uint64_t width, bool vector, float *out, struct pid_error *error)
{
    json_t *object, *value;
    enum pid_status status = need_value(jsonl, &object, &value, error);
    if (status != PID_OK) return status;
    bool right = vector ? json_is_array(value) && json_array_size(value) == width : number_of(value, out);
    for (size_t i = 0; right && vector && i < width; i++) right = number_of(json_array_get(value, i), &out[i]);
    json_decref(object);
    return right ? PID_OK : wrong(jsonl, vector ? "the array has another length than the first, or holds more than numbers" : "the value is not a number", error);
}

static enum pid_status jsonl_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    struct jsonl *jsonl = array->state;
    enum pid_status status = go_to_row(jsonl, first, error);
    for (size_t row = 0; row < count && status == PID_OK; row++)
        status = read_row(jsonl, array->width, array->axes > 1, out + row * array->width, error);
    return status;
}

static enum pid_status value_code(json_t *value, struct pid_levels *levels, uint32_t *code, struct pid_error *error)
{
    *code = PID_ARRAY_MISSING;
    if (json_is_null(value)) return PID_OK;
    if (json_is_string(value)) return pid_levels_add(levels, json_string_value(value), json_string_length(value), code, error);
    if (json_is_boolean(value)) return json_is_true(value) ? pid_levels_add(levels, "true", 4, code, error) : pid_levels_add(levels, "false", 5, code, error);
    if (json_is_integer(value)) return pid_levels_add_integer(levels, json_integer_value(value), false, code, error);
    if (json_is_real(value) && json_real_value(value) == floor(json_real_value(value)) && fabs(json_real_value(value)) < 0x1p63)
        return pid_levels_add_integer(levels, (int64_t)json_real_value(value), false, code, error);
    char text[64];
    size_t length = json_is_real(value) ? json_dumpb(value, text, sizeof text, JSON_ENCODE_ANY) : 0;
    if (length == 0 || length > sizeof text) return pid_error_set(error, PID_ERROR_DATA, "the value is neither a text nor a number");
    return pid_levels_add(levels, text, length, code, error);
}

static enum pid_status jsonl_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                   struct pid_error *error)
{
    struct jsonl *jsonl = array->state;
    enum pid_status status = go_to_row(jsonl, first, error);
    for (size_t row = 0; row < count && status == PID_OK; row++) {
        json_t *object, *value;
        status = need_value(jsonl, &object, &value, error);
        if (status != PID_OK) break;
        if (value_code(value, levels, &codes[row], error) != PID_OK)
            status = pid_error_prefix(error, "%s: line %llu", jsonl->bytes->name, (unsigned long long)jsonl->line);
        json_decref(object);
    }
    return status;
}

static void jsonl_release(struct jsonl *jsonl)
{
    pid_bytes_free(jsonl->bytes);
    free(jsonl->member);
    free(jsonl->buffer);
    free(jsonl);
}

static void jsonl_free(struct pid_array *array)
{
    jsonl_release(array->state);
}

/* Reads everything once: the rows, whether they are arrays (axes 2) and how long the first is, and the kind. */
static enum pid_status look(struct jsonl *jsonl, size_t *axes, uint64_t *shape, enum pid_array_kind *kind, struct pid_error *error)
{
    bool text = false, whole = true, vector = false, any = false;
    for (;;) {
        json_t *object, *value;
        enum pid_status status = next_value(jsonl, &object, &value, error);
        if (status != PID_OK) return status;
        if (!object) break;
        if (jsonl->next == 1) {
            vector = json_is_array(value);
            shape[1] = json_array_size(value);
        }
        text |= json_is_string(value);
        whole &= json_is_integer(value) || json_is_boolean(value) || json_is_null(value);
        any |= !json_is_null(value);
        json_decref(object);
    }
    shape[0] = jsonl->next;
    *axes = vector ? 2 : 1;
    *kind = vector ? PID_ARRAY_REAL : text || !any ? PID_ARRAY_TEXT : whole ? PID_ARRAY_WHOLE : PID_ARRAY_REAL;
    return PID_OK;
}

struct pid_array *pid_jsonl_open(struct pid_bytes *bytes, const char *member, struct pid_error *error)
{
    static const struct pid_array_methods methods = {jsonl_rows, jsonl_codes, jsonl_free, NULL};
    struct pid_array *array = NULL;
    uint64_t shape[2];
    size_t axes;
    enum pid_array_kind kind = PID_ARRAY_TEXT;
    struct jsonl *jsonl = member ? pid_array_new(1, sizeof *jsonl, error) : NULL;
    if (!member) pid_error_set(error, PID_ERROR_ARGUMENT, "%s: holds JSON lines: name a field as %s:FIELD", bytes->name, bytes->name);
    if (!jsonl) {
        pid_bytes_free(bytes);
        return NULL;
    }
    jsonl->bytes = bytes;
    jsonl->member = pid_string_copy(member, error);
    if (jsonl->member && fill(jsonl, error) == PID_OK && look(jsonl, &axes, shape, &kind, error) == PID_OK) {
        char *name = pid_string_format(error, "%s: field '%s'", bytes->name, member);
        if (name) array = pid_array_new_shape(name, axes, shape, error);
        free(name);
    }
    if (!array) {
        jsonl_release(jsonl);
        return NULL;
    }
    array->kind = kind;
    array->methods = &methods;
    array->state = jsonl;
    return array;
}

enum pid_status pid_jsonl_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error)
{
    struct jsonl *jsonl = pid_array_new(1, sizeof *jsonl, error);
    if (!jsonl) {
        pid_bytes_free(bytes);
        return error->status;
    }
    jsonl->bytes = bytes;
    json_t *object = NULL, *value;
    const char *name;
    enum pid_status status = fill(jsonl, error);
    if (status == PID_OK) status = next_object(jsonl, &object, error);
    json_object_foreach(object, name, value)
        if (status == PID_OK) status = pid_names_add(names, name, strlen(name), error);
    json_decref(object);
    jsonl_release(jsonl);
    return status;
}
