/* mangle FILE...: what the reader makes of damaged streams.  Each file, a whole uncompressed stream, is cut at every byte
 * (at 1,000 where it is long), has a bit flipped at 10,000 places, records dropped, doubled and exchanged, bytes and
 * streams appended, and its gzip form cut and flipped likewise.  A damaged stream must never be read to its END. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/random.h"
#include "stream/reader.h"

enum { CUTS_ALL = 20000, CUTS = 1000, FLIPS = 10000 };

struct bytes {
    uint8_t *data;
    size_t size;
};

static struct bytes bytes_new(size_t size)
{
    struct bytes bytes = {malloc(size ? size : 1), size};
    if (!bytes.data) abort();
    return bytes;
}

static struct bytes load(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    struct bytes bytes = bytes_new(64 << 20);
    bytes.size = fread(bytes.data, 1, bytes.size, file);
    fclose(file);
    return bytes;
}

/* Reads all of it.  Whether the reader came to its END; `digest` is then that of the records. */
static bool reads(const uint8_t *data, size_t size, uint32_t *digest)
{
    int fd = memfd_create("mangled", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET)) abort();
    struct pid_error error = {0};
    struct pid_reader *reader = pid_reader_new(fd, "mangled", 0, &error);
    if (!reader) return false;
    struct pid_record record;
    enum pid_next next;
    *digest = 0;
    while ((next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) {
        size_t length;
        uint32_t crc;
        const void *bytes = pid_reader_record_bytes(reader, &length, &crc);
        *digest = (uint32_t)crc32(*digest, bytes, (uInt)length);
    }
    if (next == PID_NEXT_ERROR && !*error.message) abort(); /* an error that says nothing */
    pid_reader_free(reader);
    return next == PID_NEXT_END;
}

static unsigned long tried, accepted;

static void expect_refused(const uint8_t *data, size_t size, const char *what, size_t at)
{
    uint32_t digest;
    tried++;
    if (!reads(data, size, &digest)) return;
    accepted++;
    printf("# accepted: %s at %zu\n", what, at);
}

static void cut(struct bytes whole, const char *what)
{
    size_t step = whole.size <= CUTS_ALL ? 1 : whole.size / CUTS + 1;
    for (size_t at = 0; at < whole.size; at += step) expect_refused(whole.data, at, what, at);
    for (size_t end = 1; end <= 64 && end < whole.size; end++) expect_refused(whole.data, whole.size - end, what, whole.size - end);
}

static void flip(struct bytes whole)
{
    for (int i = 0; i < FLIPS; i++) {
        uint64_t bit = pid_random_below(1, pid_random_stream(PID_RANDOM_TEST, 0), (uint64_t)i, 8 * whole.size);
        whole.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(whole.data, whole.size, "flip", bit / 8);
        whole.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* The same bytes can be compressed in more than one way, and gzip's header holds a time and a system that say nothing
 * about them: a flip may pass, but only with the same records. */
static void flip_gzip(struct bytes small, uint32_t right)
{
    for (int i = 0; i < FLIPS; i++) {
        uint64_t bit = pid_random_below(1, pid_random_stream(PID_RANDOM_TEST, 1), (uint64_t)i, 8 * small.size);
        uint32_t digest;
        small.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        tried++;
        if (reads(small.data, small.size, &digest) && digest != right) {
            accepted++;
            printf("# accepted: gzip flip at %" PRIu64 "\n", bit / 8);
        }
        small.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static struct bytes compress_gzip(struct bytes whole)
{
    z_stream z = {0};
    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
    struct bytes small = bytes_new(deflateBound(&z, whole.size) + 64);
    z.next_in = whole.data;
    z.avail_in = (uInt)whole.size;
    z.next_out = small.data;
    z.avail_out = (uInt)small.size;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
    small.size = z.total_out;
    deflateEnd(&z);
    return small;
}

/* The stream in parts: header, records, trailer. */
enum { PARTS_MAX = 4096 };
struct parts {
    size_t count;                /* of records */
    size_t start[PARTS_MAX + 1]; /* of each record; the last is the trailer's */
};

static void split(struct bytes whole, struct parts *parts)
{
    int fd = memfd_create("whole", MFD_CLOEXEC);
    if (fd < 0 || write(fd, whole.data, whole.size) != (ssize_t)whole.size || lseek(fd, 0, SEEK_SET)) abort();
    struct pid_error error = {0};
    struct pid_reader *reader = pid_reader_new(fd, "whole", 0, &error);
    struct pid_record record;
    size_t at = 0;
    parts->count = 0;
    while (reader && parts->count < PARTS_MAX && pid_reader_next(reader, &record, &error) == PID_NEXT_RECORD) {
        size_t length;
        uint32_t crc;
        const void *bytes = pid_reader_record_bytes(reader, &length, &crc);
        const uint8_t *found = memmem(whole.data + at, whole.size - at, bytes, length);
        if (!found) abort();
        parts->start[parts->count++] = (size_t)(found - whole.data);
        at = (size_t)(found - whole.data) + length;
    }
    parts->start[parts->count] = at;
    pid_reader_free(reader);
}

static void rearrange(struct bytes whole, const struct parts *parts)
{
    struct bytes other = bytes_new(3 * whole.size);
    for (size_t i = 0; i < parts->count; i++) {
        size_t start = parts->start[i], length = parts->start[i + 1] - start, rest = whole.size - start - length;
        memcpy(other.data, whole.data, start);
        memcpy(other.data + start, whole.data + start + length, rest);
        expect_refused(other.data, start + rest, "record dropped", i + 1);
        memcpy(other.data + start, whole.data + start, length);
        memcpy(other.data + start + length, whole.data + start, length + rest);
        expect_refused(other.data, whole.size + length, "record doubled", i + 1);
        if (i + 2 > parts->count) continue;
        size_t next = parts->start[i + 2] - parts->start[i + 1];
        memcpy(other.data, whole.data, whole.size);
        memcpy(other.data + start, whole.data + start + length, next);
        memcpy(other.data + start + next, whole.data + start, length);
        if (memcmp(other.data, whole.data, whole.size)) expect_refused(other.data, whole.size, "records exchanged", i + 1);
    }
    memcpy(other.data, whole.data, whole.size);
    memcpy(other.data + whole.size, whole.data, whole.size);
    expect_refused(other.data, 2 * whole.size, "stream doubled", whole.size);
    for (int byte = 0; byte < 256; byte++) {
        other.data[whole.size] = (uint8_t)byte;
        expect_refused(other.data, whole.size + 1, "byte after the trailer", (size_t)byte);
    }
    free(other.data);
}

int main(int argc, char **argv)
{
    int failed = 0;
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        struct bytes whole = load(argv[i]);
        uint32_t right;
        static struct parts parts;
        tried = accepted = 0;
        bool sound = reads(whole.data, whole.size, &right);
        if (!sound) printf("# %s is not a whole stream\n", argv[i]);
        split(whole, &parts);
        cut(whole, "cut");
        flip(whole);
        rearrange(whole, &parts);
        struct bytes small = compress_gzip(whole);
        uint32_t digest;
        if (!reads(small.data, small.size, &digest) || digest != right) {
            printf("# its gzip form is not read\n");
            sound = false;
        }
        cut(small, "gzip cut");
        flip_gzip(small, right);
        bool ok = sound && !accepted && tried;
        failed |= !ok;
        printf("%sok %d - %s: %lu damaged streams of %zu bytes and %zu records, %lu accepted\n", ok ? "" : "not ", i, argv[i],
               tried, whole.size, parts.count, accepted);
        free(small.data);
        free(whole.data);
    }
    return failed;
}
