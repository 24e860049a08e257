/* A fixed team of threads for loops over independent tasks.  Which thread runs a task is left open; a task's number
 * is all it may depend on, so results are the same for every team size. */
#ifndef PID_BASE_WORKERS_H
#define PID_BASE_WORKERS_H

#include <stddef.h>

#include "base/error.h"

struct pid_workers;

/* One task: `task` in 0 .. count-1; `worker` in 0 .. size-1 names scratch space that no other task uses meanwhile. */
typedef enum pid_status pid_task(void *context, size_t task, size_t worker, struct pid_error *error);

/* A team of `size` >= 1 threads, the caller's among them (so size - 1 are started).  NULL with an error.  Those that are started
 * leave SIGTERM, SIGINT and SIGHUP to the caller's: where it blocks them, none of them runs a handler. */
struct pid_workers *pid_workers_new(size_t size, struct pid_error *error) PID_MUST_CHECK;
void pid_workers_free(struct pid_workers *workers); /* NULL is allowed */
size_t pid_workers_size(const struct pid_workers *workers);

/* Runs task(context, 0 .. count-1) and returns when all are done.  After a failure no further task is begun, and the
 * error of the failed task with the smallest number is returned.  Tasks are begun in ascending order.  Not reentrant. */
enum pid_status pid_workers_run(struct pid_workers *workers, size_t count, pid_task *task, void *context,
                                struct pid_error *error) PID_MUST_CHECK;

/* The number of processors this process may use, at least 1: the default of --jobs.  In a job of Slurm no more than it granted the task
 * (SLURM_CPUS_PER_TASK, which is set where that was asked for) or the job (SLURM_CPUS_ON_NODE). */
size_t pid_workers_available(void);

#endif
