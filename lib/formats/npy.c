#include "formats/npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "formats/dense.h"

/* The dictionary is a Python literal; only what NumPy itself writes is understood. */
struct cursor { const char *at, *end; };

static void skip_space(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t')) c->at++;
}

static bool take(struct cursor *c, const char *word)
{
    skip_space(c);
    size_t length = strlen(word);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length)) return false;
    c->at += length;
    return true;
}

/* A string without escapes, to text[capacity]. */
static bool take_string(struct cursor *c, char *text, size_t capacity)
{
    skip_space(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return false;
    char quote = *c->at++;
    const char *close = memchr(c->at, quote, (size_t)(c->end - c->at));
    if (!close) return false;
    size_t length = (size_t)(close - c->at);
    if (length >= capacity || memchr(c->at, '\\', length) || memchr(c->at, '\0', length)) return false;
    memcpy(text, c->at, length);
    text[length] = '\0';
    c->at = close + 1;
    return true;
}

static bool take_size(struct cursor *c, uint64_t *value)
{
    char digits[24];
    size_t length = 0;
    skip_space(c);
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && length + 1 < sizeof digits) digits[length++] = *c->at++;
    digits[length] = '\0';
    take(c, "L"); /* Python 2 wrote long integers so */
    return pid_number_unsigned(digits, 0, INT64_MAX, value);
}

static enum pid_status take_shape(struct cursor *c, struct pid_npy *npy, struct pid_error *error)
{
    npy->axes = 0;
    if (!take(c, "(")) return pid_error_set(error, PID_ERROR_DATA, "its npy header has no tuple as shape");
    while (!take(c, ")")) {
        if (npy->axes == PID_ARRAY_AXES)
            return pid_error_set(error, PID_ERROR_DATA, "it has more than %d axes", PID_ARRAY_AXES);
        if (!take_size(c, &npy->shape[npy->axes++]))
            return pid_error_set(error, PID_ERROR_DATA, "axis %zu of the shape in its npy header is not a size", npy->axes);
        if (take(c, ",")) continue;
        if (!take(c, ")")) return pid_error_set(error, PID_ERROR_DATA, "the shape in its npy header does not end");
        break;
    }
    return PID_OK;
}

static bool element_of_letter(char letter, uint64_t size, struct pid_scalar *element)
{
    bool power = size == 1 || size == 2 || size == 4 || size == 8;
    *element = (struct pid_scalar){.size = size};
    switch (letter) {
    case 'b': element->kind = PID_SCALAR_BOOLEAN; return size == 1;
    case 'i': element->kind = PID_SCALAR_SIGNED; return power;
    case 'u': element->kind = PID_SCALAR_UNSIGNED; return power;
    case 'f': element->kind = PID_SCALAR_REAL; return power && size > 1;
    case 'S':
    case 'a': element->kind = PID_SCALAR_BYTES; return size > 0 && size <= PID_SCALAR_TEXT_MAXIMUM;
    case 'U':
        element->kind = PID_SCALAR_UCS4;
        element->size = 4 * size;
        return size > 0 && size <= PID_SCALAR_TEXT_MAXIMUM / 4;
    default: return false;
    }
}

static enum pid_status parse_type(const char *type, struct pid_scalar *element, struct pid_error *error)
{
    if (strchr(type, 'O'))
        return pid_error_set(error, PID_ERROR_DATA, "holds Python objects (dtype '%s'): save it as numbers or as strings, "
                             "x.astype('U') in NumPy", type);
    uint64_t size;
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    if (strchr("<>|=", *type) && *type && type[1] && pid_number_unsigned(type + 2, 0, INT32_MAX, &size) &&
        element_of_letter(type[1], size, element)) {
        element->swapped = (*type == '<' && big) || (*type == '>' && !big);
        if (element->size == 1 || element->kind == PID_SCALAR_BYTES) element->swapped = false;
        return PID_OK;
    }
    return pid_error_set(error, PID_ERROR_DATA, "has the dtype '%s', which cannot be read: convert it to a float, an integer, "
                         "bool or string type", type);
}

