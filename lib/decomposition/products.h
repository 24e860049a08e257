/* Matrix products in pieces of rows, for a team of threads: the same pieces whatever the team, so the same results. */
#ifndef PID_DECOMPOSITION_PRODUCTS_H
#define PID_DECOMPOSITION_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>

#include "decomposition/team.h"

/* out = op(a) op(b), out rows x columns, by rows without gaps, over `inner`; op transposes where told.  Inputs by rows without
 * gaps: a is rows x inner or, transposed, inner x rows; b inner x columns or columns x inner. */
void pid_products(struct pid_workers *workers, size_t rows, size_t columns, size_t inner, const double *a, bool transpose_a,
                  const double *b, bool transpose_b, double *out);

#endif
