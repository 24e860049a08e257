#include "clustering/eigen.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* LAPACK's eigenvalues and -vectors of a symmetric matrix; the lengths of the three texts come last. */
extern void dsyevr_(const char *job, const char *range, const char *uplo, const int *n, double *a, const int *lda, const double *vl,
                    const double *vu, const int *il, const int *iu, const double *tolerance, int *found, double *values,
                    double *vectors, const int *ldz, int *support, double *work, const int *work_size, int *integers,
                    const int *integers_size, int *info, size_t, size_t, size_t);

/* Eigenvalues that are sought side by side. */
enum { LANES = 16, SOUGHT = 4 };

/* A tridiagonal matrix less LANES values, as an upper triangle of three diagonals and what was taken from each row; n x LANES. */
struct triangle { double *inverse, *second, *third, *taken; int64_t *swapped; };

struct eigen_kernels {
    void (*step)(double *a, size_t stride, size_t first, size_t n, const double *v, const double *w, const double *next, double *products);
    void (*below)(const double *diagonal, const double *squares, size_t n, size_t lanes, const double *places, double *counts);
    void (*factorise)(const double *diagonal, const double *beside, size_t n, size_t lanes, const double *values, double least,
                      struct triangle *triangle);
    void (*solve)(const struct triangle *triangle, size_t n, size_t lanes, double *z);
    double (*dot)(const double *x, const double *y, size_t stride);
    void (*take)(double by, const double *x, double *z, size_t stride);
    void (*reflect)(const double *a, size_t stride, size_t n, const double *factors, double *z);
};

#if !defined __clang__
#pragma GCC push_options
#pragma GCC optimize("O3")
#endif

#define EIGEN_NAME(name) plain_##name
#define EIGEN_TARGET
#define VECTOR_DOUBLES 2
#include "clustering/eigen.inc"

#if defined PID_SIMD && defined __x86_64__
#define EIGEN_NAME(name) avx2_##name
#define EIGEN_TARGET __attribute__((target("avx2,fma")))
#define VECTOR_DOUBLES 4
#include "clustering/eigen.inc"
#endif

#if !defined __clang__
#pragma GCC pop_options
#endif

static const struct eigen_kernels *kernels(void)
{
#if defined PID_SIMD && defined __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_kernels;
#endif
    return &plain_kernels;
}

void pid_eigen_release(struct pid_eigen *e)
{
    void *arrays[] = {e->values, e->vectors, e->matrix, e->steps, e->solve, e->work, e->integers, e->support, e->swapped};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    *e = (struct pid_eigen){0};
}

#define GROW(array, at, needed) pid_array_grow((void **)&e->array, &e->room[at], needed, sizeof *e->array, error)

static enum pid_status by_lapack(struct pid_eigen *e, double *matrix, size_t order, size_t count, struct pid_error *error)
{
    int n = (int)order, first = n - (int)count + 1, found = 0, info = 0, query = -1, work_size, integers_size;
    double zero = 0, wanted = 0;
    if (GROW(values, 0, order) || GROW(vectors, 1, count * order) || GROW(support, 7, 2 * order)) return error->status;
    /* The row-major upper triangle is LAPACK's lower one. */
    dsyevr_("V", "I", "L", &n, matrix, &n, &zero, &zero, &first, &n, &zero, &found, e->values, e->vectors, &n, e->support, &wanted,
            &query, &integers_size, &query, &info, 1, 1, 1);
    work_size = (int)wanted;
    if (GROW(work, 5, (size_t)work_size) || GROW(integers, 6, (size_t)integers_size)) return error->status;
    dsyevr_("V", "I", "L", &n, matrix, &n, &zero, &zero, &first, &n, &zero, &found, e->values, e->vectors, &n, e->support, e->work,
            &work_size, e->integers, &integers_size, &info, 1, 1, 1);
    if (info || found != (int)count) return pid_error_set(error, PID_ERROR_DATA, "the principal components cannot be found (LAPACK: %d)", info);
    /* It gives them in ascending order. */
    for (size_t q = 0; q < count / 2; q++) {
        size_t other = count - 1 - q;
        double value = e->values[q];
        e->values[q] = e->values[other];
        e->values[other] = value;
        for (size_t i = 0; i < order; i++) {
            double element = e->vectors[q * order + i];
            e->vectors[q * order + i] = e->vectors[other * order + i];
            e->vectors[other * order + i] = element;
        }
    }
    return PID_OK;
}

