#include "formats/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/dense.h"

enum { LENGTH_BYTES = 8 };

static uint64_t length_of(const unsigned char *start)
{
    uint64_t length = 0;
    for (int i = LENGTH_BYTES; i-- > 0;) length = length << 8 | start[i];
    return length;
}

bool pid_safetensors_is(const char *start, size_t length)
{
    return length > LENGTH_BYTES && start[LENGTH_BYTES] == '{' && length_of((const unsigned char *)start) <= PID_SAFETENSORS_HEADER_MAXIMUM;
}

/* The header as an object to be given back by json_decref; `bytes` is then at the first value. */
static json_t *read_header(struct pid_bytes *bytes, struct pid_error *error)
{
    unsigned char start[LENGTH_BYTES];
    if (pid_bytes_read_all(bytes, start, sizeof start, error) != PID_OK) return NULL;
    uint64_t length = length_of(start);
    if (length > PID_SAFETENSORS_HEADER_MAXIMUM || (bytes->size != PID_BYTES_UNKNOWN && length > bytes->size - LENGTH_BYTES)) {
        pid_error_set(error, PID_ERROR_DATA, "%s: its safetensors header claims %llu bytes: it is cut or corrupt", bytes->name,
                      (unsigned long long)length);
        return NULL;
    }
    char *text = pid_array_new((size_t)length, 1, error);
    if (!text || pid_bytes_read_all(bytes, text, (size_t)length, error) != PID_OK) {
        free(text);
        return NULL;
    }
    json_error_t where;
    json_t *header = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &where);
    free(text);
    if (header && json_is_object(header)) return header;
    pid_error_set(error, PID_ERROR_DATA, "%s: its safetensors header is malformed at byte %d: %s", bytes->name, header ? 0 : where.position,
                  header ? "not an object" : where.text);
    json_decref(header);
    return NULL;
}

static bool is_tensor(const char *name)
{
    return strcmp(name, "__metadata__") != 0;
}

enum pid_status pid_safetensors_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error)
{
    json_t *header = read_header(bytes, error), *tensor;
    if (!header) return error->status;
    enum pid_status status = PID_OK;
    const char *name;
    json_object_foreach(header, name, tensor)
        if (is_tensor(name) && status == PID_OK) status = pid_names_add(names, name, strlen(name), error);
    json_decref(header);
    return status;
}

static bool parse_type(const char *type, struct pid_scalar *element)
{
    static const struct { const char *name; struct pid_scalar element; } types[] = {
        {"F64", {PID_SCALAR_REAL, 8, false}},     {"F32", {PID_SCALAR_REAL, 4, false}},     {"F16", {PID_SCALAR_REAL, 2, false}},
        {"BF16", {PID_SCALAR_BFLOAT16, 2, false}}, {"F8_E4M3", {PID_SCALAR_E4M3, 1, false}}, {"F8_E5M2", {PID_SCALAR_E5M2, 1, false}},
        {"I64", {PID_SCALAR_SIGNED, 8, false}},   {"I32", {PID_SCALAR_SIGNED, 4, false}},   {"I16", {PID_SCALAR_SIGNED, 2, false}},
        {"I8", {PID_SCALAR_SIGNED, 1, false}},    {"U64", {PID_SCALAR_UNSIGNED, 8, false}}, {"U32", {PID_SCALAR_UNSIGNED, 4, false}},
        {"U16", {PID_SCALAR_UNSIGNED, 2, false}}, {"U8", {PID_SCALAR_UNSIGNED, 1, false}},  {"BOOL", {PID_SCALAR_BOOLEAN, 1, false}},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, type)) continue;
        *element = types[i].element;
        element->swapped = element->size > 1 && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
        return true;
    }
    return false;
}

