/* What a decomposition says about a single sample: local values whose mean over the data are the atoms.
 *
 * At the optimum log Q(y|x1,x2) = lambda(x1,y) + mu(x2,y) wherever Q > 0, and the mean of that under the data equals its mean
 * under Q, because only the pairs' marginals enter.  So the local union information of a sample is
 *
 *     union(x1,x2,y) = lambda(x1,y) + mu(x2,y) - log p(y),
 *
 * in cells where Q is 0 as well, and with the pointwise informations i(y;x) = log p(y|x) / p(y)
 *
 *     redundant = i(y;x1) + i(y;x2) - union     unique 1 = union - i(y;x2)     unique 2 = union - i(y;x1)
 *     synergy   = i(y;x1,x2) - union            and the four add up to i(y;x1,x2).
 *
 * Of more than two sources one is taken with all others merged into one (see decomposition/sources.h): union is the sum of their
 * potentials less log p(y).
 *
 * A local value may be negative: the sample misleads.  The union is the maximum over the potentials, so it moves with the table
 * as if they were fixed: the standard deviation of a local value over the data, by the root of their number, is the atom's
 * standard error to first order. */
#ifndef PID_DECOMPOSITION_LOCAL_H
#define PID_DECOMPOSITION_LOCAL_H

#include "decomposition/decomposition.h"

/* Bits. */
struct pid_local { double redundant, unique[2], synergy, total, mi[2]; };

/* The local values of each cell of `table`, into values[table->count].  `potentials` has, for each cell, the sum lambda(x1,y) +
 * mu(x2,y) of the table's decomposition (struct pid_decomposition_result), in bits; NaN where there is none.  The means, weighted by
 * the table, are the atoms to within the result's gap.  NaN in cells of weight zero, or too small for the solver to have counted.
 * PID_ERROR_MEMORY; PID_ERROR_DATA where a potential is missing for a cell that counts: they are those of another table. */
enum pid_status pid_local_compute(const struct pid_decomposition_table *table, const double *potentials, struct pid_local *values,
                                  struct pid_error *error) PID_MUST_CHECK;

/* That sum from the result's two tables of potentials, into potentials[table->count]. */
void pid_local_potentials(const struct pid_decomposition_table *table, const double *lambda, const double *mu, double *potentials);

#endif
