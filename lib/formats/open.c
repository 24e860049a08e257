/* Which format a file is in, found by content, and the array in it. */
#include <string.h>

#include "formats/array.h"
#include "formats/bytes.h"
#include "formats/dense.h"
#include "formats/hdf5.h"
#include "formats/jsonl.h"
#include "formats/npy.h"
#include "formats/safetensors.h"
#include "formats/table.h"
#include "formats/zip.h"

enum { PEEKED_BYTES = 4096 };

enum format { FORMAT_ARCHIVE, FORMAT_HDF5, FORMAT_MATLAB5, FORMAT_NPY, FORMAT_SAFETENSORS, FORMAT_JSONL, FORMAT_TABLE, FORMAT_UNKNOWN };

static bool starts_with(const char *bytes, size_t length, const char *magic, size_t magic_length)
{
    return length >= magic_length && !memcmp(bytes, magic, magic_length);
}

static bool is_archive(const char *start, size_t length)
{
    return starts_with(start, length, "PK\3\4", 4) || starts_with(start, length, "PK\5\6", 4);
}

/* A text of 124 bytes, the version, and a mark of the order of bytes.  Version 7.3 is HDF5 behind the same. */
static bool is_matlab5(const char *start, size_t length)
{
    return length >= 128 && !strncmp(start, "MATLAB", 6) && (!memcmp(start + 124, "\0\1IM", 4) || !memcmp(start + 124, "\1\0MI", 4));
}

static enum format format_of(const char *start, size_t length)
{
    if (is_archive(start, length)) return FORMAT_ARCHIVE;
    if (pid_hdf5_is(start, length)) return FORMAT_HDF5;
    if (is_matlab5(start, length)) return FORMAT_MATLAB5;
    if (starts_with(start, length, PID_NPY_MAGIC, PID_NPY_MAGIC_BYTES)) return FORMAT_NPY;
    if (pid_safetensors_is(start, length)) return FORMAT_SAFETENSORS;
    if (memchr(start, '\0', length)) return FORMAT_UNKNOWN;
    for (size_t i = 0; i < length; i++) {
        if (start[i] == '{') return FORMAT_JSONL;
        if (!strchr(" \t\r\n", start[i])) break;
    }
    return FORMAT_TABLE;
}

/* The bytes of a file, inflated if it is gzip, at their start; *format is what they are.  NULL with an error. */
static struct pid_bytes *open_bytes(struct pid_files *files, const char *path, enum format *format, struct pid_error *error)
{
    char start[PEEKED_BYTES];
    size_t length;
    struct pid_file *file = pid_file_open(files, path, error);
    if (!file) return NULL;
    if (pid_file_read(file, 0, start, sizeof start, &length, error) != PID_OK) {
        pid_file_close(files, file);
        return NULL;
    }
    bool compressed = starts_with(start, length, "\x1f\x8b", 2);
    struct pid_bytes *bytes = compressed ? pid_bytes_gzip(files, file, error) : pid_bytes_plain(files, file, error);
    if (!bytes) return NULL;
    if (compressed && (pid_bytes_read(bytes, start, sizeof start, &length, error) != PID_OK || pid_bytes_seek(bytes, 0, error) != PID_OK)) {
        pid_bytes_free(bytes);
        return NULL;
    }
    *format = format_of(start, length);
    if (compressed && (*format == FORMAT_ARCHIVE || *format == FORMAT_HDF5)) {
        pid_error_set(error, PID_ERROR_DATA, "%s: is %s inside gzip: unpack it with gunzip", path,
                      *format == FORMAT_HDF5 ? "HDF5" : "an archive");
        pid_bytes_free(bytes);
        return NULL;
    }
    return bytes;
}

static struct pid_file *hold(struct pid_bytes *bytes)
{
    bytes->file->users++;
    return bytes->file;
}

/* The members' names, without the ".npy" that NumPy adds. */
static enum pid_status archive_names(const struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error)
{
    size_t count;
    enum pid_status status = PID_OK;
    char **members = pid_zip_names(bytes->file, &count, error);
    if (!members) return error->status;
    for (size_t i = 0; i < count && status == PID_OK; i++) {
        size_t length = strlen(members[i]);
        if (length > 4 && !strcmp(members[i] + length - 4, ".npy")) length -= 4;
        status = pid_names_add(names, members[i], length, error);
    }
    pid_zip_names_free(members, count);
    return status;
}

/* The full name of member `name`, of `name`.npy, or of the only one. */
static enum pid_status find_member(const struct pid_bytes *bytes, const char *name, struct pid_names *found, struct pid_error *error)
{
    size_t count, length = name ? strlen(name) : 0;
    char **members = pid_zip_names(bytes->file, &count, error);
    if (!members) return error->status;
    enum pid_status status = PID_OK;
    for (size_t i = 0; i < count && status == PID_OK && found->count == 0; i++)
        if ((!name && count == 1) || (name && !strncmp(members[i], name, length) && (!members[i][length] || !strcmp(members[i] + length, ".npy"))))
            status = pid_names_add(found, members[i], strlen(members[i]), error);
    pid_zip_names_free(members, count);
    if (status != PID_OK || found->count) return status;
    struct pid_names names = {0};
    char list[PID_ERROR_MESSAGE_BYTES / 2];
    const char *file = bytes->name;
    status = archive_names(bytes, &names, error);
    if (status == PID_OK) {
        pid_names_list(&names, list, sizeof list);
        if (names.count == 0) status = pid_error_set(error, PID_ERROR_DATA, "%s: is an archive without members", file);
        else if (name) status = pid_error_set(error, PID_ERROR_ARGUMENT, "%s: has no member '%s'; there are: %s", file, name, list);
        else status = pid_error_set(error, PID_ERROR_ARGUMENT, "%s: holds several arrays: name one as %s:MEMBER, of: %s", file, file, list);
    }
    pid_names_release(&names);
    return status;
}

