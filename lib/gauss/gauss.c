#include "gauss/gauss.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "gauss/linear.h"
#include "gauss/wishart.h"

/* Directions of a variable with less variance than this part of its largest are rounding errors. */
static const double NO_VARIANCE = 1e-11;
/* What is left of the target's variance where a source tells all of it, to rounding. */
static const double NOTHING_LEFT = 1e-12;

/* A covariance with its variables' places; those of the problem are whitened one by one. */
struct problem {
    size_t sources, d;
    size_t *dims, *start;  /* sources + 1 */
    double *s;             /* d x d */
    struct pid_arena *arena;
};

/* The columns of some of the variables. */
static size_t columns_of(const struct problem *p, const bool *wanted, size_t variables, size_t *columns)
{
    size_t count = 0;
    for (size_t v = 0; v < variables; v++)
        for (size_t c = 0; wanted[v] && c < p->dims[v]; c++) columns[count++] = p->start[v] + c;
    return count;
}

static double *gather(const struct problem *p, const size_t *rows, size_t n, const size_t *columns, size_t m, struct pid_error *error)
{
    double *to = pid_arena_array(p->arena, n * m, sizeof *to, error);
    for (size_t i = 0; to && i < n; i++)
        for (size_t j = 0; j < m; j++) to[i * m + j] = p->s[rows[i] * p->d + columns[j]];
    return to;
}

/* x (k x m) with x'x = b' a^-1 b, for a (n x n) and b (n x m).  Where `a` is singular, that of its range. */
static double *explained(const struct problem *p, const size_t *columns, size_t n, const size_t *target, size_t m, size_t *k, struct pid_error *error)
{
    double *a = gather(p, columns, n, columns, n, error), *b = a ? gather(p, columns, n, target, m, error) : NULL;
    if (!b) return NULL;
    *k = n;
    if (pid_cholesky(a, n, NO_VARIANCE)) {
        pid_cholesky_solve(a, n, b, m);
        return b;
    }
    a = gather(p, columns, n, columns, n, error);
    double *values = a ? pid_arena_array(p->arena, n, sizeof *values, error) : NULL;
    double *vectors = values ? pid_arena_array(p->arena, n * n, sizeof *vectors, error) : NULL;
    double *x = vectors ? pid_arena_array(p->arena, n * m, sizeof *x, error) : NULL;
    if (!x || pid_eigen(a, n, values, vectors, p->arena, error)) return NULL;
    size_t first = 0;
    while (first < n && !(values[first] > NO_VARIANCE * values[n - 1])) first++;
    *k = n - first;
    for (size_t i = first; i < n; i++) cblas_dscal((int)n, 1 / sqrt(values[i]), vectors + i * n, 1);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)*k, (int)m, (int)n, 1, vectors + first * n, (int)n, b, (int)m, 0, x, (int)m);
    return x;
}

/* The covariance of the target given some variables, and its Cholesky factor; `singular` where nothing is left in a direction. */
struct conditional { double *c, *factor, logdet; bool singular; };

static enum pid_status condition(const struct problem *p, const bool *given, struct conditional *out, struct pid_error *error)
{
    size_t m = p->dims[p->sources], k, *columns = pid_arena_array(p->arena, p->d, sizeof *columns, error);
    size_t *target = columns ? pid_arena_array(p->arena, m, sizeof *target, error) : NULL;
    if (!target) return error->status;
    for (size_t j = 0; j < m; j++) target[j] = p->start[p->sources] + j;
    size_t n = columns_of(p, given, p->sources, columns);
    out->c = gather(p, target, m, target, m, error);
    out->factor = out->c ? pid_arena_array(p->arena, m * m, sizeof *out->factor, error) : NULL;
    double *x = out->factor && n ? explained(p, columns, n, target, m, &k, error) : NULL;
    if (!out->factor || (n && !x)) return error->status;
    if (n) cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)m, (int)k, -1, x, (int)m, 1, out->c, (int)m);
    for (size_t i = 0; i < m; i++)
        for (size_t j = i + 1; j < m; j++) out->c[i * m + j] = out->c[j * m + i];
    memcpy(out->factor, out->c, m * m * sizeof *out->c);
    out->singular = !pid_cholesky(out->factor, m, 0);
    for (size_t i = 0; i < m && !out->singular; i++) /* in units of the target's own variance */
        out->singular = !(out->factor[i * m + i] * out->factor[i * m + i] > NOTHING_LEFT);
    out->logdet = out->singular ? NAN : pid_cholesky_logdet(out->factor, m);
    return PID_OK;
}

