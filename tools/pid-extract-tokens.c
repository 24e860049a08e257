/* --rows tokens: each token of a sample is a row, under the key `sample`. */
#include <stdlib.h>
#include <string.h>

#include "clustering/kmeans.h"
#include "base/finite.h"
#include "pid-extract.h"

/* How many rows each sample of a group gives: the tokens of those variables that have some; of aligned ones the fewest. */
static uint64_t *starts_of(const struct extract *extract, const struct group *group)
{
    const struct field *first = field_of(extract, group, 0);
    uint64_t *starts = new_array(extract, first->rows + 1, sizeof *starts);
    for (uint64_t sample = 0; sample < first->rows; sample++) {
        uint64_t length = UINT64_MAX;
        for (size_t i = 0; i < extract->count; i++) {
            const struct field *field = field_of(extract, group, i);
            uint64_t own = field->has_tokens ? field->starts[sample + 1] - field->starts[sample] : UINT64_MAX;
            if (own < length) length = own;
        }
        starts[sample + 1] = starts[sample] + length;
    }
    return starts;
}

/* The centres of as many clusters as there shall be rows, in the clustering's own order: what the published protocol pairs
 * by index, though that order means nothing. */
static void align(const struct extract *extract, struct pid_kmeans *kmeans, size_t number, struct variable *variable,
                  const struct field *field, uint64_t sample, size_t length)
{
    size_t count = (size_t)(field->starts[sample + 1] - field->starts[sample]), dim = (size_t)field->width;
    if (count == length || length == 0) return;
    struct pid_error error;
    struct pid_kmeans_result result;
    size_t bad = pid_finite_first_bad(variable->sample, count, dim);
    if (bad < count) refuse(extract, "%s: row %llu, token %zu: NaN or infinity: --pool align clusters finite values only", field->name,
                            (unsigned long long)sample, bad);
    /* A stream of its own for each sample of each variable, so that no part of the data depends on another. */
    struct pid_kmeans_options options = {.k = (uint32_t)length, .restarts = 1, .max_iterations = 100, .tolerance = 1e-4,
                                         .seed = extract->program->seed + sample, .stream = (uint32_t)number, .bounds = true};
    if (pid_kmeans_run(kmeans, variable->sample, count, dim, &options, &result, &error) != PID_OK) {
        pid_error_prefix(&error, "%s: row %llu", field->name, (unsigned long long)sample);
        pid_program_fail(extract->program, &error);
    }
    memcpy(variable->sample, result.centroids, length * dim * sizeof *variable->sample);
}

/* One sample of every variable: all tokens, or the one row that goes with each of them. */
static void read_sample(const struct extract *extract, const struct group *group, struct pid_kmeans *kmeans, uint64_t sample, size_t length)
{
    struct pid_error error;
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        struct field *field = field_of(extract, group, i);
        if (field->is_category) continue;
        if (!field->has_tokens) {
            must(extract, pid_array_rows(field->array, sample, 1, variable->sample, &error), &error);
            continue;
        }
        must(extract, pid_tokens_read(field->tokens, sample, variable->sample, &error), &error);
        if (variable->pool == POOL_ALIGN) align(extract, kmeans, i, variable, field, sample, length);
    }
}

/* Tokens from .. from+count-1 of the sample that was read. */
static void fill_batch(struct extract *extract, const struct group *group, uint64_t sample, size_t from, size_t count, bool *bad)
{
    memset(bad, 0, count);
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        const struct field *field = field_of(extract, group, i);
        size_t width = (size_t)field->width;
        if (field->is_category) {
            for (size_t row = 0; row < count; row++) variable->sample_codes[row] = field->codes[sample - field->first];
            variable->codes = variable->sample_codes;
            bool missing = false;
            check_categories(extract, field, &field->codes[sample - field->first], sample, 1, &missing);
            for (size_t row = 0; row < count; row++) bad[row] |= missing;
        } else {
            for (size_t row = 0; row < count; row++)
                memcpy(variable->values + row * width, variable->sample + (field->has_tokens ? from + row : 0) * width, width * sizeof(float));
            check_vectors(extract, variable, field, sample, true, 0, count, bad);
        }
    }
}

static void write_sample(struct extract *extract, const struct group *group, const struct pid_key *key, const uint64_t *starts,
                         uint64_t sample, size_t batch, bool *bad, struct pid_stream_output *output)
{
    size_t length = (size_t)(starts[sample + 1] - starts[sample]);
    for (size_t from = 0; from < length; from += batch) {
        size_t count = length - from < batch ? length - from : batch;
        fill_batch(extract, group, sample, from, count, bad);
        write_batch(extract, group, key, starts[sample] + from, count, bad, output);
    }
}

static void allocate(struct extract *extract, const struct group *group, size_t batch)
{
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        const struct field *field = field_of(extract, group, i);
        if (field->is_category) {
            variable->sample_codes = new_array(extract, batch, sizeof *variable->sample_codes);
            continue;
        }
        variable->values = new_array(extract, batch * field->width, sizeof *variable->values);
        variable->sample = new_array(extract, field->tokens ? field->tokens->room : field->width, sizeof *variable->sample);
    }
}

static void release(struct extract *extract)
{
    for (size_t i = 0; i < extract->count; i++) {
        struct variable *variable = &extract->variables[i];
        free(variable->values);
        free(variable->sample);
        free(variable->sample_codes);
        variable->values = variable->sample = NULL;
        variable->sample_codes = NULL;
    }
}

void write_tokens(struct extract *extract, const struct group *group, uint64_t begin, uint64_t end, struct pid_stream_output *output)
{
    struct pid_error error;
    size_t batch = batch_rows(extract, group);
    uint64_t *starts = starts_of(extract, group);
    bool *bad = new_array(extract, batch, sizeof *bad);
    struct pid_kmeans *kmeans = pid_kmeans_new(NULL, &error);
    if (!kmeans) pid_program_fail(extract->program, &error);
    allocate(extract, group, batch);
    for (uint64_t sample = begin; sample < end && extract->written < extract->limit; sample++) {
        size_t length = (size_t)(starts[sample + 1] - starts[sample]);
        if (length == 0) continue;
        struct pid_key key = {0};
        must(extract, pid_key_copy(&key, &group->key, &error), &error);
        must(extract, pid_key_set_integer(&key, "sample", (int64_t)sample, &error), &error);
        read_sample(extract, group, kmeans, sample, length);
        write_sample(extract, group, &key, starts, sample, batch, bad, output);
        pid_key_release(&key);
        pid_program_progress(extract->program, "group %zu of %zu: %llu of %llu samples", (size_t)(group - extract->groups) + 1,
                             extract->group_count, (unsigned long long)(sample - begin), (unsigned long long)(end - begin));
    }
    release(extract);
    pid_kmeans_free(kmeans);
    free(bad);
    free(starts);
}
