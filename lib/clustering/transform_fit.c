/* Fitting: means and variances by columns, principal components from the covariance of the columns or, where there are fewer
 * rows than columns, from the products of the rows. */
#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clustering/eigen.h"
#include "clustering/products.h"
#include "clustering/rows.h"
#include "clustering/transform.h"
#include "clustering/transform_internal.h"

/* Products are taken of this many rows at a time, and this many rows of their sum by one thread.  All in double precision: in
 * single the BLAS's order of summing, another for each processor, shows in the components' seventh digit, and then in the labels
 * of some rows. */
enum { PRODUCT_ROWS = 512, PANEL_ROWS = 128 };

struct pid_transform_scratch {
    double *sums, *block_sums, *matrix, *components, *wide;
    float *images, *greatest;
    size_t room[7];
    struct pid_eigen eigen;
    /* the fit under way */
    struct pid_transform *t;
    float *rows;
    size_t n, d, block_rows, order, count;
};

struct pid_transform_scratch *pid_transform_scratch_new(struct pid_error *error)
{
    return pid_array_new(1, sizeof(struct pid_transform_scratch), error);
}

void pid_transform_scratch_free(struct pid_transform_scratch *s)
{
    if (!s) return;
    void *arrays[] = {s->sums, s->block_sums, s->matrix, s->components, s->wide, s->images, s->greatest};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    pid_eigen_release(&s->eigen);
    free(s);
}

#define GROW(array, at, needed) pid_array_grow((void **)&s->array, &s->room[at], needed, sizeof *s->array, error)

static size_t block_end(const struct pid_transform_scratch *s, size_t task)
{
    size_t end = (task + 1) * s->block_rows;
    return end < s->n ? end : s->n;
}

/* Sums of each column over one block, as they stand, and the greatest magnitude. */
static enum pid_status sum_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_transform_scratch *s = context;
    (void)worker, (void)error;
    double *sums = s->block_sums + task * s->d;
    float greatest = 0;
    memset(sums, 0, s->d * sizeof *sums);
    for (size_t i = task * s->block_rows; i < block_end(s, task); i++)
        greatest = fmaxf(greatest, pid_row_survey(sums, s->rows + i * s->d, s->d));
    s->greatest[task] = greatest;
    return PID_OK;
}

/* Sums of squared deviations from s->sums. */
static enum pid_status square_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_transform_scratch *s = context;
    (void)worker, (void)error;
    double *sums = s->block_sums + task * s->d;
    memset(sums, 0, s->d * sizeof *sums);
    for (size_t i = task * s->block_rows; i < block_end(s, task); i++)
        for (size_t c = 0; c < s->d; c++) {
            double deviation = s->rows[i * s->d + c] - s->sums[c];
            sums[c] += deviation * deviation;
        }
    return PID_OK;
}

/* sums = block sums / n */
static enum pid_status column_means(struct pid_transform_scratch *s, pid_task *task, double *means, struct pid_workers *workers,
                                    struct pid_error *error)
{
    size_t blocks = pid_blocks(s->n, s->block_rows);
    if (pid_tasks_run(workers, blocks, task, s, error)) return error->status;
    memset(means, 0, s->d * sizeof *means);
    for (size_t b = 0; b < blocks; b++)
        for (size_t c = 0; c < s->d; c++) means[c] += s->block_sums[b * s->d + c];
    for (size_t c = 0; c < s->d; c++) means[c] /= (double)s->n;
    return PID_OK;
}

static enum pid_status fit_columns(struct pid_transform_scratch *s, struct pid_workers *workers, struct pid_error *error)
{
    struct pid_transform *t = s->t;
    if (column_means(s, sum_task, s->sums, workers, error)) return error->status;
    memcpy(t->column_mean, s->sums, s->d * sizeof *s->sums);
    if (column_means(s, square_task, t->column_scale, workers, error)) return error->status;
    for (size_t c = 0; c < s->d; c++) {
        /* A column that is constant but for the rounding of its mean is constant. */
        double deviation = sqrt(t->column_scale[c]), least = 1e-12 * fabs(t->column_mean[c]);
        t->column_scale[c] = deviation > least ? 1 / deviation : 0;
    }
    return PID_OK;
}

static enum pid_status row_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_transform_scratch *s = context;
    (void)worker, (void)error;
    for (size_t i = task * s->block_rows; i < block_end(s, task); i++)
        pid_transform_row(s->t, s->rows + i * s->d);
    return PID_OK;
}

static enum pid_status centre_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_transform_scratch *s = context;
    (void)worker, (void)error;
    for (size_t i = task * s->block_rows; i < block_end(s, task); i++) {
        float *row = s->rows + i * s->d;
        pid_row_centre(s->t->scale, s->t->mean, row, row, s->d);
    }
    return PID_OK;
}

