/* pid-kmeans: codebooks as streams of their own. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-kmeans.h"

static struct pid_array_field array(const char *name, enum pid_element element, uint64_t rows, uint64_t columns, const void *data)
{
    struct pid_array_field field = {.name = name, .element = element, .dims = columns ? 2 : 1, .shape = {rows, columns}, .data = data};
    return field;
}

static void write_fit(const struct settings *s, const struct pid_variable *variable, struct pid_stream_output *output,
                      const struct group *group, const struct model *m, size_t c)
{
    const struct combination *combination = &s->combinations[c];
    const struct fit *f = &m->fits[c];
    const struct pid_transform *t = &m->transform;
    bool kmeans = m->method == METHOD_KMEANS, projected = kmeans && t->options.components;
    char adds[8];
    struct pid_error error;
    struct pid_key key = {0};
    must(s, pid_key_copy(&key, &group->key, &error), &error);
    if (combination->adds_k) must(s, pid_key_set_integer(&key, "k", combination->k, &error), &error);
    if (combination->adds_seed) must(s, pid_key_set_integer(&key, "seed", (int64_t)combination->seed, &error), &error);
    snprintf(adds, sizeof adds, "%s%s%s", combination->adds_k ? "k" : "", combination->adds_k && combination->adds_seed ? "," : "",
             combination->adds_seed ? "seed" : "");
    struct pid_text_field texts[] = {{"variable", variable->name}, {"method", method_names[m->method]}, {"adds", adds}};
    struct pid_value_field values[] = {
        {"k", f->k}, {"dim", (double)m->dim}, {"rows", (double)group->rows}, {"trained", (double)m->kept}, {"objective", f->objective},
        {"iterations", f->iterations}, {"converged", f->converged}, {"empty", f->empty}, {"seed", (double)combination->seed},
        {"standardize", kmeans && t->options.standardise}, {"normalize", kmeans && t->options.normalise},
        {"whiten", kmeans && t->options.whiten}, {"components", projected ? (double)t->out : 0}, {"scale", kmeans ? t->scale : 1}};
    struct pid_array_field arrays[8];
    size_t count = 0;
    if (m->method == METHOD_WIDTH || m->method == METHOD_QUANTILE) {
        /* One spare element, so that a single bin has an array too. */
        arrays[count++] = array("edges", PID_ELEMENT_F32, f->k > 1 ? f->k - 1 : 1, 0, f->centroids);
        arrays[count++] = array("sizes", PID_ELEMENT_U64, f->k, 0, f->sizes);
    }
    if (kmeans) {
        arrays[count++] = array("centroids", PID_ELEMENT_F32, f->k, t->out, f->centroids);
        arrays[count++] = array("sizes", PID_ELEMENT_U64, f->k, 0, f->sizes);
        arrays[count++] = array("mean", PID_ELEMENT_F32, t->d, 0, t->mean);
    }
    if (kmeans && t->options.standardise) {
        arrays[count++] = array("column_mean", PID_ELEMENT_F64, t->d, 0, t->column_mean);
        arrays[count++] = array("column_scale", PID_ELEMENT_F64, t->d, 0, t->column_scale);
    }
    if (projected) {
        arrays[count++] = array("components", PID_ELEMENT_F32, t->out, t->d, t->components);
        arrays[count++] = array("variances", PID_ELEMENT_F64, t->out, 0, t->variances);
    }
    struct pid_record record = {.key = key};
    record.result = (struct pid_result_record){
        .replicate = {.type = PID_REPLICATE_DATA, .fraction = 1}, .samples = m->kept, .text_count = 3, .value_count = sizeof values / sizeof *values,
        .array_count = count, .texts = texts, .values = values, .arrays = arrays};
    pid_stream_output_record(output, &record);
    pid_key_release(&key);
}

void codebook_write(const struct settings *s, const struct pid_header *header, struct pid_stream_output *output, const struct group *group)
{
    for (size_t v = 0; v < header->variable_count; v++)
        for (size_t c = 0; s->plans[v].learnt && c < s->combination_count; c++)
            write_fit(s, &header->variables[v], output, group, &group->models[v], c);
}

