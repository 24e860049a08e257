#include "formats/hdf5_internal.h"

#include <string.h>

#define SIGNATURE "\x89HDF\r\n\x1a\n"
enum { SIGNATURE_BYTES = 8, USER_BLOCK_LEAST = 512 };

bool pid_hdf5_is(const char *start, size_t length)
{
    for (size_t at = 0; at + SIGNATURE_BYTES <= length; at = at ? 2 * at : USER_BLOCK_LEAST)
        if (!memcmp(start + at, SIGNATURE, SIGNATURE_BYTES)) return true;
    return false;
}

#ifndef HAVE_HDF5

static enum pid_status left_out(const struct pid_bytes *bytes, struct pid_error *error)
{
    return pid_error_set(error, PID_ERROR_SYSTEM, "%s: is HDF5, which this build leaves out: install libhdf5 (Debian: libhdf5-dev), then "
                         "configure and make again", bytes->name);
}

enum pid_status pid_hdf5_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error)
{
    (void)names;
    return left_out(bytes, error);
}

struct pid_array *pid_hdf5_open(struct pid_bytes *bytes, const char *member, struct pid_error *error)
{
    (void)member;
    left_out(bytes, error);
    pid_bytes_free(bytes);
    return NULL;
}

#else

#include <stdlib.h>

#include "base/memory.h"
#include "formats/apart.h"

enum {
    CACHE_BYTES_MOST = 256 << 20, /* of chunks that one row touches */
    CACHE_SLOTS = 10007,
};

/* libhdf5 is not proof against files that are made to break it, so all of this runs in a process of its own, which is begun at
 * the end of this file. */

/* libhdf5 opens by name, and a pipe's copy has none. */
static hid_t open_file(const struct pid_bytes *bytes, struct pid_error *error)
{
    if (bytes->file->copied) {
        pid_error_set(error, PID_ERROR_ARGUMENT, "%s: HDF5 cannot come from a pipe: name the file", bytes->name);
        return -1;
    }
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* it would print */
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access, false, true); /* a file that is only read needs no lock, and may lie where none can be had */
#endif
    hid_t file = H5Fopen(bytes->file->path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (file < 0)
        pid_error_set(error, PID_ERROR_DATA, "%s: libhdf5 cannot read it: it is cut, corrupt or written by a newer version", bytes->name);
    else pid_hdf5_limit_memory(file);
    return file;
}

struct visit {
    struct pid_names *names;
    struct pid_error *error;
    enum pid_status status;
};

static herr_t visit(hid_t object, const char *name, const H5O_info_t *about, void *state)
{
    (void)object;
    struct visit *visited = state;
    if (about->type == H5O_TYPE_DATASET) visited->status = pid_names_add(visited->names, name, strlen(name), visited->error);
    return visited->status == PID_OK ? 0 : -1;
}

static enum pid_status names_of(hid_t file, const char *name, struct pid_names *names, struct pid_error *error)
{
    struct visit visited = {names, error, PID_OK};
    if (H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, &visited) >= 0) return PID_OK;
    if (visited.status != PID_OK) return visited.status;
    return pid_error_set(error, PID_ERROR_DATA, "%s: its groups cannot be read: it is cut or corrupt", name);
}

/* What is asked of the other process. */
struct request {
    const struct pid_bytes *bytes;
    const char *name, *member;
};

static enum pid_status names_there(void *context, struct pid_names *names, struct pid_error *error)
{
    const struct pid_bytes *bytes = ((const struct request *)context)->bytes;
    hid_t file = open_file(bytes, error);
    if (file < 0) return error->status;
    enum pid_status status = names_of(file, bytes->name, names, error);
    H5Fclose(file);
    return status;
}

/* The bytes of the chunks that hold one row: those of all places along the axes but that of the rows. */
static double band_bytes(hid_t type, int axes, const hsize_t *chunk, const hsize_t *size, int rows_axis)
{
    double bytes = (double)H5Tget_size(type) * (double)chunk[rows_axis];
    for (int axis = 0; axis < axes; axis++)
        if (axis != rows_axis) bytes *= (double)(chunk[axis] * ((size[axis] + chunk[axis] - 1) / chunk[axis]));
    return bytes;
}

