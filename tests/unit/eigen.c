#include "tap.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/random.h"
#include "clustering/eigen.h"

extern void dsyev_(const char *job, const char *uplo, const int *n, double *a, const int *lda, double *values, double *work,
                   const int *work_size, int *info, size_t, size_t);

static struct pid_error error;

static double normal(uint32_t use, uint64_t i)
{
    return pid_random_normal(11, pid_random_stream(PID_RANDOM_TEST, use), i);
}

/* Symmetric matrices with what makes eigenvalues hard to tell apart, or vectors to find. */
static const char *const kinds[] = {"random", "products of few rows", "identity", "ones", "two equal ends (Wilkinson)", "equal blocks",
                                    "nearly equal eigenvalues", "zeros", "very small"};
enum { RANDOM, PRODUCTS, IDENTITY, ONES, WILKINSON, BLOCKS, NEARLY, ZEROS, SMALL, KINDS };

static void fill(double *a, size_t n, int kind)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++) {
            double value = 0, distance = (double)(j - i);
            switch (kind) {
            case RANDOM: value = normal(1, i * n + j); break;
            case PRODUCTS: for (size_t f = 0; f < 3; f++) value += normal(2, i * 3 + f) * normal(2, j * 3 + f); break;
            case IDENTITY: value = i == j; break;
            case ONES: value = 1; break;
            case WILKINSON: value = distance == 1 ? 1 : distance == 0 ? fabs((double)i - (double)n / 2) : 0; break;
            case BLOCKS: value = i / 3 == j / 3 ? 1 + 0.5 * (distance > 0) : 0; break;
            case NEARLY: value = (i == j) + 1e-9 * normal(3, i * n + j); break;
            case SMALL: value = 1e-30 * normal(4, i * n + j); break;
            default: break;
            }
            a[i * n + j] = a[j * n + i] = value;
        }
}

/* The worst of |A z - value z|, |z . z' - (z == z')|, |value - LAPACK's|, over the greatest element. */
static double worst(const double *a, size_t n, size_t count, const struct pid_eigen *e)
{
    double worst = 0, norm = 0;
    int order = (int)n, size = (int)(n < 2 ? 8 : 4 * n), info;
    double *copy = malloc(n * n * sizeof *copy), *values = malloc(n * sizeof *values), *work = malloc((size_t)size * sizeof *work);
    memcpy(copy, a, n * n * sizeof *copy);
    dsyev_("N", "L", &order, copy, &order, values, work, &size, &info, 1, 1);
    for (size_t i = 0; i < n * n; i++) norm = fmax(norm, fabs(a[i]));
    if (norm == 0) norm = 1;
    for (size_t q = 0; q < count; q++) {
        const double *z = e->vectors + q * n;
        worst = fmax(worst, fabs(e->values[q] - values[n - 1 - q]) / norm / sqrt((double)n));
        for (size_t i = 0; i < n; i++) {
            double product = 0;
            for (size_t j = 0; j < n; j++) product += a[i * n + j] * z[j];
            worst = fmax(worst, fabs(product - e->values[q] * z[i]) / norm);
        }
        for (size_t p = 0; p <= q; p++) {
            double product = 0;
            for (size_t i = 0; i < n; i++) product += z[i] * e->vectors[p * n + i];
            worst = fmax(worst, fabs(product - (p == q)));
        }
    }
    free(copy);
    free(values);
    free(work);
    return worst;
}

int main(void)
{
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, PID_EIGEN_SMALL, PID_EIGEN_SMALL + 1, 200};
    struct pid_eigen e = {0};
    pid_blas_single_thread();
    for (int kind = 0; kind < KINDS; kind++) {
        double most = 0;
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            size_t n = sizes[s], counts[] = {1, n / 3 + 1, n};
            double *a = malloc(n * n * sizeof *a), *destroyed = malloc(n * n * sizeof *a);
            for (size_t c = 0; c < 3; c++) {
                fill(a, n, kind);
                memcpy(destroyed, a, n * n * sizeof *a);
                /* Only the upper triangle counts. */
                for (size_t i = 0; i < n; i++)
                    for (size_t j = 0; j < i; j++) destroyed[i * n + j] = NAN;
                if (pid_eigen_greatest(&e, destroyed, n, counts[c], &error)) tap_ok(false, "%s: %s", kinds[kind], error.message);
                else most = fmax(most, worst(a, n, counts[c], &e));
            }
            free(a);
            free(destroyed);
        }
        tap_near(most, 0, 1e-10, "%s: values, vectors, and their angles", kinds[kind]);
    }
    pid_eigen_release(&e);
    return tap_done();
}
