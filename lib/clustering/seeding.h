/* Where the iterations begin. */
#ifndef PID_CLUSTERING_SEEDING_H
#define PID_CLUSTERING_SEEDING_H

#include <stdbool.h>
#include <stdint.h>

#include "clustering/panels.h"
#include "clustering/rows.h"

struct pid_seeding { /* storage; zeroed is initialised */
    struct pid_panels panels;
    float *norms, *closest, *scores, *candidates, *squares;
    double *block_sums, *running;
    size_t room[7];
    /* the rows, and the step under way */
    const struct pid_rows *rows;
    bool tabulated; /* squares holds all distances */
    size_t block_rows, tried;
    size_t candidate_rows[PID_PANEL];
    size_t chosen;
};

void pid_seeding_release(struct pid_seeding *seeding);

/* The rows that are seeded from next; they are not copied. */
enum pid_status pid_seeding_rows(struct pid_seeding *seeding, const struct pid_rows *rows, struct pid_error *error) PID_MUST_CHECK;

/* Greedy k-means++ (Arthur, Vassilvitskii 2007): each centroid is the best of several rows drawn with probability
 * proportional to the squared distance to the centroids so far.  Where no row is left at a distance, the remaining centroids
 * repeat the first.  centroids: k x d, k <= n.  Draws are (seed, stream, counter + ...), below 2^40 of them. */
enum pid_status pid_seeding_plusplus(struct pid_seeding *seeding, struct pid_workers *workers, size_t k, uint64_t seed, uint64_t stream,
                                     uint64_t counter, float *centroids, struct pid_error *error) PID_MUST_CHECK;

/* `count` <= n of 0 .. n-1, each subset equally likely, ascending (Floyd's and Vitter's problem; here by selection). */
void pid_seeding_choose(size_t n, size_t count, uint64_t seed, uint64_t stream, uint64_t counter, size_t *chosen);

#endif