static enum pid_status fit_centre(struct pid_transform_scratch *s, struct pid_workers *workers, struct pid_error *error)
{
    struct pid_transform *t = s->t;
    size_t blocks = pid_blocks(s->n, s->block_rows);
    if (column_means(s, sum_task, s->sums, workers, error)) return error->status;
    double greatest = 0;
    for (size_t b = 0; b < blocks; b++) greatest = fmax(greatest, (double)s->greatest[b]);
    int exponent = 0;
    if (greatest > 0) frexp(greatest, &exponent);
    /* 2^126 is the last power whose inverse is a normal number. */
    if (exponent > 126) exponent = 126;
    if (exponent < -126) exponent = -126;
    t->scale = ldexpf(1, -exponent);
    for (size_t c = 0; c < s->d; c++) t->mean[c] = (float)(s->sums[c] * t->scale);
    return pid_tasks_run(workers, blocks, centre_task, s, error);
}

/* A panel of the upper triangle of X'X (order d) or X X' (order n), summed over blocks of rows or of columns one after the other, so
 * that it does not depend on the team. */
static enum pid_status product_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_transform_scratch *s = context;
    (void)error;
    bool columns = s->order == s->d;
    size_t length = columns ? s->n : s->d, from = task * PANEL_ROWS, side = s->order - from;
    int height = (int)(side < PANEL_ROWS ? side : PANEL_ROWS), width = (int)side, order = (int)s->order;
    double *out = s->matrix + from * s->order + from, *wide = s->wide + worker * s->order * PRODUCT_ROWS;
    for (size_t first = 0; first < length; first += PRODUCT_ROWS) {
        int count = (int)(length - first < PRODUCT_ROWS ? length - first : PRODUCT_ROWS), stride = columns ? width : count;
        const float *rows = columns ? s->rows + first * s->d + from : s->rows + from * s->d + first;
        for (size_t i = 0; i < (columns ? (size_t)count : side); i++)
            for (size_t c = 0; c < (size_t)stride; c++) wide[i * (size_t)stride + c] = rows[i * s->d + c];
        cblas_dsyrk(CblasRowMajor, CblasUpper, columns ? CblasTrans : CblasNoTrans, height, count, 1, wide, stride, first ? 1 : 0, out, order);
        if (width > height)
            cblas_dgemm(CblasRowMajor, columns ? CblasTrans : CblasNoTrans, columns ? CblasNoTrans : CblasTrans, height, width - height, count, 1,
                        wide, stride, wide + (size_t)height * (columns ? 1 : (size_t)stride), stride, first ? 1 : 0, out + height, order);
    }
    for (size_t i = 0; i < (size_t)height; i++)
        for (size_t j = i; j < side; j++) out[i * s->order + j] /= (double)s->n;
    return PID_OK;
}

/* s->matrix = the upper triangle (row-major) of the products' mean over rows. */
static enum pid_status products(struct pid_transform_scratch *s, struct pid_workers *workers, struct pid_error *error)
{
    size_t order = s->order, team = workers ? pid_workers_size(workers) : 1;
    if (GROW(matrix, 2, order * order)) return error->status;
    if (order == s->n && order <= PID_PRODUCTS_FEW) {
        pid_products_among(s->rows, s->n, s->d, (double)s->n, s->matrix);
        return PID_OK;
    }
    if (GROW(wide, 4, team * order * PRODUCT_ROWS)) return error->status;
    return pid_tasks_run(workers, (order + PANEL_ROWS - 1) / PANEL_ROWS, product_task, s, error);
}

/* Columns of the components that are summed by one thread. */
enum { SUM_COLUMNS = 64 };

/* Columns of the rows' sums, each row times its element of an eigenvector: a component for each of these. */
static enum pid_status sum_columns_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_transform_scratch *s = context;
    (void)worker, (void)error;
    size_t first = task * SUM_COLUMNS, last = s->d - first < SUM_COLUMNS ? s->d : first + SUM_COLUMNS;
    pid_products_combine(s->eigen.vectors, s->count, s->rows, s->n, s->d, first, last, s->components);
    return PID_OK;
}

/* One component of unit length, its largest element positive, whitened on request. */
static void set_component(struct pid_transform_scratch *s, size_t q, const double *sums)
{
    struct pid_transform *t = s->t;
    size_t d = s->d;
    float *component = t->components + q * d;
    double unscale = 1 / (double)t->scale, value = s->eigen.values[q], extreme;
    t->variances[q] = value > 0 ? value * unscale * unscale : 0;
    /* Directions without variance are rounding errors of the products. */
    if (!(value > 1e-7 * s->eigen.values[0])) {
        memset(component, 0, d * sizeof *component);
        return;
    }
    double square = pid_products_survey(sums, d, &extreme);
    double factor = (extreme < 0 ? -1 : 1) / sqrt(square) / (t->options.whiten ? sqrt(value) : 1);
    for (size_t c = 0; c < d; c++) component[c] = (float)(sums[c] * factor);
}