/* The largest eigenvalue of F^-1 c F^-T, F a Cholesky factor: how far c passes F F'. */
static enum pid_status excess(const struct problem *p, const double *c, const double *factor, double *most, struct pid_error *error)
{
    size_t m = p->dims[p->sources];
    double *a = pid_arena_array(p->arena, m * m, sizeof *a, error), *values = a ? pid_arena_array(p->arena, m, sizeof *values, error) : NULL;
    if (!values) return error->status;
    memcpy(a, c, m * m * sizeof *a);
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)m, (int)m, 1, factor, (int)m, a, (int)m);
    cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, (int)m, (int)m, 1, factor, (int)m, a, (int)m);
    if (pid_eigen(a, m, values, NULL, p->arena, error)) return error->status;
    *most = values[m - 1];
    return PID_OK;
}

/* Two-sided bounds of the largest log det C, C <= A and C <= B, from T (rows t_i: T A T' = 1, T B T' = diag(d) to rounding). */
static enum pid_status bound(const struct problem *p, const struct conditional *a, const struct conditional *b, const double *t, const double *d,
                             double *lower, double *upper, struct pid_error *error)
{
    size_t m = p->dims[p->sources];
    double *root = pid_arena_array(p->arena, m * m, sizeof *root, error), *c = root ? pid_arena_array(p->arena, m * m, sizeof *c, error) : NULL;
    double *image = c ? pid_arena_array(p->arena, m, sizeof *image, error) : NULL, over[2], sum = 0, logdet_k = -a->logdet, logdet_c = a->logdet;
    if (!image) return error->status;
    /* Rows of `root`: min(1, d_i)^(1/2) times those of (A T')', so that C = root' root. */
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)m, (int)m, 1, t, (int)m, a->c, (int)m, 0, root, (int)m);
    for (size_t i = 0; i < m; i++) cblas_dscal((int)m, sqrt(fmin(1, d[i])), root + i * m, 1);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)m, (int)m, 1, root, (int)m, root, (int)m, 0, c, (int)m);
    if (excess(p, c, a->factor, &over[0], error) || excess(p, c, b->factor, &over[1], error)) return error->status;
    for (size_t i = 0; i < m; i++) {
        bool in_a = d[i] >= 1;
        const double *of = in_a ? a->c : b->c, *row = t + i * m, weight = in_a ? 1 : 1 / d[i];
        cblas_dsymv(CblasRowMajor, CblasLower, (int)m, 1, of, (int)m, row, 1, 0, image, 1);
        sum += weight * cblas_ddot((int)m, row, 1, image, 1);
        logdet_k += log(weight);
        logdet_c += log(fmin(1, d[i]));
    }
    double rounding = 1e-15 * (double)(m * m + 16);
    *lower = logdet_c - (double)m * log(fmax(1, fmax(over[0], over[1])) + rounding) - rounding;
    *upper = sum - logdet_k - (double)m + rounding;
    return PID_OK;
}

