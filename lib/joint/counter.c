#include "joint/counter.h"

#include <stdlib.h>
#include <string.h>

#include "base/codes.h"
#include "base/hash.h"
#include "base/memory.h"
#include "joint/radix.h"
#include "joint/wide.h"

/* A batch is counted in blocks: numbering the cells is then a vector loop, and slots far away in memory can be asked
 * for ahead of their use. */
enum { BLOCK_ROWS = 512, AHEAD_ROWS = 16, FIRST_SLOTS = 64, SMALL_ARRAY = 512, FIRST_RADIX = 16 };

struct slot { uint64_t cell, count; }; /* count 0: free */

enum form { FORM_ARRAY, FORM_HASH, FORM_WIDE };

struct pid_counter {
    size_t variables;
    bool *open;         /* whether a variable's levels are found out by counting */
    uint64_t *levels;   /* as stated, or one more than the largest label so far */
    uint64_t *radix;    /* what cells are numbered by: levels, with room to grow where they are open */
    uint64_t possible;  /* the product of radix, where it fits */
    uint64_t total;
    enum form form;
    uint64_t *array;    /* FORM_ARRAY: possible counts */
    struct slot *slots; /* FORM_HASH: slot_count of them, a power of two, at most half used */
    size_t slot_count, used;
    struct pid_wide *wide; /* FORM_WIDE */
};

/* Chooses the form for the present radix, with nothing counted. */
static enum pid_status start_form(struct pid_counter *c, struct pid_error *error)
{
    bool narrow = true;
    c->possible = 1;
    c->used = 0;
    for (size_t v = 0; v < c->variables; v++) narrow &= !__builtin_mul_overflow(c->possible, c->radix[v], &c->possible);
    if (!narrow) {
        c->form = FORM_WIDE;
        c->wide = pid_wide_new(c->variables, error);
    } else if (c->possible <= SMALL_ARRAY) {
        c->form = FORM_ARRAY;
        c->array = pid_array_new(c->possible, sizeof *c->array, error);
    } else {
        c->form = FORM_HASH;
        c->slot_count = FIRST_SLOTS;
        c->slots = pid_array_new(c->slot_count, sizeof *c->slots, error);
    }
    return c->wide || c->array || c->slots ? PID_OK : error->status;
}

struct pid_counter *pid_counter_new(size_t variables, const uint64_t *shape, struct pid_error *error)
{
    struct pid_counter *c = pid_array_new(1, sizeof *c, error);
    if (!c) return NULL;
    c->variables = variables;
    c->open = pid_array_new(variables, sizeof *c->open, error);
    c->levels = c->open ? pid_array_new(variables, sizeof *c->levels, error) : NULL;
    c->radix = c->levels ? pid_array_new(variables, sizeof *c->radix, error) : NULL;
    for (size_t v = 0; c->radix && v < variables; v++) {
        c->open[v] = shape[v] == 0;
        c->levels[v] = shape[v] ? shape[v] : 1;
        c->radix[v] = shape[v] ? shape[v] : FIRST_RADIX;
    }
    if (c->radix && start_form(c, error) == PID_OK) return c;
    pid_counter_free(c);
    return NULL;
}

static void free_form(struct pid_counter *c)
{
    free(c->array);
    free(c->slots);
    pid_wide_free(c->wide);
    c->array = NULL;
    c->slots = NULL;
    c->wide = NULL;
}

void pid_counter_free(struct pid_counter *c)
{
    if (!c) return;
    free_form(c);
    free(c->open);
    free(c->levels);
    free(c->radix);
    free(c);
}

uint64_t pid_counter_total(const struct pid_counter *c)
{
    return c->total;
}

/* Rows to be counted, as pid_counter_add takes them. */
struct batch {
    const uint32_t *const *columns;
    size_t stride;
    const uint64_t *times;
    size_t rows;
};

static size_t slot_of(const struct pid_counter *c, uint64_t cell)
{
    return (size_t)pid_hash_bits(cell) & (c->slot_count - 1);
}

static void count_in_hash(struct pid_counter *c, uint64_t cell, uint64_t times)
{
    size_t s = slot_of(c, cell);
    while (c->slots[s].count && c->slots[s].cell != cell) s = (s + 1) & (c->slot_count - 1);
    if (!c->slots[s].count) {
        c->slots[s].cell = cell;
        c->used++;
    }
    c->slots[s].count += times;
}

static enum pid_status hash_to_array(struct pid_counter *c, struct pid_error *error)
{
    c->array = pid_array_new(c->possible, sizeof *c->array, error);
    if (!c->array) return error->status;
    for (size_t s = 0; s < c->slot_count; s++)
        if (c->slots[s].count) c->array[c->slots[s].cell] = c->slots[s].count;
    free(c->slots);
    c->slots = NULL;
    c->form = FORM_ARRAY;
    return PID_OK;
}