static enum pid_status take_type(struct cursor *c, struct pid_npy *npy, struct pid_error *error)
{
    char type[64];
    skip_space(c);
    if (c->at < c->end && *c->at == '[')
        return pid_error_set(error, PID_ERROR_DATA, "holds records (a structured dtype): save each field as an array of its own");
    if (!take_string(c, type, sizeof type)) return pid_error_set(error, PID_ERROR_DATA, "its npy header has no string as descr");
    return parse_type(type, &npy->element, error);
}

static enum pid_status take_order(struct cursor *c, struct pid_npy *npy, struct pid_error *error)
{
    npy->fortran = take(c, "True");
    if (npy->fortran || take(c, "False")) return PID_OK;
    return pid_error_set(error, PID_ERROR_DATA, "its npy header has no truth value as fortran_order");
}

enum pid_status pid_npy_parse(const char *text, size_t length, struct pid_npy *npy, struct pid_error *error)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static enum pid_status (*const values[])(struct cursor *, struct pid_npy *, struct pid_error *) = {take_type, take_order, take_shape};
    struct cursor c = {text, text + length};
    unsigned seen = 0;
    *npy = (struct pid_npy){0};
    if (!take(&c, "{")) return pid_error_set(error, PID_ERROR_DATA, "its npy header is not a dictionary");
    while (!take(&c, "}")) {
        char key[16];
        size_t which = 0;
        if (!take_string(&c, key, sizeof key) || !take(&c, ":"))
            return pid_error_set(error, PID_ERROR_DATA, "its npy header is malformed at byte %zu", (size_t)(c.at - text));
        while (which < 3 && strcmp(key, keys[which])) which++;
        if (which == 3 || seen >> which & 1)
            return pid_error_set(error, PID_ERROR_DATA, "its npy header has the key '%s', unknown or twice", key);
        seen |= 1u << which;
        enum pid_status status = values[which](&c, npy, error);
        if (status != PID_OK) return status;
        if (take(&c, ",")) continue;
        if (!take(&c, "}")) return pid_error_set(error, PID_ERROR_DATA, "its npy header is malformed at byte %zu", (size_t)(c.at - text));
        break;
    }
    skip_space(&c);
    if (c.at != c.end || seen != 7)
        return pid_error_set(error, PID_ERROR_DATA, "its npy header %s", seen != 7 ? "lacks descr, fortran_order or shape" : "goes on after the dictionary");
    return PID_OK;
}

static enum pid_status read_header(struct pid_bytes *bytes, struct pid_npy *npy, struct pid_error *error)
{
    unsigned char start[12];
    enum pid_status status = pid_bytes_read_all(bytes, start, 10, error);
    if (status != PID_OK) return status;
    unsigned version = start[6];
    if (memcmp(start, PID_NPY_MAGIC, PID_NPY_MAGIC_BYTES) || version < 1 || version > 3)
        return pid_error_set(error, PID_ERROR_DATA, "%s: is not npy data of version 1, 2 or 3", bytes->name);
    uint32_t length = (uint32_t)start[8] | (uint32_t)start[9] << 8;
    if (version > 1) {
        status = pid_bytes_read_all(bytes, start + 10, 2, error);
        if (status != PID_OK) return status;
        length |= (uint32_t)start[10] << 16 | (uint32_t)start[11] << 24;
    }
    if (length > PID_NPY_HEADER_MAXIMUM)
        return pid_error_set(error, PID_ERROR_DATA, "%s: its npy header claims %u bytes; at most %d are read", bytes->name, length,
                             PID_NPY_HEADER_MAXIMUM);
    char *text = pid_array_new(length, 1, error);
    if (!text) return error->status;
    status = pid_bytes_read_all(bytes, text, length, error);
    if (status == PID_OK && pid_npy_parse(text, length, npy, error) != PID_OK) status = pid_error_prefix(error, "%s", bytes->name);
    free(text);
    return status;
}

struct pid_array *pid_npy_open(struct pid_bytes *bytes, struct pid_error *error)
{
    struct pid_npy npy;
    if (read_header(bytes, &npy, error) != PID_OK) {
        pid_bytes_free(bytes);
        return NULL;
    }
    struct pid_dense_layout layout = {npy.element, npy.fortran, bytes->at, true, npy.axes, npy.shape};
    return pid_dense_open(bytes, &layout, error);
}
