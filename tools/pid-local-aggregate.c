/* Means of local values over the rows of each value of some keys or variables, as decompositions that pid-report shows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sum.h"
#include "base/workers.h"
#include "joint/sample.h"
#include "pid-local.h"

struct part { struct pid_key key; uint32_t table, first; /* the first of its cells */ };

struct aggregate {
    const struct local *local;
    size_t count;
    struct part *parts;
    uint32_t *of;            /* cells: the part that a cell belongs to */
    size_t width;            /* numbers a part: the rows behind its means, then the means */
    double *means;           /* parts x width, of the data */
    double *drawn;           /* bootstrap x parts x width */
    struct pid_sample **samples; /* one a table */
    char *share[PID_VARIABLES_MAX];
    struct local_extremes extremes[2]; /* of --bottom, of --top */
};

struct order { const struct local *local; };

static int by_part(const void *a, const void *b, void *context)
{
    const struct local *local = ((const struct order *)context)->local;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct local_cell *x = &local->cells[i], *y = &local->cells[j];
    if (x->table != y->table) return x->table < y->table ? -1 : 1;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    for (size_t v = local->sources + 1; v < local->column_count; v++) {
        uint32_t c = local->codes[i * local->column_count + v], d = local->codes[j * local->column_count + v];
        if (c != d) return c < d ? -1 : 1;
    }
    return 0;
}

static enum pid_status set_pair(struct pid_key *key, const struct pid_key_pair *pair, struct pid_error *error)
{
    return pair->text ? pid_key_set_text(key, pair->name, pair->text, error) : pid_key_set_integer(key, pair->name, pair->integer, error);
}

static void make_key(const struct local *local, uint32_t cell, struct pid_key *key)
{
    struct pid_error error;
    const struct local_cell *at = &local->cells[cell];
    size_t extra = local->sources + 1;
    local_must(local, pid_key_copy(key, &local->tables[at->table].key, &error), &error);
    for (size_t i = 0; i < local->options->name_count; i++) {
        const char *name = local->options->aggregate[i];
        ptrdiff_t v = pid_header_find(&local->labels, name);
        if (v < 0) {
            local_must(local, set_pair(key, pid_key_find(&local->batches[at->group].key, name), &error), &error);
            continue;
        }
        const struct pid_variable *variable = &local->labels.variables[v];
        uint32_t code = local->codes[cell * local->column_count + extra++];
        bool named = variable->level_names && code < variable->levels;
        local_must(local, named ? pid_key_set_text(key, name, variable->level_names[code], &error) : pid_key_set_integer(key, name, code, &error), &error);
    }
}

static int by_key(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    if (x->table != y->table) return x->table < y->table ? -1 : 1;
    return pid_key_compare(&x->key, &y->key);
}

static void find_parts(struct aggregate *aggregate)
{
    const struct local *local = aggregate->local;
    uint32_t *order = local_array(local, local->cell_count, sizeof *order), *rank = local_array(local, local->cell_count, sizeof *rank);
    struct order by = {local};
    aggregate->of = local_array(local, local->cell_count, sizeof *aggregate->of);
    aggregate->parts = local_array(local, local->cell_count, sizeof *aggregate->parts);
    for (size_t c = 0; c < local->cell_count; c++) order[c] = (uint32_t)c;
    qsort_r(order, local->cell_count, sizeof *order, by_part, &by);
    for (size_t i = 0; i < local->cell_count; i++) {
        if (!i || by_part(&order[i - 1], &order[i], &by)) {
            struct part *part = &aggregate->parts[aggregate->count];
            part->table = local->cells[order[i]].table;
            part->first = (uint32_t)aggregate->count++;
            make_key(local, order[i], &part->key);
        }
        aggregate->of[order[i]] = (uint32_t)(aggregate->count - 1);
    }
    qsort(aggregate->parts, aggregate->count, sizeof *aggregate->parts, by_key);
    for (size_t p = 0; p < aggregate->count; p++) rank[aggregate->parts[p].first] = (uint32_t)p;
    for (size_t c = 0; c < local->cell_count; c++) aggregate->of[c] = rank[aggregate->of[c]];
    free(order);
    free(rank);
}

/* Adds a cell's rows to the sums of its part. */
static void add_cell(const struct aggregate *aggregate, struct pid_sum *sums, size_t cell, double rows)
{
    struct pid_sum *sum = sums + aggregate->of[cell] * aggregate->width;
    pid_sum_add(sum, rows);
    for (size_t i = 1; i < aggregate->width; i++) pid_sum_add(sum + i, rows * local_value(aggregate->local, cell, i - 1));
}

