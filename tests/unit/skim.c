#include "tap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stream/reader.h"
#include "stream/skim.h"
#include "stream/writer.h"

static struct pid_error error;

enum { RECORDS = 40, WIDE = 301, NARROW = 2, BEFORE = 17 };

static void must(enum pid_status status)
{
    if (!status) return;
    tap_note("%s", error.message);
    abort();
}

static uint64_t rows_of(size_t number) { return number % 4 ? number % 4 : 70; }
static float value_of(size_t number, size_t i) { return (float)(number * 1000 + i) / 3; }

/* A file of samples that begins behind a few other bytes; records of one row and of many, some wider than what is read at a time. */
static int make_file(struct pid_header *header)
{
    int fd = memfd_create("skim", MFD_CLOEXEC);
    if (fd < 0 || write(fd, "what is not of it", BEFORE) != BEFORE) abort();
    *header = (struct pid_header){.kind = PID_KIND_SAMPLES};
    must(pid_header_add_variable(header, "wide", PID_ROLE_SOURCE, PID_TYPE_VECTOR, WIDE, NULL, &error));
    must(pid_header_add_variable(header, "narrow", PID_ROLE_SOURCE, PID_TYPE_VECTOR, NARROW, NULL, &error));
    must(pid_header_add_variable(header, "answer", PID_ROLE_TARGET, PID_TYPE_CATEGORY, 2, NULL, &error));
    struct pid_writer *writer = pid_writer_new(fd, "test", header, false, &error);
    if (!writer) abort();
    uint64_t row = 0;
    for (size_t r = 0; r < RECORDS; r++) {
        static float wide[70 * WIDE], narrow[70 * NARROW];
        static uint32_t answers[70];
        for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) wide[i] = value_of(r, i);
        for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) narrow[i] = -value_of(r, i);
        struct pid_column columns[] = {{.dim = WIDE, .values = wide}, {.dim = NARROW, .values = narrow}, {.codes = answers}};
        struct pid_record record = {.batch = {row, rows_of(r), columns}};
        must(pid_key_set_integer(&record.key, "layer", (int64_t)r, &error));
        must(pid_key_set_text(&record.key, "model", "of a name", &error));
        must(pid_writer_record(writer, &record, &error));
        pid_key_release(&record.key);
        row += rows_of(r);
    }
    must(pid_writer_finish(writer, &error));
    return fd;
}

/* Where the first record begins, told by a reader. */
static uint64_t first_record(int fd)
{
    uint64_t offset;
    lseek(fd, BEFORE, SEEK_SET);
    struct pid_reader *reader = pid_reader_new(dup(fd), "test", 0, &error);
    if (!reader || !pid_reader_record_place(reader, &offset)) abort();
    pid_reader_free(reader);
    return BEFORE + offset;
}

static enum pid_skim_next skim_all(int fd, uint64_t offset, const struct pid_header *header, size_t *records)
{
    struct pid_skimmed at;
    enum pid_skim_next next;
    struct pid_skim *skim = pid_skim_new(fd, offset, header, 0, &error);
    *records = 0;
    while ((next = pid_skim_next(skim, &at)) == PID_SKIM_RECORD) ++*records;
    pid_skim_free(skim);
    return next;
}

static void test_places(int fd, uint64_t begin, const struct pid_header *header)
{
    struct pid_skim *skim = pid_skim_new(fd, begin, header, 0, &error);
    struct pid_skimmed at;
    lseek(fd, BEFORE, SEEK_SET);
    struct pid_reader *reader = pid_reader_new(dup(fd), "test", 0, &error);
    struct pid_record record;
    bool same = true;
    size_t r = 0;
    for (; same && pid_reader_next(reader, &record, &error) == PID_NEXT_RECORD; r++) {
        size_t bytes;
        uint32_t crc;
        uint64_t place;
        float value;
        pid_reader_record_bytes(reader, &bytes, &crc);
        same = pid_skim_next(skim, &at) == PID_SKIM_RECORD && pid_reader_record_place(reader, &place) && at.offset == BEFORE + place &&
               at.bytes == bytes && pid_key_equal(&at.record.key, &record.key) && at.record.batch.row == record.batch.row &&
               at.record.batch.rows == rows_of(r) && at.record.batch.columns[0].dim == WIDE && at.record.batch.columns[1].dim == NARROW;
        for (size_t v = 0; same && v < 2; v++) {
            uint64_t last = rows_of(r) * record.batch.columns[v].dim - 1;
            same = pread(fd, &value, sizeof value, (off_t)(at.places[v] + last * sizeof value)) == sizeof value &&
                   value == record.batch.columns[v].values[last];
        }
    }
    tap_ok(same && r == RECORDS, "records, keys, rows and places are those that a reader finds");
    tap_ok(pid_skim_next(skim, &at) == PID_SKIM_END && pid_skim_checksum(skim) == pid_reader_checksum(reader), "the checksum is the reader's");
    pid_reader_free(reader);
    pid_skim_free(skim);
}

static void test_unfit(int fd, uint64_t begin, struct pid_header *header)
{
    size_t records, accepted = 0, length = (size_t)lseek(fd, 0, SEEK_END);
    unsigned char byte = 0xc0;
    if (pwrite(fd, &byte, 1, (off_t)length) != 1) abort();
    tap_ok(skim_all(fd, begin, header, &records) == PID_SKIM_UNFIT && records == RECORDS, "not with a byte behind the trailer");
    for (size_t cut = length - 1; cut > begin; cut -= cut > length - 3000 || cut < begin + 3000 ? 1 : 997) {
        if (ftruncate(fd, (off_t)cut)) abort();
        accepted += skim_all(fd, begin, header, &records) != PID_SKIM_UNFIT;
    }
    tap_ok(accepted == 0, "not where it is cut (%zu accepted)", accepted);
    header->variables[1].dim++;
    tap_ok(skim_all(fd, begin, header, &records) == PID_SKIM_UNFIT && records == 0, "not where vectors are of another size than the header says");
    header->variables[1].dim--;
}

/* Counts that are not those of the records. */
static void test_counts(int fd, uint64_t begin, const struct pid_header *header)
{
    size_t records, length = (size_t)lseek(fd, 0, SEEK_END);
    unsigned char *bytes = malloc(length), *found = NULL;
    if (!bytes || pread(fd, bytes, length, 0) != (ssize_t)length) abort();
    tap_ok(skim_all(fd, begin, header, &records) == PID_SKIM_END, "whole before");
    for (size_t i = length - 100; i + 8 < length; i++)
        if (!memcmp(bytes + i, "records", 7)) found = bytes + i + 7;
    found[0]++;
    if (pwrite(fd, found, 1, (off_t)(found - bytes)) != 1) abort();
    tap_ok(skim_all(fd, begin, header, &records) == PID_SKIM_UNFIT && records == RECORDS, "not where the trailer counts other records");
    free(bytes);
}

int main(void)
{
    struct pid_header header, again;
    int fd = make_file(&header), other = make_file(&again);
    uint64_t begin = first_record(fd);
    test_places(fd, begin, &header);
    test_counts(other, begin, &again);
    test_unfit(fd, begin, &header);
    pid_header_release(&header);
    pid_header_release(&again);
    close(fd);
    close(other);
    return tap_done();
}
