/* pid-kmeans: a large file of one group is read once.  Its records are first looked through without their vectors, so that the training
 * rows are known and fetched one by one; the rest is read when it is labelled, and only then found right or wrong.  The rows that were
 * fetched must be there again: what was learnt is of the file whose checksum is right.  Labels are those that reading it twice gives. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/crc.h"
#include "base/finite.h"
#include "base/memory.h"
#include "base/read.h"
#include "pid-kmeans-work.h"
#include "stream/skim.h"

/* Where most rows are training rows, reading them one by one is no gain. */
enum { ROWS_PER_PICK = 2 };

/* A training row: its number among the rows and its place in the sample. */
struct pick { uint64_t row, place; uint32_t crc; };

struct skimmed {
    int fd;
    uint32_t header_crc, crc;           /* of the header; of the whole stream, if the trailer is right */
    uint64_t rows;
    struct pick *picks[PID_VARIABLES_MAX]; /* each kept of them, by rows */
    size_t counts[PID_VARIABLES_MAX];
    struct group *group;
};

void skim_free(struct skimmed *k)
{
    if (!k) return;
    for (size_t v = 0; v < PID_VARIABLES_MAX; v++) free(k->picks[v]);
    close(k->fd);
    free(k);
}

static struct pid_skim *open_at(const struct work *w, const struct skimmed *k, uint64_t offset, struct pid_error *error)
{
    return pid_skim_new(k->fd, offset, w->header, w->s->program->record_bytes_max, error);
}

/* Whether a record is one of the group, with vectors as wide. */
static bool goes_with(const struct work *w, const struct skimmed *k, const struct pid_record *record)
{
    struct pid_key key = group_key(w->s, &record->key);
    /* Where the header says grouped, keys that end are a reader's to look after. */
    if (!pid_key_equal(&k->group->key, w->header->grouped ? &record->key : &key)) return false;
    for (size_t v = 0; v < w->header->variable_count; v++)
        if (w->s->plans[v].learnt && k->group->models[v].dim != record->batch.columns[v].dim) return false;
    return true;
}

/* All records become runs of the store; the group is made of the first. */
static bool look_through(struct work *w, struct skimmed *k, uint64_t offset)
{
    struct pid_error error;
    struct pid_skimmed at;
    enum pid_skim_next next;
    struct pid_skim *skim = open_at(w, k, offset, &error);
    bool fit = skim;
    while (fit && (next = pid_skim_next(skim, &at)) != PID_SKIM_END) {
        fit = next == PID_SKIM_RECORD;
        if (fit && !k->group) {
            struct pid_key key = group_key(w->s, &at.record.key);
            k->group = groups_find(w->s, &w->groups, &key, w->header->variable_count, true);
            for (size_t v = 0; v < w->header->variable_count; v++) k->group->models[v].dim = at.record.batch.columns[v].dim;
        }
        fit = fit && goes_with(w, k, &at.record);
        if (!fit) break;
        store_add_unread(w->store, at.offset, at.bytes, at.record.batch.rows);
        k->rows += at.record.batch.rows;
    }
    if (fit) k->crc = pid_skim_checksum(skim);
    pid_skim_free(skim);
    return fit && k->group;
}

static int by_row(const void *one, const void *other)
{
    uint64_t a = ((const struct pick *)one)->row, b = ((const struct pick *)other)->row;
    return (a > b) - (a < b);
}

/* The rows that model_offer would have kept, had it seen all of them. */
static bool choose(struct work *w, struct skimmed *k, size_t v)
{
    struct pid_error error;
    struct model *m = &k->group->models[v];
    uint64_t limit = model_train_rows(w->s, v, m->dim);
    if (limit > k->rows / ROWS_PER_PICK) return false;
    struct pick *picks = must_have(w->s, pid_array_new(limit, sizeof *picks, &error), &error);
    for (uint64_t i = 0; i < limit; i++) picks[i] = (struct pick){i, i, 0};
    for (uint64_t row = limit; row < k->rows; row++) {
        uint64_t place = model_place(w->s, v, row);
        if (place < limit) picks[place].row = row;
    }
    qsort(picks, limit, sizeof *picks, by_row);
    k->picks[v] = picks;
    k->counts[v] = limit;
    m->seen = k->rows;
    m->kept = limit;
    must(w->s, pid_array_grow((void **)&m->sample, &m->sample_room, limit * m->dim, sizeof *m->sample, &error), &error);
    return true;
}

/* The picks of variable v in rows first .. first+rows-1; NULL where it has none at all. */
static struct pick *picks_in(const struct skimmed *k, size_t v, uint64_t first, uint64_t rows, size_t *count)
{
    size_t low = 0, high = k->counts[v];
    *count = 0;
    if (!high) return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->picks[v][middle].row < first) low = middle + 1;
        else high = middle;
    }
    while (low + *count < k->counts[v] && k->picks[v][low + *count].row < first + rows) ++*count;
    return k->picks[v] + low;
}

