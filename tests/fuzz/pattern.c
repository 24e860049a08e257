/* A pattern in the first line, names in the others: what fits, put back into the pattern, is the name again. */
#include <stdlib.h>
#include <string.h>

#include "formats/names.h"
#include "formats/pattern.h"
#include "fuzz.h"

static void check(const char *pattern, const struct pid_match *match)
{
    struct pid_error error;
    char *filled = pid_pattern_fill(pattern, &match->bindings, &error);
    if (!filled || strcmp(filled, match->text)) abort();
    free(filled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pid_error error = {0};
    struct pid_names lines = {0};
    struct pid_matches matches = {0};
    for (size_t from = 0, to; from < size && lines.count < 64; from = to + 1) {
        for (to = from; to < size && data[to] != '\n' && data[to]; to++) continue;
        if (pid_names_add(&lines, (const char *)data + from, to - from, &error)) abort();
    }
    if (lines.count) {
        const char *pattern = lines.names[0];
        enum pid_status status = pid_pattern_names(pattern, lines.names + 1, lines.count - 1, &matches, &error);
        if (status != PID_OK && !*error.message) abort();
        for (size_t i = 0; i < matches.count; i++) check(pattern, &matches.matches[i]);
        if (!pid_pattern_is(pattern) && matches.count > lines.count) abort();
    }
    pid_matches_release(&matches);
    pid_names_release(&lines);
    return 0;
}
