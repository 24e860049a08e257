#include "clustering/kmeans.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "clustering/lloyd.h"
#include "clustering/seeding.h"

struct pid_kmeans {
    struct pid_workers *workers;
    struct pid_lloyd lloyd;
    struct pid_seeding seeding;
    float *start, *best; /* k x d */
    size_t *coarse;      /* rows of the coarse sample */
    size_t *picked;      /* rows of a random start */
    size_t start_room, best_room, coarse_room, picked_room;
};

struct pid_kmeans *pid_kmeans_new(struct pid_workers *workers, struct pid_error *error)
{
    struct pid_kmeans *m = pid_array_new(1, sizeof *m, error);
    if (m) m->workers = workers;
    return m;
}

void pid_kmeans_free(struct pid_kmeans *m)
{
    if (!m) return;
    pid_lloyd_release(&m->lloyd);
    pid_seeding_release(&m->seeding);
    free(m->start);
    free(m->best);
    free(m->coarse);
    free(m->picked);
    free(m);
}

/* Draws of one restart begin at restart << 40; those of the coarse sample have a restart of their own. */
enum { RESTART_SHIFT = 40 };

static enum pid_status choose_start(struct pid_kmeans *m, const struct pid_rows *rows, const struct pid_kmeans_options *o,
                                    uint32_t restart, struct pid_error *error)
{
    size_t d = rows->d;
    uint64_t stream = pid_random_stream(PID_RANDOM_CLUSTER_INIT, o->stream), counter = (uint64_t)(restart + 1) << RESTART_SHIFT;
    if (pid_array_grow((void **)&m->start, &m->start_room, o->k * d, sizeof *m->start, error)) return error->status;
    switch (o->init) {
    case PID_KMEANS_GIVEN:
        memcpy(m->start, o->start, o->k * d * sizeof *m->start);
        break;
    case PID_KMEANS_RANDOM:
        if (pid_array_grow((void **)&m->picked, &m->picked_room, o->k, sizeof *m->picked, error)) return error->status;
        pid_seeding_choose(rows->n, o->k, o->seed, stream, counter, m->picked);
        for (size_t j = 0; j < o->k; j++)
            memcpy(m->start + j * d, pid_rows_at(rows, m->picked[j]), d * sizeof *m->start);
        break;
    case PID_KMEANS_PLUSPLUS:
        return pid_seeding_plusplus(&m->seeding, m->workers, o->k, o->seed, stream, counter, m->start, error);
    }
    return PID_OK;
}

static enum pid_status iterate(struct pid_kmeans *m, const struct pid_rows *rows, const struct pid_kmeans_options *o,
                               const float *start, uint32_t most, struct pid_error *error)
{
    if (pid_lloyd_reserve(&m->lloyd, o->k, rows->d, error)) return error->status;
    memcpy(m->lloyd.centroids, start, o->k * rows->d * sizeof *start);
    return pid_lloyd_run(&m->lloyd, m->workers, rows, o->k, most, o->tolerance, o->bounds, error);
}

/* Runs every restart over `rows`; the best one's final centroids go to m->best.  *held: it is the one in m->lloyd. */
static enum pid_status restarts(struct pid_kmeans *m, const struct pid_rows *rows, const struct pid_kmeans_options *o,
                                struct pid_kmeans_result *best, bool *held, struct pid_error *error)
{
    size_t floats = o->k * rows->d;
    if (pid_array_grow((void **)&m->best, &m->best_room, floats, sizeof *m->best, error)) return error->status;
    if (o->init == PID_KMEANS_PLUSPLUS && pid_seeding_rows(&m->seeding, rows, error)) return error->status;
    uint32_t count = o->init == PID_KMEANS_GIVEN ? 1 : o->restarts;
    for (uint32_t restart = 0; restart < count; restart++) {
        const struct pid_lloyd *l = &m->lloyd;
        if (choose_start(m, rows, o, restart, error) || iterate(m, rows, o, m->start, o->max_iterations, error))
            return error->status;
        *held = restart == 0 || l->objective < best->objective;
        if (!*held) continue;
        best->objective = l->objective;
        best->iterations = l->iterations;
        best->converged = l->converged;
        best->scored = l->scored;
        memcpy(m->best, l->centroids, floats * sizeof *m->best);
    }
    return PID_OK;
}

enum pid_status pid_kmeans_run(struct pid_kmeans *m, const float *values, size_t n, size_t d, const struct pid_kmeans_options *o,
                               struct pid_kmeans_result *result, struct pid_error *error)
{
    if (o->k == 0) return pid_error_set(error, PID_ERROR_ARGUMENT, "0 clusters make no sense; ask for at least 1");
    if (o->k > n)
        return pid_error_set(error, PID_ERROR_ARGUMENT, "%u clusters of %zu rows: ask for at most as many clusters as rows", o->k, n);
    struct pid_rows rows = {values, n, d, NULL};
    struct pid_kmeans_result best = {0};
    bool held;
    size_t count = (size_t)o->k * PID_KMEANS_COARSE_ROWS, more = (size_t)o->k * PID_KMEANS_COARSE_ROWS_FEW;
    if (more > PID_KMEANS_COARSE_FEW) more = PID_KMEANS_COARSE_FEW;
    if (count < more) count = more;
    if (o->init != PID_KMEANS_GIVEN && n > 2 * count && n >= PID_KMEANS_COARSE_FEW) {
        if (pid_array_grow((void **)&m->coarse, &m->coarse_room, count, sizeof *m->coarse, error)) return error->status;
        pid_seeding_choose(n, count, o->seed, pid_random_stream(PID_RANDOM_CLUSTER_INIT, o->stream), 0, m->coarse);
        struct pid_rows coarse = {values, count, d, m->coarse};
        if (restarts(m, &coarse, o, &best, &held, error) || iterate(m, &rows, o, m->best, o->max_iterations, error))
            return error->status;
        best.iterations = m->lloyd.iterations;
        best.converged = m->lloyd.converged;
        best.scored = m->lloyd.scored;
    } else {
        if (restarts(m, &rows, o, &best, &held, error)) return error->status;
        /* Labels and sizes of a winner that others followed. */
        if (!held && iterate(m, &rows, o, m->best, 0, error)) return error->status;
    }
    const struct pid_lloyd *l = &m->lloyd;
    *result = (struct pid_kmeans_result){l->centroids, l->labels, l->sizes, l->objective, best.iterations, l->empty,
                                         best.converged, best.scored};
    return PID_OK;
}
