/* pid-kmeans: one variable of one group, from training rows to labels. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "clustering/bins.h"
#include "pid-kmeans.h"

const char *const method_names[] = {"kmeans", "argmax", "width", "quantile", NULL};

static uint32_t greatest_k(const struct settings *s, size_t variable)
{
    uint32_t k = 0;
    for (size_t c = 0; c < s->combination_count; c++) {
        uint32_t own = s->combinations[c].k ? s->combinations[c].k : s->plans[variable].k;
        if (own > k) k = own;
    }
    return k;
}

/* By default a sample has room in half of --memory. */
uint64_t model_train_rows(const struct settings *s, size_t variable, uint64_t dim)
{
    if (s->train_rows) return s->train_rows;
    uint64_t k = greatest_k(s, variable), rows = TRAIN_ROWS_PER_CLUSTER * k, variables = 0;
    for (size_t v = 0; v < PID_VARIABLES_MAX; v++) variables += s->plans[v].learnt;
    uint64_t fit = s->memory / 2 / variables / (dim ? dim : 1) / sizeof(float);
    return rows <= fit ? rows : fit > k ? fit : k;
}

uint64_t model_place(const struct settings *s, size_t variable, uint64_t seen)
{
    return pid_random_below(s->program->seed, pid_random_stream(PID_RANDOM_CLUSTER_SAMPLE, (uint32_t)variable), seen, seen + 1);
}

enum { SAMPLE_FLOATS = 1 << 20 };

/* Values are float32 aligned to nothing.  Keeps a uniform sample of the rows offered so far (Vitter 1985, algorithm R); all rows, in order, while there is room. */
void model_offer(const struct settings *s, size_t variable, struct model *m, const void *values, uint64_t rows, uint64_t dim, float *lent)
{
    struct pid_error error;
    if (s->plans[variable].method == METHOD_ARGMAX) {
        m->dim = dim;
        return;
    }
    if (m->seen && m->dim != dim) {
        pid_error_set(&error, PID_ERROR_DATA, "a vector of %llu columns after one of %llu", (unsigned long long)dim, (unsigned long long)m->dim);
        pid_program_fail(s->program, &error);
    }
    m->dim = dim;
    uint64_t limit = model_train_rows(s, variable, dim);
    size_t row_bytes = dim * sizeof *m->sample;
    if (lent && m->seen == 0 && rows <= limit) {
        m->lent = lent;
        m->kept = m->seen = rows;
        return;
    }
    if (m->lent) {
        must(s, pid_array_grow((void **)&m->sample, &m->sample_room, m->kept * dim, sizeof *m->sample, &error), &error);
        memcpy(m->sample, m->lent, m->kept * row_bytes);
        m->lent = NULL;
    }
    uint64_t direct = m->kept < limit ? limit - m->kept : 0;
    if (direct > rows) direct = rows;
    /* A sample that has become large will be full: room for all of it at once saves copies, and is not touched before use. */
    uint64_t room = m->kept + direct;
    if (room * dim > SAMPLE_FLOATS && limit <= s->memory / dim / sizeof(float)) room = limit;
    must(s, pid_array_grow((void **)&m->sample, &m->sample_room, room * dim, sizeof *m->sample, &error), &error);
    memcpy(m->sample + m->kept * dim, values, direct * row_bytes);
    m->kept += direct;
    m->seen += direct;
    for (uint64_t i = direct; i < rows; i++) {
        uint64_t place = model_place(s, variable, m->seen++);
        if (place < m->kept) memcpy(m->sample + place * dim, (const char *)values + i * row_bytes, row_bytes);
    }
}

static float *rows_of(const struct model *m)
{
    return m->lent ? m->lent : m->sample;
}

static enum pid_status reserve_fit(struct fit *f, uint32_t k, size_t width, struct pid_error *error)
{
    f->k = k;
    f->objective = 0;
    f->iterations = f->empty = 0;
    f->converged = true;
    if (pid_array_grow((void **)&f->centroids, &f->centroid_room, k * width, sizeof *f->centroids, error)) return error->status;
    return pid_array_grow((void **)&f->sizes, &f->size_room, k, sizeof *f->sizes, error);
}

static enum pid_status fit_bins(struct model *m, struct fit *f, struct pid_error *error)
{
    if (m->dim != 1)
        return pid_error_set(error, PID_ERROR_ARGUMENT, "bins are for vectors of one column, not %llu", (unsigned long long)m->dim);
    if (reserve_fit(f, f->k, 1, error)) return error->status;
    if (m->method == METHOD_WIDTH) pid_bins_width(rows_of(m), m->kept, f->k, f->centroids);
    else pid_bins_quantile(rows_of(m), m->kept, f->k, f->centroids);
    uint32_t *labels = pid_array_new(m->kept, sizeof *labels, error);
    if (!labels) return error->status;
    pid_bins_label(f->centroids, f->k, rows_of(m), m->kept, labels);
    memset(f->sizes, 0, f->k * sizeof *f->sizes);
    for (uint64_t i = 0; i < m->kept; i++) f->sizes[labels[i]]++;
    for (uint32_t j = 0; j < f->k; j++) f->empty += f->sizes[j] == 0;
    free(labels);
    return PID_OK;
}

/* Whether the training rows are all rows, so that learning has labelled them: to the bit as model_label would. */
static bool model_knows_labels(const struct model *m)
{
    return m->method == METHOD_KMEANS && m->seen == m->kept && m->seen > 0;
}