/* Makes room for `more` cells.  The array is taken once it is no larger than the hash table that would be needed. */
static enum pid_status reserve(struct pid_counter *c, size_t more, struct pid_error *error)
{
    size_t needed = c->slot_count;
    while (c->used + more > needed / 2) needed *= 2;
    if (needed == c->slot_count) return PID_OK;
    if (c->possible / (sizeof *c->slots / sizeof *c->array) <= needed) return hash_to_array(c, error);
    struct slot *old = c->slots;
    size_t old_count = c->slot_count;
    struct slot *slots = pid_array_new(needed, sizeof *slots, error);
    if (!slots) return error->status;
    c->slots = slots;
    c->slot_count = needed;
    c->used = 0;
    for (size_t s = 0; s < old_count; s++)
        if (old[s].count) count_in_hash(c, old[s].cell, old[s].count);
    free(old);
    return PID_OK;
}

/* Cell numbers grow by one variable's labels at a time. */
static void append_digit(uint64_t *cell, uint64_t levels, const uint32_t *labels, size_t stride, size_t rows)
{
    if (stride == 1) {
        for (size_t r = 0; r < rows; r++) cell[r] = cell[r] * levels + labels[r];
    } else {
        for (size_t r = 0; r < rows; r++) cell[r] = cell[r] * levels + labels[r * stride];
    }
}

static enum pid_status count_block(struct pid_counter *c, const uint64_t *cell, const uint64_t *times, size_t rows, struct pid_error *error)
{
    if (c->form == FORM_HASH) {
        enum pid_status status = reserve(c, rows, error);
        if (status != PID_OK) return status;
    }
    if (c->form == FORM_ARRAY) {
        for (size_t r = 0; r < rows; r++) c->array[cell[r]] += times ? times[r] : 1;
        return PID_OK;
    }
    for (size_t r = 0; r < rows; r++) {
        if (r + AHEAD_ROWS < rows) __builtin_prefetch(&c->slots[slot_of(c, cell[r + AHEAD_ROWS])], 1);
        if (!times || times[r]) count_in_hash(c, cell[r], times ? times[r] : 1);
    }
    return PID_OK;
}

static uint32_t largest_label(const uint32_t *labels, size_t stride, size_t rows)
{
    uint32_t largest = 0;
    if (stride == 1) return pid_codes_greatest(labels, rows);
    for (size_t r = 0; r < rows; r++) largest = labels[r * stride] > largest ? labels[r * stride] : largest;
    return largest;
}

/* Finds out before anything is counted whether the batch may be counted; levels[v] becomes what it needs. */
static enum pid_status check_batch(const struct pid_counter *c, const struct batch *batch, uint64_t *levels, uint64_t *total,
                                   struct pid_error *error)
{
    for (size_t v = 0; v < c->variables; v++) {
        const uint32_t *labels = batch->columns[v];
        uint64_t needed = batch->rows ? (uint64_t)largest_label(labels, batch->stride, batch->rows) + 1 : 1;
        levels[v] = needed > c->levels[v] ? needed : c->levels[v];
        if (c->open[v] || levels[v] == c->levels[v]) continue;
        size_t r = 0;
        while (labels[r * batch->stride] < c->levels[v]) r++;
        return pid_error_set(error, PID_ERROR_DATA, "row %zu: label %u of variable %zu is not below %llu", r + 1,
                             labels[r * batch->stride], v + 1, (unsigned long long)c->levels[v]);
    }
    *total = c->total;
    bool fits = true;
    for (size_t r = 0; batch->times && r < batch->rows; r++) fits &= !__builtin_add_overflow(*total, batch->times[r], total);
    if (!batch->times) fits = !__builtin_add_overflow(*total, batch->rows, total);
    if (!fits || *total > PID_JOINT_COUNT_MAX) return pid_error_set(error, PID_ERROR_DATA, "the counts add up to more than 2^53");
    return PID_OK;
}

/* The same for rows of which each counts one, in an array: numbers of 32 bits do. */
static void count_in_array(struct pid_counter *c, const struct batch *batch, size_t first, size_t rows)
{
    uint32_t cell[BLOCK_ROWS];
    memcpy(cell, batch->columns[0] + first, rows * sizeof *cell);
    for (size_t v = 1; v < c->variables; v++) pid_codes_append(cell, (uint32_t)c->radix[v], batch->columns[v] + first, rows);
    for (size_t r = 0; r < rows; r++) c->array[cell[r]]++;
}

static enum pid_status count_batch(struct pid_counter *c, const struct batch *batch, struct pid_error *error)
{
    enum pid_status status = PID_OK;
    for (size_t first = 0, block; first < batch->rows && status == PID_OK; first += block) {
        block = batch->rows - first < BLOCK_ROWS ? batch->rows - first : BLOCK_ROWS;
        const uint64_t *times = batch->times ? batch->times + first : NULL;
        if (c->form == FORM_WIDE) {
            status = pid_wide_add(c->wide, batch->columns, batch->stride, first, times, block, error);
            continue;
        }
        if (c->form == FORM_ARRAY && c->possible <= UINT32_MAX && batch->stride == 1 && !times) {
            count_in_array(c, batch, first, block);
            continue;
        }
        uint64_t cell[BLOCK_ROWS] = {0};
        for (size_t v = 0; v < c->variables; v++)
            append_digit(cell, c->radix[v], batch->columns[v] + first * batch->stride, batch->stride, block);
        status = count_block(c, cell, times, block, error);
    }
    return status;
}

