/* pid-kmeans: from records to labels.
 *
 * Learning takes the input in stretches: as many whole groups as fit a window where the header promises that a group's
 * records follow each other, otherwise everything.  Of each stretch the training rows are sampled while it is read and
 * stored; then its groups are learnt, and its records labelled in their order. */
#include "pid-kmeans-work.h"

#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "base/memory.h"

/* Groups together in one stretch; of those below SMALL_FLOATS, each thread learns its own. */
enum { WINDOW_BYTES = 16 << 20, SMALL_FLOATS = 1 << 21, BATCH_RECORDS = 32 };

struct work {
    struct settings *s;
    struct pid_input *input;
    const struct pid_header *header;
    struct pid_workers *workers;
    struct engine *engines;        /* one a thread, without threads of its own */
    struct engine team;            /* with all threads */
    struct store *store;
    struct groups groups;
    struct held_batch batches[2];
    struct held_batch *present, *next;
    struct pid_stream_output output, codebook;
    bool input_ended;
    uint64_t sample_bytes, rows, merged, fits;
};

static void more_from_input(struct work *w, struct held_batch *batch);

/* Vectors with NaN or infinity have no nearest centroid. */
static void check_finite(const struct work *w, const struct pid_record *record)
{
    struct pid_error error;
    for (size_t v = 0; v < w->header->variable_count; v++) {
        const struct pid_column *column = &record->batch.columns[v];
        if (!w->s->plans[v].learnt) continue;
        size_t row = pid_finite_first_bad(column->bytes, record->batch.rows, column->dim);
        if (row == record->batch.rows) continue;
        pid_error_set(&error, PID_ERROR_DATA, "row %llu of variable '%s' holds NaN or infinity: pid-extract --nan=drop leaves such rows out",
                      (unsigned long long)(record->batch.row + row), w->header->variables[v].name);
        pid_input_fail(w->input, &error);
    }
}

static void start_engines(struct work *w)
{
    struct pid_error error;
    struct settings *s = w->s;
    size_t jobs = s->program->jobs;
    w->workers = must_have(s, pid_workers_new(jobs, &error), &error);
    w->engines = must_have(s, pid_array_new(jobs, sizeof *w->engines, &error), &error);
    for (size_t i = 0; i < jobs; i++) {
        w->engines[i].kmeans = must_have(s, pid_kmeans_new(NULL, &error), &error);
        w->engines[i].scratch = must_have(s, pid_transform_scratch_new(&error), &error);
    }
    w->team.kmeans = must_have(s, pid_kmeans_new(w->workers, &error), &error);
    w->team.scratch = must_have(s, pid_transform_scratch_new(&error), &error);
    for (size_t b = 0; b < 2; b++) {
        w->batches[b].own_count = BATCH_RECORDS;
        w->batches[b].own = must_have(s, pid_array_new(BATCH_RECORDS, sizeof(struct held), &error), &error);
        w->batches[b].items = must_have(s, pid_array_new(BATCH_RECORDS, sizeof(struct held *), &error), &error);
    }
    w->present = &w->batches[0];
    w->next = &w->batches[1];
}

static void set_levels(const struct settings *s, struct pid_variable *variable, const struct labels *labels)
{
    struct pid_error error;
    char *const *names;
    variable->type = PID_TYPE_CATEGORY;
    variable->dim = 0;
    variable->levels = labels_levels(labels, &names);
    if (!names) return;
    variable->level_names = must_have(s, pid_array_new(variable->levels, sizeof *variable->level_names, &error), &error);
    for (uint64_t i = 0; i < variable->levels; i++) variable->level_names[i] = must_have(s, pid_string_copy(names[i], &error), &error);
}

/* The header of the labels: levels are 0 where combinations or groups have different ones. */
static void open_output(struct work *w)
{
    struct pid_error error;
    const struct settings *s = w->s;
    struct pid_header header;
    must(s, pid_header_copy(&header, w->header, &error), &error);
    header.kind = PID_KIND_LABELS;
    header.grouped = w->header->grouped && s->combination_count == 1;
    for (size_t v = 0; v < header.variable_count; v++) {
        struct pid_variable *variable = &header.variables[v];
        if (!s->plans[v].labelled) continue;
        if (s->plans[v].labels) {
            set_levels(s, variable, s->plans[v].labels);
            continue;
        }
        uint64_t levels = s->plans[v].method == METHOD_ARGMAX ? variable->dim : s->combination_count == 1 && s->combinations[0].k ? s->combinations[0].k : s->plans[v].k;
        for (size_t g = 0; s->codebook && g < w->groups.count; g++)
            for (size_t c = 0; c < s->combination_count; c++) {
                uint64_t k = w->groups.group[g]->models[v].fits[c].k;
                levels = (g == 0 && c == 0) || levels == k ? k : 0;
                if (!levels) break;
            }
        variable->type = PID_TYPE_CATEGORY;
        variable->dim = 0;
        variable->levels = levels;
    }
    pid_stream_output_open(&w->output, s->program, &header);
    pid_header_release(&header);
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
            status = model_label(m, column->values, held->first, rows, engine, labels, error);
        if (status) label_failed(w, held, v, error);
    }
    free(labels);
    return status;
}

