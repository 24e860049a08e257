#include "tap.h"

#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/random.h"
#include "stream/ended.h"
#include "stream/key.h"
#include "stream/reader.h"
#include "stream/scan.h"
#include "stream/writer.h"

static struct pid_error error;

/* A file in memory that goes when it is closed. */
static int memory_file(const void *bytes, size_t count)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    if (fd < 0 || (count && write(fd, bytes, count) != (ssize_t)count)) abort();
    lseek(fd, 0, SEEK_SET);
    return fd;
}

struct bytes { unsigned char *data; size_t count; };

static struct bytes read_back(int fd)
{
    struct bytes bytes = {0};
    bytes.count = (size_t)lseek(fd, 0, SEEK_END);
    bytes.data = malloc(bytes.count + 1);
    if (!bytes.data || pread(fd, bytes.data, bytes.count, 0) != (ssize_t)bytes.count) abort();
    close(fd);
    return bytes;
}

static void must(enum pid_status status)
{
    if (status) {
        tap_note("%s", error.message);
        abort();
    }
}

static struct pid_header make_header(enum pid_kind kind, bool grouped)
{
    static char a[] = "left", b[] = "ri\tght\"";
    static char *names[] = {a, b};
    static char argument[] = "--clusters=2", program[] = "test", version[] = "1";
    static char *arguments[] = {argument};
    struct pid_header header = {.kind = kind, .grouped = grouped};
    must(pid_header_add_variable(&header, "image", PID_ROLE_SOURCE, kind == PID_KIND_SAMPLES ? PID_TYPE_VECTOR : PID_TYPE_CATEGORY, 3, NULL, &error));
    must(pid_header_add_variable(&header, "answer", PID_ROLE_TARGET, PID_TYPE_CATEGORY, 2, names, &error));
    must(pid_header_add_stage(&header, &(struct pid_stage){program, version, 1, arguments, 7}, &error));
    return header;
}

enum { RECORDS = 5, ROWS = 4 };

/* Fills a record of the kind from fixed numbers; what it points to is static. */
static void make_record(enum pid_kind kind, size_t number, struct pid_record *record)
{
    static float values[ROWS * 3];
    static uint32_t image[ROWS] = {0, 1, 2, 1}, answer[ROWS] = {0, 1, 1, 0};
    static struct pid_column columns[2];
    static const uint64_t shape[] = {3, 2};
    static const uint32_t cells[] = {0, 0, 2, 1};
    static const double weights[] = {0.25, 3e300};
    static const float array[] = {1, 2, 3, 4, 5, 6};
    static struct pid_text_field text = {"solver", "newton"};
    static struct pid_value_field fields[] = {{"redundant", 0.5}, {"share:image", NAN}};
    static struct pid_array_field arrays[] = {{"centroids", PID_ELEMENT_F32, 2, {2, 3}, array}};
    static const char *notes[] = {"a note"};
    for (size_t i = 0; i < ROWS * 3; i++) values[i] = (float)(number * 100 + i) / 3;
    *record = (struct pid_record){0};
    must(pid_key_set_integer(&record->key, "layer", (int64_t)number, &error));
    must(pid_key_set_text(&record->key, "model", "blip", &error));
    if (kind == PID_KIND_SAMPLES || kind == PID_KIND_LABELS) {
        columns[0] = kind == PID_KIND_SAMPLES ? (struct pid_column){.dim = 3, .values = values} : (struct pid_column){.codes = image};
        columns[1] = (struct pid_column){.codes = answer};
        record->batch = (struct pid_batch){number * ROWS, ROWS, columns};
    } else if (kind == PID_KIND_JOINT) {
        record->table = (struct pid_table_record){{PID_REPLICATE_SUBSAMPLE, number, 0.5}, 17, shape, 2, cells, weights};
    } else {
        record->result = (struct pid_result_record){{PID_REPLICATE_DATA, 0, 1}, 17, 1, 2, 1, 1, &text, fields, arrays, notes};
    }
}

