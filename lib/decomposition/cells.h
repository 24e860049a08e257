/* Lists of cells: sorting them and adding up those that are equal. */
#ifndef PID_DECOMPOSITION_CELLS_H
#define PID_DECOMPOSITION_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* `count` rows of `stride` symbols. */
struct pid_cells {
    size_t count;
    const uint32_t *symbols;
    size_t stride;
};

/* The order of the rows by `columns` columns, the first the most significant; rows that are equal in all keep their order, so
 * that their sum is always formed alike.  From the arena. */
uint32_t *pid_cells_order(const struct pid_cells *cells, const size_t *column, size_t columns, struct pid_arena *arena,
                          struct pid_error *error) PID_MUST_CHECK;

#endif
