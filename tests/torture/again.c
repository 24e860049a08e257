/* again FILE COUNT [KEY]: the records of a stream that was kept in a file, COUNT times over, to standard output: so a long or
 * large stream is made without being stored anywhere.  Rows are numbered on from one time to the next.  With KEY each time has
 * a key of this name, numbered from 0, and is so a group of its own.  SIGTERM makes this time the last: the stream is whole. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream/reader.h"
#include "stream/writer.h"

static volatile sig_atomic_t ended;

static void end(int signal) { ended = signal; }

static _Noreturn void fail(const struct pid_error *error)
{
    fprintf(stderr, "again: %s\n", error->message);
    exit(1);
}

static struct pid_reader *open_file(const char *path)
{
    struct pid_error error;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    struct pid_reader *reader = pid_reader_new(fd, path, 0, &error);
    if (!reader) fail(&error);
    return reader;
}

static void write_record(struct pid_writer *writer, const struct pid_record *record)
{
    struct pid_error error;
    if (pid_writer_record(writer, record, &error)) fail(&error);
}

/* All records of the file; the number of its rows. */
static uint64_t write_once(struct pid_writer *writer, const char *path, const char *key, uint64_t time, uint64_t first_row)
{
    struct pid_error error;
    struct pid_record record;
    struct pid_reader *reader = open_file(path);
    const struct pid_header *header = pid_reader_header(reader);
    bool batches = header->kind == PID_KIND_SAMPLES || header->kind == PID_KIND_LABELS;
    uint64_t rows = 0;
    enum pid_next next;
    while ((next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) {
        if (batches) {
            rows += record.batch.rows;
            record.batch.row += first_row;
        }
        if (!key) {
            write_record(writer, &record);
            continue;
        }
        struct pid_record keyed = record;
        keyed.key = (struct pid_key){0};
        if (pid_key_copy(&keyed.key, &record.key, &error) || pid_key_set_integer(&keyed.key, key, (int64_t)time, &error)) fail(&error);
        write_record(writer, &keyed);
        pid_key_release(&keyed.key);
    }
    if (next == PID_NEXT_ERROR) fail(&error);
    pid_reader_free(reader);
    return rows;
}

int main(int argc, char **argv)
{
    struct pid_error error;
    if (argc < 3 || argc > 4) {
        fputs("usage: again FILE COUNT [KEY]\n", stderr);
        return 2;
    }
    const char *key = argv[3];
    uint64_t count = strtoull(argv[2], NULL, 10), rows = 0;
    signal(SIGTERM, end);
    struct pid_reader *reader = open_file(argv[1]);
    struct pid_header header;
    if (pid_header_copy(&header, pid_reader_header(reader), &error)) fail(&error);
    if (!key) header.grouped = false; /* the first key comes again */
    pid_reader_free(reader);
    struct pid_writer *writer = pid_writer_new(STDOUT_FILENO, "standard output", &header, false, &error);
    if (!writer) fail(&error);
    for (uint64_t time = 0; time < count && !ended; time++) rows += write_once(writer, argv[1], key, time, rows);
    if (pid_writer_finish(writer, &error)) fail(&error);
    pid_header_release(&header);
    return 0;
}