static void to_means(const struct aggregate *aggregate, const struct pid_sum *sums, double *means)
{
    for (size_t p = 0; p < aggregate->count; p++) {
        const struct pid_sum *sum = sums + p * aggregate->width;
        double *mean = means + p * aggregate->width;
        mean[0] = pid_sum_value(&sum[0]);
        for (size_t i = 1; i < aggregate->width; i++) mean[i] = pid_sum_value(&sum[i]) / mean[0];
    }
}

static void compute_means(struct aggregate *aggregate)
{
    const struct local *local = aggregate->local;
    struct pid_sum *sums = local_array(local, aggregate->count * aggregate->width, sizeof *sums);
    aggregate->means = local_array(local, aggregate->count * aggregate->width, sizeof *aggregate->means);
    for (size_t c = 0; c < local->cell_count; c++) add_cell(aggregate, sums, c, (double)local->cells[c].rows);
    to_means(aggregate, sums, aggregate->means);
    free(sums);
}

/* What binds a batch's draws apart from its rows' numbers, as pid-joint has it: the cluster, or what tells it from other batches. */
static uint64_t batch_part(const struct local *local, const struct local_batch *batch)
{
    const char *names[PID_KEY_MAX], *cluster = local->options->cluster;
    const struct pid_key *table = &local->tables[batch->table].key;
    struct pid_error error;
    struct pid_key other;
    for (size_t i = 0; i < table->count; i++) names[i] = table->pairs[i].name;
    if (cluster && !pid_key_find(&batch->key, cluster)) {
        pid_error_set(&error, PID_ERROR_DATA, "the labels have no key '%s', which --cluster asks for", cluster);
        pid_program_fail(local->options->program, &error);
    }
    other = cluster ? pid_key_view(&batch->key, &cluster, 1, true) : pid_key_view(&batch->key, names, table->count, false);
    return other.count ? pid_key_hash(&other) : 0;
}

/* Draws are of a table's rows, each a cell, whatever they are aggregated by. */
static void bind_samples(struct aggregate *aggregate, struct pid_joint *cells)
{
    const struct local *local = aggregate->local;
    struct pid_error error;
    uint64_t shape = local->cell_count;
    aggregate->samples = local_array(local, local->table_count, sizeof *aggregate->samples);
    for (size_t t = 0; t < local->table_count; t++)
        if (!(aggregate->samples[t] = pid_sample_new(1, &shape, local->options->cluster != NULL, &error))) pid_program_fail(local->options->program, &error);
    for (size_t b = 0; b < local->batch_count; b++) {
        const struct local_batch *batch = &local->batches[b];
        const uint32_t *column = batch->cell;
        local_must(local, pid_sample_add(aggregate->samples[batch->table], &column, batch->rows, batch->row, batch_part(local, batch), &error), &error);
    }
    local_must(local, pid_joint_init(cells, 1, &shape, local->cell_count, &error), &error);
    for (size_t c = 0; c < local->cell_count; c++) {
        cells->indices[c] = (uint32_t)c;
        cells->weights[c] = (double)local->cells[c].rows;
        cells->total += cells->weights[c];
    }
    cells->counts = true;
    for (size_t t = 0; t < local->table_count; t++) local_must(local, pid_sample_bind(aggregate->samples[t], cells, &error), &error);
}

static enum pid_status draw(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct aggregate *aggregate = context;
    const struct local *local = aggregate->local;
    struct pid_sum *sums = pid_array_new(aggregate->count * aggregate->width, sizeof *sums, error);
    (void)worker;
    if (!sums) return error->status;
    enum pid_status status = PID_OK;
    for (size_t t = 0; t < local->table_count && !status; t++) {
        struct pid_joint drawn;
        status = pid_sample_bootstrap(aggregate->samples[t], local->options->program->seed, (uint32_t)task, &drawn, error);
        if (status) break;
        for (size_t c = 0; c < drawn.cells; c++) add_cell(aggregate, sums, drawn.indices[c], drawn.weights[c]);
        pid_joint_release(&drawn);
    }
    if (!status) to_means(aggregate, sums, aggregate->drawn + task * aggregate->count * aggregate->width);
    free(sums);
    return status;
}

static void draw_all(struct aggregate *aggregate)
{
    const struct options *options = aggregate->local->options;
    struct pid_error error;
    struct pid_joint cells;
    if (!options->bootstrap) return;
    aggregate->drawn = local_array(aggregate->local, (size_t)options->bootstrap * aggregate->count * aggregate->width, sizeof *aggregate->drawn);
    bind_samples(aggregate, &cells);
    struct pid_workers *workers = pid_workers_new(options->program->jobs, &error);
    if (!workers || pid_workers_run(workers, options->bootstrap, draw, aggregate, &error)) pid_program_fail(options->program, &error);
    pid_workers_free(workers);
    for (size_t t = 0; t < aggregate->local->table_count; t++) pid_sample_free(aggregate->samples[t]);
    free(aggregate->samples);
    pid_joint_release(&cells);
}

