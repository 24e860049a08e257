/* Symmetric matrices, dense and row-major: what LAPACK has of them. */
#ifndef PID_GAUSS_LINEAR_H
#define PID_GAUSS_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The Cholesky factor L of a (n x n, n >= 0), a = L L', in its lower triangle; what is above is set to 0.  False, with `a` spoilt,
 * where a pivot is not above `least` times the diagonal element it came from: the matrix is singular to that precision. */
bool pid_cholesky(double *a, size_t n, double least);

/* log det(L L'), nats. */
double pid_cholesky_logdet(const double *factor, size_t n);

/* b (n x columns) becomes L^-1 b. */
void pid_cholesky_solve(const double *factor, size_t n, double *b, size_t columns);

/* The eigenvalues of a (n x n, spoilt), ascending, and their vectors as the rows of `vectors` (n x n; NULL: not wanted). */
enum pid_status pid_eigen(double *a, size_t n, double *values, double *vectors, struct pid_arena *arena, struct pid_error *error) PID_MUST_CHECK;

#endif
