/* target EXECUTIONS SEED FILE...: runs the target on each file and on EXECUTIONS mutations of them.  The mutations are
 * those that break parsers: bits flipped, bytes set to extremes, spans cut out, doubled, taken from another file.
 * A finding is a crash, under the sanitizers; the mutation is then in the file named by FUZZ_CRASH, if that is set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/random.h"
#include "fuzz.h"

enum { SIZE_MAX_BYTES = 1 << 16, CHANGES_MAX = 6 };

struct text { uint8_t *data; size_t size; };

static uint64_t seed, draws;

static size_t below(size_t n)
{
    return (size_t)pid_random_below(seed, pid_random_stream(PID_RANDOM_TEST, 2), draws++, n);
}

static struct text load(const char *path)
{
    struct text text = {malloc(SIZE_MAX_BYTES), 0};
    FILE *file = fopen(path, "rb");
    if (!file || !text.data) {
        perror(path);
        exit(1);
    }
    text.size = fread(text.data, 1, SIZE_MAX_BYTES, file);
    fclose(file);
    return text;
}

/* Replaces old[at .. at+length-1] by `bytes`; what would not fit is cut off. */
static void splice(struct text *text, size_t at, size_t length, const uint8_t *bytes, size_t size)
{
    static uint8_t tail[SIZE_MAX_BYTES];
    size_t rest = text->size - at - length;
    memcpy(tail, text->data + at + length, rest);
    if (size > SIZE_MAX_BYTES - at) size = SIZE_MAX_BYTES - at;
    memmove(text->data + at, bytes, size);
    if (rest > SIZE_MAX_BYTES - at - size) rest = SIZE_MAX_BYTES - at - size;
    memcpy(text->data + at + size, tail, rest);
    text->size = at + size + rest;
}

static void mutate(struct text *text, const struct text *other)
{
    static const uint8_t extremes[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0xc0, 0xc1, 0xca, 0xdd, 0xdf, '\n', '\t', '"', ',', '-', '9'};
    size_t at = below(text->size + 1), length = below(text->size - at + 1);
    if (length > 64 && below(4)) length = below(64);
    switch (at == text->size ? 4 : below(6)) {
    case 0: text->data[at] ^= (uint8_t)(1 << below(8)); break;
    case 1: text->data[at] = extremes[below(sizeof extremes)]; break;
    case 2: text->data[at] = (uint8_t)below(256); break;
    case 3: splice(text, at, length, other->data, 0); break;
    case 4: {
        size_t from = below(other->size + 1), size = below(other->size - from + 1);
        splice(text, at, below(2) ? 0 : length, other->data + from, size);
        break;
    }
    case 5: { /* a number of four bytes, as sizes are written */
        static const uint32_t numbers[] = {0, 1, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, 0x00010000};
        uint32_t number = numbers[below(sizeof numbers / sizeof *numbers)];
        splice(text, at, length < 4 ? length : 4, (const uint8_t *)&number, 4);
        break;
    }
    }
}

static void execute(const struct text *text)
{
    /* A block of its own size, so that reading beyond its end is seen. */
    uint8_t *copy = malloc(text->size ? text->size : 1);
    const char *crash = getenv("FUZZ_CRASH");
    if (!copy) abort();
    memcpy(copy, text->data, text->size);
    if (crash) {
        FILE *file = fopen(crash, "wb");
        if (!file || fwrite(copy, 1, text->size, file) != text->size || fclose(file)) abort();
    }
    LLVMFuzzerTestOneInput(copy, text->size);
    free(copy);
}

int main(int argc, char **argv)
{
    uint64_t executions;
    if (argc < 4 || !pid_number_unsigned(argv[1], 0, UINT64_MAX, &executions) || !pid_number_unsigned(argv[2], 0, UINT64_MAX, &seed)) {
        fprintf(stderr, "usage: %s EXECUTIONS SEED FILE...\n", argv[0]);
        return 2;
    }
    size_t count = (size_t)argc - 3;
    struct text *texts = calloc(count, sizeof *texts), now = {malloc(SIZE_MAX_BYTES), 0};
    if (!texts || !now.data) abort();
    for (size_t i = 0; i < count; i++) texts[i] = load(argv[3 + i]); /* all of them first: a target may go to another folder */
    for (size_t i = 0; i < count; i++) execute(&texts[i]);
    for (uint64_t i = 0; i < executions; i++) {
        const struct text *from = &texts[below(count)];
        memcpy(now.data, from->data, now.size = from->size);
        for (size_t changes = 1 + below(CHANGES_MAX); changes; changes--) mutate(&now, &texts[below(count)]);
        execute(&now);
    }
    printf("%llu executions over %zu files\n", (unsigned long long)executions + count, count);
    for (size_t i = 0; i < count; i++) free(texts[i].data);
    free(texts);
    free(now.data);
    return 0;
}
