/* pid-sample: a uniform sample of the rows of each key, which can be drawn from shards.
 *
 * Each row gets a random number that depends on the seed, its key and its number alone, and the rows with the least ones are kept
 * ("bottom-k": Cohen, Kaplan 2007).  So the sample of a whole is the sample of the samples of its shards. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "program/input.h"
#include "program/output.h"

enum { OPTION_ROWS, OPTION_PER };
static const struct pid_option option_list[] = {
    [OPTION_ROWS] = {"rows", 'n', "N", "how many rows of each key to keep; all where there are fewer", false},
    [OPTION_PER] = {"per", 0, "KEYS", "keep N rows for each value of these keys, as in model,layer; '' for N in all;\n"
                                      "default: all keys but sample", false},
};

/* A row that is kept. */
struct row {
    uint64_t draw; /* its random number */
    uint64_t number;
    const struct pid_key *key; /* among sample->keys */
    uint64_t *dims;       /* one a variable; 0 for a category */
    unsigned char *bytes; /* its values, variable after variable */
    size_t room;
};

/* A heap with the row on top that goes next. */
struct group {
    struct pid_key key;
    struct row **rows;
    size_t count, room;
};

struct sample {
    struct pid_program *program;
    const struct pid_header *header;
    size_t keep;
    char **per;           /* NULL: all keys but sample */
    size_t per_count;
    struct group *groups; /* in the order of their keys */
    size_t group_count, group_room, last;
    struct pid_key **keys; /* of rows that were kept; the last is that of the rows at hand, if any of those was */
    size_t key_count, key_room;
};

static void must(const struct sample *sample, enum pid_status status, const struct pid_error *error)
{
    if (status) pid_program_fail(sample->program, error);
}

static void *must_have(const struct sample *sample, void *pointer, const struct pid_error *error)
{
    if (!pointer) pid_program_fail(sample->program, error);
    return pointer;
}

/* By draw; rows that drew the same, by key and number, so that the order of arrival never counts. */
static bool is_less(const struct row *a, const struct row *b)
{
    if (a->draw != b->draw) return a->draw < b->draw;
    int order = pid_key_compare(a->key, b->key);
    return order ? order < 0 : a->number < b->number;
}

static void swap(struct row **a, struct row **b)
{
    struct row *row = *a;
    *a = *b;
    *b = row;
}

static void sift_up(struct row **rows, size_t i)
{
    for (; i && is_less(rows[(i - 1) / 2], rows[i]); i = (i - 1) / 2) swap(&rows[i], &rows[(i - 1) / 2]);
}

static void sift_down(struct row **rows, size_t count)
{
    for (size_t i = 0, child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && is_less(rows[child], rows[child + 1])) child++;
        if (!is_less(rows[i], rows[child])) return;
        swap(&rows[i], &rows[child]);
    }
}

static struct group *find_group(struct sample *sample, const struct pid_key *key)
{
    struct pid_error error;
    if (sample->last < sample->group_count && pid_key_equal(&sample->groups[sample->last].key, key)) return &sample->groups[sample->last];
    size_t low = 0, high = sample->group_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = pid_key_compare(&sample->groups[middle].key, key);
        if (order == 0) return &sample->groups[sample->last = middle];
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    must(sample, pid_array_grow((void **)&sample->groups, &sample->group_room, sample->group_count + 1, sizeof *sample->groups, &error), &error);
    memmove(&sample->groups[low + 1], &sample->groups[low], (sample->group_count++ - low) * sizeof *sample->groups);
    sample->groups[low] = (struct group){0};
    must(sample, pid_key_copy(&sample->groups[low].key, key, &error), &error);
    return &sample->groups[sample->last = low];
}

