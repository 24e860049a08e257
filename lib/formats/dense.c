#include "formats/dense.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/coder.h"

enum {
    BUFFER_BYTES = 1 << 18, /* what is converted at a time: stays in the second-level cache */
};

struct dense {
    struct pid_bytes *bytes;
    struct pid_scalar element;
    bool whole;
    uint64_t offset, elements;
    unsigned char *buffer;
    size_t buffer_bytes; /* at least one element */
};

static uint64_t end_of(const struct dense *dense)
{
    return dense->offset + dense->elements * dense->element.size;
}

/* Reads `count` elements from element number `first` on, to a buffer of that size. */
static enum pid_status read_elements(struct dense *dense, uint64_t first, size_t count, void *buffer, struct pid_error *error)
{
    uint64_t from = dense->offset + first * dense->element.size;
    enum pid_status status = pid_bytes_seek(dense->bytes, from, error);
    if (status == PID_OK) status = pid_bytes_read_all(dense->bytes, buffer, count * dense->element.size, error);
    if (status == PID_OK && dense->whole && dense->bytes->at == end_of(dense)) status = pid_bytes_expect_end(dense->bytes, error);
    return status;
}

/* `count` elements in their order in the file. */
static enum pid_status read_floats(struct dense *dense, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    if (pid_scalar_is_native(dense->element)) return read_elements(dense, first, count, out, error);
    size_t room = dense->buffer_bytes / dense->element.size;
    for (size_t done = 0; done < count;) {
        size_t part = count - done < room ? count - done : room;
        enum pid_status status = read_elements(dense, first + done, part, dense->buffer, error);
        if (status != PID_OK) return status;
        pid_scalar_to_float(dense->element, dense->buffer, part, out + done);
        done += part;
    }
    return PID_OK;
}

static enum pid_status read_columns(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    float *column = pid_array_new(count, sizeof *column, error);
    if (!column) return error->status;
    enum pid_status status = PID_OK;
    for (uint64_t number = 0; number < array->width && status == PID_OK; number++) {
        status = read_floats(array->state, number * array->rows + first, count, column, error);
        float *to = out + pid_array_place(array, number);
        for (size_t row = 0; row < count; row++) to[row * array->width] = column[row];
    }
    free(column);
    return status;
}

static enum pid_status dense_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    struct dense *dense = array->state;
    if (pid_scalar_is_text(dense->element))
        return pid_error_set(error, PID_ERROR_DATA, "%s: holds text, not numbers: it can be a category only", array->name);
    if (count == 0 || array->width == 0) return PID_OK;
    if (array->by_column) return read_columns(array, first, count, out, error);
    return read_floats(dense, first * array->width, count * array->width, out, error);
}

static enum pid_status dense_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                   struct pid_error *error)
{
    struct dense *dense = array->state;
    size_t room = dense->buffer_bytes / dense->element.size;
    struct pid_coder coder;
    enum pid_status status = pid_coder_init(&coder, dense->element, levels, error);
    for (size_t taken = 0; taken < count && status == PID_OK;) {
        size_t part = count - taken < room ? count - taken : room, done;
        status = read_elements(dense, first + taken, part, dense->buffer, error);
        if (status == PID_OK && pid_coder_codes(&coder, dense->element, dense->buffer, part, codes + taken, &done, error) != PID_OK)
            status = pid_error_prefix(error, "%s: row %llu", array->name, (unsigned long long)(first + taken + done));
        taken += part;
    }
    pid_coder_release(&coder);
    return status;
}

static enum pid_status dense_integers(struct pid_array *array, int64_t *out, struct pid_error *error)
{
    struct dense *dense = array->state;
    size_t room = dense->buffer_bytes / dense->element.size;
    if (!pid_scalar_is_whole(dense->element)) return pid_error_set(error, PID_ERROR_DATA, "%s: does not hold integers", array->name);
    for (uint64_t row = 0; row < array->rows;) {
        size_t part = array->rows - row < room ? (size_t)(array->rows - row) : room;
        enum pid_status status = read_elements(dense, row, part, dense->buffer, error);
        if (status != PID_OK) return status;
        pid_scalar_to_integers(dense->element, dense->buffer, part, out + row);
        row += part;
    }
    return PID_OK;
}

static void dense_free(struct pid_array *array)
{
    struct dense *dense = array->state;
    if (!dense) return;
    pid_bytes_free(dense->bytes);
    free(dense->buffer);
    free(dense);
}

/* Compares what the header claims with the bytes that there are. */
static enum pid_status check_size(const struct pid_bytes *bytes, const struct pid_dense_layout *layout, const struct pid_array *array,
                                  struct pid_error *error)
{
    uint64_t size, end;
    if (__builtin_mul_overflow(array->rows * array->width, layout->element.size, &size) ||
        __builtin_add_overflow(size, layout->offset, &end) || end > INT64_MAX)
        return pid_error_set(error, PID_ERROR_DATA, "%s: its header claims more bytes than a file can have", bytes->name);
    if (bytes->size == PID_BYTES_UNKNOWN || end == bytes->size || (end < bytes->size && !layout->whole)) return PID_OK;
    return pid_error_set(error, PID_ERROR_DATA, "%s: has %llu bytes where its header tells of %llu: %s", bytes->name,
                         (unsigned long long)bytes->size, (unsigned long long)end,
                         bytes->size < end ? "it is cut; copy or write it again" : "it is not one array");
}

static enum pid_status dense_init(struct dense *dense, const struct pid_dense_layout *layout, struct pid_array *array,
                                  struct pid_error *error)
{
    enum pid_status status = check_size(dense->bytes, layout, array, error);
    /* Columns are read one by one for each block of rows. */
    if (status == PID_OK && layout->fortran && array->width > 1) status = pid_bytes_settle(dense->bytes, error);
    if (status == PID_OK) status = check_size(dense->bytes, layout, array, error);
    if (status != PID_OK) return status;
    dense->element = layout->element;
    array->by_column = layout->fortran && array->width > 1;
    dense->whole = layout->whole;
    dense->offset = layout->offset;
    dense->elements = array->rows * array->width;
    dense->buffer_bytes = layout->element.size > BUFFER_BYTES ? layout->element.size : BUFFER_BYTES;
    dense->buffer = pid_array_new(dense->buffer_bytes, 1, error);
    if (!dense->buffer) return error->status;
    array->kind = pid_scalar_is_text(dense->element) ? PID_ARRAY_TEXT : pid_scalar_is_whole(dense->element) ? PID_ARRAY_WHOLE : PID_ARRAY_REAL;
    return PID_OK;
}

struct pid_array *pid_dense_open(struct pid_bytes *bytes, const struct pid_dense_layout *layout, struct pid_error *error)
{
    static const struct pid_array_methods methods = {dense_rows, dense_codes, dense_free, dense_integers};
    struct pid_array *array = pid_array_new_shape(bytes->name, layout->axes, layout->shape, error);
    struct dense *dense = array ? pid_array_new(1, sizeof *dense, error) : NULL;
    if (!dense) {
        pid_bytes_free(bytes);
        pid_array_free(array);
        return NULL;
    }
    array->methods = &methods;
    array->state = dense;
    dense->bytes = bytes;
    if (dense_init(dense, layout, array, error) == PID_OK) return array;
    pid_array_free(array);
    return NULL;
}
