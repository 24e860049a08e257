/* pid-kmeans: from records and codebooks to labels, in the order of the input. */
#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "base/memory.h"
#include "pid-kmeans-work.h"

enum { BATCH_RECORDS = 32 };

/* For each thread: what is read at a time of the input, where a larger record comes whole, and of what is stored. */
enum { BATCH_BYTES = 4 << 20, BATCH_RUNS = 16 };

enum pid_status work_finite(const struct work *w, const struct pid_record *record, struct pid_error *error)
{
    for (size_t v = 0; v < w->header->variable_count; v++) {
        const struct pid_column *column = &record->batch.columns[v];
        if (!w->s->plans[v].learnt) continue;
        size_t row = pid_finite_first_bad(column->bytes, record->batch.rows, column->dim);
        if (row == record->batch.rows) continue;
        return pid_error_set(error, PID_ERROR_DATA, "row %llu of variable '%s' holds NaN or infinity: pid-extract --nan=drop leaves such rows out",
                             (unsigned long long)(record->batch.row + row), w->header->variables[v].name);
    }
    return PID_OK;
}

void work_check_finite(const struct work *w, const struct pid_record *record)
{
    struct pid_error error;
    if (work_finite(w, record, &error)) pid_input_fail(w->input, &error);
}

static void label_failed(const struct work *w, const struct held *held, size_t v, struct pid_error *error)
{
    char text[200];
    pid_error_prefix(error, "key %s: variable '%s'", pid_key_format(&held->group->key, text, sizeof text), w->header->variables[v].name);
}

static enum pid_status label_record(struct work *w, struct held *held, struct engine *engine, struct pid_error *error)
{
    size_t combinations = w->s->combination_count, variables = w->header->variable_count, rows = held->batch.rows;
    if (pid_array_grow((void **)&held->labels, &held->label_room, combinations * variables * rows, sizeof *held->labels, error)) return error->status;
    uint32_t **labels = pid_array_new(combinations, sizeof *labels, error);
    if (!labels) return error->status;
    enum pid_status status = PID_OK;
    for (size_t v = 0; v < variables && !status; v++) {
        const struct pid_column *column = &held->batch.columns[v];
        const struct model *m = &held->group->models[v];
        if (!w->s->plans[v].labelled) continue;
        for (size_t c = 0; c < combinations; c++) labels[c] = held->labels + (c * variables + v) * rows;
        if (w->s->plans[v].labels)
            for (size_t c = 0; c < combinations; c++) memcpy(labels[c], held->own[v], rows * sizeof **labels);
        else if (rows && column->dim != m->dim)
            status = pid_error_set(error, PID_ERROR_DATA, "%llu columns, but the codebook has %llu", (unsigned long long)column->dim, (unsigned long long)m->dim);
        else
            status = model_label(m, column->values ? column->values : column->bytes, held->first, rows, engine, labels, error);
        if (status) label_failed(w, held, v, error);
    }
    free(labels);
    return status;
}

static void write_labels(struct work *w, const struct held *held)
{
    struct pid_error error;
    struct pid_column columns[PID_VARIABLES_MAX];
    size_t variables = w->header->variable_count;
    for (size_t c = 0; c < w->s->combination_count; c++) {
        const struct combination *combination = &w->s->combinations[c];
        struct pid_record record = {.key = held->key, .batch = {held->batch.row, held->batch.rows, columns}};
        struct pid_key key = {0};
        for (size_t v = 0; v < variables; v++)
            columns[v] = w->s->plans[v].labelled ? (struct pid_column){.codes = held->labels + (c * variables + v) * held->batch.rows} : held->batch.columns[v];
        if (combination->adds_k || combination->adds_seed) {
            must(w->s, pid_key_copy(&key, &held->key, &error), &error);
            if (combination->adds_k) must(w->s, pid_key_set_integer(&key, "k", combination->k, &error), &error);
            if (combination->adds_seed) must(w->s, pid_key_set_integer(&key, "seed", (int64_t)combination->seed, &error), &error);
            record.key = key;
        }
        pid_stream_output_record(&w->output, &record);
        pid_key_release(&key);
    }
}

static void write_items(struct work *w, struct held **items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_labels(w, items[i]);
        w->labelled += items[i]->batch.rows;
    }
    if (count) pid_program_progress(w->s->program, "%llu rows labelled", (unsigned long long)w->labelled);
}

/* Where --labels has those of the record's rows. */
static void find_own(const struct work *w, struct held *held)
{
    struct pid_error error;
    must(w->s, pid_array_grow((void **)&held->own, &held->own_room, w->header->variable_count, sizeof *held->own, &error), &error);
    for (size_t v = 0; v < w->header->variable_count; v++)
        if (w->s->plans[v].labels)
            held->own[v] = labels_rows(w->s, w->s->plans[v].labels, &held->key, held->batch.row, held->batch.rows);
}

/* The record's group, and its labels that were made elsewhere. */
static void find_group(struct work *w, struct held *held)
{
    struct pid_key key = group_key(w->s, &held->key);
    held->group = groups_find(w->s, &w->groups, &key, w->header->variable_count, false);
    if (!held->group) {
        struct pid_error error;
        char text[200];
        pid_error_set(&error, PID_ERROR_DATA, "%s: no codebook for key %s", w->s->codebook ? w->s->codebook : "the input changed",
                      pid_key_format(&key, text, sizeof text));
        pid_program_fail(w->s->program, &error);
    }
    find_own(w, held);
}

