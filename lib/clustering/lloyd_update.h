/* New centroids from the labels. */
#ifndef PID_CLUSTERING_LLOYD_UPDATE_H
#define PID_CLUSTERING_LLOYD_UPDATE_H

#include "clustering/lloyd.h"

/* A run of entries of one cluster; their sum is one task. */
struct pid_lloyd_piece { uint32_t cluster; size_t first, last; };

/* Moves every centroid to the mean of its rows, gives empty clusters a row, and fills moved and moved_panel.
 * `full` sums all rows anew; otherwise only rows whose label differs from `before` are added and taken away.
 * *gain is what the move takes off the objective. */
enum pid_status pid_lloyd_update(struct pid_lloyd *lloyd, bool full, double *gain, struct pid_error *error) PID_MUST_CHECK;

/* Room for the update's entries and pieces (lloyd.c, which knows all storage). */
enum pid_status pid_lloyd_grow_pieces(struct pid_lloyd *lloyd, size_t entries, size_t pieces, struct pid_error *error) PID_MUST_CHECK;

#endif
