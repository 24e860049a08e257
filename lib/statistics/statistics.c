#include "statistics/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

size_t pid_statistics_count(const double *values, size_t count, size_t stride)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += !isnan(values[i * stride]);
    return n;
}

double pid_statistics_mean(const double *values, size_t count, size_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i * stride])) sum += values[i * stride];
    return sum / (double)pid_statistics_count(values, count, stride);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

size_t pid_statistics_sort(const double *values, size_t count, size_t stride, double *sorted)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i * stride])) sorted[n++] = values[i * stride];
    qsort(sorted, n, sizeof *sorted, ascending);
    return n;
}

double pid_statistics_quantile(const double *sorted, size_t n, double q)
{
    if (!n) return NAN;
    double at = q * (double)(n + 1) - 1;
    if (at <= 0) return sorted[0];
    if (at >= (double)(n - 1)) return sorted[n - 1];
    size_t below = (size_t)at;
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

static double reach(double observed, double center, bool two_sided, const double *values, size_t count, size_t stride)
{
    size_t reached = 0, n = 0;
    double wanted = two_sided ? fabs(observed - center) : observed;
    if (isnan(observed)) return NAN;
    for (size_t i = 0; i < count; i++) {
        double value = values[i * stride];
        if (isnan(value)) continue;
        n++;
        reached += (two_sided ? fabs(value - center) : value) >= wanted;
    }
    return n ? ((double)reached + 1) / ((double)n + 1) : NAN;
}

double pid_statistics_p_value(double observed, const double *values, size_t count, size_t stride)
{
    return reach(observed, 0, false, values, count, stride);
}

double pid_statistics_p_value_two_sided(double observed, const double *values, size_t count, size_t stride)
{
    return reach(observed, pid_statistics_mean(values, count, stride), true, values, count, stride);
}

/* Solves the n x n normal equations m x = v by elimination with pivots; false where they are singular. */
static bool eliminate(size_t n, double m[3][3], double v[3])
{
    for (size_t i = 0; i < n; i++) {
        size_t pivot = i;
        for (size_t r = i + 1; r < n; r++)
            if (fabs(m[r][i]) > fabs(m[pivot][i])) pivot = r;
        if (!(fabs(m[pivot][i]) > 1e-10)) return false;
        for (size_t c = 0; c < n; c++) {
            double swap = m[i][c];
            m[i][c] = m[pivot][c], m[pivot][c] = swap;
        }
        double swap = v[i];
        v[i] = v[pivot], v[pivot] = swap;
        for (size_t r = 0; r < n; r++) {
            double factor = r == i ? 0 : m[r][i] / m[i][i];
            for (size_t c = 0; c < n; c++) m[r][c] -= factor * m[i][c];
            v[r] -= factor * v[i];
        }
    }
    for (size_t i = 0; i < n; i++) v[i] /= m[i][i];
    return true;
}

bool pid_statistics_extrapolation(const double *samples, size_t count, double *weights)
{
    double most = 0;
    size_t terms = count < 3 ? 2 : 3;
    if (count < 2) return false;
    for (size_t i = 0; i < count; i++) most = fmax(most, samples[i]);
    for (size_t w = 0; w < count; w++) {
        double normal[3][3] = {{0}}, right[3] = {0};
        for (size_t i = 0; i < count; i++) {
            double x = most / samples[i], basis[3] = {1, x, x * x};
            for (size_t a = 0; a < terms; a++) {
                for (size_t b = 0; b < terms; b++) normal[a][b] += basis[a] * basis[b];
                right[a] += i == w ? basis[a] : 0;
            }
        }
        if (!eliminate(terms, normal, right)) return false;
        weights[w] = right[0];
    }
    return true;
}
