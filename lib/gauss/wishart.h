/* Covariances as samples of a Gaussian would give them, and what their logarithms of determinants are off by on average. */
#ifndef PID_GAUSS_WISHART_H
#define PID_GAUSS_WISHART_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Draw `index` of the covariance (n x n, row-major) of samples with `freedom` > n - 1 degrees of freedom from a Gaussian whose
 * covariance has the Cholesky factor `factor`, into `drawn` (Bartlett 1933).  Depends on (factor, freedom, seed, index) alone. */
enum pid_status pid_wishart_draw(const double *factor, size_t n, double freedom, uint64_t seed, uint32_t index, double *drawn,
                                 struct pid_arena *arena, struct pid_error *error) PID_MUST_CHECK;

/* The mean of log det of such a covariance less that of the Gaussian's own, nats. */
double pid_wishart_logdet_bias(size_t n, double freedom);

#endif
