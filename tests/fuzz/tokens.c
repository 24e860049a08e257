/* Samples of several tokens: two files in one input, the array and its mask or offsets, each of any format.  The first two bytes
 * tell where the second begins. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/tokens.h"
#include "fuzz.h"

enum { SAMPLES_MAX = 1 << 12, ROOM_MAX = 1 << 18 };

/* Takes over. */
static void read_tokens(struct pid_tokens *tokens, struct pid_error *error)
{
    if (!tokens) {
        if (!*error->message) abort();
        return;
    }
    if (tokens->samples > SAMPLES_MAX || tokens->room > ROOM_MAX) {
        pid_tokens_free(tokens);
        return;
    }
    float *out = malloc(tokens->room * sizeof *out);
    if (!out) abort();
    for (uint64_t sample = 0; sample < tokens->samples; sample++) {
        if (pid_tokens_length(tokens, sample) * tokens->dim > tokens->room) abort();
        if (pid_tokens_read(tokens, sample, out, error)) break;
    }
    free(out);
    struct pid_array *pooled = pid_tokens_pool(tokens, (enum pid_pool)(tokens->dim % 4), error);
    if (!pooled) return;
    float *row = malloc(pooled->width * sizeof *row);
    if (!row) abort();
    for (uint64_t sample = 0; sample < pooled->rows; sample++)
        if (pid_array_rows(pooled, sample, 1, row, error)) break;
    free(row);
    pid_array_free(pooled);
}

static struct pid_array *open_part(struct pid_files *files, const char *path)
{
    struct pid_error error;
    return pid_array_open(files, path, NULL, &error);
}

static void largest(struct pid_array *array)
{
    struct pid_error error;
    struct pid_levels levels = {0};
    struct pid_array *places = array ? pid_array_largest(array, &error) : NULL;
    if (!places) return;
    if (places->rows <= SAMPLES_MAX) {
        uint32_t *codes = malloc((places->rows + 1) * sizeof *codes);
        if (!codes) abort();
        if (!pid_array_codes(places, 0, places->rows, &levels, codes, &error))
            for (uint64_t row = 0; row < places->rows; row++)
                if (codes[row] != PID_ARRAY_MISSING && codes[row] >= levels.count) abort();
        free(codes);
    }
    pid_levels_release(&levels);
    pid_array_free(places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    struct pid_files files = {0};
    struct pid_error error = {0};
    size_t first = data[0] + 256u * data[1];
    if (first > size - 2) first = size - 2;
    char paths[2][32];
    int fds[2] = {fuzz_file(data + 2, first), fuzz_file(data + 2 + first, size - 2 - first)};
    for (int i = 0; i < 2; i++) snprintf(paths[i], sizeof paths[i], "/proc/self/fd/%d", fds[i]);
    for (int way = 0; way < 3; way++) {
        struct pid_array *array = open_part(&files, paths[0]), *beside = way < 2 ? open_part(&files, paths[1]) : NULL;
        if (array && (beside || way == 2))
            read_tokens(way ? pid_tokens_dense(array, beside, &error) : pid_tokens_ragged(array, beside, &error), &error);
        else {
            pid_array_free(array);
            pid_array_free(beside);
        }
    }
    struct pid_token_part parts[2] = {{paths[0], NULL}, {paths[1], NULL}};
    read_tokens(pid_tokens_parts(&files, parts, 2, &error), &error);
    largest(open_part(&files, paths[0]));
    pid_files_release(&files);
    for (int i = 0; i < 2; i++) close(fds[i]);
    return 0;
}