/* The values of an array of the record, of that element and shape, as they lie in it; NULL where there is none. */
static const void *find(const struct pid_result_record *r, const char *name, enum pid_element element, uint64_t rows, uint64_t columns,
                        struct pid_error *error)
{
    const struct pid_array_field *field = pid_result_array(r, name);
    if (field && field->element == element && field->shape[0] == rows && field->dims == (columns ? 2 : 1) &&
        (!columns || field->shape[1] == columns))
        return field->data;
    pid_error_set(error, PID_ERROR_DATA, "a codebook needs an array '%s' of %llu x %llu", name, (unsigned long long)rows,
                  (unsigned long long)(columns ? columns : 1));
    return NULL;
}

/* The same, copied to `to`. */
static enum pid_status take(const struct pid_result_record *r, const char *name, enum pid_element element, uint64_t rows, uint64_t columns,
                            void *to, struct pid_error *error)
{
    const void *data = find(r, name, element, rows, columns, error);
    if (!data) return error->status;
    memcpy(to, data, rows * (columns ? columns : 1) * pid_element_bytes(element));
    return PID_OK;
}

static bool whole(double value, double least, double most)
{
    return value >= least && value <= most && value == (double)(uint64_t)value;
}

static enum pid_status read_fit(const struct pid_result_record *r, struct model *m, struct fit *f, struct pid_error *error)
{
    double k = pid_result_value(r, "k"), dim = pid_result_value(r, "dim"), scale = pid_result_value(r, "scale");
    double components = pid_result_value(r, "components");
    const char *method = pid_result_text(r, "method");
    if (!method || !whole(k, 1, PID_LEVELS_MAX) || !whole(dim, 1, PID_DIM_MAX))
        return pid_error_set(error, PID_ERROR_DATA, "a codebook needs 'method', 'k' and 'dim'");
    m->method = METHODS;
    for (int i = 0; i < METHODS; i++)
        if (!strcmp(method, method_names[i])) m->method = (enum method)i;
    if (m->method == METHODS) return pid_error_set(error, PID_ERROR_DATA, "a codebook of unknown method '%s'", method);
    m->dim = (uint64_t)dim;
    f->k = (uint32_t)k;
    if (m->method == METHOD_ARGMAX) return PID_OK;
    if (m->method != METHOD_KMEANS) {
        if (pid_array_grow((void **)&f->centroids, &f->centroid_room, f->k, sizeof *f->centroids, error)) return error->status;
        return take(r, "edges", PID_ELEMENT_F32, f->k > 1 ? f->k - 1 : 1, 0, f->centroids, error);
    }
    struct pid_transform_options o = {pid_result_value(r, "standardize") == 1, pid_result_value(r, "normalize") == 1,
                                      pid_result_value(r, "whiten") == 1, whole(components, 1, dim) ? (uint32_t)components : 0};
    struct pid_transform *t = &m->transform;
    if (!(scale > 0 && scale < 1e39)) return pid_error_set(error, PID_ERROR_DATA, "a codebook needs 'scale'");
    if (pid_transform_reserve(t, &o, m->dim, error)) return error->status;
    t->scale = (float)scale;
    if (take(r, "mean", PID_ELEMENT_F32, t->d, 0, t->mean, error) ||
        (o.standardise && (take(r, "column_mean", PID_ELEMENT_F64, t->d, 0, t->column_mean, error) ||
                           take(r, "column_scale", PID_ELEMENT_F64, t->d, 0, t->column_scale, error))) ||
        (o.components && (take(r, "components", PID_ELEMENT_F32, t->out, t->d, t->components, error) ||
                          take(r, "variances", PID_ELEMENT_F64, t->out, 0, t->variances, error))) ||
        pid_transform_prepare(t, error))
        return error->status;
    /* Labelling reads the panels alone. */
    const float *centroids = find(r, "centroids", PID_ELEMENT_F32, f->k, t->out, error);
    return centroids ? pid_panels_pack(&f->panels, centroids, f->k, t->out, error) : error->status;
}

/* Which combination a record belongs to, found or added; its keys k and seed are taken off the group's key. */
static size_t find_combination(struct settings *s, const struct pid_record *record, const char *names[2], size_t *name_count)
{
    struct pid_error error;
    const char *adds = pid_result_text(&record->result, "adds");
    double k = pid_result_value(&record->result, "k"), seed = pid_result_value(&record->result, "seed");
    struct combination wanted = {.adds_k = adds && *adds == 'k', .adds_seed = adds && strstr(adds, "seed")};
    *name_count = 0;
    if (wanted.adds_k) names[(*name_count)++] = "k", wanted.k = (uint32_t)k;
    if (wanted.adds_seed) names[(*name_count)++] = "seed", wanted.seed = (uint64_t)seed;
    for (size_t c = 0; c < s->combination_count; c++)
        if (s->combinations[c].k == wanted.k && s->combinations[c].seed == wanted.seed) return c;
    size_t room = s->combination_count;
    must(s, pid_array_grow((void **)&s->combinations, &room, s->combination_count + 1, sizeof wanted, &error), &error);
    s->combinations[s->combination_count] = wanted;
    return s->combination_count++;
}