/* Numbers the cells anew where open variables have outgrown their radix, with room to grow further. */
static enum pid_status widen(struct pid_counter *c, const uint64_t *levels, struct pid_error *error)
{
    bool outgrown = false;
    for (size_t v = 0; v < c->variables; v++) outgrown |= levels[v] > c->radix[v];
    if (!outgrown) {
        memcpy(c->levels, levels, c->variables * sizeof *levels);
        return PID_OK;
    }
    struct pid_joint table;
    enum pid_status status = pid_counter_table(c, &table, error);
    uint64_t *times = status == PID_OK ? pid_array_new(table.cells, sizeof *times, error) : NULL;
    const uint32_t **columns = times ? pid_array_new(c->variables, sizeof *columns, error) : NULL;
    if (columns) {
        for (size_t i = 0; i < table.cells; i++) times[i] = (uint64_t)table.weights[i];
        for (size_t v = 0; v < c->variables; v++) {
            columns[v] = table.indices + v;
            c->levels[v] = levels[v];
            while (c->radix[v] < levels[v]) c->radix[v] *= 2;
        }
        free_form(c);
        struct batch batch = {columns, c->variables, times, table.cells};
        status = start_form(c, error);
        if (status == PID_OK) status = count_batch(c, &batch, error);
    } else {
        status = error->status;
    }
    free(columns);
    free(times);
    pid_joint_release(&table);
    return status;
}

enum pid_status pid_counter_add(struct pid_counter *c, const uint32_t *const *columns, size_t stride, const uint64_t *times,
                                size_t rows, struct pid_error *error)
{
    struct batch batch = {columns, stride, times, rows};
    uint64_t *levels = pid_array_new(c->variables, sizeof *levels, error), total = 0;
    if (!levels) return error->status;
    enum pid_status status = check_batch(c, &batch, levels, &total, error);
    if (status == PID_OK) status = widen(c, levels, error);
    if (status == PID_OK) status = count_batch(c, &batch, error);
    if (status == PID_OK) c->total = total;
    free(levels);
    return status;
}

static void write_cell(const struct pid_counter *c, struct pid_joint *table, size_t at, uint64_t cell, uint64_t count)
{
    uint32_t *index = table->indices + at * table->variables;
    for (size_t v = table->variables; v-- > 0; cell /= c->radix[v]) index[v] = (uint32_t)(cell % c->radix[v]);
    table->weights[at] = (double)count;
}

static enum pid_status table_of_array(const struct pid_counter *c, struct pid_joint *table, struct pid_error *error)
{
    size_t cells = 0;
    for (uint64_t i = 0; i < c->possible; i++) cells += c->array[i] != 0;
    enum pid_status status = pid_joint_init(table, c->variables, c->levels, cells, error);
    if (status != PID_OK) return status;
    cells = 0;
    for (uint64_t i = 0; i < c->possible; i++)
        if (c->array[i]) write_cell(c, table, cells++, i, c->array[i]);
    return PID_OK;
}

static enum pid_status table_of_hash(const struct pid_counter *c, struct pid_joint *table, struct pid_error *error)
{
    enum pid_status status = PID_OK;
    struct pid_radix_pair *pairs = pid_array_new(c->used, sizeof *pairs, error);
    if (!pairs) return error->status;
    size_t cells = 0;
    for (size_t s = 0; s < c->slot_count; s++)
        if (c->slots[s].count) pairs[cells++] = (struct pid_radix_pair){c->slots[s].cell, c->slots[s].count};
    status = pid_radix_sort(pairs, cells, error);
    if (status == PID_OK) status = pid_joint_init(table, c->variables, c->levels, cells, error);
    if (status == PID_OK)
        for (size_t i = 0; i < cells; i++) write_cell(c, table, i, pairs[i].key, pairs[i].value);
    free(pairs);
    return status;
}

enum pid_status pid_counter_table(const struct pid_counter *c, struct pid_joint *table, struct pid_error *error)
{
    enum pid_status status = PID_OK;
    *table = (struct pid_joint){0};
    switch (c->form) {
    case FORM_ARRAY: status = table_of_array(c, table, error); break;
    case FORM_HASH: status = table_of_hash(c, table, error); break;
    case FORM_WIDE: status = pid_wide_table(c->wide, c->levels, table, error); break;
    }
    if (status == PID_OK) {
        table->total = (double)c->total;
        table->counts = true;
    }
    return status;
}
