/* Labels without clustering: the largest of several columns, and bins of one column. */
#ifndef PID_CLUSTERING_BINS_H
#define PID_CLUSTERING_BINS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The column with the greatest value in each row, the lowest of equals; 0 where none is a number. */
void pid_label_greatest(const float *values, size_t n, size_t d, uint32_t *labels);

/* k - 1 inner edges, ascending, of k bins of equal width between the least and the greatest of n >= 1 finite values. */
void pid_bins_width(const float *values, size_t n, uint32_t k, float *edges);

/* k - 1 inner edges, ascending, that leave as nearly n / k values in each of k bins as equal values allow: edge j is the
 * value of rank ceil(j n / k), counted from 0.  `values` is sorted. */
void pid_bins_quantile(float *values, size_t n, uint32_t k, float *edges);

/* The bin of each value: the number of edges that are at or below it, 0 .. k-1. */
void pid_bins_label(const float *edges, uint32_t k, const float *values, size_t n, uint32_t *labels);

#endif