/* The tridiagonal form and the reflections that lead to it. */
struct form {
    size_t n, stride;
    double *a;         /* row k behind column k: the vector of reflection k */
    double *factors;   /* 2 / |vector|^2, or 0 */
    double *diagonal;
    double *beside;    /* [i]: between rows i and i + 1 */
    double *squares;   /* [i]: beside[i - 1]^2, not 0 */
    double largest;    /* no eigenvalue is of greater magnitude */
};

static void reduce(struct form *f, double *storage)
{
    size_t n = f->n, stride = f->stride;
    double *v = storage, *w = v + stride, *next = w + stride, *products = next + stride;
    memset(storage, 0, 4 * stride * sizeof *storage);
    for (size_t k = 0; k + 2 < n; k++) {
        double *row = f->a + k * stride, square = 0, along = 0;
        for (size_t j = k; j < n; j++) row[j] -= v[k] * w[j] + w[k] * v[j];
        f->diagonal[k] = row[k];
        for (size_t j = k + 1; j < n; j++) square += row[j] * row[j];
        double length = row[k + 1] > 0 ? -sqrt(square) : sqrt(square);
        f->beside[k] = length;
        row[k + 1] -= length;
        double norm = square - (row[k + 1] + length) * (row[k + 1] + length) + row[k + 1] * row[k + 1];
        f->factors[k] = norm > 0 ? 2 / norm : 0;
        memcpy(next + k + 1, row + k + 1, (n - k - 1) * sizeof *next);
        for (size_t j = (k + 1) / 8 * 8; j <= k; j++) row[j] = 0; /* so that whole vectors can be read */
        next[k] = 0;
        kernels()->step(f->a, stride, k + 1, n, v, w, next, products);
        for (size_t j = k + 1; j < n; j++) along += next[j] * products[j];
        double part = f->factors[k] * f->factors[k] * along / 2;
        memcpy(v, next, stride * sizeof *v);
        for (size_t j = k + 1; j < n; j++) w[j] = f->factors[k] * products[j] - part * v[j];
        w[k] = 0;
    }
    for (size_t k = n > 1 ? n - 2 : 0; k < n; k++) {
        double *row = f->a + k * stride;
        for (size_t j = k; j < n; j++) row[j] -= v[k] * w[j] + w[k] * v[j];
        f->diagonal[k] = row[k];
        f->beside[k] = k + 1 < n ? row[k + 1] : 0;
    }
    f->largest = 0;
    for (size_t k = 0; k < n; k++) {
        double before = k ? fabs(f->beside[k - 1]) : 0, reach = fabs(f->diagonal[k]) + before + fabs(f->beside[k]);
        f->squares[k] = fmax(before * before, DBL_MIN);
        f->largest = fmax(f->largest, reach);
    }
    if (f->largest == 0) f->largest = 1;
}

/* Eigenvalues number first .. first+count-1 from above, count <= LANES, to 2^-42 of the range that holds all of them. */
static void bisect(const struct form *f, size_t first, size_t count, double *values)
{
    enum { HALVINGS = 42 };
    double low[LANES], high[LANES], middle[LANES] __attribute__((aligned(64))), below[LANES];
    size_t lanes = (count + 3) / 4 * 4;
    for (size_t l = 0; l < lanes; l++) low[l] = -f->largest, high[l] = f->largest;
    for (int step = 0; step < HALVINGS; step++) {
        for (size_t l = 0; l < lanes; l++) middle[l] = (low[l] + high[l]) / 2;
        kernels()->below(f->diagonal, f->squares, f->n, lanes, middle, below);
        for (size_t l = 0; l < lanes; l++) {
            /* The eigenvalue has n - 1 - number others below it. */
            bool is_below = below[l] + (double)(first + l) > (double)f->n - 1;
            if (is_below) high[l] = middle[l];
            else low[l] = middle[l];
        }
    }
    for (size_t l = 0; l < count; l++) values[l] = (low[l] + high[l]) / 2;
}

static double scale_to_one(double *z, size_t stride)
{
    double length = sqrt(kernels()->dot(z, z, stride)), by = length > 0 ? 1 / length : 0;
    for (size_t i = 0; i < stride; i++) z[i] *= by;
    return length;
}

/* Takes the vectors before number q out of it that belong to eigenvalues close to its own, so that eigenvalues which cannot be told apart
 * get vectors of their own; twice, since what is left may be small.  The length that is left of 1. */
