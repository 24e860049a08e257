/* Whether what a dataset announces is there, in the process that libhdf5 runs in. */
#include "formats/hdf5_internal.h"

#ifdef HAVE_HDF5

#include <stdint.h>

#include "formats/apart.h"

/* No byte that deflate wrote becomes more than these (zlib's own word). */
enum { INFLATION_MOST = 1032, MEMORY_LEAST = 64 << 20 };

void pid_hdf5_limit_memory(hid_t file)
{
    hsize_t bytes;
    if (H5Fget_filesize(file, &bytes) < 0) bytes = 0;
    /* All that can be inflated, in a buffer that doubles as it fills, and once more in the cache of chunks. */
    pid_apart_memory(bytes > UINT64_MAX / 8 / INFLATION_MOST ? UINT64_MAX / 2 : MEMORY_LEAST + 4 * INFLATION_MOST * bytes);
}

/* The chunks that a whole dataset has. */
static hsize_t chunks_wanted(hid_t layout, int axes, const hsize_t *size)
{
    hsize_t chunk[PID_ARRAY_AXES], count = 1;
    if (H5Pget_chunk(layout, PID_ARRAY_AXES, chunk) != axes) return 0;
    for (int axis = 0; axis < axes; axis++) count *= size[axis] / chunk[axis] + (size[axis] % chunk[axis] != 0);
    return count;
}

/* Values that were never written would read as the value that the file is filled up with. */
static enum pid_status check_written(hid_t dataset, hid_t space, hid_t layout, int axes, const hsize_t *size, const char *name, struct pid_error *error)
{
    H5D_space_status_t allocated = H5D_SPACE_STATUS_ALLOCATED;
    if (H5Dget_space_status(dataset, &allocated) < 0) return pid_error_set(error, PID_ERROR_DATA, "%s: its storage cannot be read: it is corrupt", name);
    if (allocated == H5D_SPACE_STATUS_NOT_ALLOCATED)
        return pid_error_set(error, PID_ERROR_DATA, "%s: none of its values was ever written: was its writer ended early?", name);
#if H5_VERSION_GE(1, 10, 5)
    hsize_t written, wanted = H5Pget_layout(layout) == H5D_CHUNKED ? chunks_wanted(layout, axes, size) : 0;
    if (!wanted) return PID_OK;
    if (H5Dget_num_chunks(dataset, space, &written) < 0) return pid_error_set(error, PID_ERROR_DATA, "%s: its storage cannot be read: it is corrupt", name);
    if (written < wanted)
        return pid_error_set(error, PID_ERROR_DATA, "%s: only %llu of its %llu chunks were ever written: was its writer ended early?", name,
                             (unsigned long long)written, (unsigned long long)wanted);
#endif
    return PID_OK;
}

enum pid_status pid_hdf5_check_storage(hid_t dataset, hid_t space, int axes, const hsize_t *size, const char *name, struct pid_error *error)
{
    hid_t layout = H5Dget_create_plist(dataset), type = H5Dget_type(dataset), file = H5Iget_file_id(dataset);
    enum pid_status status = PID_OK;
    hsize_t bytes = 0;
    double announced = type < 0 ? 0 : (double)H5Tget_size(type);
    for (int axis = 0; axis < axes; axis++) announced *= (double)size[axis];
    if (layout < 0 || type < 0 || file < 0 || H5Fget_filesize(file, &bytes) < 0)
        status = pid_error_set(error, PID_ERROR_DATA, "%s: its storage cannot be read: it is corrupt", name);
    else if (H5Pget_layout(layout) == H5D_VIRTUAL || H5Pget_external_count(layout) > 0)
        status = pid_error_set(error, PID_ERROR_DATA, "%s: its values lie in other files: h5repack, or the program that wrote it, can put them into one", name);
    else if (announced > (double)INFLATION_MOST * (double)bytes)
        status = pid_error_set(error, PID_ERROR_DATA, "%s: has %.0f bytes of values by its shape, more than its file of %llu bytes can hold", name, announced,
                               (unsigned long long)bytes);
    else if (announced > 0) status = check_written(dataset, space, layout, axes, size, name, error);
    if (status == PID_OK) pid_hdf5_limit_memory(file); /* which a link may have led to */
    if (layout >= 0) H5Pclose(layout);
    if (type >= 0) H5Tclose(type);
    if (file >= 0) H5Fclose(file);
    return status;
}

#endif