/* Two sources, or sets of them. */
static enum pid_status solve_part(const struct problem *p, const struct conditional *a, const struct conditional *b, const struct conditional *both,
                                  double logdet, struct pid_gauss_part *part, struct pid_error *error)
{
    size_t m = p->dims[p->sources];
    double *s = pid_arena_array(p->arena, m * m, sizeof *s, error), *t = s ? pid_arena_array(p->arena, m * m, sizeof *t, error) : NULL;
    double *d = t ? pid_arena_array(p->arena, m, sizeof *d, error) : NULL, unique[2] = {0, 0}, lower = 0, upper = 0, nats = 0.5 / M_LN2;
    if (!d) return error->status;
    if (a->singular || b->singular) return PID_OK; /* infinite: the values stay NaN */
    memcpy(s, b->c, m * m * sizeof *s);
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)m, (int)m, 1, a->factor, (int)m, s, (int)m);
    cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, (int)m, (int)m, 1, a->factor, (int)m, s, (int)m);
    if (pid_eigen(s, m, d, t, p->arena, error)) return error->status;
    cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, (int)m, (int)m, 1, a->factor, (int)m, t, (int)m);
    for (size_t i = 0; i < m; i++) {
        if (!(d[i] > 0)) return pid_error_set(error, PID_ERROR_DATA, "the covariance is not positive");
        unique[0] += fmax(0, log(d[i]));
        unique[1] += fmax(0, -log(d[i]));
    }
    if (bound(p, a, b, t, d, &lower, &upper, error)) return error->status;
    *part = (struct pid_gauss_part){.mi = {fmax(0, logdet - a->logdet) * nats, fmax(0, logdet - b->logdet) * nats}, .total = both->singular ? NAN : fmax(0, logdet - both->logdet) * nats};
    for (size_t s2 = 0; s2 < 2; s2++) part->unique[s2] = unique[s2] * nats;
    part->redundant = fmax(0, part->mi[0] - part->unique[0]);
    part->synergy = both->singular ? NAN : fmax(0, part->total - part->mi[0] - part->unique[1]);
    part->lower = (logdet - upper) * nats;
    part->upper = (logdet - lower) * nats;
    return PID_OK;
}

static size_t value_count(size_t sources)
{
    return (sources + sources * (sources - 1) / 2) * (sizeof(struct pid_gauss_part) / sizeof(double)) + 3;
}

static enum pid_status place_values(struct pid_gauss_values *values, size_t sources, struct pid_arena *arena, struct pid_error *error)
{
    values->count = value_count(sources);
    values->all = pid_arena_array(arena, values->count, sizeof *values->all, error);
    if (!values->all) return error->status;
    for (size_t i = 0; i < values->count; i++) values->all[i] = NAN;
    values->rest = (struct pid_gauss_part *)values->all;
    values->pairs = values->rest + sources;
    values->total = (double *)(values->pairs + sources * (sources - 1) / 2);
    values->remainder = values->total + 1;
    values->o_information = values->total + 2;
    return PID_OK;
}

/* log det of the covariance of some variables; NaN where it is singular. */
static enum pid_status logdet_of(const struct problem *p, const bool *wanted, double *logdet, struct pid_error *error)
{
    size_t *columns = pid_arena_array(p->arena, p->d, sizeof *columns, error), n;
    if (!columns) return error->status;
    n = columns_of(p, wanted, p->sources + 1, columns);
    double *a = gather(p, columns, n, columns, n, error);
    if (!a) return error->status;
    *logdet = pid_cholesky(a, n, NO_VARIANCE) ? pid_cholesky_logdet(a, n) : NAN;
    return PID_OK;
}

static enum pid_status set_o_information(const struct problem *p, bool *wanted, double *o, struct pid_error *error)
{
    size_t m = p->sources + 1;
    double sum, logdet;
    for (size_t v = 0; v < m; v++) wanted[v] = true;
    if (logdet_of(p, wanted, &logdet, error)) return error->status;
    sum = (double)(m - 2) * logdet;
    for (size_t v = 0; v < m; v++)
        for (int alone = 0; alone < 2; alone++) {
            for (size_t w = 0; w < m; w++) wanted[w] = (w == v) == alone;
            if (logdet_of(p, wanted, &logdet, error)) return error->status;
            sum += alone ? logdet : -logdet;
        }
    *o = sum * 0.5 / M_LN2;
    return PID_OK;
}

