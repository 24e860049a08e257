#include "decomposition/cells.h"

#include <stdbool.h>
#include <string.h>

enum { INSERTION_LIMIT = 96, DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

static int compare(const struct pid_cells *cells, const size_t *column, size_t columns, uint32_t a, uint32_t b)
{
    const uint32_t *x = cells->symbols + a * cells->stride, *y = cells->symbols + b * cells->stride;
    for (size_t c = 0; c < columns; c++)
        if (x[column[c]] != y[column[c]]) return x[column[c]] < y[column[c]] ? -1 : 1;
    return 0;
}

static void insertion_sort(const struct pid_cells *cells, const size_t *column, size_t columns, uint32_t *order)
{
    for (size_t i = 1; i < cells->count; i++) {
        uint32_t row = order[i];
        size_t at = i;
        for (; at && compare(cells, column, columns, order[at - 1], row) > 0; at--) order[at] = order[at - 1];
        order[at] = row;
    }
}

/* One stable pass over one digit; false where all rows share it and nothing was moved. */
static bool radix_pass(const struct pid_cells *cells, size_t column, unsigned shift, const uint32_t *from, uint32_t *to)
{
    size_t place[DIGITS] = {0};
    for (size_t i = 0; i < cells->count; i++) place[cells->symbols[i * cells->stride + column] >> shift & (DIGITS - 1)]++;
    size_t sum = 0;
    for (size_t d = 0; d < DIGITS; d++) {
        if (place[d] == cells->count) return false;
        size_t n = place[d];
        place[d] = sum;
        sum += n;
    }
    for (size_t i = 0; i < cells->count; i++)
        to[place[cells->symbols[from[i] * cells->stride + column] >> shift & (DIGITS - 1)]++] = from[i];
    return true;
}

uint32_t *pid_cells_order(const struct pid_cells *cells, const size_t *column, size_t columns, struct pid_arena *arena,
                          struct pid_error *error)
{
    uint32_t *order = pid_arena_array(arena, cells->count, sizeof *order, error);
    if (!order) return NULL;
    for (size_t i = 0; i < cells->count; i++) order[i] = (uint32_t)i;
    if (cells->count <= INSERTION_LIMIT) {
        insertion_sort(cells, column, columns, order);
        return order;
    }
    uint32_t *other = pid_arena_array(arena, cells->count, sizeof *other, error);
    if (!other) return NULL;
    for (size_t c = columns; c-- > 0;)
        for (unsigned shift = 0; shift < 32; shift += DIGIT_BITS)
            if (radix_pass(cells, column[c], shift, order, other)) {
                uint32_t *swap = order;
                order = other;
                other = swap;
            }
    return order;
}
