/* pid-kmeans: the records of one pass.  The first are kept in memory; the rest is spooled to an unlinked file, which the
 * system keeps in memory as long as nobody else needs it, or read from the input again where that is a file. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "pid-kmeans.h"

struct store {
    const struct settings *settings;
    const struct pid_header *header;
    struct held **items;         /* in memory: the first records */
    size_t count, made, room, next;
    uint64_t bytes;
    uint64_t beyond;             /* records that are not in memory */
    bool rereadable;             /* the input is made of regular files */
    struct pid_program again_program;
    struct pid_input again;      /* the second reading, */
    bool again_open;
    uint64_t behind;             /* records that it has yet to pass over */
    bool passed;                 /* it stands behind the records in memory */
    struct pid_writer *writer;   /* the spool */
    int spool;                   /* or -1 */
    struct pid_reader *reader;
    char *spool_name;
};

/* What makes small groups fast; --memory may ask for more of a pipe. */
enum { HELD_BYTES = 32 << 20 };

static bool is_regular(const char *path)
{
    struct stat status;
    return (path ? stat(path, &status) : fstat(STDIN_FILENO, &status)) == 0 && S_ISREG(status.st_mode);
}

bool store_input_is_whole(void)
{
    return lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
}

struct store *store_new(const struct settings *s, const struct pid_header *header, bool whole_input)
{
    static char again[] = "/proc/self/fd/0", *standard_input[] = {again};
    struct pid_error error;
    struct store *store = must_have(s, pid_array_new(1, sizeof *store, &error), &error);
    store->settings = s;
    store->header = header;
    store->spool = -1;
    store->again_program = *s->program;
    store->rereadable = s->program->file_count > 0;
    for (size_t i = 0; i < s->program->file_count; i++)
        store->rereadable &= strcmp(s->program->files[i], "-") && is_regular(s->program->files[i]);
    /* A file that is standard input is opened anew, for a position of its own; what was read before us must not come again. */
    if (!s->program->file_count && is_regular(NULL) && whole_input && access(standard_input[0], R_OK) == 0) {
        store->rereadable = true;
        store->again_program.files = standard_input;
        store->again_program.file_count = 1;
    }
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
    if (store->again_open) pid_input_close(&store->again);
    pid_writer_abandon(store->writer);
    pid_reader_free(store->reader);
    if (store->spool >= 0) close(store->spool);
    free(store->spool_name);
    free(store);
}

static size_t column_bytes(const struct pid_variable *variable, const struct pid_column *column, uint64_t rows)
{
    size_t bytes = variable->type == PID_TYPE_VECTOR ? rows * column->dim * sizeof(float) : rows * sizeof(uint32_t);
    return (bytes + PID_ALIGNMENT_BYTES - 1) / PID_ALIGNMENT_BYTES * PID_ALIGNMENT_BYTES;
}

static size_t record_bytes(const struct pid_header *header, const struct pid_record *record)
{
    size_t bytes = 0;
    for (size_t v = 0; v < header->variable_count; v++)
        bytes += column_bytes(&header->variables[v], &record->batch.columns[v], record->batch.rows);
    return bytes;
}

void held_set(const struct settings *s, const struct pid_header *header, struct held *held, const struct pid_record *record)
{
    struct pid_error error;
    size_t bytes = record_bytes(header, record), at = 0, count = header->variable_count;
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
        if (header->variables[v].type == PID_TYPE_VECTOR) {
            memcpy(held->bytes + at, from->bytes, record->batch.rows * from->dim * sizeof(float));
            held->batch.columns[v].values = (const float *)(const void *)(held->bytes + at);
        } else {
            memcpy(held->bytes + at, from->codes, record->batch.rows * sizeof(uint32_t));
            held->batch.columns[v].codes = (const uint32_t *)(const void *)(held->bytes + at);
        }
        at += room;
    }
}

static _Noreturn void spool_failed(const struct store *store, const struct pid_error *error)
{
    struct pid_error told;
    pid_error_set(&told, error->status, "%s; let TMPDIR name a folder with more room, or hold more by --memory", error->message);
    pid_program_fail(store->settings->program, &told);
}

static void spool_open(struct store *store)
{
    struct pid_error error;
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/tmp";
    char *path = must_have(store->settings, pid_string_format(&error, "%s/pid-kmeans.XXXXXX", folder), &error);
    if (store->spool < 0) {
        store->spool = mkostemp(path, O_CLOEXEC);
        if (store->spool >= 0) unlink(path);
    } else if (ftruncate(store->spool, 0) || lseek(store->spool, 0, SEEK_SET)) {
        pid_error_errno(&error, "%s", store->spool_name);
        pid_program_fail(store->settings->program, &error);
    }
    if (store->spool < 0) {
        pid_error_errno(&error, "%s", path);
        pid_program_fail(store->settings->program, &error);
    }
    free(path);
    store->writer = must_have(store->settings, pid_writer_new(store->spool, store->spool_name, store->header, false, &error), &error);
}