/* All values of a covariance; what is allocated here is scratch.  `singular` where they are infinite. */
static enum pid_status evaluate(const struct problem *p, struct pid_gauss_values *values, bool *singular, struct pid_error *error)
{
    size_t n = p->sources;
    bool *given = pid_arena_array(p->arena, n + 1, sizeof *given, error);
    struct conditional *alone = given ? pid_arena_array(p->arena, n, sizeof *alone, error) : NULL, none, all, rest, both;
    if (!alone) return error->status;
    memset(given, 0, (n + 1) * sizeof *given);
    if (condition(p, given, &none, error)) return error->status;
    for (size_t i = 0; i < n; i++) {
        given[i] = true;
        if (condition(p, given, &alone[i], error)) return error->status;
        given[i] = false;
    }
    for (size_t i = 0; i < n; i++) given[i] = true;
    if (condition(p, given, &all, error)) return error->status;
    /* A target that all sources together determine has infinite synergy; what each tells that the others do not may be finite. */
    *singular = all.singular;
    for (size_t i = 0; i < values->count; i++) values->all[i] = NAN;
    for (size_t i = 0; i < n; i++) {
        given[i] = false;
        if (n == 2) rest = alone[1 - i];
        else if (condition(p, given, &rest, error)) return error->status;
        given[i] = true;
        if (solve_part(p, &alone[i], &rest, &all, none.logdet, &values->rest[i], error)) return error->status;
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            for (size_t i = 0; i < n; i++) given[i] = i == a || i == b;
            if (condition(p, given, &both, error) ||
                solve_part(p, &alone[a], &alone[b], &both, none.logdet, &values->pairs[pid_gauss_pair(n, a, b)], error))
                return error->status;
        }
    *values->total = values->rest[0].total;
    *values->remainder = *values->total;
    for (size_t i = 0; i < n; i++) *values->remainder -= values->rest[i].unique[0];
    return set_o_information(p, given, values->o_information, error);
}

/* Whitens one variable: the rows of `basis` (rank x dim) take its columns to uncorrelated ones of variance 1. */
static enum pid_status whiten(const struct pid_gauss_table *table, size_t d, size_t start, size_t dim, struct pid_arena *arena, double **basis,
                              size_t *rank, struct pid_error *error)
{
    double *a = pid_arena_array(arena, dim * dim, sizeof *a, error), *values = a ? pid_arena_array(arena, dim, sizeof *values, error) : NULL;
    *basis = values ? pid_arena_array(arena, dim * dim, sizeof **basis, error) : NULL;
    if (!*basis) return error->status;
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++) a[i * dim + j] = table->covariance[(start + i) * d + start + j];
    if (pid_eigen(a, dim, values, *basis, arena, error)) return error->status;
    if (values[0] < -1e-6 * values[dim - 1]) return pid_error_set(error, PID_ERROR_DATA, "the covariance has a negative eigenvalue");
    size_t first = 0;
    while (first < dim && !(values[first] > NO_VARIANCE * values[dim - 1] && values[first] > 0)) first++;
    *rank = dim - first;
    *basis += first * dim;
    for (size_t i = 0; i < *rank; i++) cblas_dscal((int)dim, 1 / sqrt(values[first + i]), *basis + i * dim, 1);
    return PID_OK;
}

