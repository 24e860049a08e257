/* One assignment of all rows, in tasks over blocks of lloyd->block_rows; context is the struct pid_lloyd.
 * Each task leaves its part of the objective (full pass) in block_sums[task], and the number of (row, panel) pairs it
 * computed (bounded pass) in block_sums[blocks + task]. */
#ifndef PID_CLUSTERING_LLOYD_PASS_H
#define PID_CLUSTERING_LLOYD_PASS_H

#include "clustering/lloyd.h"

size_t pid_lloyd_pass_bytes(const struct pid_lloyd *lloyd); /* scratch for one worker */
pid_task pid_lloyd_full_task, pid_lloyd_bounded_task;

#endif
