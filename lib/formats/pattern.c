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

/* One {name} of a pattern and the text behind it, up to the next. */
struct piece {
    const char *name, *after;
    size_t name_length, after_length;
};

/* What stands before the first {name}, and the pieces; their number is not above PID_PATTERN_NAMES. */
static enum pid_status take_apart(const char *pattern, size_t *before, struct piece *pieces, size_t *count, struct pid_error *error)
{
    *before = *count = 0;
    for (const char *at = pattern; *at;) {
        size_t taken = name_at(at);
        if (!taken) {
            ++*(*count ? &pieces[*count - 1].after_length : before);
            at++;
            continue;
        }
        if (*count && !pieces[*count - 1].after_length)
            return pid_error_set(error, PID_ERROR_ARGUMENT, "'%s' needs a text between two names in braces", pattern);
        if (*count == PID_PATTERN_NAMES)
            return pid_error_set(error, PID_ERROR_ARGUMENT, "'%s' has more than %d names in braces", pattern, PID_PATTERN_NAMES);
        for (size_t i = 0; i < *count; i++)
            if (pieces[i].name_length == taken - 2 && !memcmp(pieces[i].name, at + 1, taken - 2))
                return pid_error_set(error, PID_ERROR_ARGUMENT, "'%s' has {%.*s} twice", pattern, (int)taken - 2, at + 1);
        pieces[(*count)++] = (struct piece){.name = at + 1, .name_length = taken - 2, .after = at + taken};
        at += taken;
    }
    return PID_OK;
}

/* Where names may end, from the last to the first.  last[i * columns + at] is the largest place up to `at` at which name i can
 * end so that all behind it fits, counted from 1; 0 where there is none.  far[at] is how far a name that begins there can go. */
struct ends { size_t columns, *far, *last; };

static bool can_begin(const struct ends *ends, size_t piece, size_t at)
{
    return ends->last[piece * ends->columns + ends->far[at]] > at + 1;
}

static void find_ends(struct ends *ends, const char *text, const char *excluded, const struct piece *pieces, size_t count)
{
    size_t length = ends->columns - 1;
    ends->far[length] = length;
    for (size_t at = length; at-- > 0;) ends->far[at] = strchr(excluded, text[at]) ? at : ends->far[at + 1];
    for (size_t i = count; i-- > 0;) {
        size_t *last = ends->last + i * ends->columns, largest = 0;
        for (size_t at = 0; at <= length; at++) {
            size_t next = at + pieces[i].after_length;
            bool fits = next <= length && !memcmp(text + at, pieces[i].after, pieces[i].after_length) &&
                        (i + 1 == count ? next == length : can_begin(ends, i + 1, next));
            if (fits) largest = at + 1;
            last[at] = largest;
        }
    }
}

enum pid_status pid_pattern_match(const char *pattern, const char *text, const char *excluded, struct pid_bindings *found, bool *fits,
                                  struct pid_error *error)
{
    struct piece pieces[PID_PATTERN_NAMES];
    size_t before, count, length = strlen(text);
    *fits = false;
    enum pid_status status = take_apart(pattern, &before, pieces, &count, error);
    if (status != PID_OK || before > length || memcmp(pattern, text, before)) return status;
    if (count == 0) {
        *fits = before == length;
        return PID_OK;
    }
    struct ends ends = {.columns = length + 1};
    ends.far = pid_array_new((count + 1) * ends.columns, sizeof *ends.far, error);
    if (!ends.far) return error->status;
    ends.last = ends.far + ends.columns;
    find_ends(&ends, text, excluded, pieces, count);
    *fits = can_begin(&ends, 0, before);
    for (size_t i = 0, at = before; *fits && i < count && status == PID_OK; i++) {
        size_t end = ends.last[i * ends.columns + ends.far[at]] - 1;
        status = set(found, pieces[i].name, pieces[i].name_length, text + at, end - at, error);
        at = end + pieces[i].after_length;
    }
    free(ends.far);
    return status;
}
