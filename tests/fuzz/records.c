/* Streams of each kind through the programs that read them.  The first byte of an input chooses a program; the rest is a stream
 * without its trailer, which gets one that is right, so that what the records say is believed to the end.  A run that ends well
 * has written a whole stream (where it writes one); any other has said why, and written no whole one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "fuzz.h"
#include "process.h"
#include "stream/reader.h"
#include "stream/scan.h"

enum { ARGUMENTS = 12, PATH = 32 };

/* "@" stands for the input, "LABELS" and so on for a good stream of that kind. */
static const struct way { bool stream; const char *argv[ARGUMENTS]; } ways[] = {
    {true, {"pid-joint", "@"}},
    {true, {"pid-joint", "--merge", "@"}},
    {true, {"pid-joint", "--bootstrap", "2", "--permute", "2", "--subsample", "0.5", "@"}},
    {true, {"pid-ipfp", "--max-iterations", "20", "--potentials", "@"}},
    {true, {"pid-ipfp", "--max-iterations", "20", "--coupling", "--solver", "ipfp", "@"}},
    {false, {"pid-report", "@"}},
    {false, {"pid-report", "-f", "html", "@"}},
    {false, {"pid-report", "-f", "latex", "@"}},
    {false, {"pid-report", "-f", "csv", "@"}},
    {false, {"pid-report", "-f", "svg", "@"}},
    {true, {"pid-kmeans", "-k", "2", "--n-init", "1", "--max-iterations", "3", "@"}},
    {true, {"pid-kmeans", "-k", "2", "--pca", "1", "--standardize", "@"}},
    {true, {"pid-kmeans", "-k", "2", "--train-rows", "4", "@"}},
    {true, {"pid-kmeans", "--codebook", "@", "SAMPLES"}},
    {true, {"pid-kmeans", "--codebook", "CODEBOOK", "@"}},
    {false, {"pid-local", "-d", "@", "LABELS"}},
    {false, {"pid-local", "-d", "DECOMPOSITION", "@"}},
    {true, {"pid-local", "--aggregate", "", "--bootstrap", "2", "-d", "@", "LABELS"}},
    {true, {"pid-gauss", "--draws", "4", "@"}},
    {true, {"pid-sample", "-n", "3", "@"}},
    {true, {"pid-cat", "-f", "stream", "@", "@"}},
    {false, {"pid-cat", "-f", "tsv", "@"}},
    {false, {"pid-cat", "-f", "json", "@"}},
};

static const struct { const char *name; const char *argv[ARGUMENTS]; } good[] = {
    {"JOINT", {"pid-synth", "xor"}},
    {"LABELS", {"pid-synth", "--kind", "labels", "-n", "12", "xor"}},
    {"SAMPLES", {"pid-synth", "--kind", "samples", "-n", "20", "--dim", "2", "xor"}},
    {"CODEBOOK", {"pid-kmeans", "-k", "2", "--save-codebook", "OUT", "-o", "/dev/null", "SAMPLES"}},
    {"COUNTED", {"pid-joint", "LABELS"}},
    {"DECOMPOSITION", {"pid-ipfp", "--potentials", "COUNTED"}},
};
enum { GOOD = sizeof good / sizeof *good };
static int good_fd[GOOD], output_fd = -1;

static int run(const char *const *arguments, const char *input, int output, char message[FUZZ_MESSAGE_BYTES])
{
    static char jobs[] = "-j", one[] = "1";
    char text[ARGUMENTS][64], *argv[ARGUMENTS + 3];
    size_t count = 0;
    for (; arguments[count]; count++) {
        snprintf(text[count], sizeof text[count], "%s", strcmp(arguments[count], "@") ? arguments[count] : input);
        for (size_t i = 0; i < GOOD; i++)
            if (!strcmp(arguments[count], good[i].name)) snprintf(text[count], sizeof text[count], "/proc/self/fd/%d", good_fd[i]);
        if (!strcmp(arguments[count], "OUT")) snprintf(text[count], sizeof text[count], "/proc/self/fd/%d", output);
        argv[count] = text[count];
    }
    argv[count] = jobs;
    argv[count + 1] = one;
    argv[count + 2] = NULL;
    if (ftruncate(output, 0) || lseek(output, 0, SEEK_SET)) abort();
    return fuzz_process(argv, output, message);
}

