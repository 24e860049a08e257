/* pid-kmeans: the records of one pass.  The first are kept in memory.  The others stay where they are, if that is a plain file, or
 * go to an unlinked one, which the system keeps in memory as long as nobody else needs it; threads read them again from there, each
 * its own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/crc.h"
#include "base/memory.h"
#include "base/read.h"
#include "formats/file.h"
#include "pid-kmeans.h"

/* Records that follow each other in one file, where they were read and found right. */
struct run {
    uint64_t offset;
    size_t bytes;
    uint32_t crc;
    uint32_t file; /* its number among the inputs, or SPOOL */
    uint64_t row, record; /* of what was added unread: how many come before */
};
#define SPOOL UINT32_MAX

struct store {
    const struct settings *settings;
    const struct pid_header *header;
    struct held **items;         /* in memory: the first records */
    size_t count, made, room;
    uint64_t bytes;
    const struct group *group;   /* of the last item, */
    uint64_t group_bytes;        /* which has so many in a row */
    struct run *runs;
    size_t run_count, run_room;
    bool rereadable;             /* the input is made of regular files */
    uint64_t begin;              /* where standard input stood */
    bool unread;                 /* the runs' checksums are still to be found out */
    uint64_t rows, records;      /* added unread */
    int spool;                   /* or -1 */
    uint64_t spooled;            /* bytes */
    char *spool_name;
};

/* What makes small groups fast; --memory may ask for more of a pipe.  Of a group that is larger than GROUP_BYTES no more is kept where
 * it can be read again: fresh memory costs more than that. */
enum { HELD_BYTES = 32 << 20, GROUP_BYTES = 4 << 20 };

/* Runs are as long as that, or one record. */
enum { RUN_BYTES = 256 << 10 };

static bool is_regular(const char *path)
{
    struct stat status;
    return (path ? stat(path, &status) : fstat(STDIN_FILENO, &status)) == 0 && S_ISREG(status.st_mode);
}

int64_t store_input_begin(void)
{
    return lseek(STDIN_FILENO, 0, SEEK_CUR);
}

struct store *store_new(const struct settings *s, const struct pid_header *header)
{
    struct pid_error error;
    struct store *store = must_have(s, pid_array_new(1, sizeof *store, &error), &error);
    store->settings = s;
    store->header = header;
    store->spool = -1;
    store->rereadable = s->program->file_count > 0 || (is_regular(NULL) && s->input_begin >= 0);
    for (size_t i = 0; i < s->program->file_count; i++)
        store->rereadable &= strcmp(s->program->files[i], "-") && is_regular(s->program->files[i]);
    if (!s->program->file_count && store->rereadable) store->begin = (uint64_t)s->input_begin;
    const char *folder = getenv("TMPDIR");
    store->spool_name = must_have(s, pid_string_format(&error, "%s (spool of the input)", folder && *folder ? folder : "/tmp"), &error);
    return store;
}

void held_release(struct held *held)
{
    pid_key_release(&held->key);
    free(held->bytes);
    free(held->batch.columns);
    free(held->labels);
    free(held->own);
    *held = (struct held){0};
}

void store_free(struct store *store)
{
    if (!store) return;
    for (size_t i = 0; i < store->made; i++) {
        held_release(store->items[i]);
        free(store->items[i]);
    }
    free(store->items);
    free(store->runs);
    if (store->spool >= 0) close(store->spool);
    free(store->spool_name);
    free(store);
}

static size_t column_bytes(const struct pid_variable *variable, const struct pid_column *column, uint64_t rows)
{
    size_t bytes = variable->type == PID_TYPE_VECTOR ? rows * column->dim * sizeof(float) : rows * sizeof(uint32_t);
    return (bytes + PID_ALIGNMENT_BYTES - 1) / PID_ALIGNMENT_BYTES * PID_ALIGNMENT_BYTES;
}

static size_t record_bytes(const struct pid_header *header, const struct pid_record *record, bool vectors)
{
    size_t bytes = 0;
    for (size_t v = 0; v < header->variable_count; v++)
        if (vectors || header->variables[v].type != PID_TYPE_VECTOR) bytes += column_bytes(&header->variables[v], &record->batch.columns[v], record->batch.rows);
    return bytes;
}

