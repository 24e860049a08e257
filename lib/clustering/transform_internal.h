/* The steps of a transform, shared by transform.c (applying) and transform_fit.c. */
#ifndef PID_CLUSTERING_TRANSFORM_INTERNAL_H
#define PID_CLUSTERING_TRANSFORM_INTERNAL_H

#include "clustering/transform.h"

void pid_transform_row(const struct pid_transform *transform, float *row); /* standardises, normalises */

/* Up to PID_TILE_ROWS centred rows on the components; image: count x out. */
void pid_transform_project(const struct pid_transform *transform, const float *const *rows, size_t count, float *image);

#endif
