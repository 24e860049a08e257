#include "formats/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MASK_VALUES = 1 << 16 };

void pid_tokens_free(struct pid_tokens *tokens)
{
    if (!tokens) return;
    pid_array_free(tokens->array);
    free(tokens->mask);
    free(tokens->starts);
    free(tokens->name);
    free(tokens);
}

/* With room for the starts; takes `array` (which may be NULL) over. */
static struct pid_tokens *tokens_new(const char *name, struct pid_array *array, uint64_t samples, struct pid_error *error)
{
    struct pid_tokens *tokens = pid_array_new(1, sizeof *tokens, error);
    if (!tokens) {
        pid_array_free(array);
        return NULL;
    }
    tokens->array = array;
    tokens->samples = samples;
    tokens->name = pid_string_copy(name, error);
    tokens->starts = tokens->name ? pid_array_new(samples + 1, sizeof *tokens->starts, error) : NULL;
    if (tokens->starts) return tokens;
    pid_tokens_free(tokens);
    return NULL;
}

static enum pid_status set_room(struct pid_tokens *tokens, uint64_t most, struct pid_error *error)
{
    uint64_t tokens_most = most ? most : 1;
    if (__builtin_mul_overflow(tokens_most, tokens->dim, &tokens->room) || tokens->room > PID_ARRAY_WIDTH_MAXIMUM)
        return pid_error_set(error, PID_ERROR_DATA, "%s: a sample of %llu tokens of %llu values is above the %llu values that are possible",
                             tokens->name, (unsigned long long)most, (unsigned long long)tokens->dim,
                             (unsigned long long)PID_ARRAY_WIDTH_MAXIMUM);
    return PID_OK;
}

/* The mask as bytes, and the starts by it. */
static enum pid_status read_mask(struct pid_tokens *tokens, struct pid_array *mask, struct pid_error *error)
{
    if (mask->rows != tokens->samples || mask->width != tokens->places)
        return pid_error_set(error, PID_ERROR_DATA, "%s: is a mask of %llu x %llu for %llu samples of %llu tokens", mask->name,
                             (unsigned long long)mask->rows, (unsigned long long)mask->width, (unsigned long long)tokens->samples,
                             (unsigned long long)tokens->places);
    tokens->mask = pid_array_new(tokens->samples * tokens->places, 1, error);
    size_t rows = tokens->places < MASK_VALUES ? MASK_VALUES / tokens->places : 1;
    float *values = tokens->mask ? pid_array_new(rows * tokens->places, sizeof *values, error) : NULL;
    enum pid_status status = values ? PID_OK : error->status;
    for (uint64_t first = 0; first < tokens->samples && status == PID_OK; first += rows) {
        size_t count = tokens->samples - first < rows ? (size_t)(tokens->samples - first) : rows;
        status = pid_array_rows(mask, first, count, values, error);
        unsigned char *bytes = tokens->mask + first * tokens->places;
        for (size_t i = 0; i < count * tokens->places; i++) bytes[i] = !(values[i] == 0);
    }
    free(values);
    for (uint64_t sample = 0; sample < tokens->samples && status == PID_OK; sample++) {
        uint64_t kept = 0;
        for (uint64_t place = 0; place < tokens->places; place++) kept += tokens->mask[sample * tokens->places + place];
        tokens->starts[sample + 1] = tokens->starts[sample] + kept;
    }
    return status;
}

struct pid_tokens *pid_tokens_dense(struct pid_array *array, struct pid_array *mask, struct pid_error *error)
{
    struct pid_tokens *tokens = NULL;
    if (array->axes < 3) {
        pid_error_set(error, PID_ERROR_DATA, "%s: has %zu axes, where samples x tokens x dim are needed", array->name, array->axes);
        pid_array_free(array);
    } else {
        tokens = tokens_new(array->name, array, array->rows, error);
    }
    enum pid_status status = tokens ? PID_OK : error->status;
    if (tokens) {
        tokens->places = array->shape[1];
        tokens->dim = array->width / tokens->places;
        for (uint64_t sample = 0; sample < tokens->samples; sample++) tokens->starts[sample + 1] = (sample + 1) * tokens->places;
        status = set_room(tokens, tokens->places, error);
    }
    if (status == PID_OK && mask) status = read_mask(tokens, mask, error);
    pid_array_free(mask);
    if (status == PID_OK) return tokens;
    pid_tokens_free(tokens);
    return NULL;
}