/* The problem in whitened columns of full rank. */
static enum pid_status prepare(const struct pid_gauss_table *table, struct problem *p, struct pid_arena *arena, struct pid_error *error)
{
    size_t n = table->sources + 1, d = 0, *from = pid_arena_array(arena, n, sizeof *from, error);
    double **basis = from ? pid_arena_array(arena, n, sizeof *basis, error) : NULL;
    *p = (struct problem){.sources = table->sources, .arena = arena};
    p->dims = basis ? pid_arena_array(arena, n, sizeof *p->dims, error) : NULL;
    p->start = p->dims ? pid_arena_array(arena, n, sizeof *p->start, error) : NULL;
    if (!p->start) return error->status;
    for (size_t v = 0; v < n; d += table->dims[v++]) from[v] = d;
    for (size_t i = 0; i < d * d; i++)
        if (!isfinite(table->covariance[i])) return pid_error_set(error, PID_ERROR_DATA, "the covariance holds a number that is not finite");
    for (size_t v = 0; v < n; p->d += p->dims[v++]) {
        p->start[v] = p->d;
        if (whiten(table, d, from[v], table->dims[v], arena, &basis[v], &p->dims[v], error)) return error->status;
    }
    double *half = pid_arena_array(arena, p->d * d, sizeof *half, error);
    p->s = half ? pid_arena_array(arena, p->d * p->d, sizeof *p->s, error) : NULL;
    if (!p->s) return error->status;
    for (size_t v = 0; v < n; v++)
        if (p->dims[v])
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)p->dims[v], (int)d, (int)table->dims[v], 1, basis[v], (int)table->dims[v],
                        table->covariance + from[v] * d, (int)d, 0, half + p->start[v] * d, (int)d);
    for (size_t v = 0; v < n; v++)
        if (p->dims[v] && p->d)
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)p->d, (int)p->dims[v], (int)table->dims[v], 1, half + from[v], (int)d,
                        basis[v], (int)table->dims[v], 0, p->s + p->start[v], (int)p->d);
    for (size_t i = 0; i < p->d; i++)
        for (size_t j = 0; j < i; j++) p->s[i * p->d + j] = p->s[j * p->d + i] = (p->s[i * p->d + j] + p->s[j * p->d + i]) / 2;
    return PID_OK;
}

/* The exact bias of an information between k columns and the target's, bits. */
static double mi_bias(const struct problem *p, size_t k, double freedom)
{
    size_t m = p->dims[p->sources];
    return (pid_wishart_logdet_bias(k, freedom) + pid_wishart_logdet_bias(m, freedom) - pid_wishart_logdet_bias(k + m, freedom)) * 0.5 / M_LN2;
}

static void complete_bias(struct pid_gauss_part *bias, double united, double mi0, double mi1, double total)
{
    *bias = (struct pid_gauss_part){mi0 + mi1 - united, {united - mi1, united - mi0}, total - united, {mi0, mi1}, total, united, united};
}

/* The bias of the union of two of which one has an information of bias e0, the other of e1.  `mean` is how much the draws exceed
 * `values` on average.  The draws' informations miss their known biases by chance, and the union by much the same chance, being
 * the sum of either information and what is unique to the other: so this is taken off, each at the weight of what is its own.  Where
 * one source has all, the bias of its information is left and no chance at all. */
static double union_bias(const struct pid_gauss_part *mean, const struct pid_gauss_part *values, double e0, double e1)
{
    double sum = values->unique[0] + values->unique[1], weight = sum > 0 ? values->unique[0] / sum : 0.5;
    return mean->upper - weight * (mean->mi[0] - e0) - (1 - weight) * (mean->mi[1] - e1);
}

static void set_part_bias(struct pid_gauss_part *bias, const struct pid_gauss_part *values, double e0, double e1, double total)
{
    complete_bias(bias, union_bias(bias, values, e0, e1), e0, e1, total);
}

