/* Covariances of weighted rows. */
#ifndef PID_GAUSS_COVARIANCE_H
#define PID_GAUSS_COVARIANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Columns that lie in several arrays: those of block b are values[b] (rows x dims[b]).  Row r of block b is row
 * order[b][r] of its array, or r where order[b] is NULL (a permutation, of the target say). */
struct pid_rows {
    size_t blocks;
    const size_t *dims;
    const float *const *values;
    const uint32_t *const *order;
};

/* The covariance, D x D with D the sum of dims, of `count` rows: rows[i], or i where `rows` is NULL, each times[i] times, or once
 * where `times` is NULL.  Divided by the number of rows less one.  Sums are in double precision, around the mean, in an order that
 * depends on nothing but the arguments.  PID_ERROR_MEMORY; PID_ERROR_DATA for fewer than two rows. */
enum pid_status pid_covariance(const struct pid_rows *table, const uint32_t *rows, const double *times, size_t count, double *covariance,
                               struct pid_error *error) PID_MUST_CHECK;

#endif