/* The key of a row that is kept: a copy that lasts. */
static const struct pid_key *keep_key(struct sample *sample, const struct pid_key *key)
{
    struct pid_error error;
    if (sample->key_count && pid_key_equal(sample->keys[sample->key_count - 1], key)) return sample->keys[sample->key_count - 1];
    must(sample, pid_array_grow((void **)&sample->keys, &sample->key_room, sample->key_count + 1, sizeof *sample->keys, &error), &error);
    struct pid_key *copy = must_have(sample, pid_array_new(1, sizeof *copy, &error), &error);
    must(sample, pid_key_copy(copy, key, &error), &error);
    return sample->keys[sample->key_count++] = copy;
}

/* Fills `row`, whose storage is used again. */
static void copy_row(const struct sample *sample, struct row *row, const struct pid_batch *batch, uint64_t at)
{
    struct pid_error error;
    size_t variables = sample->header->variable_count, bytes = 0, used = 0;
    for (size_t v = 0; v < variables; v++) bytes += sizeof(float) * (sample->header->variables[v].type == PID_TYPE_VECTOR ? batch->columns[v].dim : 1);
    must(sample, pid_array_grow((void **)&row->bytes, &row->room, bytes, 1, &error), &error);
    if (!row->dims) row->dims = must_have(sample, pid_array_new(variables, sizeof *row->dims, &error), &error);
    for (size_t v = 0; v < variables; v++) {
        const struct pid_column *column = &batch->columns[v];
        bool vector = sample->header->variables[v].type == PID_TYPE_VECTOR;
        row->dims[v] = vector ? column->dim : 0;
        size_t size = vector ? column->dim * sizeof(float) : sizeof(uint32_t);
        memcpy(row->bytes + used, vector ? (const void *)(column->values + at * column->dim) : (const void *)(column->codes + at), size);
        used += size;
    }
}

static void offer(struct sample *sample, struct group *group, const struct pid_record *record)
{
    struct pid_error error;
    const struct pid_batch *batch = &record->batch;
    uint64_t stream = pid_random_stream(PID_RANDOM_ROWS, (uint32_t)pid_key_hash(&record->key));
    for (uint64_t i = 0; i < batch->rows; i++) {
        uint64_t number = batch->row + i, draw = pid_random_bits(sample->program->seed, stream, number);
        bool full = group->count == sample->keep;
        if (full && draw > group->rows[0]->draw) continue;
        struct row row = {.draw = draw, .number = number, .key = keep_key(sample, &record->key)}, *kept;
        if (full && !is_less(&row, group->rows[0])) continue;
        if (full) {
            kept = group->rows[0];
        } else {
            must(sample, pid_array_grow((void **)&group->rows, &group->room, group->count + 1, sizeof *group->rows, &error), &error);
            kept = group->rows[group->count] = must_have(sample, pid_array_new(1, sizeof *kept, &error), &error);
        }
        kept->draw = draw;
        kept->number = number;
        kept->key = row.key;
        copy_row(sample, kept, batch, i);
        if (full) sift_down(group->rows, group->count);
        else sift_up(group->rows, group->count++);
    }
}

