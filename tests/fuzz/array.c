/* Arrays in files of any format: npy, npz, csv, tsv, gzip around them. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "formats/array.h"
#include "fuzz.h"

enum { ROWS_AT_ONCE = 64, WIDTH_MAX = 1 << 12, ROWS_MAX = 1 << 16 };

static void read_array(struct pid_files *files, const char *path, const char *member)
{
    struct pid_error error = {0};
    struct pid_array *array = pid_array_open(files, path, member, &error);
    if (!array) {
        if (!*error.message) abort();
        return;
    }
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
        if (array->width == 1 && !pid_array_codes(array, &levels, codes, &error))
            for (uint64_t row = 0; row < array->rows; row++)
                if (codes[row] != PID_ARRAY_MISSING && codes[row] >= levels.count) abort();
        free(codes);
        pid_levels_release(&levels);
    }
    pid_array_free(array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pid_files files = {0};
    char path[64];
    int fd = fuzz_file(data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_array(&files, path, NULL);
    read_array(&files, path, "a");
    read_array(&files, path, "a..c");
    pid_files_release(&files);
    close(fd);
    return 0;
}
