/* Counting of cells that no 64-bit number can name: a hash table of label tuples.  Used by joint/counter.h alone. */
#ifndef PID_JOINT_WIDE_H
#define PID_JOINT_WIDE_H

#include "joint/table.h"

struct pid_wide;

struct pid_wide *pid_wide_new(size_t variables, struct pid_error *error) PID_MUST_CHECK;
void pid_wide_free(struct pid_wide *wide); /* NULL is allowed */

/* Counts rows first .. first + rows - 1 of the columns (as in pid_counter_add); row first + r counts times[r], or one. */
enum pid_status pid_wide_add(struct pid_wide *wide, const uint32_t *const *columns, size_t stride, size_t first, const uint64_t *times,
                             size_t rows, struct pid_error *error) PID_MUST_CHECK;

/* The canonical table, its total left to the caller. */
enum pid_status pid_wide_table(const struct pid_wide *wide, const uint64_t *shape, struct pid_joint *table,
                               struct pid_error *error) PID_MUST_CHECK;

#endif
