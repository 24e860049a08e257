/* Scores of rows against many centroids: the one place where clustering spends its time.
 *
 * Centroids are packed into panels of PID_PANEL columns; a tile of PID_TILE_ROWS rows meets a panel in registers and only
 * the best is kept, so that no matrix of distances is ever written.  The score of row x and centroid c is x.c - |c|^2/2: the
 * nearest centroid has the greatest score, and |x - c|^2 = |x|^2 - 2 score.  A score is a pure function of its row and its
 * centroid (sums in the order of columns), whatever other rows are looked at, on however many threads. */
#ifndef PID_CLUSTERING_PANELS_H
#define PID_CLUSTERING_PANELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { PID_PANEL = 16, PID_TILE_ROWS = 6 };

struct pid_panels {
    size_t k, d;             /* centroids, columns */
    size_t panels;           /* k / PID_PANEL, rounded up */
    float *values, *offsets; /* panels x d x PID_PANEL;  panels x PID_PANEL */
    size_t values_room, offsets_room;
};

/* Zeroed storage is an initialised, empty struct. */
void pid_panels_release(struct pid_panels *panels);

/* Packs `centroids` (k x d, row-major, k >= 1); may be called again with any size.  Lanes beyond k never win. */
enum pid_status pid_panels_pack(struct pid_panels *panels, const float *centroids, size_t k, size_t d,
                                struct pid_error *error) PID_MUST_CHECK;

/* As pid_panels_pack with every offset 0 (lanes beyond k as well): the scores are then plain products. */
enum pid_status pid_panels_pack_linear(struct pid_panels *panels, const float *rows, size_t k, size_t d,
                                       struct pid_error *error) PID_MUST_CHECK;

/* The best centroid of each of `count` rows: labels[i] in 0 .. k-1 (the lowest of equals; 0 where a score is not a number)
 * and, if scores is not NULL, its score. */
void pid_panels_best(const struct pid_panels *panels, const float *const *rows, size_t count, uint32_t *labels, float *scores);

/* The scores of up to PID_TILE_ROWS rows against one panel: scores[row * PID_PANEL + lane], 64-byte aligned,
 * PID_TILE_ROWS x PID_PANEL floats whatever `count` is. */
void pid_panels_scores(const struct pid_panels *panels, size_t panel, const float *const *rows, size_t count, float *scores);

/* |x - y|^2. */
float pid_distance_squared(const float *x, const float *y, size_t d);

/* x . y */
float pid_dot(const float *x, const float *y, size_t d);

/* sums += sign * x */
void pid_row_accumulate(double *sums, const float *x, double sign, size_t d);

/* sums += x, and the greatest magnitude in x. */
float pid_row_survey(double *sums, const float *x, size_t d);

/* The sum of the lesser of x[i] and y[i]. */
double pid_row_lesser(const float *x, const float *y, size_t n);

/* y = scale x - mean, for a power of two; x is float32 aligned to nothing, and may be y. */
void pid_row_centre(float scale, const float *mean, const void *x, float *y, size_t d);

#endif
