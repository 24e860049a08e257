/* Products of float32 rows, in double precision and in an order that the library's version of a BLAS has no say in. */
#ifndef PID_CLUSTERING_PRODUCTS_H
#define PID_CLUSTERING_PRODUCTS_H

#include <stddef.h>

/* Of so many rows, pid_products_among is faster than a BLAS, which would have to be given them as doubles. */
enum { PID_PRODUCTS_FEW = 128 };

/* products[i * n + j] = row i . row j / divisor, for j >= i; rows: n x d, row-major. */
void pid_products_among(const float *rows, size_t n, size_t d, double divisor, double *products);

/* sums[q * d + c] = the sum over rows i of weights[q * n + i] rows[i * d + c], for q < count and first <= c < last. */
void pid_products_combine(const double *weights, size_t count, const float *rows, size_t n, size_t d, size_t first, size_t last, double *sums);

/* The sum of squares of x[n]; *extreme: the element of the greatest magnitude, the first of equals. */
double pid_products_survey(const double *x, size_t n, double *extreme);

#endif