/* One entry of the header: its type, shape and place behind the header, which begins at layout->offset. */
static enum pid_status parse_tensor(json_t *tensor, uint64_t *shape, struct pid_dense_layout *layout, struct pid_error *error)
{
    const char *type = json_string_value(json_object_get(tensor, "dtype"));
    json_t *sizes = json_object_get(tensor, "shape"), *offsets = json_object_get(tensor, "data_offsets");
    if (!type || !json_is_array(sizes) || json_array_size(offsets) != 2)
        return pid_error_set(error, PID_ERROR_DATA, "its header lacks dtype, shape or data_offsets");
    if (!parse_type(type, &layout->element)) return pid_error_set(error, PID_ERROR_DATA, "has the dtype '%s', which cannot be read", type);
    layout->axes = json_array_size(sizes);
    if (layout->axes > PID_ARRAY_AXES) return pid_error_set(error, PID_ERROR_DATA, "it has more than %d axes", PID_ARRAY_AXES);
    uint64_t bytes = layout->element.size, end;
    for (size_t axis = 0; axis < layout->axes; axis++) {
        json_t *size = json_array_get(sizes, axis);
        if (!json_is_integer(size) || json_integer_value(size) < 0) return pid_error_set(error, PID_ERROR_DATA, "axis %zu is not a size", axis);
        shape[axis] = (uint64_t)json_integer_value(size);
        if (__builtin_mul_overflow(bytes, shape[axis], &bytes)) return pid_error_set(error, PID_ERROR_DATA, "its shape is beyond all bounds");
    }
    json_t *from = json_array_get(offsets, 0), *to = json_array_get(offsets, 1);
    if (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) < 0 ||
        __builtin_add_overflow((uint64_t)json_integer_value(from), bytes, &end) || end != (uint64_t)json_integer_value(to) ||
        __builtin_add_overflow(layout->offset, (uint64_t)json_integer_value(from), &layout->offset))
        return pid_error_set(error, PID_ERROR_DATA, "its data_offsets do not agree with its shape: %llu bytes", (unsigned long long)bytes);
    layout->shape = shape;
    return PID_OK;
}

/* The entry of that name, or the only one; *name is then its name. */
static json_t *find_tensor(json_t *header, const char *file, const char **name, struct pid_error *error)
{
    json_t *tensor, *found = NULL;
    struct pid_names names = {0};
    const char *key;
    enum pid_status status = PID_OK;
    json_object_foreach(header, key, tensor) {
        if (!is_tensor(key)) continue;
        if (status == PID_OK) status = pid_names_add(&names, key, strlen(key), error);
        if (!*name || !strcmp(key, *name)) found = tensor;
    }
    char list[PID_ERROR_MESSAGE_BYTES / 2];
    if (*name && !found) {
        pid_error_set(error, PID_ERROR_ARGUMENT, "%s: has no tensor '%s'; there are: %s", file, *name, pid_names_list(&names, list, sizeof list));
    } else if (!*name && names.count != 1) {
        found = NULL;
        pid_error_set(error, PID_ERROR_ARGUMENT, "%s: name its tensor as %s:MEMBER, of: %s", file, file, pid_names_list(&names, list, sizeof list));
    }
    pid_names_release(&names);
    return status == PID_OK ? found : NULL;
}

struct pid_array *pid_safetensors_open(struct pid_bytes *bytes, const char *member, struct pid_error *error)
{
    uint64_t shape[PID_ARRAY_AXES];
    struct pid_array *array = NULL;
    json_t *header = read_header(bytes, error);
    json_t *tensor = header ? find_tensor(header, bytes->name, &member, error) : NULL;
    struct pid_dense_layout layout = {.offset = bytes->at};
    char *name = NULL;
    if (tensor) name = member ? pid_string_format(error, "%s: tensor '%s'", bytes->name, member) : pid_string_copy(bytes->name, error);
    if (name) {
        free(bytes->name);
        bytes->name = name;
    }
    if (name && parse_tensor(tensor, shape, &layout, error) == PID_OK) array = pid_dense_open(bytes, &layout, error);
    else {
        if (name) pid_error_prefix(error, "%s", bytes->name);
        pid_bytes_free(bytes);
    }
    json_decref(header);
    return array;
}
