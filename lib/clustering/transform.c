#include "clustering/transform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clustering/transform_internal.h"

void pid_transform_release(struct pid_transform *t)
{
    pid_panels_release(&t->panels);
    free(t->mean);
    free(t->column_mean);
    free(t->column_scale);
    free(t->components);
    free(t->variances);
    *t = (struct pid_transform){0};
}

enum pid_status pid_transform_reserve(struct pid_transform *t, const struct pid_transform_options *o, size_t d, struct pid_error *error)
{
    if (o->components > d)
        return pid_error_set(error, PID_ERROR_ARGUMENT, "%u principal components of %zu columns: ask for at most as many", o->components, d);
    t->options = *o;
    t->d = d;
    t->out = o->components ? o->components : d;
#define GROW(array, at, needed) pid_array_grow((void **)&t->array, &t->room[at], needed, sizeof *t->array, error)
    if (GROW(mean, 0, d) || (o->standardise && (GROW(column_mean, 1, d) || GROW(column_scale, 2, d))) ||
        (o->components && (GROW(components, 3, t->out * d) || GROW(variances, 4, t->out))))
        return error->status;
#undef GROW
    return PID_OK;
}

enum pid_status pid_transform_prepare(struct pid_transform *t, struct pid_error *error)
{
    return t->options.components ? pid_panels_pack_linear(&t->panels, t->components, t->out, t->d, error) : PID_OK;
}

static void normalise(float *row, size_t d)
{
    double square = 0;
    for (size_t i = 0; i < d; i++) square += (double)row[i] * row[i];
    if (!(square > 0)) return;
    double factor = 1 / sqrt(square);
    for (size_t i = 0; i < d; i++) row[i] = (float)(row[i] * factor);
}

void pid_transform_row(const struct pid_transform *t, float *y)
{
    size_t d = t->d;
    if (t->options.standardise)
        for (size_t i = 0; i < d; i++) y[i] = (float)(((double)y[i] - t->column_mean[i]) * t->column_scale[i]);
    if (t->options.normalise) normalise(y, d);
}

/* The row as it is centred: in one pass where nothing comes before. */
static void whole_row(const struct pid_transform *t, const void *x, float *y)
{
    if (t->options.standardise || t->options.normalise) {
        if (x != y) memcpy(y, x, t->d * sizeof *y);
        pid_transform_row(t, y);
        x = y;
    }
    pid_row_centre(t->scale, t->mean, x, y, t->d);
}

void pid_transform_project(const struct pid_transform *t, const float *const *rows, size_t count, float *image)
{
    float scores[PID_TILE_ROWS * PID_PANEL] __attribute__((aligned(64)));
    for (size_t panel = 0; panel < t->panels.panels; panel++) {
        size_t first = panel * PID_PANEL, lanes = t->out - first < PID_PANEL ? t->out - first : PID_PANEL;
        pid_panels_scores(&t->panels, panel, rows, count, scores);
        for (size_t r = 0; r < count; r++) memcpy(image + r * t->out + first, scores + r * PID_PANEL, lanes * sizeof *image);
    }
}

void pid_transform_apply(const struct pid_transform *t, const void *values, size_t n, float *buffer, float *image)
{
    const unsigned char *rows = values;
    size_t row_bytes = t->d * sizeof(float);
    if (!t->options.components) {
        for (size_t i = 0; i < n; i++) whole_row(t, rows + i * row_bytes, image + i * t->d);
        return;
    }
    for (size_t i = 0; i < n; i += PID_TILE_ROWS) {
        const float *tile[PID_TILE_ROWS];
        size_t count = n - i < PID_TILE_ROWS ? n - i : PID_TILE_ROWS;
        for (size_t r = 0; r < count; r++) {
            whole_row(t, rows + (i + r) * row_bytes, buffer + r * t->d);
            tile[r] = buffer + r * t->d;
        }
        pid_transform_project(t, tile, count, image + i * t->out);
    }
}
