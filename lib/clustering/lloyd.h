/* Lloyd's iterations (Lloyd 1982) on float32 rows with float64 sums.
 *
 * Where it pays, rows whose nearest centroid cannot have changed are skipped by the bounds of Yinyang k-means (Ding et al.
 * 2015), one lower bound for each row and panel of centroids.  The bounds carry the rounding error of the scores, so that
 * every label is the one that the full computation gives, to the bit. */
#ifndef PID_CLUSTERING_LLOYD_H
#define PID_CLUSTERING_LLOYD_H

#include <stdbool.h>
#include <stdint.h>

#include "clustering/panels.h"
#include "clustering/rows.h"

/* What pid_lloyd_run reads, and all its storage; zeroed storage is an initialised struct, and storage is kept between runs. */
struct pid_lloyd {
    /* The result. */
    float *centroids;     /* k x d; the start on entry, see pid_lloyd_reserve */
    uint32_t *labels;     /* n, in 0 .. k-1: each row's nearest centroid, the lowest of equals */
    uint64_t *sizes;      /* k */
    double objective;     /* sum of squared distances to the own centroid, of the final labels and centroids */
    uint32_t iterations;  /* updates of the centroids */
    uint32_t empty;       /* clusters without a row */
    bool converged;       /* stopped by the tolerance, or because no label changed */
    double scored;        /* the part of all (row, panel) pairs that was computed: 1 where no bound helped */

    struct pid_panels panels;
    struct pid_workers *workers;
    struct pid_rows rows;
    size_t k, d, block_rows;
    uint32_t *before;     /* the labels before this pass */
    float *norms;         /* |row|^2 */
    float *upper, *lower; /* bounds on distances: n;  n x panels */
    double *sums;         /* k x d */
    float *previous;      /* k x d: the centroids before this update */
    double *moved;        /* k: how far each centroid went, rounded up */
    float *moved_panel;   /* the most within each panel */
    float error_scale;    /* |error of |x|^2 - 2 score| <= error_scale (|x|^2 + largest_norm) */
    float largest_norm;   /* the greatest |centroid|^2 */
    bool bounded;         /* this pass keeps bounds */
    bool all_scores;      /* and knows none yet */
    double *block_sums;   /* one number a block */
    size_t *entries, *starts; /* rows to add or take away, by cluster; k + 1 */
    struct pid_lloyd_piece *pieces;
    size_t piece_count;
    double *piece_sums;
    unsigned char *scratch; /* for each worker */
    size_t scratch_bytes;
    size_t room[18];
};

void pid_lloyd_release(struct pid_lloyd *lloyd);

/* Makes room for k centroids of d columns, which the caller then fills. */
enum pid_status pid_lloyd_reserve(struct pid_lloyd *lloyd, size_t k, size_t d, struct pid_error *error) PID_MUST_CHECK;

/* Iterates from lloyd->centroids until no label changes, or an update lowers the objective by no more than `tolerance` of
 * it, or after `most` updates; the labels are then those of the final centroids.  A cluster that has lost its rows is given
 * the row farthest from its own centroid (the lowest of equals), unless no row lies off its centroid.
 * 1 <= k <= 2^31, n >= 1, rows finite with |row|^2 well below the float range (see transform.h).
 * `workers` may be NULL; the result does not depend on it.  `bounds` false computes every score in every pass. */
enum pid_status pid_lloyd_run(struct pid_lloyd *lloyd, struct pid_workers *workers, const struct pid_rows *rows, size_t k,
                              uint32_t most, double tolerance, bool bounds, struct pid_error *error) PID_MUST_CHECK;

#endif
