/* Loops over independent tasks, by a team of threads or, where there is none, by the caller alone: the same tasks in either
 * case, so the same results. */
#ifndef PID_DECOMPOSITION_TEAM_H
#define PID_DECOMPOSITION_TEAM_H

#include "base/workers.h"

/* `context`, `task` in 0 .. count-1, `worker` in 0 .. pid_team_size-1 (scratch space of its own). */
typedef void pid_team_task(void *context, size_t task, size_t worker);

size_t pid_team_size(const struct pid_workers *workers); /* 1 for NULL */
void pid_team_run(struct pid_workers *workers, size_t count, pid_team_task *task, void *context);

#endif