/* Task 0 reads the next batch while the others label the present one. */
static enum pid_status label_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct work *w = context;
    if (task > 0) return label_record(w, w->present->items[task - 1], &w->engines[worker], error);
    if (w->store) store_read(w->store, w->next);
    else more_from_input(w, w->next);
    return PID_OK;
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

/* Where --labels has those of the record's rows. */
static void find_own(const struct work *w, struct held *held)
{
    struct pid_error error;
    must(w->s, pid_array_grow((void **)&held->own, &held->own_room, w->header->variable_count, sizeof *held->own, &error), &error);
    for (size_t v = 0; v < w->header->variable_count; v++)
        if (w->s->plans[v].labels)
            held->own[v] = labels_rows(w->s, w->s->plans[v].labels, &held->key, held->batch.row, held->batch.rows);
}

/* Labels and writes all that the store, or the input, holds. */
static void label_all(struct work *w)
{
    struct pid_error error;
    w->present->count = 0;
    do {
        for (size_t i = 0; i < w->present->count; i++) {
            struct held *held = w->present->items[i];
            struct pid_key key = group_key(w->s, &held->key);
            held->group = groups_find(w->s, &w->groups, &key, w->header->variable_count, false);
            char text[200];
            if (!held->group) {
                pid_error_set(&error, PID_ERROR_DATA, "%s: no codebook for key %s", w->s->codebook ? w->s->codebook : "the input changed",
                              pid_key_format(&key, text, sizeof text));
                pid_program_fail(w->s->program, &error);
            }
            find_own(w, held);
            held->first = held->group->labelled;
            held->group->labelled += held->batch.rows;
        }
        must(w->s, pid_workers_run(w->workers, w->present->count + 1, label_task, w, &error), &error);
        for (size_t i = 0; i < w->present->count; i++) write_labels(w, w->present->items[i]);
        struct held_batch *swap = w->present;
        w->present = w->next;
        w->next = swap;
    } while (w->present->count);
}

static enum pid_status fit_group(struct work *w, struct group *group, struct engine *engine, struct pid_workers *workers, struct pid_error *error)
{
    for (size_t v = 0; v < w->header->variable_count; v++) {
        if (!w->s->plans[v].learnt || group->rows == 0) continue;
        if (model_fit(w->s, v, &group->models[v], engine, workers, error)) {
            char text[200];
            return pid_error_prefix(error, "key %s: variable '%s'", pid_key_format(&group->key, text, sizeof text), w->header->variables[v].name);
        }
    }
    group->fitted = true;
    return PID_OK;
}

static bool is_small(const struct work *w, const struct group *group)
{
    uint64_t floats = 0;
    for (size_t v = 0; v < w->header->variable_count; v++) floats += group->models[v].kept * group->models[v].dim;
    return floats <= SMALL_FLOATS;
}

static enum pid_status fit_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct work *w = context;
    struct group *group = w->groups.group[task];
    return is_small(w, group) ? fit_group(w, group, &w->engines[worker], NULL, error) : PID_OK;
}

static void tell(struct work *w, const struct group *group)
{
    char text[200];
    pid_key_format(&group->key, text, sizeof text);
    for (size_t v = 0; v < w->header->variable_count; v++) {
        const struct model *m = &group->models[v];
        if (!w->s->plans[v].learnt || m->method == METHOD_ARGMAX) continue;
        for (size_t c = 0; c < m->fit_count; c++) {
            const struct fit *f = &m->fits[c];
            uint64_t least = UINT64_MAX, most = 0;
            for (uint32_t j = 0; j < f->k; j++) {
                if (f->sizes[j] < least) least = f->sizes[j];
                if (f->sizes[j] > most) most = f->sizes[j];
            }
            w->fits++;
            w->merged += f->empty > 0;
            if (m->method == METHOD_KMEANS)
                pid_program_note(w->s->program, "key %s: variable '%s': k %u, objective %.7g, %u iterations%s, sizes %llu to %llu of %llu training rows",
                                 text, w->header->variables[v].name, f->k, f->objective, f->iterations, f->converged ? "" : " (not converged)",
                                 (unsigned long long)least, (unsigned long long)most, (unsigned long long)m->kept);
        }
    }
}

