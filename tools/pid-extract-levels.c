/* The levels of categories, over all groups, and the codes of the rows that are written. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pid-extract.h"
#include "stream/reader.h"

#define OTHER "(other)"

enum { PIECE_ROWS = 1 << 16 };  /* looked at for their levels alone, in memory that stays in a cache */
enum { HELD_ROWS = 1 << 25 };   /* of which the codes are held, in all arrays; those of others are read again when they are written */

/* Counts how often each level occurs. */
static void count_levels(const struct extract *extract, struct variable *variable, const uint32_t *codes, size_t rows)
{
    struct pid_error error;
    size_t before = variable->count_room;
    must(extract, pid_array_grow((void **)&variable->counts, &variable->count_room, variable->levels.count, sizeof *variable->counts, &error), &error);
    if (variable->count_room > before) memset(variable->counts + before, 0, (variable->count_room - before) * sizeof *variable->counts);
    for (size_t row = 0; row < rows; row++)
        if (codes[row] != PID_ARRAY_MISSING) variable->counts[codes[row]]++;
}

/* Rows from .. end-1: their codes to `codes`, or where that is NULL just their levels. */
static void take_codes(struct extract *extract, struct variable *variable, struct field *field, uint64_t from, uint64_t end, uint32_t *codes)
{
    struct pid_error error;
    uint32_t *aside = codes ? NULL : new_array(extract, PIECE_ROWS, sizeof *aside);
    for (size_t rows; from < end; from += rows) {
        rows = end - from < PIECE_ROWS ? (size_t)(end - from) : PIECE_ROWS;
        uint32_t *to = codes ? codes : aside;
        must(extract, pid_array_codes(field->array, from, rows, &variable->levels, to, &error), &error);
        if (variable->top && !variable->given) count_levels(extract, variable, to, rows);
        if (codes) codes += rows;
    }
    free(aside);
}

/* The codes of the rows that are written.  Unless the levels are known before, all other rows are looked at too, so that parts made
 * one by one have the same levels. */
static void read_codes(struct extract *extract, struct variable *variable, struct field *field)
{
    struct pid_error error;
    uint64_t first, end;
    uint32_t none;
    written_rows(extract, field->rows, &first, &end);
    open_field(extract, variable, field);
    field->first = first;
    bool held = extract->token_rows || end - first <= HELD_ROWS - extract->held_rows;
    if (held) {
        field->codes = new_array(extract, end - first, sizeof *field->codes);
        if (!extract->token_rows) extract->held_rows += end - first;
    }
    /* Without a row, what the array is by itself: whether it can be a category, the places of largest values, which are levels
     * whether they occur or not. */
    must(extract, pid_array_codes(field->array, first, 0, &variable->levels, &none, &error), &error);
    bool known = variable->given || (variable->largest && !variable->top);
    if (!known) take_codes(extract, variable, field, 0, first, NULL);
    if (!known || held) take_codes(extract, variable, field, first, end, field->codes);
    if (!known) take_codes(extract, variable, field, end, field->rows, NULL);
    close_field(extract, field);
}

void read_codes_again(struct extract *extract, struct variable *variable, const struct field *field, uint64_t first, size_t count)
{
    struct pid_error error;
    uint32_t *codes = variable->read_again;
    must(extract, pid_array_codes(field->array, first, count, &variable->levels, codes, &error), &error);
    for (size_t row = 0; variable->code_of && row < count; row++)
        if (codes[row] != PID_ARRAY_MISSING) codes[row] = variable->code_of[codes[row]];
    variable->codes = codes;
}

struct frequency { uint64_t count; uint32_t rank; };