static struct bytes make_stream(enum pid_kind kind, bool grouped, bool gzip, bool finish)
{
    struct pid_header header = make_header(kind, grouped);
    int fd = memory_file(NULL, 0);
    struct pid_writer *writer = pid_writer_new(fd, "test", &header, gzip, &error);
    if (!writer) abort();
    for (size_t i = 0; i < RECORDS; i++) {
        struct pid_record record;
        make_record(kind, i, &record);
        must(pid_writer_record(writer, &record, &error));
        pid_key_release(&record.key);
    }
    if (finish) {
        must(pid_writer_finish(writer, &error));
    } else {
        must(pid_writer_flush(writer, &error));
        pid_writer_abandon(writer);
    }
    pid_header_release(&header);
    return read_back(fd);
}

/* Reads all; returns how it ended, and the number of records seen. */
static enum pid_next read_stream(const unsigned char *data, size_t count, size_t *records)
{
    *records = 0;
    struct pid_reader *reader = pid_reader_new(memory_file(data, count), "test", 0, &error);
    if (!reader) return PID_NEXT_ERROR;
    struct pid_record record;
    enum pid_next next;
    while ((next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) ++*records;
    pid_reader_free(reader);
    return next;
}

static bool same_record(enum pid_kind kind, const struct pid_record *a, const struct pid_record *b)
{
    if (!pid_key_equal(&a->key, &b->key)) return false;
    if (kind == PID_KIND_SAMPLES || kind == PID_KIND_LABELS) {
        const struct pid_batch *x = &a->batch, *y = &b->batch;
        if (x->row != y->row || x->rows != y->rows || memcmp(x->columns[1].codes, y->columns[1].codes, ROWS * 4)) return false;
        return kind == PID_KIND_LABELS ? !memcmp(x->columns[0].codes, y->columns[0].codes, ROWS * 4)
                                       : x->columns[0].dim == y->columns[0].dim && !memcmp(x->columns[0].values, y->columns[0].values, ROWS * 12);
    }
    if (kind == PID_KIND_JOINT) {
        const struct pid_table_record *x = &a->table, *y = &b->table;
        return x->replicate.type == y->replicate.type && x->replicate.index == y->replicate.index && x->replicate.fraction == y->replicate.fraction &&
               x->samples == y->samples && x->cells == y->cells && !memcmp(x->shape, y->shape, 16) && !memcmp(x->indices, y->indices, 16) &&
               !memcmp(x->weights, y->weights, 16);
    }
    const struct pid_result_record *x = &a->result, *y = &b->result;
    const struct pid_array_field *array = pid_result_array(x, "centroids");
    return x->samples == y->samples && !strcmp(pid_result_text(x, "solver"), "newton") && pid_result_value(x, "redundant") == 0.5 &&
           isnan(pid_result_value(x, "share:image")) && array && array->dims == 2 && array->shape[1] == 3 &&
           !memcmp(array->data, y->arrays[0].data, 24) && x->note_count == 1 && !strcmp(x->notes[0], "a note");
}

static void test_round_trip(enum pid_kind kind, bool gzip)
{
    struct bytes bytes = make_stream(kind, true, gzip, true);
    struct pid_reader *reader = pid_reader_new(memory_file(bytes.data, bytes.count), "test", 0, &error);
    struct pid_record record, expected;
    struct pid_header header = make_header(kind, true);
    bool same = reader && pid_header_match(&header, pid_reader_header(reader), &error) == PID_OK && pid_reader_header(reader)->grouped &&
                pid_reader_header(reader)->history[0].seed == 7 && !strcmp(pid_reader_header(reader)->history[0].arguments[0], "--clusters=2");
    for (size_t i = 0; same && i < RECORDS; i++) {
        make_record(kind, i, &expected);
        same = pid_reader_next(reader, &record, &error) == PID_NEXT_RECORD && same_record(kind, &record, &expected);
        pid_key_release(&expected.key);
    }
    tap_ok(same, "%s%s: what is read is what was written", pid_kind_name(kind), gzip ? " (gzip)" : "");
    tap_ok(same && pid_reader_next(reader, &record, &error) == PID_NEXT_END && pid_reader_next(reader, &record, &error) == PID_NEXT_END,
           "%s%s: the end sticks", pid_kind_name(kind), gzip ? " (gzip)" : "");
    pid_header_release(&header);
    pid_reader_free(reader);
    free(bytes.data);
}

/* Whether the stream comes to its end with records that are not those of make_record. */
static bool ends_with_other_records(enum pid_kind kind, const unsigned char *data, size_t count)
{
    struct pid_reader *reader = pid_reader_new(memory_file(data, count), "test", 0, &error);
    struct pid_record record, expected;
    enum pid_next next = PID_NEXT_ERROR;
    bool same = true;
    size_t records = 0;
    while (reader && (next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) {
        make_record(kind, records++, &expected);
        same = same && same_record(kind, &record, &expected);
        pid_key_release(&expected.key);
    }
    pid_reader_free(reader);
    return next == PID_NEXT_END && !(same && records == RECORDS);
}

/* Cut at every byte: never an END.  One bit changed: never an END either, but that gzip has bits that say nothing about
 * the data (time, filling); there an END must bring the same records. */
static void test_damage(enum pid_kind kind, bool gzip)
{
    struct bytes bytes = make_stream(kind, false, gzip, true);
    size_t ends = 0, records;
    for (size_t cut = 0; cut < bytes.count; cut++) ends += read_stream(bytes.data, cut, &records) != PID_NEXT_ERROR;
    tap_ok(ends == 0, "%s%s: cut at each of %zu bytes is an error", pid_kind_name(kind), gzip ? " (gzip)" : "", bytes.count);
    ends = 0;
    for (size_t at = 0; at < bytes.count; at++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[at] ^= 1u << bit;
            ends += gzip ? ends_with_other_records(kind, bytes.data, bytes.count) : read_stream(bytes.data, bytes.count, &records) != PID_NEXT_ERROR;
            bytes.data[at] ^= 1u << bit;
        }
    tap_ok(ends == 0, "%s%s: no single bit can be changed unseen", pid_kind_name(kind), gzip ? " (gzip)" : "");
    bytes.data[bytes.count] = 0;
    tap_ok(read_stream(bytes.data, bytes.count + 1, &records) == PID_NEXT_ERROR, "%s%s: a byte too many is an error", pid_kind_name(kind), gzip ? " (gzip)" : "");
    free(bytes.data);
}

static void test_endings(void)
{
    size_t records;
    struct bytes bytes = make_stream(PID_KIND_LABELS, true, false, false);
    tap_ok(read_stream(bytes.data, bytes.count, &records) == PID_NEXT_ERROR && records == RECORDS && strstr(error.message, "without its trailer"),
           "an abandoned stream has no end");
    free(bytes.data);
    /* Two whole streams joined by cat. */
    bytes = make_stream(PID_KIND_LABELS, true, false, true);
    unsigned char *twice = malloc(2 * bytes.count);
    if (!twice) abort();
    memcpy(twice, bytes.data, bytes.count);
    memcpy(twice + bytes.count, bytes.data, bytes.count);
    tap_ok(read_stream(twice, 2 * bytes.count, &records) == PID_NEXT_ERROR && strstr(error.message, "after the trailer"), "two streams in a row are an error");
    free(twice);
    free(bytes.data);
}

/* The key of the first record comes again in the last. */
static void test_grouped(void)
{
    struct pid_header header = make_header(PID_KIND_LABELS, true);
    int fd = memory_file(NULL, 0);
    struct pid_writer *writer = pid_writer_new(fd, "test", &header, false, &error);
    for (size_t i = 0; writer && i < 400; i++) {
        struct pid_record record;
        make_record(PID_KIND_LABELS, i < 399 ? i : 5, &record);
        must(pid_writer_record(writer, &record, &error));
        pid_key_release(&record.key);
    }
    must(pid_writer_finish(writer, &error));
    struct bytes bytes = read_back(fd);
    size_t records;
    tap_ok(read_stream(bytes.data, bytes.count, &records) == PID_NEXT_ERROR && records == 399 && strstr(error.message, "grouped"),
           "a key that comes again breaks the promise of grouped");
    free(bytes.data);
    pid_header_release(&header);
}

/* Keys that a weaker hash takes for each other (two of FNV-1a added up): they are different all the same. */
static void test_grouped_apart(void)
{
    static const int64_t keys[][2] = {{950, 3372}, {3110, 1724}, {3184, 3743}, {3315, 538}, {369, 2298}, {634, 1523}};
    enum { KEYS = sizeof keys / sizeof *keys };
    struct pid_header header = make_header(PID_KIND_LABELS, true);
    int fd = memory_file(NULL, 0);
    struct pid_writer *writer = pid_writer_new(fd, "test", &header, false, &error);
    for (size_t i = 0; writer && i < KEYS; i++) {
        struct pid_record record;
        make_record(PID_KIND_LABELS, i, &record);
        pid_key_release(&record.key);
        must(pid_key_set_integer(&record.key, "layer", keys[i][0], &error));
        must(pid_key_set_integer(&record.key, "sample", keys[i][1], &error));
        must(pid_writer_record(writer, &record, &error));
        pid_key_release(&record.key);
    }
    must(pid_writer_finish(writer, &error));
    struct bytes bytes = read_back(fd);
    size_t records;
    tap_ok(read_stream(bytes.data, bytes.count, &records) == PID_NEXT_END && records == KEYS, "keys that look alike to a hash keep the promise of grouped");
    free(bytes.data);
    pid_header_release(&header);
}

/* All keys {}, {a}, {b}, {a, b}, {a, b, c} with a and b from -70 to 199, each added twice, in one order of names and another. */
static void test_ended(void)
{
    enum { LEAST = -71, END = 200 }; /* LEAST: the name is left out */
    char name_a[] = "a", name_b[] = "b", name_c[] = "c", text[] = "130";
    struct pid_ended ended = {0};
    size_t wrong = 0;
    for (int time = 0; time < 2; time++)
        for (int a = LEAST; a < END; a++)
            for (int b = LEAST; b < END; b++)
                for (int c = 0; c < 1 + (a > LEAST && b > LEAST); c++) {
                    struct pid_key key = {0};
                    bool fresh;
                    if (c) key.pairs[key.count++] = (struct pid_key_pair){.name = name_c, .text = text};
                    if (a > LEAST && time) key.pairs[key.count++] = (struct pid_key_pair){.name = name_a, .integer = a};
                    if (b > LEAST) key.pairs[key.count++] = (struct pid_key_pair){.name = name_b, .integer = b};
                    if (a > LEAST && !time) key.pairs[key.count++] = (struct pid_key_pair){.name = name_a, .integer = a};
                    must(pid_ended_add(&ended, &key, &fresh, &error));
                    wrong += fresh != (time == 0);
                }
    tap_ok(wrong == 0, "146341 keys of numbers and a text come once each, in %zu entries", ended.count);
    pid_ended_release(&ended);
}

/* Lengths are told before the bytes are looked at, so that there need not be any. */
static void test_too_long(void)
{
    static const uint32_t code;
    struct pid_header header = make_header(PID_KIND_LABELS, false);
    struct pid_column columns[8] = {{0}};
    for (size_t v = 0; v < 8; v++) columns[v].codes = &code;
    struct pid_record record = {.batch = {.rows = (uint64_t)1 << 30, .columns = columns}};
    int fd = memory_file(NULL, 0);
    struct pid_writer *writer = pid_writer_new(fd, "test", &header, false, &error);
    bool refused = writer && pid_writer_record(writer, &record, &error) == PID_ERROR_DATA && strstr(error.message, "4 GiB");
    tap_ok(refused, "an array of 4 GiB is refused, not cut: %s", error.message);
    pid_writer_abandon(writer);
    free(read_back(fd).data);
    pid_header_release(&header);
}

static void test_hostile(void)
{
    static const struct { const char *what; size_t count; unsigned char bytes[24]; } cases[] = {
        {"an array of 2^32 - 1 elements", 5, {0xdd, 0xff, 0xff, 0xff, 0xff}},
        {"a map of 2^32 - 1 pairs", 5, {0xdf, 0xff, 0xff, 0xff, 0xff}},
        {"a bin of 4 GiB", 5, {0xc6, 0xff, 0xff, 0xff, 0xff}},
        {"nesting of 20", 20, {0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x90}},
        {"the unused byte", 1, {0xc1}},
        {"a bare nil", 1, {0xc0}},
        {"an empty map", 1, {0x80}},
        {"text", 6, {'h', 'e', 'l', 'l', 'o', '\n'}},
        {"no bytes", 0, {0}},
        {"a gzip header alone", 2, {0x1f, 0x8b}},
    };
    size_t records;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        tap_ok(read_stream(cases[i].bytes, cases[i].count, &records) == PID_NEXT_ERROR, "%s is refused: %s", cases[i].what, error.message);
}

/* Random bytes: the scanner never claims more than there is, and agrees with itself when it is given the rest. */
static void test_scan(void)
{
    size_t wrong = 0, whole = 0;
    for (uint64_t trial = 0; trial < 20000; trial++) {
        unsigned char data[256];
        for (size_t i = 0; i < sizeof data; i += 8) {
            uint64_t bits = pid_random_bits(1, pid_random_stream(PID_RANDOM_TEST, 1), trial * 64 + i);
            memcpy(data + i, &bits, 8);
        }
        uint64_t bytes, shorter;
        if (pid_scan_object(data, sizeof data, &bytes) != PID_SCAN_WHOLE) continue;
        whole++;
        wrong += bytes == 0 || bytes > sizeof data;
        for (size_t have = 0; have < bytes; have++)
            wrong += pid_scan_object(data, have, &shorter) != PID_SCAN_MORE || shorter <= have || shorter > bytes;
    }
    tap_ok(whole > 1000 && wrong == 0, "%zu random objects are measured alike from every part of them", whole);
}

static void test_keys(void)
{
    struct pid_key a = {0}, b = {0};
    char text[100];
    must(pid_key_set_text(&a, "layer", "12", &error));
    must(pid_key_set_text(&a, "model", "x", &error));
    must(pid_key_set_text(&b, "model", "x", &error));
    must(pid_key_set_integer(&b, "layer", 12, &error));
    tap_ok(pid_key_equal(&a, &b) && pid_key_hash(&a) == pid_key_hash(&b), "the order of names does not matter, \"12\" is 12");
    must(pid_key_set_text(&b, "layer", "012", &error));
    tap_ok(!pid_key_equal(&a, &b), "\"012\" is a text");
    tap_ok(!strcmp(pid_key_format(&a, text, sizeof text), "layer=12 model=x"), "a key is printed as name=value");
    tap_ok(pid_natural_compare("layer2", "layer10") < 0 && pid_natural_compare("a10b2", "a10b10") < 0 && pid_natural_compare("a", "b") < 0 &&
               pid_natural_compare("x01", "x1") > 0 && pid_natural_compare("7", "7") == 0, "2 comes before 10");
    const char *only[] = {"model"};
    struct pid_key view = pid_key_view(&a, only, 1, true), rest = pid_key_view(&a, only, 1, false);
    tap_ok(view.count == 1 && !strcmp(view.pairs[0].name, "model") && rest.count == 1 && !strcmp(rest.pairs[0].name, "layer"), "views keep or drop names");
    pid_key_release(&a);
    pid_key_release(&b);
}

int main(void)
{
    for (int kind = 0; kind < PID_KINDS; kind++)
        for (int gzip = 0; gzip < 2; gzip++) {
            test_round_trip((enum pid_kind)kind, gzip);
            test_damage((enum pid_kind)kind, gzip);
        }
    test_endings();
    test_grouped();
    test_grouped_apart();
    test_ended();
    test_too_long();
    test_hostile();
    test_scan();
    test_keys();
    return tap_done();
}