static enum pid_status read_offsets(struct pid_tokens *tokens, struct pid_array *offsets, struct pid_error *error)
{
    if (offsets->width != 1 || !offsets->methods->integers)
        return pid_error_set(error, PID_ERROR_DATA, "%s: offsets are an array of one axis in npy, npz, safetensors or HDF5", offsets->name);
    int64_t *values = pid_array_new(offsets->rows, sizeof *values, error);
    if (!values) return error->status;
    enum pid_status status = offsets->methods->integers(offsets, values, error);
    uint64_t longest = 0;
    for (uint64_t i = 0; i < offsets->rows && status == PID_OK; i++) {
        int64_t before = i ? values[i - 1] : 0;
        if (values[i] < before || (i == 0 && values[i] != 0) || (uint64_t)values[i] > tokens->array->rows)
            status = pid_error_set(error, PID_ERROR_DATA, "%s: offset %llu is %lld: offsets begin with 0 and ascend to the %llu tokens of %s",
                                   offsets->name, (unsigned long long)i, (long long)values[i], (unsigned long long)tokens->array->rows,
                                   tokens->array->name);
        if (values[i] - before > (int64_t)longest) longest = (uint64_t)(values[i] - before);
        tokens->starts[i] = (uint64_t)values[i];
    }
    if (status == PID_OK && tokens->starts[tokens->samples] != tokens->array->rows)
        status = pid_error_set(error, PID_ERROR_DATA, "%s: ends with %llu, but %s has %llu tokens", offsets->name,
                               (unsigned long long)tokens->starts[tokens->samples], tokens->array->name, (unsigned long long)tokens->array->rows);
    free(values);
    return status == PID_OK ? set_room(tokens, longest, error) : status;
}

struct pid_tokens *pid_tokens_ragged(struct pid_array *array, struct pid_array *offsets, struct pid_error *error)
{
    struct pid_tokens *tokens = NULL;
    if (offsets->rows == 0) {
        pid_error_set(error, PID_ERROR_DATA, "%s: is empty: n samples have n + 1 offsets", offsets->name);
        pid_array_free(array);
    } else {
        tokens = tokens_new(array->name, array, offsets->rows - 1, error);
    }
    enum pid_status status = tokens ? PID_OK : error->status;
    if (tokens) {
        tokens->dim = array->width;
        status = read_offsets(tokens, offsets, error);
    }
    pid_array_free(offsets);
    if (status == PID_OK) return tokens;
    pid_tokens_free(tokens);
    return NULL;
}

static struct pid_array *open_part(const struct pid_tokens *tokens, uint64_t sample, struct pid_error *error)
{
    const struct pid_token_part *part = &tokens->parts[sample];
    struct pid_array *array = pid_array_open(tokens->files, part->path, part->member, error);
    if (!array) return NULL;
    uint64_t known = tokens->dim ? tokens->dim : array->width;
    uint64_t length = tokens->starts[sample + 1] > tokens->starts[sample] ? pid_tokens_length(tokens, sample) : array->rows;
    if (array->width == known && array->rows == length) return array;
    if (array->width != known)
        pid_error_set(error, PID_ERROR_DATA, "%s: has %llu values a token where the samples before it have %llu", array->name,
                      (unsigned long long)array->width, (unsigned long long)known);
    else pid_error_set(error, PID_ERROR_DATA, "%s: changed while it was read", array->name);
    pid_array_free(array);
    return NULL;
}

struct pid_tokens *pid_tokens_parts(struct pid_files *files, const struct pid_token_part *parts, size_t count, struct pid_error *error)
{
    struct pid_tokens *tokens = NULL;
    uint64_t longest = 0;
    for (size_t sample = 0; sample < count; sample++) {
        struct pid_tokens first = {.files = files, .parts = parts, .starts = (uint64_t[2]){0, 0}};
        struct pid_array *array = open_part(tokens ? tokens : &first, sample, error);
        if (array && !tokens) {
            tokens = tokens_new(array->name, NULL, count, error);
            if (tokens) {
                tokens->dim = array->width;
                tokens->files = files;
                tokens->parts = parts;
            }
        }
        if (!array || !tokens) {
            pid_array_free(array);
            pid_tokens_free(tokens);
            return NULL;
        }
        if (array->rows > longest) longest = array->rows;
        tokens->starts[sample + 1] = tokens->starts[sample] + array->rows;
        pid_array_free(array);
    }
    if (tokens && set_room(tokens, longest, error) == PID_OK) return tokens;
    pid_tokens_free(tokens);
    return NULL;
}

/* Takes out the tokens that the mask leaves out. */
static void compress(const struct pid_tokens *tokens, uint64_t sample, float *values)
{
    float *to = values;
    for (uint64_t place = 0; place < tokens->places; place++) {
        if (!tokens->mask[sample * tokens->places + place]) continue;
        memmove(to, values + place * tokens->dim, tokens->dim * sizeof *to);
        to += tokens->dim;
    }
}

enum pid_status pid_tokens_read(struct pid_tokens *tokens, uint64_t sample, float *out, struct pid_error *error)
{
    if (tokens->parts) {
        struct pid_array *array = open_part(tokens, sample, error);
        if (!array) return error->status;
        enum pid_status status = pid_array_rows(array, 0, (size_t)array->rows, out, error);
        pid_array_free(array);
        return status;
    }
    if (!tokens->places)
        return pid_array_rows(tokens->array, tokens->starts[sample], (size_t)pid_tokens_length(tokens, sample), out, error);
    enum pid_status status = pid_array_rows(tokens->array, sample, 1, out, error);
    if (status == PID_OK && tokens->mask) compress(tokens, sample, out);
    return status;
}