static int compare_places(const void *left, const void *right)
{
    const struct row *a = *(struct row *const *)left, *b = *(struct row *const *)right;
    int order = pid_key_compare(a->key, b->key);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* A row as one record. */
static void write_row(const struct sample *sample, struct pid_stream_output *output, const struct row *row)
{
    struct pid_column columns[PID_VARIABLES_MAX] = {{0}};
    const unsigned char *at = row->bytes;
    for (size_t v = 0; v < sample->header->variable_count; v++) {
        bool vector = sample->header->variables[v].type == PID_TYPE_VECTOR;
        columns[v] = vector ? (struct pid_column){.dim = row->dims[v], .values = (const float *)(const void *)at}
                            : (struct pid_column){.codes = (const uint32_t *)(const void *)at};
        at += vector ? row->dims[v] * sizeof(float) : sizeof(uint32_t);
    }
    struct pid_record record = {.key = *row->key, .batch = {.row = row->number, .rows = 1, .columns = columns}};
    pid_stream_output_record(output, &record);
}

/* A sample of samples of the same size and seed is the sample that one would have drawn: its history is the same. */
static bool is_sampled(const struct sample *sample)
{
    const struct pid_header *header = sample->header;
    struct pid_error error;
    if (!header->stage_count) return false;
    struct pid_header theirs = {.history = &header->history[header->stage_count - 1], .stage_count = 1};
    struct pid_header ours = {.history = &sample->program->stage, .stage_count = 1};
    return !pid_header_match_history(&theirs, &ours, &error);
}

/* Before the input is read, so that a wrong --output is told at once. */
static void open_output(const struct sample *sample, struct pid_stream_output *output)
{
    struct pid_header header = *sample->header;
    header.grouped = !sample->per;
    if (is_sampled(sample)) pid_stream_output_open_unchanged(output, sample->program, &header);
    else pid_stream_output_open(output, sample->program, &header);
}

static void write_sample(struct sample *sample, struct pid_stream_output *output)
{
    for (size_t g = 0; g < sample->group_count; g++) {
        struct group *group = &sample->groups[g];
        qsort(group->rows, group->count, sizeof *group->rows, compare_places);
        for (size_t i = 0; i < group->count; i++) {
            write_row(sample, output, group->rows[i]);
            free(group->rows[i]->dims);
            free(group->rows[i]->bytes);
            free(group->rows[i]);
        }
        pid_key_release(&group->key);
        free(group->rows);
    }
    free(sample->groups);
    for (size_t i = 0; i < sample->key_count; i++) {
        pid_key_release(sample->keys[i]);
        free(sample->keys[i]);
    }
    free(sample->keys);
    pid_stream_output_finish(output);
}

static struct pid_key group_key(const struct sample *sample, const struct pid_key *key)
{
    static const char *const rows_of_one[] = {"sample"};
    return sample->per ? pid_key_view(key, (const char *const *)sample->per, sample->per_count, true) : pid_key_view(key, rows_of_one, 1, false);
}

int main(int argc, char **argv)
{
    struct pid_program program = {
        .name = "pid-sample",
        .summary = "Keeps a uniform sample of the rows of each key; the sample of shards' samples is the sample of the whole.",
        .operands = "[FILE...]",
        .examples = "  pid-sample -n 16384 samples.mp | pid-kmeans -k 64 --train-rows all --save-codebook codebook.mp >/dev/null\n"
                    "  pid-sample -n 16384 part-*.mp -o sample.mp\n",
        .options = option_list,
        .option_count = sizeof option_list / sizeof *option_list,
        .default_seed = 1,
    };
    struct sample sample = {.program = &program};
    struct pid_input input;
    struct pid_record record;
    struct pid_stream_output output;
    const char *argument;
    pid_program_start(&program, argc, argv);
    for (int option; (option = pid_program_option(&program, &argument)) >= 0;) {
        switch (option) {
        case OPTION_ROWS: sample.keep = pid_program_unsigned(&program, option, argument, 1, (uint64_t)1 << 40); break;
        case OPTION_PER:
            pid_program_list_free(sample.per, sample.per_count);
            sample.per = pid_program_list(&program, option, argument, &sample.per_count);
            break;
        }
    }
    if (!sample.keep) pid_program_usage(&program, "say with --rows how many rows to keep");
    pid_input_open(&input, &program, 1u << PID_KIND_SAMPLES | 1u << PID_KIND_LABELS);
    sample.header = &input.header;
    open_output(&sample, &output);
    while (pid_input_next(&input, &record)) {
        struct pid_key key = group_key(&sample, &record.key);
        for (size_t i = 0; i < sample.per_count; i++) {
            struct pid_error error;
            if (pid_key_find(&record.key, sample.per[i])) continue;
            pid_error_set(&error, PID_ERROR_DATA, "has no key '%s', which --per asks for", sample.per[i]);
            pid_input_fail(&input, &error);
        }
        if (record.batch.rows) offer(&sample, find_group(&sample, &key), &record);
    }
    write_sample(&sample, &output);
    pid_input_close(&input);
    pid_program_list_free(sample.per, sample.per_count);
    return pid_program_end(&program);
}
