#include "decomposition/team.h"

struct call { pid_team_task *task; void *context; };

static enum pid_status call_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    const struct call *call = context;
    (void)error;
    call->task(call->context, task, worker);
    return PID_OK;
}

size_t pid_team_size(const struct pid_workers *workers)
{
    return workers ? pid_workers_size(workers) : 1;
}

void pid_team_run(struct pid_workers *workers, size_t count, pid_team_task *task, void *context)
{
    if (!workers || count < 2) {
        for (size_t n = 0; n < count; n++) task(context, n, 0);
        return;
    }
    struct call call = {task, context};
    struct pid_error error;
    enum pid_status never = pid_workers_run(workers, count, call_task, &call, &error); /* such tasks do not fail */
    (void)never;
}