/* Chunks are decompressed as a whole: those of one band of rows are kept, so that each is decompressed once. */
static hid_t open_dataset(hid_t file, const char *path)
{
    hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    hid_t layout = dataset < 0 ? -1 : H5Dget_create_plist(dataset), space = dataset < 0 ? -1 : H5Dget_space(dataset);
    hid_t type = dataset < 0 ? -1 : H5Dget_type(dataset);
    hsize_t chunk[PID_ARRAY_AXES], size[PID_ARRAY_AXES];
    int axes = layout < 0 || H5Pget_layout(layout) != H5D_CHUNKED ? 0 : H5Pget_chunk(layout, PID_ARRAY_AXES, chunk);
    if (axes > 0 && axes <= PID_ARRAY_AXES && H5Sget_simple_extent_ndims(space) == axes && H5Sget_simple_extent_dims(space, size, NULL) == axes) {
        double bytes = band_bytes(type, axes, chunk, size, pid_hdf5_is_matlab(dataset) ? axes - 1 : 0);
        hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
        if (bytes <= CACHE_BYTES_MOST) H5Pset_chunk_cache(access, CACHE_SLOTS, (size_t)(bytes < 1 << 20 ? 1 << 20 : bytes), 1);
        H5Dclose(dataset);
        dataset = H5Dopen2(file, path, access);
        H5Pclose(access);
    }
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (layout >= 0) H5Pclose(layout);
    return dataset;
}

/* The names there are, in the message for one that there is not. */
static hid_t find(hid_t file, const char *name, const char *member, struct pid_error *error)
{
    struct pid_names names = {0};
    char list[PID_ERROR_MESSAGE_BYTES / 2];
    hid_t dataset = member ? open_dataset(file, member) : -1;
    if (dataset >= 0) return dataset;
    enum pid_status status = names_of(file, name, &names, error);
    if (status == PID_OK && !member && names.count == 1) {
        dataset = open_dataset(file, names.names[0]);
        if (dataset < 0) pid_error_set(error, PID_ERROR_DATA, "%s: its dataset cannot be opened: it is corrupt", name);
    } else if (status == PID_OK) {
        pid_names_list(&names, list, sizeof list);
        if (!names.count) pid_error_set(error, PID_ERROR_ARGUMENT, "%s: holds no dataset", name);
        else if (member) pid_error_set(error, PID_ERROR_ARGUMENT, "%s: has no dataset '%s'; there are: %s", name, member, list);
        else pid_error_set(error, PID_ERROR_ARGUMENT, "%s: name its dataset as %s:MEMBER, of: %s", name, name, list);
    }
    pid_names_release(&names);
    return dataset;
}

static struct pid_array *open_there(void *context, struct pid_error *error)
{
    const struct request *request = context;
    hid_t file = open_file(request->bytes, error);
    if (file < 0) return NULL;
    hid_t dataset = find(file, request->bytes->name, request->member, error);
    if (dataset >= 0) return pid_hdf5_dataset(file, dataset, request->name, error);
    H5Fclose(file);
    return NULL;
}

struct pid_array *pid_hdf5_open(struct pid_bytes *bytes, const char *member, struct pid_error *error)
{
    struct pid_array *array = NULL;
    char *name = member ? pid_string_format(error, "%s: dataset '%s'", bytes->name, member) : pid_string_copy(bytes->name, error);
    struct request request = {bytes, name, member};
    if (name) array = pid_apart_open(&(struct pid_apart){name, &request, open_there, names_there}, error);
    free(name);
    pid_bytes_free(bytes);
    return array;
}

enum pid_status pid_hdf5_names(struct pid_bytes *bytes, struct pid_names *names, struct pid_error *error)
{
    struct request request = {bytes, bytes->name, NULL};
    return pid_apart_names(&(struct pid_apart){bytes->name, &request, open_there, names_there}, names, error);
}

#endif