/* Another item of the batch, with storage of its own. */
static struct held *add_item(const struct work *w, struct batch *batch)
{
    struct pid_error error;
    if (batch->count == batch->made) {
        must(w->s, pid_array_grow((void **)&batch->items, &batch->room, batch->made + 1, sizeof *batch->items, &error), &error);
        batch->items[batch->made++] = must_have(w->s, pid_array_new(1, sizeof(struct held), &error), &error);
    }
    return batch->items[batch->count++];
}

static void release_batch(struct batch *batch)
{
    for (size_t i = 0; i < batch->made; i++) {
        held_release(batch->items[i]);
        free(batch->items[i]);
    }
    free(batch->items);
}

void label_release(struct work *w)
{
    release_batch(&w->present);
    release_batch(&w->next);
    for (size_t i = 0; i < w->runs_made; i++) release_batch(&w->runs[i]);
    free(w->runs);
}

static enum pid_status item_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct work *w = context;
    return label_record(w, w->items[task], &w->engines[worker], error);
}

static void label_items(struct work *w, struct held **items, size_t count)
{
    struct pid_error error;
    w->items = items;
    for (size_t i = 0; i < count; i++) {
        find_group(w, items[i]);
        items[i]->first = items[i]->group->labelled;
        items[i]->group->labelled += items[i]->batch.rows;
    }
    must(w->s, pid_workers_run(w->workers, count, item_task, w, &error), &error);
    write_items(w, items, count);
}

/* Reads a run, and labels it while it is in a near cache. */
static enum pid_status run_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct work *w = context;
    struct engine *engine = &w->engines[worker];
    struct batch *batch = &w->runs[task];
    size_t number = w->first_run + task, bytes = store_run_bytes(w->store, number), used;
    uint64_t row = store_run_row(w->store, number), place = store_run_record(w->store, number);
    if (pid_array_grow((void **)&engine->run, &engine->run_room, bytes, 1, error) ||
        store_load(w->store, number, engine->run, error))
        return error->status;
    bool vectors = false; /* copied, so that they are aligned */
    for (size_t v = 0; v < w->header->variable_count; v++) vectors |= w->s->plans[v].labelled && w->s->plans[v].method != METHOD_KMEANS;
    batch->count = 0;
    for (size_t at = 0; at < bytes; at += used) {
        struct pid_record record;
        place++;
        if (pid_record_decode(engine->run + at, bytes - at, w->header, vectors, &engine->arena, &used, &record, error) ||
            (w->skimmed && skim_check(w, row, &record, error)))
            return pid_error_prefix(error, "%s: record %llu", pid_reader_name(w->input->reader), (unsigned long long)place);
        row += record.batch.rows;
        struct held *held = add_item(w, batch);
        held_set(w->s, w->header, held, &record, false);
        pthread_mutex_lock(&w->lookup);
        find_group(w, held);
        pthread_mutex_unlock(&w->lookup);
        held->first = MODEL_ANY_ROWS;
        if (label_record(w, held, engine, error)) return error->status;
    }
    return PID_OK;
}

static void label_runs(struct work *w, size_t count)
{
    struct pid_error error;
    if (count > w->runs_made) {
        must(w->s, pid_array_grow((void **)&w->runs, &w->runs_room, count, sizeof *w->runs, &error), &error);
        memset(w->runs + w->runs_made, 0, (count - w->runs_made) * sizeof *w->runs);
        w->runs_made = count;
    }
    must(w->s, pid_workers_run(w->workers, count, run_task, w, &error), &error);
    for (size_t r = 0; r < count; r++) write_items(w, w->runs[r].items, w->runs[r].count);
}

void label_store(struct work *w)
{
    size_t count, runs = store_runs(w->store), most = BATCH_RUNS * w->s->program->jobs;
    struct held **items = store_items(w->store, &count);
    for (size_t i = 0; i < count; i += BATCH_RECORDS) label_items(w, items + i, count - i < BATCH_RECORDS ? count - i : BATCH_RECORDS);
    for (w->first_run = 0; w->first_run < runs; w->first_run += most)
        label_runs(w, runs - w->first_run < most ? runs - w->first_run : most);
    if (w->skimmed) skim_end(w);
    store_empty(w->store);
}

static void read_batch(struct work *w, struct batch *batch)
{
    struct pid_record record;
    batch->count = 0;
    for (size_t bytes = 0; !w->input_ended && batch->count < BATCH_RECORDS && bytes < w->s->program->jobs * BATCH_BYTES;) {
        w->input_ended = !pid_input_next(w->input, &record);
        if (w->input_ended) break;
        work_check_finite(w, &record);
        struct held *held = add_item(w, batch);
        held_set(w->s, w->header, held, &record, true);
        bytes += held->bytes_used;
    }
}

/* Task 0 reads the next batch while the others label the present one. */
static enum pid_status input_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct work *w = context;
    if (task > 0) return label_record(w, w->present.items[task - 1], &w->engines[worker], error);
    read_batch(w, &w->next);
    return PID_OK;
}

void label_input(struct work *w)
{
    struct pid_error error;
    do {
        for (size_t i = 0; i < w->present.count; i++) {
            find_group(w, w->present.items[i]);
            w->present.items[i]->first = MODEL_ANY_ROWS;
        }
        must(w->s, pid_workers_run(w->workers, w->present.count + 1, input_task, w, &error), &error);
        write_items(w, w->present.items, w->present.count);
        struct batch swap = w->present;
        w->present = w->next;
        w->next = swap;
    } while (w->present.count);
}
