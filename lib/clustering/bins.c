#include "clustering/bins.h"

#include <math.h>
#include <stdlib.h>

void pid_label_greatest(const float *values, size_t n, size_t d, uint32_t *labels)
{
    for (size_t i = 0; i < n; i++) {
        const float *row = values + i * d;
        float best = -INFINITY;
        labels[i] = 0;
        for (size_t j = 0; j < d; j++)
            if (row[j] > best) {
                best = row[j];
                labels[i] = (uint32_t)j;
            }
    }
}

void pid_bins_width(const float *values, size_t n, uint32_t k, float *edges)
{
    double least = values[0], greatest = values[0];
    for (size_t i = 1; i < n; i++) {
        least = fmin(least, values[i]);
        greatest = fmax(greatest, values[i]);
    }
    for (uint32_t j = 1; j < k; j++) edges[j - 1] = (float)(least + (greatest - least) * j / k);
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

void pid_bins_quantile(float *values, size_t n, uint32_t k, float *edges)
{
    qsort(values, n, sizeof *values, ascending);
    for (uint32_t j = 1; j < k; j++) {
        size_t rank = (size_t)(((unsigned __int128)j * n + k - 1) / k);
        edges[j - 1] = values[rank < n ? rank : n - 1];
    }
}

void pid_bins_label(const float *edges, uint32_t k, const float *values, size_t n, uint32_t *labels)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t low = 0, high = k - 1;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (edges[middle] <= values[i]) low = middle + 1;
            else high = middle;
        }
        labels[i] = low;
    }
}