/* The rows of a part with the most or least of a value, as a table in text. */
static char *list_rows(const struct aggregate *aggregate, size_t part, const struct local_extremes *extremes)
{
    const struct local *local = aggregate->local;
    struct pid_error error;
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (memory) local_write_columns(local, memory);
    for (size_t i = 0; memory && i < extremes->found[part]; i++) {
        const struct local_row *row = &extremes->rows[extremes->start[part] + i];
        putc('\n', memory);
        local_write_row(local, memory, &local->batches[row->batch], row->at);
    }
    if (memory && !fclose(memory)) return text;
    pid_error_set(&error, PID_ERROR_MEMORY, "out of memory");
    pid_program_fail(local->options->program, &error);
}

static void write_record(const struct aggregate *aggregate, struct pid_stream_output *output, size_t part, struct pid_replicate replicate, const double *mean)
{
    const struct local *local = aggregate->local;
    const struct options *options = local->options;
    const struct local_table *table = &local->tables[aggregate->parts[part].table];
    bool data = replicate.type == PID_REPLICATE_DATA;
    struct pid_value_field values[LOCAL_VALUES_MAX + PID_VARIABLES_MAX + 1];
    struct pid_text_field texts[4] = {{"solver", "local"}, {"status", table->status}};
    const char *notes[1] = {"share undefined: on these samples, nothing that only one source tells exceeds the certified error"};
    char *lists[2] = {NULL, NULL}, *names[2] = {NULL, NULL};
    struct pid_record record = {.key = aggregate->parts[part].key};
    struct pid_result_record *result = &record.result;
    *result = (struct pid_result_record){.replicate = replicate, .samples = (uint64_t)mean[0], .values = values, .texts = texts, .text_count = 2, .notes = notes};
    for (size_t i = 0; i < local->value_count; i++) values[result->value_count++] = (struct pid_value_field){local->names[i], mean[1 + i]};
    const double *unique = mean + 1 + local->unique;
    double sum = 0;
    for (size_t s = 0; s < local->sources; s++) sum += fmax(0, unique[s]);
    bool defined = sum > (double)local->sources * table->gap;
    for (size_t s = 0; s < local->sources; s++) values[result->value_count++] = (struct pid_value_field){aggregate->share[s], defined ? fmax(0, unique[s]) / sum : NAN};
    values[result->value_count++] = (struct pid_value_field){"gap", table->gap};
    if (data && !defined) result->note_count = 1;
    for (int top = 1; data && top >= 0; top--) {
        struct pid_error error;
        if (!(top ? options->top : options->bottom)) continue;
        lists[top] = list_rows(aggregate, part, &aggregate->extremes[top]);
        names[top] = pid_string_format(&error, "%s:%s", top ? "top" : "bottom", local->names[local->by]);
        if (!names[top]) pid_program_fail(options->program, &error);
        texts[result->text_count++] = (struct pid_text_field){names[top], lists[top]};
    }
    pid_stream_output_record(output, &record);
    for (size_t i = 0; i < 2; i++) free(lists[i]), free(names[i]);
}

void local_aggregate(const struct local *local)
{
    struct pid_error error;
    struct pid_stream_output output;
    struct aggregate aggregate = {.local = local, .width = 1 + local->value_count};
    struct pid_header header;
    local_must(local, pid_header_copy(&header, &local->header, &error), &error);
    header.grouped = true;
    find_parts(&aggregate);
    compute_means(&aggregate);
    draw_all(&aggregate);
    for (int top = 0; top < 2; top++) {
        uint64_t count = top ? local->options->top : local->options->bottom;
        if (count) local_find_extremes(local, aggregate.of, aggregate.count, count, top, &aggregate.extremes[top]);
    }
    for (size_t s = 0; s < local->sources; s++) aggregate.share[s] = local_named(local, "share", local->source[s]);
    pid_stream_output_open(&output, local->options->program, &header);
    for (size_t p = 0; p < aggregate.count; p++) {
        write_record(&aggregate, &output, p, (struct pid_replicate){PID_REPLICATE_DATA, 0, 1}, aggregate.means + p * aggregate.width);
        for (uint32_t b = 0; b < local->options->bootstrap; b++)
            write_record(&aggregate, &output, p, (struct pid_replicate){PID_REPLICATE_BOOTSTRAP, b, 1}, aggregate.drawn + (b * aggregate.count + p) * aggregate.width);
    }
    pid_stream_output_finish(&output);
    for (size_t p = 0; p < aggregate.count; p++) pid_key_release(&aggregate.parts[p].key);
    for (size_t s = 0; s < local->sources; s++) free(aggregate.share[s]);
    for (int top = 0; top < 2; top++) local_release_extremes(&aggregate.extremes[top]);
    free(aggregate.parts);
    free(aggregate.of);
    free(aggregate.means);
    free(aggregate.drawn);
    pid_header_release(&header);
}
