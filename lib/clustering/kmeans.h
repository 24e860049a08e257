/* k-means of float32 rows: where to begin, how often, and how far.
 *
 * Large data are clustered from coarse to fine: seeding and restarts run on a uniform sample of PID_KMEANS_COARSE_ROWS rows
 * for each cluster (PID_KMEANS_COARSE_ROWS_FEW, as far as that gives no more than PID_KMEANS_COARSE_FEW rows), and the best of them
 * starts the iterations over all rows.  Fewer than PID_KMEANS_COARSE_FEW rows are not worth it. */
#ifndef PID_CLUSTERING_KMEANS_H
#define PID_CLUSTERING_KMEANS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/workers.h"

enum { PID_KMEANS_COARSE_ROWS = 32, PID_KMEANS_COARSE_ROWS_FEW = 64, PID_KMEANS_COARSE_FEW = 4096 };

enum pid_kmeans_init {
    PID_KMEANS_PLUSPLUS, /* greedy k-means++ */
    PID_KMEANS_RANDOM,   /* k rows, each subset equally likely */
    PID_KMEANS_GIVEN,    /* options.start */
};

struct pid_kmeans_options {
    uint32_t k;              /* clusters, 1 .. 2^31 */
    enum pid_kmeans_init init;
    const float *start;      /* k x d, for PID_KMEANS_GIVEN */
    uint32_t restarts;       /* >= 1; the lowest objective wins, the earliest of equals */
    uint32_t max_iterations;
    double tolerance;        /* stop when an update lowers the objective by no more than this part of the first objective */
    uint64_t seed;
    uint32_t stream;         /* separates clusterings under one seed (a variable's number) */
    bool bounds;             /* skip what bounds prove unchanged: faster or equal, the same result */
};

struct pid_kmeans_result { /* borrowed until the next run */
    const float *centroids;  /* k x d */
    const uint32_t *labels;  /* n, the nearest centroid, the lowest of equals */
    const uint64_t *sizes;   /* k */
    double objective;        /* sum of squared distances */
    uint32_t iterations;     /* over all rows */
    uint32_t empty;          /* clusters without a row: the rows have fewer distinct values than k */
    bool converged;
    double scored;           /* the part of all scores that was computed, 0 .. 1 */
};

struct pid_kmeans;

/* All storage of clusterings, reused from run to run.  `workers` may be NULL and is not owned. */
struct pid_kmeans *pid_kmeans_new(struct pid_workers *workers, struct pid_error *error) PID_MUST_CHECK;
void pid_kmeans_free(struct pid_kmeans *kmeans); /* NULL is allowed */

/* Clusters `values` (n x d, row-major, finite, of moderate size: see pid_transform).  The result depends on values and
 * options only, not on the number of workers.  PID_ERROR_ARGUMENT when k is 0 or above n. */
enum pid_status pid_kmeans_run(struct pid_kmeans *kmeans, const float *values, size_t n, size_t d,
                               const struct pid_kmeans_options *options, struct pid_kmeans_result *result,
                               struct pid_error *error) PID_MUST_CHECK;

#endif
