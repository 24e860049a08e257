#include "formats/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void pid_bindings_release(struct pid_bindings *bindings)
{
    for (size_t i = 0; i < bindings->count; i++) {
        free(bindings->pairs[i].name);
        free(bindings->pairs[i].value);
    }
    bindings->count = 0;
}

/* The number of the pair, or bindings->count. */
static size_t find(const struct pid_bindings *bindings, const char *name, size_t length)
{
    for (size_t i = 0; i < bindings->count; i++)
        if (!strncmp(bindings->pairs[i].name, name, length) && !bindings->pairs[i].name[length]) return i;
    return bindings->count;
}

const char *pid_bindings_find(const struct pid_bindings *bindings, const char *name)
{
    size_t i = find(bindings, name, strlen(name));
    return i < bindings->count ? bindings->pairs[i].value : NULL;
}

static enum pid_status set(struct pid_bindings *bindings, const char *name, size_t length, const char *value, size_t value_length,
                           struct pid_error *error)
{
    size_t i = find(bindings, name, length);
    if (i == PID_PATTERN_NAMES)
        return pid_error_set(error, PID_ERROR_ARGUMENT, "has more than %d names in braces", PID_PATTERN_NAMES);
    struct pid_binding *pair = &bindings->pairs[i];
    char *copy = pid_string_copy_n(value, value_length, error);
    if (!copy) return error->status;
    if (i == bindings->count) {
        char *name_copy = pid_string_copy_n(name, length, error);
        if (!name_copy) {
            free(copy);
            return error->status;
        }
        *pair = (struct pid_binding){.name = name_copy};
        bindings->count++;
    }
    free(pair->value);
    pair->value = copy;
    return PID_OK;
}

enum pid_status pid_bindings_set(struct pid_bindings *bindings, const char *name, const char *value, struct pid_error *error)
{
    return set(bindings, name, strlen(name), value, strlen(value), error);
}

enum pid_status pid_bindings_copy(struct pid_bindings *to, const struct pid_bindings *from, struct pid_error *error)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        if (pid_bindings_set(to, from->pairs[i].name, from->pairs[i].value, error) == PID_OK) continue;
        pid_bindings_release(to);
        return error->status;
    }
    return PID_OK;
}

void pid_bindings_remove(struct pid_bindings *bindings, const char *name)
{
    size_t i = find(bindings, name, strlen(name));
    if (i == bindings->count) return;
    struct pid_binding *pair = &bindings->pairs[i];
    free(pair->name);
    free(pair->value);
    memmove(pair, pair + 1, (--bindings->count - i) * sizeof *pair);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The length of the {name} that begins here, with its braces; 0 where none does. */
static size_t name_at(const char *text)
{
    if (text[0] != '{' || !is_letter(text[1])) return 0;
    size_t length = 2;
    while (is_letter(text[length]) || (text[length] >= '0' && text[length] <= '9') || text[length] == '-') length++;
    return text[length] == '}' ? length + 1 : 0;
}

bool pid_pattern_is(const char *text)
{
    for (; *text; text++)
        if (name_at(text)) return true;
    return false;
}

char *pid_pattern_fill(const char *text, const struct pid_bindings *bindings, struct pid_error *error)
{
    void *filled = NULL;
    size_t length = 0, capacity = 0;
    for (;;) {
        size_t taken = name_at(text), added = 1;
        size_t known = taken ? find(bindings, text + 1, taken - 2) : bindings->count;
        const struct pid_binding *pair = known < bindings->count ? &bindings->pairs[known] : NULL;
        const char *from = pair ? pair->value : text;
        if (pair) added = strlen(from);
        if (pid_array_grow(&filled, &capacity, length + added + 1, 1, error) != PID_OK) {
            free(filled);
            return NULL;
        }
        memcpy((char *)filled + length, from, added);
        length += added;
        if (!*text) return filled;
        text += pair ? taken : 1;
    }
}

/* A pattern against a text.  Whether the rest of the text fits from the i-th name on does not depend on what came before, so
 * what has failed once is not tried again: at most names x length x length steps, whatever the pattern. */
struct match {
    const char *excluded;
    size_t columns;
    bool *failed;                         /* [names x columns] */
    const char *text;
    size_t begin[PID_PATTERN_NAMES], length[PID_PATTERN_NAMES];
};

static bool match_from(struct match *match, const char *pattern, size_t at, size_t number)
{
    const char *text = match->text;
    for (size_t taken; *pattern; pattern++, at++) {
        taken = name_at(pattern);
        if (!taken) {
            if (text[at] != *pattern) return false;
            continue;
        }
        bool *failed = &match->failed[number * match->columns + at];
        size_t most = strcspn(text + at, match->excluded);
        for (size_t length = *failed ? 0 : most; length > 0; length--) {
            if (!match_from(match, pattern + taken, at + length, number + 1)) continue;
            match->begin[number] = at;
            match->length[number] = length;
            return true;
        }
        *failed = true;
        return false;
    }
    return !text[at];
}

/* The names of a pattern; their number is not above PID_PATTERN_NAMES. */
static enum pid_status names_of(const char *pattern, const char **names, size_t *lengths, size_t *count, struct pid_error *error)
{
    *count = 0;
    for (const char *at = pattern; *at;) {
        size_t taken = name_at(at);
        if (!taken) {
            at++;
            continue;
        }
        if (*count == PID_PATTERN_NAMES)
            return pid_error_set(error, PID_ERROR_ARGUMENT, "'%s' has more than %d names in braces", pattern, PID_PATTERN_NAMES);
        for (size_t i = 0; i < *count; i++)
            if (lengths[i] == taken - 2 && !memcmp(names[i], at + 1, taken - 2))
                return pid_error_set(error, PID_ERROR_ARGUMENT, "'%s' has {%.*s} twice", pattern, (int)taken - 2, at + 1);
        names[*count] = at + 1;
        lengths[(*count)++] = taken - 2;
        at += taken;
        if (name_at(at)) return pid_error_set(error, PID_ERROR_ARGUMENT, "'%s' needs a text between two names in braces", pattern);
    }
    return PID_OK;
}

enum pid_status pid_pattern_match(const char *pattern, const char *text, const char *excluded, struct pid_bindings *found, bool *fits,
                                  struct pid_error *error)
{
    const char *names[PID_PATTERN_NAMES];
    size_t lengths[PID_PATTERN_NAMES], count;
    *fits = false;
    enum pid_status status = names_of(pattern, names, lengths, &count, error);
    if (status != PID_OK) return status;
    struct match match = {.excluded = excluded, .columns = strlen(text) + 1, .text = text};
    match.failed = pid_array_new(count * match.columns, sizeof *match.failed, error);
    if (!match.failed) return error->status;
    *fits = match_from(&match, pattern, 0, 0);
    free(match.failed);
    for (size_t i = 0; *fits && i < count && status == PID_OK; i++)
        status = set(found, names[i], lengths[i], text + match.begin[i], match.length[i], error);
    return status;
}