void held_set(const struct settings *s, const struct pid_header *header, struct held *held, const struct pid_record *record, bool vectors)
{
    struct pid_error error;
    size_t bytes = record_bytes(header, record, vectors), at = 0, count = header->variable_count;
    void *columns = held->batch.columns;
    must(s, pid_array_grow(&columns, &held->columns_room, count, sizeof *held->batch.columns, &error), &error);
    if (held->bytes_room < bytes) { /* the old content is of no use */
        free(held->bytes);
        held->bytes = NULL;
        held->bytes_room = 0;
    }
    must(s, pid_array_grow((void **)&held->bytes, &held->bytes_room, bytes, 1, &error), &error);
    pid_key_release(&held->key);
    held->key = (struct pid_key){0};
    must(s, pid_key_copy(&held->key, &record->key, &error), &error);
    held->batch = (struct pid_batch){record->batch.row, record->batch.rows, columns};
    held->bytes_used = bytes;
    held->group = NULL;
    for (size_t v = 0; v < count; v++) {
        const struct pid_column *from = &record->batch.columns[v];
        size_t room = column_bytes(&header->variables[v], from, record->batch.rows);
        held->batch.columns[v] = (struct pid_column){.dim = from->dim};
        if (header->variables[v].type == PID_TYPE_VECTOR && !vectors) {
            held->batch.columns[v].values = from->values;
            held->batch.columns[v].bytes = from->bytes;
            continue;
        }
        if (header->variables[v].type == PID_TYPE_VECTOR) {
            memcpy(held->bytes + at, from->bytes, record->batch.rows * from->dim * sizeof(float));
            held->batch.columns[v].values = (const float *)(const void *)(held->bytes + at);
            held->batch.columns[v].bytes = held->bytes + at;
        } else {
            memcpy(held->bytes + at, from->codes, record->batch.rows * sizeof(uint32_t));
            held->batch.columns[v].codes = (const uint32_t *)(const void *)(held->bytes + at);
        }
        at += room;
    }
}

static _Noreturn void spool_failed(const struct store *store)
{
    struct pid_error told, error;
    pid_error_errno(&error, "%s: write error", store->spool_name);
    pid_error_set(&told, error.status, "%s; let TMPDIR name a folder with more room, or hold more by --memory", error.message);
    pid_program_fail(store->settings->program, &told);
}

static void spool_open(struct store *store)
{
    struct pid_error error;
    store->spool = pid_file_temporary(&error);
    if (store->spool < 0) pid_program_fail(store->settings->program, &error);
}

static void spool_write(struct store *store, const unsigned char *bytes, size_t count)
{
    if (store->spool < 0) spool_open(store);
    while (count) {
        ssize_t done = write(store->spool, bytes, count);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) spool_failed(store);
        bytes += done;
        count -= (size_t)done;
        store->spooled += (uint64_t)done;
    }
}

bool store_holds(const struct store *store, uint64_t bytes)
{
    return store->run_count || store->bytes >= bytes;
}

static void add_run(struct store *store, const struct run *run)
{
    struct pid_error error;
    struct run *last = store->run_count ? &store->runs[store->run_count - 1] : NULL;
    if (last && last->file == run->file && last->offset + last->bytes == run->offset && last->bytes + run->bytes <= RUN_BYTES) {
        last->crc = (uint32_t)crc32_combine64(last->crc, run->crc, (z_off64_t)run->bytes);
        last->bytes += run->bytes;
        return;
    }
    must(store->settings, pid_array_grow((void **)&store->runs, &store->run_room, store->run_count + 1, sizeof *store->runs, &error), &error);
    store->runs[store->run_count++] = *run;
}