bool store_holds(const struct store *store, uint64_t bytes)
{
    return store->beyond || store->bytes >= bytes;
}

void store_add(struct store *store, const struct pid_input *input, const struct pid_record *record, struct group *group, uint64_t other_bytes)
{
    struct pid_error error;
    const struct settings *s = store->settings;
    size_t bytes = record_bytes(store->header, record);
    bool room = store->rereadable || !s->memory_given ? store->bytes + bytes <= HELD_BYTES : store->bytes + bytes + other_bytes <= s->memory;
    if (!store->beyond && room) {
        if (store->count == store->made) {
            must(s, pid_array_grow((void **)&store->items, &store->room, store->count + 1, sizeof *store->items, &error), &error);
            store->items[store->made++] = must_have(s, pid_array_new(1, sizeof(struct held), &error), &error);
        }
        struct held *held = store->items[store->count++];
        held_set(s, store->header, held, record);
        held->group = group;
        store->bytes += bytes;
        return;
    }
    store->beyond++;
    if (store->rereadable) return;
    if (!store->writer) spool_open(store);
    /* As it came: it was checked, and its checksum is known. */
    size_t length;
    uint32_t crc;
    const void *whole = pid_reader_record_bytes(input->reader, &length, &crc);
    if (pid_writer_bytes(store->writer, whole, length, crc, record->batch.rows, &error)) spool_failed(store, &error);
}

static void changed_input(struct store *store)
{
    struct pid_error error;
    pid_error_set(&error, PID_ERROR_DATA, "the input changed while it was read a second time");
    pid_program_fail(store->settings->program, &error);
}

static void begin_beyond(struct store *store)
{
    struct pid_error error;
    struct pid_record record;
    const struct settings *s = store->settings;
    if (store->rereadable) {
        if (!store->again_open) {
            pid_input_open(&store->again, &store->again_program, 1u << PID_KIND_SAMPLES | 1u << PID_KIND_LABELS);
            pid_input_leave_vectors(&store->again);
        }
        store->again_open = true;
        if (!store->passed) store->behind += store->count;
        store->passed = true;
        for (; store->behind; store->behind--)
            if (!pid_input_next(&store->again, &record)) changed_input(store);
    } else if (!store->reader) {
        struct pid_writer *writer = store->writer;
        store->writer = NULL;
        if (pid_writer_finish(writer, &error)) spool_failed(store, &error);
        int fd = fcntl(store->spool, F_DUPFD_CLOEXEC, 3);
        if (fd < 0 || lseek(fd, 0, SEEK_SET)) {
            pid_error_errno(&error, "%s", store->spool_name);
            pid_program_fail(s->program, &error);
        }
        store->reader = must_have(s, pid_reader_new(fd, store->spool_name, s->program->record_bytes_max, &error), &error);
        pid_reader_leave_vectors(store->reader);
    }
}

static void read_beyond(struct store *store, struct pid_record *record)
{
    struct pid_error error;
    if (store->rereadable) {
        if (!pid_input_next(&store->again, record)) changed_input(store);
    } else if (pid_reader_next(store->reader, record, &error) != PID_NEXT_RECORD) {
        pid_program_fail(store->settings->program, &error);
    }
}

static void empty(struct store *store)
{
    if (!store->passed) store->behind += store->count;
    store->passed = false;
    pid_reader_free(store->reader);
    store->reader = NULL;
    store->count = store->next = 0;
    store->bytes = 0;
}

void store_read(struct store *store, struct held_batch *batch)
{
    struct pid_record record;
    batch->count = 0;
    if (store->next < store->count) {
        while (batch->count < batch->own_count && store->next < store->count) batch->items[batch->count++] = store->items[store->next++];
        return;
    }
    if (store->beyond && store->next == store->count) begin_beyond(store);
    for (size_t bytes = 0; store->beyond && batch->count < batch->own_count && bytes < store->settings->program->jobs * BATCH_BYTES; store->beyond--) {
        struct held *held = &batch->own[batch->count];
        read_beyond(store, &record);
        held_set(store->settings, store->header, held, &record);
        batch->items[batch->count++] = held;
        bytes += held->bytes_used;
    }
    if (!batch->count) empty(store);
}