static int compare_frequencies(const void *a, const void *b)
{
    const struct frequency *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Which ranks stay: the most frequent, of equals those that come first. */
static bool *most_frequent(const struct extract *extract, const struct variable *variable, const uint32_t *rank)
{
    size_t count = variable->levels.count;
    struct frequency *list = new_array(extract, count, sizeof *list);
    bool *stays = new_array(extract, count, sizeof *stays);
    for (uint32_t level = 0; level < count; level++) list[level] = (struct frequency){variable->counts[level], rank[level]};
    qsort(list, count, sizeof *list, compare_frequencies);
    for (size_t i = 0; i < count; i++) stays[list[i].rank] = i < variable->top;
    free(list);
    return stays;
}

/* Gives every level its code: its rank, or with --top its place among those that stay, the others being the last level. */
static void assign_codes(struct extract *extract, struct variable *variable)
{
    struct pid_error error;
    size_t count = variable->levels.count, kept = 0;
    bool cut = variable->top && variable->top < count;
    for (uint32_t level = 0; cut && level < count; level++)
        if (!strcmp(pid_levels_text(&variable->levels, level), OTHER)) refuse(extract, "%s: --top: a level is named " OTHER " already", variable->name);
    uint32_t *rank = new_array(extract, count, sizeof *rank), *code = new_array(extract, count, sizeof *code);
    uint32_t *code_of = variable->code_of = new_array(extract, count, sizeof *code_of);
    must(extract, pid_levels_rank(&variable->levels, rank, &error), &error);
    bool *stays = cut ? most_frequent(extract, variable, rank) : NULL;
    for (size_t i = 0; i < count; i++) code[i] = cut && !stays[i] ? UINT32_MAX : (uint32_t)kept++;
    variable->level_count = kept + cut;
    variable->level_names = new_array(extract, variable->level_count, sizeof *variable->level_names);
    memcpy(variable->other, OTHER, sizeof variable->other);
    if (cut) variable->level_names[kept] = variable->other;
    for (uint32_t level = 0; level < count; level++) {
        char *text = pid_levels_text(&variable->levels, level);
        if (code[rank[level]] == UINT32_MAX) code[rank[level]] = (uint32_t)kept;
        else variable->level_names[code[rank[level]]] = text;
    }
    for (uint32_t level = 0; level < count; level++) code_of[level] = code[rank[level]];
    pid_levels_close(&variable->levels, PID_LEVELS_REFUSE); /* rows that are read again are as they were */
    for (size_t i = 0; i < variable->field_count; i++) {
        struct field *field = &variable->fields[i];
        uint64_t first, end;
        if (!field->codes) continue;
        written_rows(extract, field->rows, &first, &end);
        for (uint64_t row = 0; row < end - first; row++)
            if (field->codes[row] != PID_ARRAY_MISSING) field->codes[row] = code_of[field->codes[row]];
    }
    free(stays);
    free(code);
    free(rank);
}

/* Levels as --levels gives them: their codes are their places. */
static void take_given(struct extract *extract, struct variable *variable, const struct pid_header *header)
{
    struct pid_error error;
    ptrdiff_t at = pid_header_find(header, variable->name);
    const struct pid_variable *from = at < 0 ? NULL : &header->variables[at];
    if (!from || from->type != PID_TYPE_CATEGORY || !from->level_names)
        refuse(extract, "%s: tells no levels of '%s'", extract->levels, variable->name);
    size_t count = (size_t)from->levels;
    bool other = variable->top && count && !strcmp(from->level_names[count - 1], OTHER);
    if (variable->top && (other ? count != variable->top + 1 : count > variable->top))
        refuse(extract, "%s: was not made with the --top of '%s' that is given here", extract->levels, variable->name);
    variable->given = true;
    variable->level_count = count;
    variable->level_names = new_array(extract, count, sizeof *variable->level_names);
    for (size_t i = 0; i < count; i++) {
        uint32_t code;
        must(extract, pid_levels_add(&variable->levels, from->level_names[i], strlen(from->level_names[i]), &code, &error), &error);
        if (code != i) refuse(extract, "%s: names level '%s' of '%s' twice", extract->levels, from->level_names[i], variable->name);
    }
    for (uint32_t i = 0; i < count; i++) variable->level_names[i] = pid_levels_text(&variable->levels, i);
    pid_levels_close(&variable->levels, other ? (uint32_t)count - 1 : PID_LEVELS_REFUSE);
}

/* The stream is read to its end: before that it may be a part of one. */
static void read_given(struct extract *extract)
{
    struct pid_error error;
    struct pid_record record;
    enum pid_next next = PID_NEXT_ERROR;
    int fd = open(extract->levels, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        pid_error_errno(&error, "%s", extract->levels);
        pid_program_fail(extract->program, &error);
    }
    struct pid_reader *reader = pid_reader_new(fd, extract->levels, extract->program->record_bytes_max, &error);
    if (reader) {
        pid_reader_leave_vectors(reader);
        while ((next = pid_reader_next(reader, &record, &error)) == PID_NEXT_RECORD) continue;
    }
    if (next == PID_NEXT_ERROR) pid_program_fail(extract->program, &error);
    for (size_t v = 0; v < extract->count; v++)
        if (extract->variables[v].type == PID_TYPE_CATEGORY) take_given(extract, &extract->variables[v], pid_reader_header(reader));
    pid_reader_free(reader);
}

void read_categories(struct extract *extract)
{
    if (extract->levels) read_given(extract);
    for (size_t v = 0; v < extract->count; v++) {
        struct variable *variable = &extract->variables[v];
        if (variable->type != PID_TYPE_CATEGORY) continue;
        for (size_t i = 0; i < variable->field_count; i++) read_codes(extract, variable, &variable->fields[i]);
        if (!variable->given) assign_codes(extract, variable);
    }
}
