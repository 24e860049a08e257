/* Arrays made of others: one row out of a sample's tokens, the place of a row's largest value. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/tokens.h"

enum { BLOCK_VALUES = 1 << 16 };

struct pooled {
    struct pid_tokens *tokens;
    enum pid_pool pool;
    float *values; /* one sample's tokens */
    double *sum;   /* [dim] */
};

static void mean(const struct pooled *pooled, uint64_t length, float *out)
{
    size_t dim = (size_t)pooled->tokens->dim;
    memset(pooled->sum, 0, dim * sizeof *pooled->sum);
    for (uint64_t token = 0; token < length; token++)
        for (size_t i = 0; i < dim; i++) pooled->sum[i] += (double)pooled->values[token * dim + i];
    for (size_t i = 0; i < dim; i++) out[i] = (float)(pooled->sum[i] / (double)length);
}

/* NaN stays: a comparison would lose it. */
static void maximum(const struct pooled *pooled, uint64_t length, float *out)
{
    size_t dim = (size_t)pooled->tokens->dim;
    memcpy(out, pooled->values, dim * sizeof *out);
    for (uint64_t token = 1; token < length; token++)
        for (size_t i = 0; i < dim; i++) {
            float value = pooled->values[token * dim + i];
            if (value > out[i] || isnan(value)) out[i] = value;
        }
}

static void pool_sample(const struct pooled *pooled, uint64_t length, float *out)
{
    size_t dim = (size_t)pooled->tokens->dim;
    if (length == 0) {
        for (size_t i = 0; i < dim; i++) out[i] = NAN;
        return;
    }
    switch (pooled->pool) {
    case PID_POOL_MEAN: mean(pooled, length, out); break;
    case PID_POOL_MAX: maximum(pooled, length, out); break;
    case PID_POOL_FIRST: memcpy(out, pooled->values, dim * sizeof *out); break;
    case PID_POOL_LAST: memcpy(out, pooled->values + (length - 1) * dim, dim * sizeof *out); break;
    }
}

static enum pid_status pooled_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    struct pooled *pooled = array->state;
    enum pid_status status = PID_OK;
    for (size_t row = 0; row < count && status == PID_OK; row++) {
        status = pid_tokens_read(pooled->tokens, first + row, pooled->values, error);
        if (status == PID_OK) pool_sample(pooled, pid_tokens_length(pooled->tokens, first + row), out + row * array->width);
    }
    return status;
}

static enum pid_status no_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                struct pid_error *error)
{
    (void)first, (void)count, (void)levels, (void)codes;
    return pid_error_set(error, PID_ERROR_DATA, "%s: is pooled from tokens: it can be a vector only", array->name);
}

static void pooled_free(struct pid_array *array)
{
    struct pooled *pooled = array->state;
    if (!pooled) return;
    pid_tokens_free(pooled->tokens);
    free(pooled->values);
    free(pooled->sum);
    free(pooled);
}

struct pid_array *pid_tokens_pool(struct pid_tokens *tokens, enum pid_pool pool, struct pid_error *error)
{
    static const struct pid_array_methods methods = {pooled_rows, no_codes, pooled_free, NULL};
    struct pid_array *array = pid_array_new_shape(tokens->name, 2, (uint64_t[2]){tokens->samples, tokens->dim}, error);
    struct pooled *pooled = array ? pid_array_new(1, sizeof *pooled, error) : NULL;
    if (!pooled) {
        pid_tokens_free(tokens);
        pid_array_free(array);
        return NULL;
    }
    *pooled = (struct pooled){.tokens = tokens, .pool = pool};
    array->methods = &methods;
    array->state = pooled;
    array->kind = PID_ARRAY_REAL;
    pooled->values = pid_array_new(tokens->room, sizeof *pooled->values, error);
    pooled->sum = pooled->values ? pid_array_new(tokens->dim, sizeof *pooled->sum, error) : NULL;
    if (pooled->sum) return array;
    pid_array_free(array);
    return NULL;
}

static uint32_t place_of_largest(const float *values, uint64_t width)
{
    uint64_t place = 0;
    for (uint64_t i = 0; i < width; i++) {
        if (isnan(values[i])) return PID_ARRAY_MISSING;
        if (values[i] > values[place]) place = i;
    }
    return (uint32_t)place;
}

static enum pid_status no_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    (void)first, (void)count, (void)out;
    return pid_error_set(error, PID_ERROR_DATA, "%s: the places of largest values can be a category only", array->name);
}

static enum pid_status largest_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                     struct pid_error *error)
{
    struct pid_array *values = array->state;
    size_t block = values->width < BLOCK_VALUES ? (size_t)(BLOCK_VALUES / values->width) : 1;
    uint32_t *known = pid_array_new(values->width, sizeof *known, error);
    float *rows = known ? pid_array_new(block * values->width, sizeof *rows, error) : NULL;
    enum pid_status status = rows ? PID_OK : error->status;
    for (uint64_t place = 0; place < values->width && status == PID_OK; place++)
        if (pid_levels_add_integer(levels, (int64_t)place, true, &known[place], error) != PID_OK)
            status = pid_error_prefix(error, "%s", array->name);
    for (size_t taken = 0; taken < count && status == PID_OK; taken += block) {
        size_t part = count - taken < block ? count - taken : block;
        status = pid_array_rows(values, first + taken, part, rows, error);
        for (size_t row = 0; row < part && status == PID_OK; row++) {
            uint32_t place = place_of_largest(rows + row * values->width, values->width);
            codes[taken + row] = place == PID_ARRAY_MISSING ? place : known[place];
        }
    }
    free(rows);
    free(known);
    return status;
}

static void largest_free(struct pid_array *array)
{
    pid_array_free(array->state);
}

struct pid_array *pid_array_largest(struct pid_array *array, struct pid_error *error)
{
    static const struct pid_array_methods methods = {no_rows, largest_codes, largest_free, NULL};
    struct pid_array *largest = NULL;
    if (array->kind == PID_ARRAY_TEXT) pid_error_set(error, PID_ERROR_DATA, "%s: holds text, which has no largest value", array->name);
    else if (array->axes < 2)
        pid_error_set(error, PID_ERROR_DATA, "%s: has one value a row, where the largest of several is asked for", array->name);
    else largest = pid_array_new_shape(array->name, 1, &array->rows, error);
    if (!largest) {
        pid_array_free(array);
        return NULL;
    }
    largest->methods = &methods;
    largest->state = array;
    largest->kind = PID_ARRAY_WHOLE;
    return largest;
}
