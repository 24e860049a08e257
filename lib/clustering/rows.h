/* A selection of rows of a float32 matrix, and loops over them in blocks whose size depends on nothing but the columns. */
#ifndef PID_CLUSTERING_ROWS_H
#define PID_CLUSTERING_ROWS_H

#include <stddef.h>

#include "base/error.h"
#include "base/workers.h"

struct pid_rows {
    const float *values;  /* row-major, d columns */
    size_t n, d;
    const size_t *index;  /* the n rows taken, or NULL for 0 .. n-1 */
};

static inline const float *pid_rows_at(const struct pid_rows *rows, size_t i)
{
    return rows->values + (rows->index ? rows->index[i] : i) * rows->d;
}

/* Rows of one task: enough work to be worth a task, few enough to stay in a cache. */
enum { PID_BLOCK_ROWS_MOST = 1024 };
static inline size_t pid_block_rows(size_t d)
{
    size_t rows = ((size_t)1 << 18) / (d ? d : 1);
    return rows < 192 ? 192 : rows > PID_BLOCK_ROWS_MOST ? PID_BLOCK_ROWS_MOST : rows;
}

static inline size_t pid_blocks(size_t n, size_t rows)
{
    return (n + rows - 1) / rows;
}

/* pid_workers_run; without workers (NULL) the tasks run here, in order. */
enum pid_status pid_tasks_run(struct pid_workers *workers, size_t count, pid_task *task, void *context,
                              struct pid_error *error) PID_MUST_CHECK;

#endif