static void put_big_endian(uint8_t **at, uint64_t value, int bytes)
{
    while (bytes--) *(*at)++ = (uint8_t)(value >> 8 * bytes);
}

/* The trailer behind a whole number of objects; the rows are those that the reader finds.  Returns its length. */
static size_t make_trailer(const uint8_t *data, size_t size, uint64_t objects, uint8_t *trailer)
{
    struct pid_error error;
    struct pid_record record;
    uint64_t rows = 0;
    struct pid_reader *reader = pid_reader_new(fuzz_file(data, size), "fuzz", 0, &error);
    bool batches = reader && pid_reader_header(reader)->kind <= PID_KIND_LABELS;
    while (reader && pid_reader_next(reader, &record, &error) == PID_NEXT_RECORD)
        if (batches) rows += record.batch.rows;
    pid_reader_free(reader);
    uint8_t *at = trailer;
    memcpy(at, "\x84\xa3" "end\xc3\xa7" "records\xcf", 15), at += 15;
    put_big_endian(&at, objects - 1, 8);
    memcpy(at, "\xa4" "rows\xcf", 6), at += 6;
    put_big_endian(&at, rows, 8);
    memcpy(at, "\xa5" "crc32\xce", 7), at += 7;
    put_big_endian(&at, crc32(0, data, (uInt)size), 4);
    return (size_t)(at - trailer);
}

static bool is_whole(int fd)
{
    struct pid_error error;
    struct pid_record record;
    enum pid_next next = PID_NEXT_ERROR;
    int own = dup(fd);
    if (own < 0 || lseek(own, 0, SEEK_SET)) abort();
    struct pid_reader *reader = pid_reader_new(own, "output", 0, &error);
    while (reader && (next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) continue;
    if (next == PID_NEXT_ERROR && getenv("FUZZ_TELL")) fprintf(stderr, "output: %s\n", error.message);
    pid_reader_free(reader);
    return next == PID_NEXT_END;
}

static void make_good(void)
{
    char message[FUZZ_MESSAGE_BYTES];
    output_fd = memfd_create("output", 0);
    for (size_t i = 0; i < GOOD; i++) good_fd[i] = memfd_create(good[i].name, 0);
    for (size_t i = 0; i < GOOD; i++)
        if (run(good[i].argv, "", good_fd[i], message) || !is_whole(good_fd[i])) {
            fprintf(stderr, "records: %s: %s\n", good[i].name, message);
            abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char message[FUZZ_MESSAGE_BYTES], path[PATH];
    uint8_t trailer[64];
    size_t end = 0;
    uint64_t objects = 0, bytes;
    if (output_fd < 0) make_good();
    if (!size) return 0;
    const struct way *way = &ways[*data++ % (sizeof ways / sizeof *ways)];
    size--;
    while (end < size && pid_scan_object(data + end, size - end, &bytes) == PID_SCAN_WHOLE && bytes) {
        end += bytes;
        objects++;
    }
    int own = fuzz_file(data, size), input = dup(own); /* which a program started here has as well */
    if (input < 0 || close(own)) abort();
    if (objects && end == size) {
        size_t length = make_trailer(data, size, objects, trailer);
        if (pwrite(input, trailer, length, (off_t)size) != (ssize_t)length) abort();
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", input);
    int status = run(way->argv, path, output_fd, message);
    bool whole = way->stream && is_whole(output_fd);
    if (getenv("FUZZ_TELL")) fprintf(stderr, "%s: %d %s\n", way->argv[0], status, message);
    if (status > 3 || (status && strncmp(message, "pid-", 4)) || (way->stream && whole != (status == 0))) {
        fprintf(stderr, "%s: status %d, %s output: %s\n", way->argv[0], status, whole ? "whole" : "no whole", message);
        abort();
    }
    close(input);
    return 0;
}