/* Learns and labels the stretch that is stored. */
static void finish_stretch(struct work *w)
{
    struct pid_error error;
    must(w->s, pid_workers_run(w->workers, w->groups.count, fit_task, w, &error), &error);
    for (size_t g = 0; g < w->groups.count; g++) {
        struct group *group = w->groups.group[g];
        if (!group->fitted) must(w->s, fit_group(w, group, &w->team, w->workers, &error), &error);
        tell(w, group);
        if (w->s->save_codebook && group->rows) codebook_write(w->s, w->header, &w->codebook, group);
    }
    label_all(w);
    groups_clear(&w->groups);
    w->sample_bytes = 0;
}

/* Whether the records of each group follow each other: then the key of a group is the whole key. */
static bool starts_stretch(const struct work *w, const struct pid_key *key, const struct pid_record *record)
{
    return w->header->grouped && key->count == record->key.count && w->groups.count &&
           !pid_key_equal(&w->groups.group[w->groups.count - 1]->key, key) && store_holds(w->store, WINDOW_BYTES);
}

static void take_record(struct work *w, const struct pid_record *record, const struct pid_key *key)
{
    check_finite(w, record);
    struct group *group = groups_find(w->s, &w->groups, key, w->header->variable_count, true);
    for (size_t v = 0; v < w->header->variable_count; v++) {
        struct model *m = &group->models[v];
        uint64_t before = m->kept;
        if (!w->s->plans[v].learnt || record->batch.rows == 0) continue;
        model_offer(w->s, v, m, record->batch.columns[v].bytes, record->batch.rows, record->batch.columns[v].dim);
        w->sample_bytes += (m->kept - before) * m->dim * sizeof *m->sample;
    }
    group->rows += record->batch.rows;
    w->rows += record->batch.rows;
    store_add(w->store, w->input, record, group, w->sample_bytes);
}

static void release(struct work *w)
{
    for (size_t i = 0; i < w->s->program->jobs; i++) {
        pid_kmeans_free(w->engines[i].kmeans);
        pid_transform_scratch_free(w->engines[i].scratch);
        free(w->engines[i].image);
        free(w->engines[i].buffer);
    }
    pid_kmeans_free(w->team.kmeans);
    pid_transform_scratch_free(w->team.scratch);
    free(w->engines);
    pid_workers_free(w->workers);
    store_free(w->store);
    groups_free(&w->groups, w->header->variable_count);
    for (size_t b = 0; b < 2; b++) {
        for (size_t i = 0; i < BATCH_RECORDS; i++) held_release(&w->batches[b].own[i]);
        free(w->batches[b].own);
        free(w->batches[b].items);
    }
}

void learn(struct settings *s, struct pid_input *input)
{
    struct work w = {.s = s, .input = input, .header = &input->header};
    struct pid_record record;
    start_engines(&w);
    w.store = store_new(s, w.header, s->whole_input);
    open_output(&w);
    if (s->save_codebook) {
        struct pid_error error;
        struct pid_header header;
        must(s, pid_header_copy(&header, w.header, &error), &error);
        header.kind = PID_KIND_CODEBOOK;
        header.grouped = false;
        pid_stream_output_open_path(&w.codebook, s->program, &header, s->save_codebook);
        pid_header_release(&header);
    }
    while (pid_input_next(input, &record)) {
        struct pid_key key = group_key(s, &record.key);
        if (starts_stretch(&w, &key, &record)) finish_stretch(&w);
        take_record(&w, &record, &key);
        pid_program_progress(s->program, "%llu rows read", (unsigned long long)w.rows);
    }
    finish_stretch(&w);
    if (w.merged)
        pid_program_warn(s->program, "%llu of %llu clusterings have empty clusters: their rows have fewer distinct values than clusters",
                         (unsigned long long)w.merged, (unsigned long long)w.fits);
    struct pid_stream_output *const outputs[] = {&w.output, &w.codebook};
    pid_stream_outputs_finish(outputs, s->save_codebook ? 2 : 1);
    release(&w);
}

static void more_from_input(struct work *w, struct held_batch *batch)
{
    struct pid_record record;
    batch->count = 0;
    for (size_t bytes = 0; !w->input_ended && batch->count < batch->own_count && bytes < w->s->program->jobs * BATCH_BYTES;) {
        w->input_ended = !pid_input_next(w->input, &record);
        if (w->input_ended) break;
        check_finite(w, &record);
        struct held *held = &batch->own[batch->count];
        held_set(w->s, w->header, held, &record);
        batch->items[batch->count++] = held;
        bytes += held->bytes_used;
    }
}

void assign(struct settings *s, struct pid_input *input)
{
    struct work w = {.s = s, .input = input, .header = &input->header};
    start_engines(&w);
    codebook_read(s, w.header, &w.groups);
    open_output(&w);
    label_all(&w);
    pid_stream_output_finish(&w.output);
    release(&w);
}
