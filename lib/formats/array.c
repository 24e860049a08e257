#include "formats/array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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

uint64_t pid_array_place(const struct pid_array *array, uint64_t column)
{
    uint64_t place = 0, stride = array->width;
    for (size_t axis = 1; axis < array->axes; axis++) {
        stride /= array->shape[axis];
        place += column % array->shape[axis] * stride;
        column /= array->shape[axis];
    }
    return place;
}

void pid_array_free(struct pid_array *array)
{
    if (!array) return;
    if (array->methods) array->methods->free(array);
    free(array->name);
    free(array);
}

static enum pid_status check_range(const struct pid_array *array, uint64_t first, size_t count, struct pid_error *error)
{
    if (first <= array->rows && count <= array->rows - first) return PID_OK;
    return pid_error_set(error, PID_ERROR_ARGUMENT, "%s: has no row %llu", array->name, (unsigned long long)(first + count - 1));
}

enum pid_status pid_array_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    if (check_range(array, first, count, error)) return error->status;
    return array->methods->rows(array, first, count, out, error);
}

enum pid_status pid_array_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                struct pid_error *error)
{
    if (array->width != 1)
        return pid_error_set(error, PID_ERROR_DATA, "%s: has %llu values a row: a category needs one", array->name,
                             (unsigned long long)array->width);
    if (check_range(array, first, count, error)) return error->status;
    return array->methods->codes(array, first, count, levels, codes, error);
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
