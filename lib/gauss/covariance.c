#include "gauss/covariance.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BLOCK_ROWS = 256 };

/* Row `i` of the count, all blocks side by side. */
static void gather(const struct pid_rows *table, const uint32_t *rows, size_t i, double *to)
{
    size_t row = rows ? rows[i] : i;
    for (size_t b = 0; b < table->blocks; b++) {
        size_t at = table->order && table->order[b] ? table->order[b][row] : row;
        const float *from = table->values[b] + at * table->dims[b];
        for (size_t c = 0; c < table->dims[b]; c++) *to++ = from[c];
    }
}

enum pid_status pid_covariance(const struct pid_rows *table, const uint32_t *rows, const double *times, size_t count, double *covariance,
                               struct pid_error *error)
{
    size_t d = 0;
    for (size_t b = 0; b < table->blocks; b++) d += table->dims[b];
    double *block = pid_array_new(BLOCK_ROWS * d, sizeof *block, error), *mean = block ? pid_array_new(d, sizeof *mean, error) : NULL, n = 0;
    if (!mean) {
        free(block);
        return error->status;
    }
    for (size_t i = 0; i < count; i++) {
        double weight = times ? times[i] : 1;
        gather(table, rows, i, block);
        for (size_t c = 0; c < d; c++) mean[c] += weight * block[c];
        n += weight;
    }
    for (size_t c = 0; c < d; c++) mean[c] /= n;
    memset(covariance, 0, d * d * sizeof *covariance);
    for (size_t first = 0; first < count; first += BLOCK_ROWS) {
        size_t size = count - first < BLOCK_ROWS ? count - first : BLOCK_ROWS;
        for (size_t i = 0; i < size; i++) {
            double *row = block + i * d, root = times ? sqrt(times[first + i]) : 1;
            gather(table, rows, first + i, row);
            for (size_t c = 0; c < d; c++) row[c] = (row[c] - mean[c]) * root;
        }
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)d, (int)size, 1, block, (int)d, 1, covariance, (int)d);
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) covariance[i * d + j] = covariance[j * d + i] = covariance[i * d + j] / (n - 1);
    free(block);
    free(mean);
    return n >= 2 ? PID_OK : pid_error_set(error, PID_ERROR_DATA, "%.0f rows have no covariance", n);
}