static enum pid_status fit_kmeans(const struct settings *s, size_t variable, const struct combination *c, struct model *m,
                                  struct fit *f, struct engine *engine, struct pid_error *error)
{
    struct pid_kmeans_options o = s->kmeans;
    struct pid_kmeans_result r;
    o.k = f->k;
    if (!o.restarts) o.restarts = m->kept <= RESTART_ROWS ? RESTARTS_FEW_ROWS : 1;
    o.seed = c->seed;
    o.stream = (uint32_t)variable;
    size_t width = m->transform.out;
    if (pid_kmeans_run(engine->kmeans, rows_of(m), m->kept, width, &o, &r, error) || reserve_fit(f, f->k, width, error)) return error->status;
    memcpy(f->centroids, r.centroids, f->k * width * sizeof *f->centroids);
    memcpy(f->sizes, r.sizes, f->k * sizeof *f->sizes);
    f->objective = r.objective / m->transform.scale / m->transform.scale;
    f->iterations = r.iterations;
    f->empty = r.empty;
    f->converged = r.converged;
    if (model_knows_labels(m)) {
        if (pid_array_grow((void **)&f->labels, &f->label_room, m->kept, sizeof *f->labels, error)) return error->status;
        memcpy(f->labels, r.labels, m->kept * sizeof *f->labels);
    }
    return pid_panels_pack(&f->panels, f->centroids, f->k, width, error);
}

enum pid_status model_fit(const struct settings *s, size_t variable, struct model *m, struct engine *engine,
                          struct pid_workers *workers, struct pid_error *error)
{
    const struct plan *plan = &s->plans[variable];
    m->method = plan->method;
    if (m->fit_count != s->combination_count) {
        m->fits = pid_array_new(s->combination_count, sizeof *m->fits, error);
        if (!m->fits) return error->status;
        m->fit_count = s->combination_count;
    }
    for (size_t c = 0; c < m->fit_count; c++) {
        m->fits[c].k = s->combinations[c].k ? s->combinations[c].k : plan->k;
        if (plan->method == METHOD_KMEANS && m->fits[c].k > m->kept)
            return pid_error_set(error, PID_ERROR_ARGUMENT, "%u clusters of %llu rows: ask for at most as many clusters as rows",
                                 m->fits[c].k, (unsigned long long)m->kept);
    }
    struct pid_transform_options o = s->transform;
    o.components = plan->components;
    if (plan->method == METHOD_KMEANS && pid_transform_fit(&m->transform, &o, rows_of(m), m->kept, m->dim, workers, engine->scratch, error))
        return error->status;
    for (size_t c = 0; c < m->fit_count; c++) {
        struct fit *f = &m->fits[c];
        enum pid_status status = PID_OK;
        switch (plan->method) {
        case METHOD_KMEANS: status = fit_kmeans(s, variable, &s->combinations[c], m, f, engine, error); break;
        case METHOD_WIDTH: case METHOD_QUANTILE: status = fit_bins(m, f, error); break;
        case METHOD_ARGMAX: case METHODS: f->k = (uint32_t)m->dim; f->converged = true; break;
        }
        if (status) return status;
    }
    return PID_OK;
}

/* The rows are transformed in parts that stay in a cache. */
enum { LABEL_FLOATS = 1 << 16, LABEL_ROWS = 16 * PID_TILE_ROWS };

enum pid_status model_label(const struct model *m, const void *values, uint64_t first, size_t rows, struct engine *engine,
                            uint32_t **labels, struct pid_error *error)
{
    if (model_knows_labels(m) && first != MODEL_ANY_ROWS) {
        for (size_t c = 0; c < m->fit_count; c++) memcpy(labels[c], m->fits[c].labels + first, rows * sizeof **labels);
        return PID_OK;
    }
    if (m->method != METHOD_KMEANS) {
        for (size_t c = 0; c < m->fit_count; c++)
            if (m->method == METHOD_ARGMAX) pid_label_greatest(values, rows, m->dim, labels[c]);
            else pid_bins_label(m->fits[c].centroids, m->fits[c].k, values, rows, labels[c]);
        return PID_OK;
    }
    const struct pid_transform *t = &m->transform;
    if (pid_array_grow((void **)&engine->image, &engine->image_room, LABEL_ROWS * t->out, sizeof(float), error) ||
        pid_array_grow((void **)&engine->buffer, &engine->buffer_room, PID_TILE_ROWS * t->d, sizeof(float), error))
        return error->status;
    const float *at[LABEL_ROWS];
    size_t step = LABEL_FLOATS / t->out / PID_TILE_ROWS * PID_TILE_ROWS;
    if (step > LABEL_ROWS) step = LABEL_ROWS;
    if (step < PID_TILE_ROWS) step = PID_TILE_ROWS;
    for (size_t i = 0; i < rows; i += step) {
        size_t count = rows - i < step ? rows - i : step;
        pid_transform_apply(t, (const char *)values + i * t->d * sizeof(float), count, engine->buffer, engine->image);
        for (size_t r = 0; r < count; r++) at[r] = engine->image + r * t->out;
        for (size_t c = 0; c < m->fit_count; c++) pid_panels_best(&m->fits[c].panels, at, count, labels[c] + i, NULL);
    }
    return PID_OK;
}

void model_release(struct model *m)
{
    for (size_t c = 0; c < m->fit_count; c++) {
        pid_panels_release(&m->fits[c].panels);
        free(m->fits[c].centroids);
        free(m->fits[c].sizes);
        free(m->fits[c].labels);
    }
    free(m->fits);
    free(m->sample);
    pid_transform_release(&m->transform);
    *m = (struct model){0};
}