struct held *store_add(struct store *store, const struct pid_input *input, const struct pid_record *record, struct group *group, uint64_t other_bytes)
{
    struct pid_error error;
    const struct settings *s = store->settings;
    size_t bytes = record_bytes(store->header, record, true);
    struct run run = {.file = (uint32_t)input->position};
    bool plain = pid_reader_record_place(input->reader, &run.offset) && store->rereadable;
    if (store->group != group) store->group_bytes = 0;
    store->group = group;
    store->group_bytes += bytes;
    bool room = plain || !s->memory_given ? store->bytes + bytes <= HELD_BYTES : store->bytes + bytes + other_bytes <= s->memory;
    if (plain) room &= store->group_bytes <= GROUP_BYTES;
    if (!store->run_count && room) {
        if (store->count == store->made) {
            must(s, pid_array_grow((void **)&store->items, &store->room, store->count + 1, sizeof *store->items, &error), &error);
            store->items[store->made++] = must_have(s, pid_array_new(1, sizeof(struct held), &error), &error);
        }
        struct held *held = store->items[store->count++];
        held_set(s, store->header, held, record, true);
        held->group = group;
        store->bytes += bytes;
        return held;
    }
    const void *whole = pid_reader_record_bytes(input->reader, &run.bytes, &run.crc);
    if (plain) {
        run.offset += store->begin;
    } else {
        run.file = SPOOL;
        run.offset = store->spooled;
        spool_write(store, whole, run.bytes);
    }
    add_run(store, &run);
    return NULL;
}

int store_input_open(const struct store *store)
{
    const struct pid_program *program = store->settings->program;
    if (!store->rereadable || program->file_count > 1) return -1;
    return program->file_count ? open(program->files[0], O_RDONLY | O_CLOEXEC) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

uint64_t store_input_offset(const struct store *store)
{
    return store->begin;
}

void store_add_unread(struct store *store, uint64_t offset, size_t bytes, uint64_t rows)
{
    add_run(store, &(struct run){.offset = offset, .bytes = bytes, .row = store->rows, .record = store->records});
    store->unread = true;
    store->rows += rows;
    store->records++;
}

struct held **store_items(const struct store *store, size_t *count)
{
    *count = store->count;
    return store->items;
}

size_t store_runs(const struct store *store)
{
    return store->run_count;
}

size_t store_run_bytes(const struct store *store, size_t number)
{
    return store->runs[number].bytes;
}

uint64_t store_run_offset(const struct store *store, size_t number)
{
    return store->runs[number].offset;
}

uint64_t store_run_row(const struct store *store, size_t number)
{
    return store->runs[number].row;
}

uint64_t store_run_record(const struct store *store, size_t number)
{
    return store->runs[number].record;
}

uint32_t store_checksum(const struct store *store, uint32_t crc, uint64_t *rows)
{
    for (size_t r = 0; r < store->run_count; r++) crc = (uint32_t)crc32_combine64(crc, store->runs[r].crc, (z_off64_t)store->runs[r].bytes);
    *rows = store->rows;
    return crc;
}

enum pid_status store_load(struct store *store, size_t number, unsigned char *bytes, struct pid_error *error)
{
    struct run *run = &store->runs[number];
    const struct pid_program *program = store->settings->program;
    bool spool = run->file == SPOOL, named = !spool && program->file_count;
    const char *name = spool ? store->spool_name : named ? program->files[run->file] : "standard input";
    int fd = spool ? store->spool : named ? open(name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (fd < 0) return pid_error_errno(error, "%s", name);
    size_t got;
    enum pid_status status = pid_read_at(fd, run->offset, bytes, run->bytes, &got) ? PID_OK : pid_error_errno(error, "%s: read error", name);
    uint32_t crc = status ? 0 : pid_crc32(0, bytes, got);
    if (store->unread) run->crc = crc;
    if (!status && (got < run->bytes || crc != run->crc))
        status = pid_error_set(error, PID_ERROR_DATA, "%s: changed while it was read a second time", name);
    if (named) close(fd);
    return status;
}

void store_empty(struct store *store)
{
    struct pid_error error;
    if (store->spool >= 0 && (ftruncate(store->spool, 0) || lseek(store->spool, 0, SEEK_SET))) {
        pid_error_errno(&error, "%s", store->spool_name);
        pid_program_fail(store->settings->program, &error);
    }
    store->spooled = store->bytes = store->rows = store->records = 0;
    store->unread = false;
    store->count = store->run_count = 0;
    store->group = NULL;
}