static bool fetch_row(const struct skimmed *k, struct model *m, uint64_t place, struct pick *pick)
{
    float *to = m->sample + pick->place * m->dim;
    size_t bytes = m->dim * sizeof *to;
    size_t got;
    if (!pid_read_at(k->fd, place, to, bytes, &got) || got < bytes || pid_finite_first_bad(to, 1, m->dim) == 0) return false;
    pick->crc = pid_crc32(0, to, bytes);
    return true;
}

/* The training rows of one run, if it still has the rows that it had: none is left out, and none is another thread's. */
static enum pid_status fetch_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct work *w = context;
    struct skimmed *k = w->skimmed;
    uint64_t row = store_run_row(w->store, task), rows_end = task + 1 < store_runs(w->store) ? store_run_row(w->store, task + 1) : k->rows;
    uint64_t end = store_run_offset(w->store, task) + store_run_bytes(w->store, task);
    struct pid_skim *skim = open_at(w, k, store_run_offset(w->store, task), error);
    struct pid_skimmed at = {0};
    bool right = skim;
    (void)worker;
    while (right && at.offset + at.bytes < end) {
        right = pid_skim_next(skim, &at) == PID_SKIM_RECORD && goes_with(w, k, &at.record) && at.record.batch.rows <= rows_end - row;
        for (size_t v = 0; v < w->header->variable_count && right; v++) {
            size_t count;
            struct pick *picks = picks_in(k, v, row, at.record.batch.rows, &count);
            for (size_t i = 0; i < count && right; i++)
                right = fetch_row(k, &k->group->models[v], at.places[v] + (picks[i].row - row) * k->group->models[v].dim * sizeof(float), &picks[i]);
        }
        if (right) row += at.record.batch.rows;
    }
    pid_skim_free(skim);
    return right && row == rows_end ? PID_OK : pid_error_set(error, PID_ERROR_DATA, "not as it was looked through");
}

bool skim_sample(struct work *w)
{
    struct pid_error error;
    uint64_t offset;
    bool learns = false;
    for (size_t v = 0; v < w->header->variable_count; v++) learns |= w->s->plans[v].learnt;
    if (!learns || w->header->kind != PID_KIND_SAMPLES || !pid_reader_record_place(w->input->reader, &offset)) return false;
    int fd = store_input_open(w->store);
    if (fd < 0) return false;
    struct skimmed *k = w->skimmed = pid_array_new(1, sizeof *k, &error);
    if (!k) close(fd);
    must_have(w->s, k, &error);
    k->fd = fd;
    k->header_crc = pid_reader_checksum(w->input->reader);
    bool fit = look_through(w, k, offset + store_input_offset(w->store));
    for (size_t v = 0; v < w->header->variable_count && fit; v++)
        if (w->s->plans[v].learnt && w->s->plans[v].method != METHOD_ARGMAX) fit = choose(w, k, v);
    fit = fit && !pid_workers_run(w->workers, store_runs(w->store), fetch_task, w, &error);
    if (fit) {
        w->rows = k->group->rows = k->rows;
        return true;
    }
    /* What is wrong, if anything is, will be told by who reads all of it. */
    skim_free(k);
    w->skimmed = NULL;
    groups_clear(&w->groups);
    store_empty(w->store);
    return false;
}

enum pid_status skim_check(const struct work *w, uint64_t first, const struct pid_record *record, struct pid_error *error)
{
    const struct skimmed *k = w->skimmed;
    if (!goes_with(w, k, record)) return pid_error_set(error, PID_ERROR_DATA, "changed while it was read");
    for (size_t v = 0; v < w->header->variable_count; v++) {
        const struct pid_column *column = &record->batch.columns[v];
        size_t bytes = column->dim * sizeof(float), count;
        const struct pick *picks = picks_in(k, v, first, record->batch.rows, &count);
        for (size_t i = 0; i < count; i++)
            if (pid_crc32(0, (const char *)column->bytes + (picks[i].row - first) * bytes, bytes) != picks[i].crc)
                return pid_error_set(error, PID_ERROR_DATA, "changed while it was read");
    }
    return work_finite(w, record, error);
}

void skim_end(const struct work *w)
{
    struct pid_error error;
    uint64_t rows = 0;
    uint32_t crc = store_checksum(w->store, w->skimmed->header_crc, &rows);
    if (crc == w->skimmed->crc && rows == w->skimmed->rows) return;
    pid_error_set(&error, PID_ERROR_DATA, "%s: the checksum is wrong: the stream was altered", pid_reader_name(w->input->reader));
    pid_program_fail(w->s->program, &error);
}
