/* What is done to rows before they are clustered, kept with the codebook so that other rows can be treated alike:
 *
 *   standardise  each column to mean 0 and variance 1; a constant column becomes 0
 *   normalise    each row to length 1; a row of zeros stays
 *   centre       minus the mean row, times a power of two that brings the largest element near 1 (always done: distances
 *                keep their order, products lose fewer digits to cancellation and no square overflows)
 *   project      on the first principal components, in the order of their variances; whitened on request
 *
 * Everything is fitted on the rows given and then applied row by row: a row's image depends on nothing but the row. */
#ifndef PID_CLUSTERING_TRANSFORM_H
#define PID_CLUSTERING_TRANSFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/workers.h"
#include "clustering/panels.h"

struct pid_transform_options { bool standardise, normalise, whiten; uint32_t components; /* 0: no projection */ };

struct pid_transform { /* zeroed storage is initialised */
    struct pid_transform_options options;
    size_t d;            /* columns in */
    size_t out;          /* columns out: components, or d */
    float scale;         /* the power of two */
    float *mean;         /* d: of the rows as standardised and normalised, times scale; taken away after scaling */
    double *column_mean; /* d: standardise */
    double *column_scale;/* d: 1 / standard deviation, 0 for a constant column */
    float *components;   /* out x d; 0 beyond the rank of the rows */
    double *variances;   /* out: along each component before whitening, in units of the rows (not scaled) */
    double total_variance;
    /* not part of the codebook */
    struct pid_panels panels;
    size_t room[5];
};

void pid_transform_release(struct pid_transform *transform);

/* Fits to `values` (n x d, finite) and replaces them by their image, n x transform->out, packed at the front of `values`.
 * n >= 1.  PID_ERROR_ARGUMENT when more components than columns are asked for.  `workers` may be NULL; the result does
 * not depend on it.  `scratch` may be NULL, or keeps the fit's storage for the next one. */
struct pid_transform_scratch;
enum pid_status pid_transform_fit(struct pid_transform *transform, const struct pid_transform_options *options, float *values,
                                  size_t n, size_t d, struct pid_workers *workers, struct pid_transform_scratch *scratch,
                                  struct pid_error *error) PID_MUST_CHECK;
struct pid_transform_scratch *pid_transform_scratch_new(struct pid_error *error) PID_MUST_CHECK;
void pid_transform_scratch_free(struct pid_transform_scratch *scratch); /* NULL is allowed */

/* Makes a transform whose arrays were filled from elsewhere (a codebook) ready to apply. */
enum pid_status pid_transform_prepare(struct pid_transform *transform, struct pid_error *error) PID_MUST_CHECK;

/* Room for the arrays that `options` asks for; sets options, d and out. */
enum pid_status pid_transform_reserve(struct pid_transform *transform, const struct pid_transform_options *options, size_t d,
                                      struct pid_error *error) PID_MUST_CHECK;

/* The image of n rows: values n x d float32, aligned to nothing, image n x out.  They may be the same array when out = d. `buffer` has
 * room for PID_TILE_ROWS x d floats and is used when there is a projection. */
void pid_transform_apply(const struct pid_transform *transform, const void *values, size_t n, float *buffer, float *image);

#endif
