/* Arrays in files of any format, and raw float32: what is in the corpus decides which.  HDF5 needs a file with a name. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "formats/array.h"
#include "formats/hdf5.h"
#include "fuzz.h"

enum { ROWS_AT_ONCE = 64, WIDTH_MAX = 1 << 12, ROWS_MAX = 1 << 16, MEMBERS_MAX = 8 };

static void read_all(struct pid_array *array)
{
    struct pid_error error = {0};
    if (array->width <= WIDTH_MAX && array->rows <= ROWS_MAX) {
        float *rows = malloc(ROWS_AT_ONCE * (size_t)(array->width ? array->width : 1) * sizeof *rows);
        if (!rows) abort();
        for (uint64_t first = 0; first < array->rows; first += ROWS_AT_ONCE) {
            size_t count = array->rows - first < ROWS_AT_ONCE ? (size_t)(array->rows - first) : ROWS_AT_ONCE;
            if (pid_array_rows(array, first, count, rows, &error)) break;
        }
        free(rows);
        struct pid_levels levels = {0};
        uint32_t *codes = malloc((size_t)(array->rows ? array->rows : 1) * sizeof *codes);
        if (!codes) abort();
        if (array->width == 1 && !pid_array_codes(array, 0, array->rows, &levels, codes, &error))
            for (uint64_t row = 0; row < array->rows; row++)
                if (codes[row] != PID_ARRAY_MISSING && codes[row] >= levels.count) abort();
        free(codes);
        pid_levels_release(&levels);
    }
    pid_array_free(array);
}

static void read_array(struct pid_files *files, const char *path, const char *member)
{
    struct pid_error error = {0};
    struct pid_array *array = pid_array_open(files, path, member, &error);
    if (array) read_all(array);
    else if (!*error.message) abort();
}

static void read_raw(struct pid_files *files, const char *path)
{
    struct pid_error error = {0};
    struct pid_array *array = pid_array_open_raw(files, path, 3, (uint64_t[]){2, 3}, &error);
    if (array) read_all(array);
    else if (!*error.message) abort();
}

/* Every member that the file names. */
static void read_members(struct pid_files *files, const char *path)
{
    struct pid_error error = {0};
    struct pid_names names = {0};
    if (pid_array_members(files, path, &names, &error) != PID_OK && !*error.message) abort();
    for (size_t i = 0; i < names.count && i < MEMBERS_MAX; i++) read_array(files, path, names.names[i]);
    pid_names_release(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pid_files files = {0};
    char path[64];
    bool named = pid_hdf5_is((const char *)data, size < 4096 ? size : 4096);
    int fd = named ? fuzz_named_file(data, size, path, sizeof path) : fuzz_file(data, size);
    if (!named) snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_array(&files, path, NULL);
    read_array(&files, path, "a..c");
    read_members(&files, path);
    read_raw(&files, path);
    pid_files_release(&files);
    close(fd);
    if (named) unlink(path);
    return 0;
}
