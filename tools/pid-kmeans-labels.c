/* pid-kmeans: labels that were made elsewhere, from arrays. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/array.h"
#include "formats/pattern.h"
#include "formats/place.h"
#include "pid-kmeans.h"

/* One array: all of it is held. */
struct labels_file {
    char *place;         /* with the keys' values in it */
    uint32_t *codes;     /* rows; ranks of the levels, PID_ARRAY_MISSING where there is none */
    uint64_t rows, used; /* used: rows up to the last that was asked for */
};

struct labels {
    const char *place;
    bool pattern;
    struct labels_file **files;
    size_t count, room, last;
    char **names;        /* without a pattern: of the levels */
    size_t levels;
};

static void read_codes(const struct settings *s, struct labels *l, struct labels_file *file)
{
    struct pid_error error;
    struct pid_files files = {0};
    struct pid_levels levels;
    char *path, *member;
    must(s, pid_place_split(file->place, &path, &member, &error), &error);
    struct pid_array *array = must_have(s, pid_array_open(&files, path, member, &error), &error);
    file->rows = array->rows;
    file->codes = must_have(s, pid_array_new(array->rows, sizeof *file->codes, &error), &error);
    pid_levels_init(&levels);
    must(s, pid_array_codes(array, 0, array->rows, &levels, file->codes, &error), &error);
    uint32_t *rank = must_have(s, pid_array_new(levels.count, sizeof *rank, &error), &error);
    must(s, pid_levels_rank(&levels, rank, &error), &error);
    for (uint64_t r = 0; r < file->rows; r++)
        if (file->codes[r] != PID_ARRAY_MISSING) file->codes[r] = rank[file->codes[r]];
    if (!l->pattern) {
        l->levels = levels.count;
        l->names = must_have(s, pid_array_new(levels.count, sizeof *l->names, &error), &error);
        for (uint32_t i = 0; i < levels.count; i++)
            l->names[rank[i]] = must_have(s, pid_string_copy(pid_levels_text(&levels, i), &error), &error);
    }
    free(rank);
    pid_levels_release(&levels);
    pid_array_free(array);
    pid_files_release(&files);
    free(path);
    free(member);
}

static struct labels_file *find_file(const struct settings *s, struct labels *l, char *place)
{
    struct pid_error error;
    for (size_t i = 0; i < l->count; i++) {
        size_t at = (l->last + i) % l->count;
        if (strcmp(l->files[at]->place, place)) continue;
        l->last = at;
        free(place);
        return l->files[at];
    }
    must(s, pid_array_grow((void **)&l->files, &l->room, l->count + 1, sizeof *l->files, &error), &error);
    struct labels_file *file = must_have(s, pid_array_new(1, sizeof *file, &error), &error);
    file->place = place;
    read_codes(s, l, file);
    l->last = l->count;
    return l->files[l->count++] = file;
}

struct labels *labels_open(const struct settings *s, const char *place)
{
    struct pid_error error;
    struct labels *l = must_have(s, pid_array_new(1, sizeof *l, &error), &error);
    l->place = place;
    l->pattern = pid_pattern_is(place);
    if (!l->pattern) find_file(s, l, must_have(s, pid_string_copy(place, &error), &error));
    return l;
}

size_t labels_levels(const struct labels *l, char *const **names)
{
    *names = l->names;
    return l->levels;
}

/* The place with the key's values in it. */
static char *fill(const struct settings *s, const struct labels *l, const struct pid_key *key)
{
    struct pid_error error;
    struct pid_bindings bindings = {0};
    char text[400], number[32];
    for (size_t i = 0; i < key->count; i++) {
        const struct pid_key_pair *pair = &key->pairs[i];
        snprintf(number, sizeof number, "%" PRId64, pair->integer);
        must(s, pid_bindings_set(&bindings, pair->name, pair->text ? pair->text : number, &error), &error);
    }
    char *place = must_have(s, pid_pattern_fill(l->place, &bindings, &error), &error);
    pid_bindings_release(&bindings);
    if (pid_pattern_is(place)) {
        pid_error_set(&error, PID_ERROR_DATA, "--labels: %s: key %s does not say all of it", place, pid_key_format(key, text, sizeof text));
        pid_program_fail(s->program, &error);
    }
    return place;
}

const uint32_t *labels_rows(const struct settings *s, struct labels *l, const struct pid_key *key, uint64_t row, uint64_t rows)
{
    struct pid_error error;
    struct labels_file *file = l->pattern ? find_file(s, l, fill(s, l, key)) : l->files[0];
    if (rows > file->rows || row > file->rows - rows) {
        pid_error_set(&error, PID_ERROR_DATA, "%s: has %" PRIu64 " labels, but the data have a row %" PRIu64 " (counted from 0)", file->place, file->rows,
                      row < file->rows ? file->rows : row);
        pid_program_fail(s->program, &error);
    }
    for (uint64_t r = row; r < row + rows; r++)
        if (file->codes[r] == PID_ARRAY_MISSING) {
            pid_error_set(&error, PID_ERROR_DATA, "%s: row %" PRIu64 ": the label is missing", file->place, r);
            pid_program_fail(s->program, &error);
        }
    if (row + rows > file->used) file->used = row + rows;
    return file->codes + row;
}

void labels_close(const struct settings *s, struct labels *l)
{
    if (!l) return;
    for (size_t i = 0; i < l->count; i++) {
        struct labels_file *file = l->files[i];
        if (file->used < file->rows)
            pid_program_warn(s->program, "%s: has %" PRIu64 " labels, but the last row of the data is %" PRIu64 " (counted from 0)", file->place,
                             file->rows, file->used - (file->used > 0));
        free(file->place);
        free(file->codes);
        free(file);
    }
    for (size_t i = 0; i < l->levels; i++) free(l->names[i]);
    free(l->names);
    free(l->files);
    free(l);
}
