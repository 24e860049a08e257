#include "formats/array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/bytes.h"
#include "formats/npy.h"
#include "formats/table.h"
#include "formats/zip.h"

enum { PEEKED_BYTES = 4096, CHECKED = 256 };

struct pid_array *pid_array_new_shape(const char *name, size_t axes, const uint64_t *shape, struct pid_error *error)
{
    uint64_t width = 1, total;
    if (axes == 0) {
        pid_error_set(error, PID_ERROR_DATA, "%s: is a single value, not an array with rows", name);
        return NULL;
    }
    for (size_t axis = 1; axis < axes; axis++)
        if (__builtin_mul_overflow(width, shape[axis], &width)) width = UINT64_MAX;
    if (width == 0 || width > PID_ARRAY_WIDTH_MAXIMUM || __builtin_mul_overflow(width, shape[0], &total)) {
        pid_error_set(error, PID_ERROR_DATA, "%s: has %llu values a row: 1 to %llu are possible", name, (unsigned long long)width,
                      (unsigned long long)PID_ARRAY_WIDTH_MAXIMUM);
        return NULL;
    }
    struct pid_array *array = pid_array_new(1, sizeof *array, error);
    if (!array) return NULL;
    *array = (struct pid_array){.axes = axes, .rows = shape[0], .width = width};
    memcpy(array->shape, shape, axes * sizeof *shape);
    array->name = pid_string_copy(name, error);
    if (array->name) return array;
    free(array);
    return NULL;
}

void pid_array_free(struct pid_array *array)
{
    if (!array) return;
    if (array->methods) array->methods->free(array);
    free(array->name);
    free(array);
}

enum pid_status pid_array_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    if (first > array->rows || count > array->rows - first)
        return pid_error_set(error, PID_ERROR_ARGUMENT, "%s: has no row %llu", array->name, (unsigned long long)(first + count - 1));
    return array->methods->rows(array, first, count, out, error);
}

enum pid_status pid_array_codes(struct pid_array *array, struct pid_levels *levels, uint32_t *codes, struct pid_error *error)
{
    if (array->width != 1)
        return pid_error_set(error, PID_ERROR_DATA, "%s: has %llu values a row: a category needs one", array->name,
                             (unsigned long long)array->width);
    return array->methods->codes(array, levels, codes, error);
}

/* An exponent of ones, and nothing else, carries into the sign bit. */
static uint32_t carry(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7fffffff) + 0x00800000;
}

/* Whether one of CHECKED values is not finite; an or of integers over a known count is what compilers vectorize. */
static bool holds_bad(const float *values)
{
    uint32_t carried = 0;
    for (size_t i = 0; i < CHECKED; i++) carried |= carry(values[i]);
    return carried >> 31;
}

size_t pid_array_first_bad(const float *rows, size_t count, size_t width)
{
    size_t total = count * width, at = 0;
    while (total - at >= CHECKED && !holds_bad(rows + at)) at += CHECKED;
    while (at < total && !(carry(rows[at]) >> 31)) at++;
    return at < total ? at / width : count;
}

size_t pid_array_zero_bad(float *values, size_t count)
{
    size_t bad = 0;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(values[i])) continue;
        values[i] = 0;
        bad++;
    }
    return bad;
}

/* The text of what a zip archive holds, for a message. */
static void list_members(char *const *names, size_t count, char *text, size_t capacity)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used < capacity; i++) {
        size_t length = strlen(names[i]);
        if (length > 4 && !strcmp(names[i] + length - 4, ".npy")) length -= 4;
        used += (size_t)snprintf(text + used, capacity - used, "%s%.*s", i ? ", " : "", (int)length, names[i]);
    }
}

/* The member `name` or `name`.npy, or the only one; NULL with an error. */
static const char *find_member(const struct pid_file *file, char *const *names, size_t count, const char *name, struct pid_error *error)
{
    if (!name && count == 1) return names[0];
    size_t length = name ? strlen(name) : 0;
    for (size_t i = 0; name && i < count; i++)
        if (!strncmp(names[i], name, length) && (!names[i][length] || !strcmp(names[i] + length, ".npy"))) return names[i];
    char list[PID_ERROR_MESSAGE_BYTES / 2];
    list_members(names, count, list, sizeof list);
    if (count == 0) pid_error_set(error, PID_ERROR_DATA, "%s: is an archive without members", file->name);
    else if (name) pid_error_set(error, PID_ERROR_ARGUMENT, "%s: has no member '%s'; there are: %s", file->name, name, list);
    else pid_error_set(error, PID_ERROR_ARGUMENT, "%s: holds several arrays: name one as %s:MEMBER, of: %s", file->name, file->name, list);
    return NULL;
}

static struct pid_array *open_archive(struct pid_files *files, struct pid_file *file, const char *name, struct pid_error *error)
{
    size_t count;
    char **names = pid_zip_names(file, &count, error);
    const char *member = names ? find_member(file, names, count, name, error) : NULL;
    struct pid_bytes *bytes = NULL;
    if (member) bytes = pid_bytes_zip(files, file, member, error);
    else pid_file_close(files, file);
    pid_zip_names_free(names, names ? count : 0);
    return bytes ? pid_npy_open(bytes, error) : NULL;
}

static bool starts_with(const char *bytes, size_t length, const char *magic, size_t magic_length)
{
    return length >= magic_length && !memcmp(bytes, magic, magic_length);
}

/* An array from bytes that are neither an archive nor compressed, which are taken over. */
static struct pid_array *open_bytes(struct pid_bytes *bytes, const char *member, struct pid_error *error)
{
    char peeked[PEEKED_BYTES];
    size_t length;
    if (pid_bytes_read(bytes, peeked, sizeof peeked, &length, error) == PID_OK && pid_bytes_seek(bytes, 0, error) == PID_OK) {
        if (starts_with(peeked, length, PID_NPY_MAGIC, PID_NPY_MAGIC_BYTES)) {
            if (!member) return pid_npy_open(bytes, error);
            pid_error_set(error, PID_ERROR_ARGUMENT, "%s: is one array without members: leave ':%s' away", bytes->name, member);
        } else if (memchr(peeked, '\0', length)) {
            pid_error_set(error, PID_ERROR_DATA, "%s: is in no known format (npy, npz, csv, tsv)", bytes->name);
        } else {
            return pid_table_array_open(bytes, member, error);
        }
    }
    pid_bytes_free(bytes);
    return NULL;
}

struct pid_array *pid_array_open(struct pid_files *files, const char *path, const char *member, struct pid_error *error)
{
    char magic[4];
    size_t length;
    struct pid_file *file = pid_file_open(files, path, error);
    if (!file) return NULL;
    if (pid_file_read(file, 0, magic, sizeof magic, &length, error) != PID_OK) {
        pid_file_close(files, file);
        return NULL;
    }
    if (starts_with(magic, length, "PK\3\4", 4) || starts_with(magic, length, "PK\5\6", 4)) return open_archive(files, file, member, error);
    bool compressed = starts_with(magic, length, "\x1f\x8b", 2);
    struct pid_bytes *bytes = compressed ? pid_bytes_gzip(files, file, error) : pid_bytes_plain(files, file, error);
    return bytes ? open_bytes(bytes, member, error) : NULL;
}