static enum pid_status fit_components(struct pid_transform_scratch *s, struct pid_workers *workers, struct pid_error *error)
{
    struct pid_transform *t = s->t;
    s->order = s->n < s->d ? s->n : s->d;
    if (s->order > INT32_MAX / 2) return pid_error_set(error, PID_ERROR_ARGUMENT, "too many columns for principal components: %zu", s->d);
    if (products(s, workers, error)) return error->status;
    double total = 0;
    for (size_t i = 0; i < s->order; i++) total += s->matrix[i * s->order + i];
    t->total_variance = total / ((double)t->scale * t->scale);
    s->count = total > 0 ? t->out < s->order ? t->out : s->order : 0;
    if (s->count) {
        if (pid_eigen_greatest(&s->eigen, s->matrix, s->order, s->count, error)) return error->status;
        const double *sums = s->eigen.vectors;
        if (s->order < s->d) {
            if (GROW(components, 3, s->count * s->d) ||
                pid_tasks_run(workers, (s->d + SUM_COLUMNS - 1) / SUM_COLUMNS, sum_columns_task, s, error))
                return error->status;
            sums = s->components;
        }
        for (size_t q = 0; q < s->count; q++) set_component(s, q, sums + q * s->d);
    }
    memset(t->components + s->count * s->d, 0, (t->out - s->count) * s->d * sizeof *t->components);
    memset(t->variances + s->count, 0, (t->out - s->count) * sizeof *t->variances);
    return pid_transform_prepare(t, error);
}

/* Projects a block in place: its image lies at the block's own front until all blocks are packed. */
static enum pid_status project_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_transform_scratch *s = context;
    size_t out = s->t->out, end = block_end(s, task);
    float *image = s->images + worker * PID_TILE_ROWS * out;
    float *to = s->rows + task * s->block_rows * s->d;
    (void)error;
    for (size_t i = task * s->block_rows; i < end; i += PID_TILE_ROWS) {
        const float *tile[PID_TILE_ROWS];
        size_t count = end - i < PID_TILE_ROWS ? end - i : PID_TILE_ROWS;
        for (size_t r = 0; r < count; r++) tile[r] = s->rows + (i + r) * s->d;
        pid_transform_project(s->t, tile, count, image);
        memcpy(to, image, count * out * sizeof *to);
        to += count * out;
    }
    return PID_OK;
}

static enum pid_status project(struct pid_transform_scratch *s, struct pid_workers *workers, struct pid_error *error)
{
    size_t out = s->t->out, blocks = pid_blocks(s->n, s->block_rows), team = workers ? pid_workers_size(workers) : 1;
    if (GROW(images, 5, team * PID_TILE_ROWS * out)) return error->status;
    if (pid_tasks_run(workers, blocks, project_task, s, error)) return error->status;
    for (size_t b = 1; b < blocks; b++)
        memmove(s->rows + b * s->block_rows * out, s->rows + b * s->block_rows * s->d,
                (block_end(s, b) - b * s->block_rows) * out * sizeof *s->rows);
    return PID_OK;
}

enum pid_status pid_transform_fit(struct pid_transform *t, const struct pid_transform_options *o, float *values, size_t n, size_t d,
                                  struct pid_workers *workers, struct pid_transform_scratch *scratch, struct pid_error *error)
{
    struct pid_transform_scratch *s = scratch ? scratch : pid_transform_scratch_new(error);
    if (!s) return error->status;
    s->t = t;
    s->rows = values;
    s->n = n;
    s->d = d;
    s->block_rows = pid_block_rows(d);
    size_t blocks = pid_blocks(n, s->block_rows);
    enum pid_status status = pid_transform_reserve(t, o, d, error);
    if (!status) status = GROW(sums, 0, d);
    if (!status) status = GROW(block_sums, 1, blocks * d);
    if (!status) status = GROW(greatest, 6, blocks);
    if (!status && o->standardise) status = fit_columns(s, workers, error);
    if (!status && (o->standardise || o->normalise)) status = pid_tasks_run(workers, blocks, row_task, s, error);
    if (!status) status = fit_centre(s, workers, error);
    if (!status && o->components) status = fit_components(s, workers, error);
    if (!status && o->components) status = project(s, workers, error);
    if (!scratch) pid_transform_scratch_free(s);
    return status;
}