static void set_bias(const struct problem *p, const struct pid_gauss_values *values, struct pid_gauss_values *bias, double freedom)
{
    size_t n = p->sources, all = p->d - p->dims[n];
    /* `bias` holds means over the draws. */
    for (size_t i = 0; i < bias->count; i++) bias->all[i] -= values->all[i];
    double total = mi_bias(p, all, freedom);
    for (size_t i = 0; i < n; i++)
        set_part_bias(&bias->rest[i], &values->rest[i], mi_bias(p, p->dims[i], freedom), mi_bias(p, all - p->dims[i], freedom), total);
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            size_t pair = pid_gauss_pair(n, a, b);
            set_part_bias(&bias->pairs[pair], &values->pairs[pair], mi_bias(p, p->dims[a], freedom), mi_bias(p, p->dims[b], freedom),
                          mi_bias(p, p->dims[a] + p->dims[b], freedom));
        }
    *bias->total = *bias->remainder = total;
    for (size_t i = 0; i < n; i++) *bias->remainder -= bias->rest[i].unique[0];
}

/* The mean of all values over draws around the covariance. */
static enum pid_status draw_means(const struct problem *p, const struct pid_gauss_options *options, double freedom, struct pid_gauss_values *mean,
                                  bool *singular, struct pid_error *error)
{
    struct pid_arena scratch = {0}, keep = {0};
    struct problem drawn = *p;
    struct pid_gauss_values values;
    enum pid_status status = place_values(&values, p->sources, &keep, error);
    double *factor = status ? NULL : pid_arena_array(&keep, p->d * p->d, sizeof *factor, error);
    drawn.s = factor ? pid_arena_array(&keep, p->d * p->d, sizeof *drawn.s, error) : NULL;
    drawn.arena = &scratch;
    status = drawn.s ? PID_OK : error->status;
    if (!status) memcpy(factor, p->s, p->d * p->d * sizeof *factor);
    *singular = status || !pid_cholesky(factor, p->d, NO_VARIANCE);
    for (size_t i = 0; i < mean->count; i++) mean->all[i] = 0;
    for (uint32_t r = 0; r < options->draws && !status && !*singular; r++) {
        pid_arena_reset(&scratch);
        status = pid_wishart_draw(factor, p->d, freedom, options->seed, r, drawn.s, &scratch, error);
        if (!status) status = evaluate(&drawn, &values, singular, error);
        for (size_t i = 0; i < mean->count; i++) mean->all[i] += values.all[i] / options->draws;
    }
    pid_arena_release(&scratch);
    pid_arena_release(&keep);
    return status;
}

enum pid_status pid_gauss_solve(const struct pid_gauss_table *table, const struct pid_gauss_options *options, struct pid_arena *arena,
                                struct pid_gauss_result *result, struct pid_error *error)
{
    struct problem p;
    size_t n = table->sources;
    bool singular;
    *result = (struct pid_gauss_result){.sources = n};
    if (n < 2) return pid_error_set(error, PID_ERROR_ARGUMENT, "%zu sources: a decomposition needs two or more", n);
    if (prepare(table, &p, arena, error) || place_values(&result->values, n, arena, error) || place_values(&result->bias, n, arena, error)) return error->status;
    result->ranks = p.dims;
    for (size_t v = 0; v <= n; v++)
        if (!p.dims[v]) return pid_error_set(error, PID_ERROR_DATA, "variable %zu has no variance", v + 1);
    if (table->samples && table->samples <= p.d + 1)
        return pid_error_set(error, PID_ERROR_DATA, "%llu samples for %zu dimensions: more samples, or fewer dimensions (--pca), are needed",
                             (unsigned long long)table->samples, p.d);
    if (evaluate(&p, &result->values, &result->infinite, error)) return error->status;
    for (size_t i = 0; i < n; i++) result->gap = fmax(result->gap, result->values.rest[i].upper - result->values.rest[i].lower);
    for (size_t i = 0; i < n * (n - 1) / 2; i++) result->gap = fmax(result->gap, result->values.pairs[i].upper - result->values.pairs[i].lower);
    if (!options->draws || !table->samples || result->infinite) return PID_OK;
    double freedom = (double)table->samples - 1;
    if (draw_means(&p, options, freedom, &result->bias, &singular, error)) return error->status;
    result->has_bias = !singular;
    if (result->has_bias) set_bias(&p, &result->values, &result->bias, freedom);
    return PID_OK;
}