static void place_fit(const struct settings *s, struct model *m, size_t c)
{
    struct pid_error error;
    if (c < m->fit_count) return;
    size_t room = m->fit_count;
    must(s, pid_array_grow((void **)&m->fits, &room, c + 1, sizeof *m->fits, &error), &error);
    memset(m->fits + m->fit_count, 0, (c + 1 - m->fit_count) * sizeof *m->fits);
    m->fit_count = c + 1;
}

/* The keys of the first record are those that tell codebooks apart. */
static void take_per(struct settings *s, const struct pid_key *key)
{
    struct pid_error error;
    s->per_given = true;
    s->per_count = key->count;
    s->per = must_have(s, pid_array_new(key->count, sizeof *s->per, &error), &error);
    for (size_t i = 0; i < key->count; i++) s->per[i] = must_have(s, pid_string_copy(key->pairs[i].name, &error), &error);
}

/* By what the labels of each variable are made. */
static void record_methods(const struct settings *s, const struct pid_header *header, const struct groups *groups)
{
    struct pid_error error;
    for (size_t v = 0; v < header->variable_count && groups->count; v++) {
        const struct model *m = &groups->group[0]->models[v];
        if (!s->plans[v].learnt || !m->kept) continue;
        char *text = must_have(s, pid_string_format(&error, "codebook-method=%s=%s", header->variables[v].name, method_names[m->method]), &error);
        pid_program_record_argument(s->program, text);
        free(text);
    }
}

void codebook_read(struct settings *s, const struct pid_header *header, struct groups *groups)
{
    struct pid_error error;
    struct pid_record record;
    int fd = open(s->codebook, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        pid_error_errno(&error, "%s", s->codebook);
        pid_program_fail(s->program, &error);
    }
    struct pid_reader *reader = must_have(s, pid_reader_new(fd, s->codebook, s->program->record_bytes_max, &error), &error);
    if (pid_reader_header(reader)->kind != PID_KIND_CODEBOOK) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: holds %s, not a codebook", s->codebook, pid_kind_name(pid_reader_header(reader)->kind));
        pid_program_fail(s->program, &error);
    }
    enum pid_next next;
    while ((next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) {
        const char *names[2], *variable = pid_result_text(&record.result, "variable");
        size_t name_count, c = find_combination(s, &record, names, &name_count);
        struct pid_key key = pid_key_view(&record.key, names, name_count, false);
        ptrdiff_t v = variable ? pid_header_find(header, variable) : -1;
        if (!s->per_given) take_per(s, &key);
        if (v < 0 || !s->plans[v].learnt) continue; /* a codebook may know more variables than the data have */
        struct model *m = &groups_find(s, groups, &key, header->variable_count, true)->models[v];
        place_fit(s, m, c);
        if (read_fit(&record.result, m, &m->fits[c], &error)) {
            pid_error_prefix(&error, "%s: record %llu", s->codebook, (unsigned long long)pid_reader_record_number(reader));
            pid_program_fail(s->program, &error);
        }
        m->kept++;
    }
    if (next == PID_NEXT_ERROR) pid_program_fail(s->program, &error);
    /* Labels tell which codebook they are from by its content, wherever it lay. */
    char checksum[40];
    snprintf(checksum, sizeof checksum, "codebook-crc32=%08x", (unsigned)pid_reader_checksum(reader));
    pid_program_record_argument(s->program, checksum);
    pid_reader_free(reader);
    record_methods(s, header, groups);
    for (size_t g = 0; g < groups->count; g++)
        for (size_t v = 0; v < header->variable_count; v++) {
            const struct model *m = &groups->group[g]->models[v];
            if (!s->plans[v].learnt || m->kept == s->combination_count) continue;
            char text[200];
            pid_error_set(&error, PID_ERROR_DATA, "%s: key %s: no codebook for variable '%s'", s->codebook,
                          pid_key_format(&groups->group[g]->key, text, sizeof text), header->variables[v].name);
            pid_program_fail(s->program, &error);
        }
}
