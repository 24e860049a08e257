#include "base/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

struct pid_workers {
    size_t size, started;
    pthread_t *threads;
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    /* The loop under way; guarded by lock. */
    pid_task *task;
    void *context;
    size_t count, next, active;
    unsigned long round;
    bool stop;
    size_t failed; /* the smallest failed task, or count */
    struct pid_error error;
};

struct member { struct pid_workers *workers; size_t number; };

/* Takes tasks until none is left; called and left with the lock held. */
static void take_tasks(struct pid_workers *w, size_t worker)
{
    while (w->next < w->count && w->failed == w->count) {
        size_t task = w->next++;
        struct pid_error error = {0};
        pthread_mutex_unlock(&w->lock);
        enum pid_status status = w->task(w->context, task, worker, &error);
        pthread_mutex_lock(&w->lock);
        if (status != PID_OK && task < w->failed) {
            w->failed = task;
            w->error = error;
        }
    }
}

static void *member_main(void *argument)
{
    struct member member = *(struct member *)argument;
    free(argument);
    struct pid_workers *w = member.workers;
    unsigned long seen = 0;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->stop && w->round == seen) pthread_cond_wait(&w->work, &w->lock);
        if (w->stop) break;
        seen = w->round;
        take_tasks(w, member.number);
        if (--w->active == 0) pthread_cond_signal(&w->idle);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* A thread takes over the signals that are blocked where it is started. */
static int start_quietly(pthread_t *thread, struct member *member)
{
    sigset_t ending, saved;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGHUP);
    sigaddset(&ending, SIGXCPU);
    pthread_sigmask(SIG_BLOCK, &ending, &saved);
    int failed = pthread_create(thread, NULL, member_main, member);
    pthread_sigmask(SIG_SETMASK, &saved, NULL);
    return failed;
}

struct pid_workers *pid_workers_new(size_t size, struct pid_error *error)
{
    struct pid_workers *w = pid_array_new(1, sizeof *w, error);
    if (!w) return NULL;
    w->size = size;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->idle, NULL);
    w->threads = pid_array_new(size, sizeof *w->threads, error);
    if (!w->threads) {
        pid_workers_free(w);
        return NULL;
    }
    while (w->started + 1 < size) {
        struct member *member = malloc(sizeof *member);
        if (member) *member = (struct member){w, w->started + 1};
        if (!member || start_quietly(&w->threads[w->started], member)) {
            free(member);
            pid_error_set(error, PID_ERROR_SYSTEM, "cannot start thread %zu of %zu", w->started + 2, size);
            pid_workers_free(w);
            return NULL;
        }
        w->started++;
    }
    return w;
}

void pid_workers_free(struct pid_workers *w)
{
    if (!w) return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->started; i++) pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->idle);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w->threads);
    free(w);
}

size_t pid_workers_size(const struct pid_workers *w)
{
    return w->size;
}

enum pid_status pid_workers_run(struct pid_workers *w, size_t count, pid_task *task, void *context, struct pid_error *error)
{
    pthread_mutex_lock(&w->lock);
    w->task = task;
    w->context = context;
    w->count = w->failed = count;
    w->next = 0;
    w->active = w->started;
    w->round++;
    if (w->started) pthread_cond_broadcast(&w->work);
    take_tasks(w, 0);
    while (w->active) pthread_cond_wait(&w->idle, &w->lock);
    enum pid_status status = PID_OK;
    if (w->failed != count) {
        *error = w->error;
        status = error->status;
    }
    pthread_mutex_unlock(&w->lock);
    return status;
}

/* Not every cluster binds a job to the processors that it was granted. */
static size_t granted_by_slurm(void)
{
    const char *text = getenv("SLURM_CPUS_PER_TASK");
    if (!text) text = getenv("SLURM_CPUS_ON_NODE");
    size_t count = text ? strtoul(text, NULL, 10) : 0;
    return count ? count : SIZE_MAX;
}

size_t pid_workers_available(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    size_t bound = count > 0 ? (size_t)count : 1, granted = granted_by_slurm();
    return bound < granted ? bound : granted;
}
