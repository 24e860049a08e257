#include "gauss/linear.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* LAPACK, in OpenBLAS; the lengths of the texts come last. */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
extern void dsyevd_(const char *job, const char *uplo, const int *n, double *a, const int *lda, double *values, double *work,
                    const int *work_size, int *integers, const int *integers_size, int *info, size_t, size_t);

bool pid_cholesky(double *a, size_t n, double least)
{
    int order = (int)n, info = 0;
    if (!n) return true;
    double smallest = 1;
    for (size_t i = 0; i < n; i++) smallest = fmin(smallest, a[i * n + i]);
    if (!(smallest > 0)) return false;
    /* One allowance for all pivots: that of the smallest diagonal element. */
    double allowed = least * smallest;
    dpotrf_("U", &order, a, &order, &info, 1); /* the row-major lower triangle is LAPACK's upper one */
    if (info) return false;
    for (size_t i = 0; i < n; i++) {
        if (!(a[i * n + i] * a[i * n + i] > allowed)) return false;
        memset(a + i * n + i + 1, 0, (n - i - 1) * sizeof *a);
    }
    return true;
}

double pid_cholesky_logdet(const double *factor, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += log(factor[i * n + i]);
    return 2 * sum;
}

void pid_cholesky_solve(const double *factor, size_t n, double *b, size_t columns)
{
    if (n && columns)
        cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, (int)columns, 1, factor, (int)n, b, (int)columns);
}

enum pid_status pid_eigen(double *a, size_t n, double *values, double *vectors, struct pid_arena *arena, struct pid_error *error)
{
    int order = (int)n, info = 0, query = -1, integers_wanted = 0;
    double work_wanted = 0;
    const char *job = vectors ? "V" : "N";
    if (!n) return PID_OK;
    dsyevd_(job, "U", &order, a, &order, values, &work_wanted, &query, &integers_wanted, &query, &info, 1, 1);
    int work_size = (int)work_wanted;
    double *work = pid_arena_array(arena, (size_t)work_size, sizeof *work, error);
    int *integers = work ? pid_arena_array(arena, (size_t)integers_wanted, sizeof *integers, error) : NULL;
    if (!integers) return error->status;
    dsyevd_(job, "U", &order, a, &order, values, work, &work_size, integers, &integers_wanted, &info, 1, 1);
    if (info) return pid_error_set(error, PID_ERROR_DATA, "the eigenvalues of a covariance cannot be found (LAPACK: %d)", info);
    if (vectors) memcpy(vectors, a, n * n * sizeof *a);
    return PID_OK;
}
