/* Estimates from replicates.  Arrays in, numbers out; NaN among the values is passed over, and means "not known" in a
 * result.  Values are those of one quantity, `stride` doubles apart. */
#ifndef PID_STATISTICS_STATISTICS_H
#define PID_STATISTICS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* How many of the values are not NaN, and their mean. */
size_t pid_statistics_count(const double *values, size_t count, size_t stride);
double pid_statistics_mean(const double *values, size_t count, size_t stride);

/* Copies the values that are not NaN to `sorted` (room for `count`), ascending; returns how many. */
size_t pid_statistics_sort(const double *values, size_t count, size_t stride, double *sorted);

/* The q-quantile of a sorted sample as an estimate of the population's: linear between the expected positions i / (n + 1)
 * of the order statistics, never beyond the smallest and largest.  NaN for n = 0. */
double pid_statistics_quantile(const double *sorted, size_t n, double q);

/* The probability, under the null that the replicates were drawn from, of a value of at least `observed`: (b + 1) / (m + 1),
 * b of m replicates reach it.  Never 0 (Phipson, Smyth 2010, doi:10.2202/1544-6115.1585).  NaN where m = 0. */
double pid_statistics_p_value(double observed, const double *values, size_t count, size_t stride);

/* The same for a distance at least as large from the replicates' mean, to either side. */
double pid_statistics_p_value_two_sided(double observed, const double *values, size_t count, size_t stride);

/* The limit for infinitely many samples N of a quantity that behaves as a + b / N + c / N^2 and was seen at `count` sizes: its
 * values there times these weights.  Through the values, by least squares where there are more than three; a + b / N for two
 * (Strong et al. 1998, doi:10.1103/PhysRevLett.80.197).  False for fewer than two different sizes. */
bool pid_statistics_extrapolation(const double *samples, size_t count, double *weights);

#endif
