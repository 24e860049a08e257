#include "clustering/rows.h"

enum pid_status pid_tasks_run(struct pid_workers *workers, size_t count, pid_task *task, void *context, struct pid_error *error)
{
    if (workers && count > 1) return pid_workers_run(workers, count, task, context, error);
    for (size_t i = 0; i < count; i++)
        if (task(context, i, 0, error)) return error->status;
    return PID_OK;
}