static struct pid_array *open_archive(struct pid_files *files, struct pid_bytes *bytes, const char *name, struct pid_error *error)
{
    struct pid_names found = {0};
    struct pid_bytes *member = NULL;
    if (find_member(bytes, name, &found, error) == PID_OK) member = pid_bytes_zip(files, hold(bytes), found.names[0], error);
    pid_names_release(&found);
    pid_bytes_free(bytes);
    return member ? pid_npy_open(member, error) : NULL;
}

static enum pid_status unknown(const struct pid_bytes *bytes, enum format format, struct pid_error *error)
{
    if (format == FORMAT_MATLAB5)
        return pid_error_set(error, PID_ERROR_DATA, "%s: is a MATLAB file of version 5 to 7, which is not read: save it with -v7.3, or convert "
                             "it as pid-extract(1) shows", bytes->name);
    return pid_error_set(error, PID_ERROR_DATA, "%s: is in no known format (npy, npz, safetensors, HDF5, csv, tsv, JSON lines)", bytes->name);
}

struct pid_array *pid_array_open(struct pid_files *files, const char *path, const char *member, struct pid_error *error)
{
    enum format format;
    struct pid_bytes *bytes = open_bytes(files, path, &format, error);
    if (!bytes) return NULL;
    switch (format) {
    case FORMAT_ARCHIVE: return open_archive(files, bytes, member, error);
    case FORMAT_HDF5: return pid_hdf5_open(bytes, member, error);
    case FORMAT_SAFETENSORS: return pid_safetensors_open(bytes, member, error);
    case FORMAT_JSONL: return pid_jsonl_open(bytes, member, error);
    case FORMAT_TABLE: return pid_table_array_open(bytes, member, error);
    case FORMAT_NPY:
        if (!member) return pid_npy_open(bytes, error);
        pid_error_set(error, PID_ERROR_ARGUMENT, "%s: is one array without members: leave ':%s' away", bytes->name, member);
        break;
    case FORMAT_MATLAB5:
    case FORMAT_UNKNOWN: unknown(bytes, format, error); break;
    }
    pid_bytes_free(bytes);
    return NULL;
}

/* Takes `bytes` over. */
static enum pid_status table_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error)
{
    struct pid_table *table = pid_table_open(bytes, error);
    if (!table) return error->status;
    enum pid_status status = PID_OK;
    for (size_t i = 0; i < table->columns && status == PID_OK; i++)
        status = pid_names_add(names, table->names[i], strlen(table->names[i]), error);
    pid_table_free(table);
    return status;
}

enum pid_status pid_array_members(struct pid_files *files, const char *path, struct pid_names *names, struct pid_error *error)
{
    enum format format;
    struct pid_bytes *bytes = open_bytes(files, path, &format, error);
    if (!bytes) return error->status;
    enum pid_status status = PID_OK;
    switch (format) {
    case FORMAT_TABLE: return table_names(bytes, names, error);
    case FORMAT_JSONL: return pid_jsonl_names(bytes, names, error);
    case FORMAT_ARCHIVE: status = archive_names(bytes, names, error); break;
    case FORMAT_HDF5: status = pid_hdf5_names(bytes, names, error); break;
    case FORMAT_SAFETENSORS: status = pid_safetensors_names(bytes, names, error); break;
    case FORMAT_NPY: break;
    case FORMAT_MATLAB5:
    case FORMAT_UNKNOWN: status = unknown(bytes, format, error); break;
    }
    pid_bytes_free(bytes);
    return status;
}

struct pid_array *pid_array_open_raw(struct pid_files *files, const char *path, size_t axes, const uint64_t *row_shape, struct pid_error *error)
{
    struct pid_file *file = pid_file_open(files, path, error);
    struct pid_bytes *bytes = file ? pid_bytes_plain(files, file, error) : NULL;
    if (!bytes) return NULL;
    uint64_t shape[PID_ARRAY_AXES], row_bytes = sizeof(float);
    for (size_t axis = 0; axis + 1 < axes; axis++) {
        shape[axis + 1] = row_shape[axis];
        if (__builtin_mul_overflow(row_bytes, row_shape[axis], &row_bytes)) row_bytes = 0;
    }
    if (row_bytes == 0 || bytes->size % row_bytes) {
        pid_error_set(error, PID_ERROR_DATA, "%s: its %llu bytes are no whole number of rows of that shape", bytes->name, (unsigned long long)bytes->size);
        pid_bytes_free(bytes);
        return NULL;
    }
    shape[0] = bytes->size / row_bytes;
    bool swapped = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    struct pid_dense_layout layout = {.element = {PID_SCALAR_REAL, sizeof(float), swapped}, .whole = true, .axes = axes, .shape = shape};
    return pid_dense_open(bytes, &layout, error);
}
