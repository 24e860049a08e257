/* Counts rows of labels.  Cells are numbers in mixed radix (the first variable slowest), counted in a hash table that
 * becomes a plain array where that is no larger; where the product of the levels passes 2^64 the labels themselves are
 * hashed.  Memory follows the number of different cells, not the rows. */
#ifndef PID_JOINT_COUNTER_H
#define PID_JOINT_COUNTER_H

#include "joint/table.h"

struct pid_counter;

/* NULL with an error.  shape[v] is the number of levels of variable v; 0: not known, the table's shape will be what the
 * labels need, at least 1. */
struct pid_counter *pid_counter_new(size_t variables, const uint64_t *shape, struct pid_error *error) PID_MUST_CHECK;
void pid_counter_free(struct pid_counter *counter); /* NULL is allowed */

/* Adds `rows` rows; the label of variable v in row r is columns[v][r * stride] (1: columns of their own; the number of
 * variables: rows side by side).  Each row counts one, or times[r] if `times` is not NULL.  PID_ERROR_DATA, with nothing of the batch counted, for a label outside the shape (row from 1 within the batch) or a
 * total above PID_JOINT_COUNT_MAX. */
enum pid_status pid_counter_add(struct pid_counter *counter, const uint32_t *const *columns, size_t stride, const uint64_t *times,
                                size_t rows, struct pid_error *error) PID_MUST_CHECK;

/* The rows counted so far. */
uint64_t pid_counter_total(const struct pid_counter *counter);

/* The canonical table of what was counted; the counter stays as it is and may go on. */
enum pid_status pid_counter_table(const struct pid_counter *counter, struct pid_joint *table,
                                  struct pid_error *error) PID_MUST_CHECK;

#endif
