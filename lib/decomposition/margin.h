/* The weights of cells added up over those that agree in some of their columns. */
#ifndef PID_DECOMPOSITION_MARGIN_H
#define PID_DECOMPOSITION_MARGIN_H

#include "decomposition/cells.h"

struct pid_margin {
    size_t count;  /* different cells of the margin, in lexicographic order of their symbols */
    uint32_t *of;  /* one a cell: the number of the margin's cell that it adds to */
    double *sums;  /* count: compensated sums */
};

/* `weights` NULL: each cell counts one.  Arrays from the arena. */
enum pid_status pid_margin_init(struct pid_margin *margin, const struct pid_cells *cells, const double *weights, const size_t *column,
                                size_t columns, struct pid_arena *arena, struct pid_error *error) PID_MUST_CHECK;

/* The entropy of the margin in bits, given the sum of all weights. */
double pid_margin_entropy(const struct pid_margin *margin, double total);

#endif
