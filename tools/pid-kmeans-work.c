/* pid-kmeans: from records to labels.
 *
 * Learning takes the input in stretches: as many whole groups as fit a window where the header promises that a group's
 * records follow each other, otherwise everything.  Of each stretch the training rows are sampled while it is read and
 * stored; then its groups are learnt, and its records labelled in their order. */
#include "pid-kmeans-work.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Groups together in one stretch; of those below SMALL_FLOATS, each thread learns its own. */
enum { WINDOW_BYTES = 16 << 20, SMALL_FLOATS = 1 << 21 };

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
    label_store(w);
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
    work_check_finite(w, record);
    struct group *group = groups_find(w->s, &w->groups, key, w->header->variable_count, true);
    const struct held *held = store_add(w->store, w->input, record, group, w->sample_bytes);
    for (size_t v = 0; v < w->header->variable_count; v++) {
        struct model *m = &group->models[v];
        const struct pid_column *column = &record->batch.columns[v];
        uint64_t before = m->lent ? 0 : m->kept;
        if (!w->s->plans[v].learnt || record->batch.rows == 0) continue;
        model_offer(w->s, v, m, column->bytes, record->batch.rows, column->dim, held ? (float *)(uintptr_t)held->batch.columns[v].values : NULL);
        if (!m->lent) w->sample_bytes += (m->kept - before) * m->dim * sizeof *m->sample;
    }
    group->rows += record->batch.rows;
    w->rows += record->batch.rows;
}

static void release(struct work *w)
{
    for (size_t i = 0; i < w->s->program->jobs; i++) {
        pid_kmeans_free(w->engines[i].kmeans);
        pid_transform_scratch_free(w->engines[i].scratch);
        free(w->engines[i].image);
        free(w->engines[i].buffer);
        free(w->engines[i].run);
        pid_arena_release(&w->engines[i].arena);
    }
    pid_kmeans_free(w->team.kmeans);
    pid_transform_scratch_free(w->team.scratch);
    free(w->engines);
    pid_workers_free(w->workers);
    store_free(w->store);
    skim_free(w->skimmed);
    groups_free(&w->groups, w->header->variable_count);
    label_release(w);
    pthread_mutex_destroy(&w->lookup);
}

void learn(struct settings *s, struct pid_input *input)
{
    struct work w = {.s = s, .input = input, .header = &input->header};
    struct pid_record record;
    pthread_mutex_init(&w.lookup, NULL);
    start_engines(&w);
    w.store = store_new(s, w.header);
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
    bool skimmed = skim_sample(&w);
    while (!skimmed && pid_input_next(input, &record)) {
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

void assign(struct settings *s, struct pid_input *input)
{
    struct work w = {.s = s, .input = input, .header = &input->header};
    pthread_mutex_init(&w.lookup, NULL);
    start_engines(&w);
    codebook_read(s, w.header, &w.groups);
    open_output(&w);
    label_input(&w);
    pid_stream_output_finish(&w.output);
    release(&w);
}