static double orthogonalise(const struct form *f, const double *values, double *vectors, size_t q)
{
    const double near = 1e-3 * f->largest;
    double *z = vectors + q * f->stride, left = 1;
    size_t first = q;
    while (first > 0 && values[first - 1] - values[q] <= near) first--;
    if (first == q) return 1;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t other = first; other < q; other++) {
            const double *known = vectors + other * f->stride;
            double along = kernels()->dot(known, z, f->stride);
            kernels()->take(along, known, z, f->stride);
        }
        left *= scale_to_one(z, f->stride);
    }
    return left;
}

/* Uniform in [-1, 1), by a linear congruence (Knuth, Seminumerical Algorithms, 3.3.4): any vector will do that is not special. */
static double next_uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)*state * 0x1p-63;
}

/* Vectors number first .. first+count-1 of the tridiagonal matrix, count <= LANES, by inverse iteration from random ones. */
static void find_vectors(const struct form *f, const double *values, size_t first, size_t count, double *vectors, struct triangle *t, double *z)
{
    enum { SOLUTIONS = 3, MOST_SOLUTIONS = 12 };
    const size_t lanes = (count + 3) / 4 * 4, n = f->n;
    double places[LANES] __attribute__((aligned(64)));
    uint64_t state = first;
    for (size_t l = 0; l < LANES; l++) places[l] = values[first + (l < count ? l : 0)];
    kernels()->factorise(f->diagonal, f->beside, n, lanes, places, f->largest * DBL_EPSILON + DBL_MIN, t);
    for (size_t i = 0; i < n * LANES; i++) z[i] = next_uniform(&state);
    bool lost = true;
    for (int solution = 0; solution < SOLUTIONS || (lost && solution < MOST_SOLUTIONS); solution++) {
        kernels()->solve(t, n, lanes, z);
        lost = false;
        for (size_t q = first; q < first + count; q++) {
            double *row = vectors + q * f->stride;
            for (size_t i = 0; i < n; i++) row[i] = z[i * LANES + q - first];
            scale_to_one(row, f->stride);
            /* A vector of which nothing is left begins anew. */
            bool gone = orthogonalise(f, values, vectors, q) < 1e-9;
            lost |= gone;
            for (size_t i = 0; i < n; i++) z[i * LANES + q - first] = gone ? next_uniform(&state) : row[i];
        }
    }
}

static enum pid_status by_hand(struct pid_eigen *e, const double *matrix, size_t n, size_t count, struct pid_error *error)
{
    size_t stride = (n + 7) / 8 * 8, room = n * LANES;
    if (GROW(values, 0, count) || GROW(vectors, 1, count * stride) || GROW(matrix, 2, n * stride) || GROW(steps, 3, 8 * stride) ||
        GROW(solve, 4, 5 * room) || GROW(swapped, 8, room))
        return error->status;
    struct form f = {n, stride, e->matrix, e->steps, e->steps + stride, e->steps + 2 * stride, e->steps + 3 * stride, 0};
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) f.a[i * stride + j] = f.a[j * stride + i];
        memcpy(f.a + i * stride + i, matrix + i * n + i, (n - i) * sizeof *matrix);
        memset(f.a + i * stride + n, 0, (stride - n) * sizeof *matrix);
    }
    reduce(&f, e->steps + 4 * stride);
    struct triangle t = {e->solve, e->solve + room, e->solve + 2 * room, e->solve + 3 * room, e->swapped};
    memset(e->vectors, 0, count * stride * sizeof *e->vectors);
    for (size_t first = 0; first < count; first += LANES) {
        size_t part = count - first < LANES ? count - first : LANES;
        bisect(&f, first, part, e->values + first);
        find_vectors(&f, e->values, first, part, e->vectors, &t, e->solve + 4 * room);
    }
    for (size_t q = 0; q < count; q++) {
        if (n > 2) kernels()->reflect(f.a, stride, n, f.factors, e->vectors + q * stride);
        memmove(e->vectors + q * n, e->vectors + q * stride, n * sizeof *e->vectors);
    }
    return PID_OK;
}

enum pid_status pid_eigen_greatest(struct pid_eigen *e, double *matrix, size_t n, size_t count, struct pid_error *error)
{
    return n <= PID_EIGEN_SMALL ? by_hand(e, matrix, n, count, error) : by_lapack(e, matrix, n, count, error);
}
