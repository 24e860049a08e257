#include "formats/levels.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/text.h"

/* Open addressing over codes; a slot holds code + 1, and 0 where it is empty. */
struct pid_level_place {
    size_t offset, length;
    uint64_t hash;
};

void pid_levels_init(struct pid_levels *levels)
{
    *levels = (struct pid_levels){0};
}

void pid_levels_release(struct pid_levels *levels)
{
    free(levels->table);
    free(levels->text);
    free(levels->places);
    *levels = (struct pid_levels){0};
}

/* FNV-1a with a last mix, for its high bits. */
static uint64_t hash_of(const char *text, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
    return hash ^ hash >> 29;
}

static enum pid_status rebuild(struct pid_levels *levels, struct pid_error *error)
{
    size_t slots = levels->slots ? 2 * levels->slots : 64;
    uint32_t *table = pid_array_new(slots, sizeof *table, error);
    if (!table) return error->status;
    for (size_t code = 0; code < levels->count; code++) {
        size_t slot = levels->places[code].hash & (slots - 1);
        while (table[slot]) slot = (slot + 1) & (slots - 1);
        table[slot] = (uint32_t)code + 1;
    }
    free(levels->table);
    levels->table = table;
    levels->slots = slots;
    return PID_OK;
}

static enum pid_status append(struct pid_levels *levels, const char *text, size_t length, uint64_t hash, struct pid_error *error)
{
    if (levels->count == PID_LEVELS_MAXIMUM)
        return pid_error_set(error, PID_ERROR_DATA, "has more than %d different values: too many for a category", PID_LEVELS_MAXIMUM);
    void *grown = levels->text;
    enum pid_status status = pid_array_grow(&grown, &levels->text_capacity, levels->used + length + 1, 1, error);
    levels->text = grown;
    if (status != PID_OK) return status;
    grown = levels->places;
    status = pid_array_grow(&grown, &levels->place_capacity, levels->count + 1, sizeof *levels->places, error);
    levels->places = grown;
    if (status != PID_OK) return status;
    memcpy(levels->text + levels->used, text, length);
    levels->text[levels->used + length] = '\0';
    levels->places[levels->count++] = (struct pid_level_place){levels->used, length, hash};
    levels->used += length + 1;
    return PID_OK;
}

enum pid_status pid_levels_add(struct pid_levels *levels, const char *text, size_t length, uint32_t *code, struct pid_error *error)
{
    if (memchr(text, '\0', length)) return pid_error_set(error, PID_ERROR_DATA, "has a NUL inside a text");
    if (2 * (levels->count + 1) > levels->slots) {
        enum pid_status status = rebuild(levels, error);
        if (status != PID_OK) return status;
    }
    uint64_t hash = hash_of(text, length);
    size_t slot = hash & (levels->slots - 1);
    for (; levels->table[slot]; slot = (slot + 1) & (levels->slots - 1)) {
        const struct pid_level_place *place = &levels->places[levels->table[slot] - 1];
        if (place->hash != hash || place->length != length || memcmp(levels->text + place->offset, text, length)) continue;
        *code = levels->table[slot] - 1;
        return PID_OK;
    }
    if (levels->closed) {
        *code = levels->other;
        if (levels->other != PID_LEVELS_REFUSE) return PID_OK;
        return pid_error_set(error, PID_ERROR_DATA, "'%.*s' is none of the levels that were given", length < 40 ? (int)length : 40, text);
    }
    enum pid_status status = append(levels, text, length, hash, error);
    if (status != PID_OK) return status;
    *code = (uint32_t)levels->count - 1;
    levels->table[slot] = *code + 1;
    return PID_OK;
}

void pid_levels_close(struct pid_levels *levels, uint32_t other)
{
    levels->closed = true;
    levels->other = other;
}

enum pid_status pid_levels_add_integer(struct pid_levels *levels, int64_t value, bool is_unsigned, uint32_t *code,
                                       struct pid_error *error)
{
    char text[24];
    uint64_t left = !is_unsigned && value < 0 ? -(uint64_t)value : (uint64_t)value;
    char *at = text + sizeof text;
    do *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (!is_unsigned && value < 0) *--at = '-';
    return pid_levels_add(levels, at, (size_t)(text + sizeof text - at), code, error);
}

char *pid_levels_text(const struct pid_levels *levels, uint32_t code)
{
    return levels->text + levels->places[code].offset;
}

/* Whether it is a decimal integer as we would write it, of any length: -7, 0, 12, but not 007 or -0. */
static bool is_integer(const char *text)
{
    bool negative = *text == '-';
    if (negative) text++;
    if (*text == '0') return !negative && !text[1];
    return *text && !text[strspn(text, "0123456789")];
}

static int compare_integers(const char *a, const char *b)
{
    bool negative_a = *a == '-', negative_b = *b == '-';
    if (negative_a != negative_b) return negative_a ? -1 : 1;
    return negative_a ? pid_text_compare(b, a) : pid_text_compare(a, b);
}

static int compare_as_integers(const void *a, const void *b)
{
    return compare_integers(*(char *const *)a, *(char *const *)b);
}

static int compare_as_texts(const void *a, const void *b)
{
    return pid_text_compare(*(char *const *)a, *(char *const *)b);
}

enum pid_status pid_levels_rank(const struct pid_levels *levels, uint32_t *rank, struct pid_error *error)
{
    /* Each text with its code behind it; the comparisons look at the text alone. */
    struct ranked { const char *text; uint32_t code; } *sorted = pid_array_new(levels->count, sizeof *sorted, error);
    if (!sorted) return error->status;
    bool integers = true;
    for (uint32_t code = 0; code < levels->count; code++) {
        sorted[code] = (struct ranked){pid_levels_text(levels, code), code};
        integers = integers && is_integer(sorted[code].text);
    }
    qsort(sorted, levels->count, sizeof *sorted, integers ? compare_as_integers : compare_as_texts);
    for (uint32_t place = 0; place < levels->count; place++) rank[sorted[place].code] = place;
    free(sorted);
    return PID_OK;
}
