/* The greatest eigenvalues of a symmetric matrix, with their vectors. */
#ifndef PID_CLUSTERING_EIGEN_H
#define PID_CLUSTERING_EIGEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Storage, kept from call to call; zeroed is initialised. */
struct pid_eigen {
    double *values;       /* count, descending */
    double *vectors;      /* count rows of n: of length 1, each orthogonal to the others */
    /* not part of the result */
    double *matrix, *steps, *solve, *work;
    int *integers, *support;
    int64_t *swapped;
    size_t room[9];
};

void pid_eigen_release(struct pid_eigen *eigen);

/* The `count` greatest eigenvalues of the symmetric n x n matrix whose upper triangle, row-major, is in `matrix`, which is
 * destroyed.  1 <= count <= n < 2^30, finite.  Errors stay below 1e-10 of the greatest magnitude of an eigenvalue; vectors of
 * eigenvalues closer to each other than that span the right space, but may be any basis of it.
 *
 * Up to PID_EIGEN_SMALL rows by Householder's tridiagonal form, bisection and inverse iteration (Golub, Van Loan, Matrix
 * Computations, 8.3 to 8.4), written so that all of it stays in the first-level cache: for 64 rows a fifth of what LAPACK's
 * general routine takes.  Above by LAPACK (dsyevr). */
enum { PID_EIGEN_SMALL = 128 };
enum pid_status pid_eigen_greatest(struct pid_eigen *eigen, double *matrix, size_t n, size_t count, struct pid_error *error) PID_MUST_CHECK;

#endif
