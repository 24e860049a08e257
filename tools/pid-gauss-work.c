/* A key's rows: projected, their covariance decomposed, and those of replicates. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "clustering/transform.h"
#include "gauss/covariance.h"
#include "pid-gauss.h"

/* Replicates solved side by side before they are written in order. */
enum { PER_WORKER = 4 };

struct work {
    struct gauss *gauss;
    struct group *group;
    struct pid_rows rows;
    size_t d;
    struct pid_replicate first;  /* of those under way */
    struct solved { struct pid_arena arena; struct pid_gauss_result result; uint64_t samples; } *solved;
};

static void project(struct gauss *gauss, struct group *group)
{
    struct pid_error error;
    for (size_t v = 0; v < gauss->variables; v++) {
        group->kept[v] = 1;
        struct pid_transform transform = {0};
        struct pid_transform_options options = {.components = gauss->components[v]};
        if (!options.components || options.components >= group->dims[v]) continue;
        gauss_must(gauss, pid_transform_fit(&transform, &options, group->values[v], group->rows, group->dims[v], gauss->workers, NULL, &error), &error);
        double sum = 0;
        for (size_t c = 0; c < transform.out; c++) sum += transform.variances[c];
        group->kept[v] = transform.total_variance > 0 ? sum / transform.total_variance : 1;
        group->dims[v] = transform.out;
        pid_transform_release(&transform);
    }
}

/* The rows of a bootstrap replicate or subsample, and how often each counts. */
static enum pid_status drawn_covariance(const struct work *work, const struct pid_replicate *replicate, double *covariance, uint64_t *samples, struct pid_error *error)
{
    struct pid_joint drawn;
    uint64_t seed = work->gauss->options->program->seed;
    enum pid_status status = replicate->type == PID_REPLICATE_BOOTSTRAP
                                 ? pid_sample_bootstrap(work->group->sample, seed, (uint32_t)replicate->index, &drawn, error)
                                 : pid_sample_subsample(work->group->sample, seed, replicate->fraction, (uint32_t)replicate->index, &drawn, error);
    if (status) return status;
    *samples = (uint64_t)drawn.total;
    status = pid_covariance(&work->rows, drawn.indices, drawn.weights, drawn.cells, covariance, error);
    pid_joint_release(&drawn);
    return status;
}

/* The target's rows dealt out anew (Fisher, Yates; Durstenfeld 1964). */
static enum pid_status permuted_covariance(const struct work *work, uint32_t index, double *covariance, struct pid_error *error)
{
    size_t n = work->group->rows, last = work->gauss->variables - 1;
    uint32_t *order = pid_array_new(n, sizeof *order, error);
    const uint32_t **orders = order ? pid_array_new(last + 1, sizeof *orders, error) : NULL;
    enum pid_status status = orders ? PID_OK : error->status;
    for (size_t i = 0; !status && i < n; i++) {
        size_t j = pid_random_below(work->gauss->options->program->seed, pid_random_stream(PID_RANDOM_PERMUTATION, index), i, i + 1);
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
    if (!status) {
        struct pid_rows rows = work->rows;
        orders[last] = order;
        rows.order = orders;
        status = pid_covariance(&rows, NULL, NULL, n, covariance, error);
    }
    free(orders);
    free(order);
    return status;
}

static enum pid_status solve_one(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct work *work = context;
    struct solved *solved = &work->solved[task];
    struct pid_replicate replicate = work->first;
    replicate.index += task;
    (void)worker;
    pid_arena_reset(&solved->arena);
    double *covariance = pid_arena_array(&solved->arena, work->d * work->d, sizeof *covariance, error);
    if (!covariance) return error->status;
    solved->samples = work->group->rows;
    enum pid_status status = replicate.type == PID_REPLICATE_DATA          ? pid_covariance(&work->rows, NULL, NULL, work->group->rows, covariance, error)
                             : replicate.type == PID_REPLICATE_PERMUTATION ? permuted_covariance(work, (uint32_t)replicate.index, covariance, error)
                                                                           : drawn_covariance(work, &replicate, covariance, &solved->samples, error);
    if (status) return status;
    struct pid_gauss_table table = {work->gauss->sources, work->group->dims, covariance, solved->samples};
    struct pid_gauss_options options = {replicate.type == PID_REPLICATE_DATA ? work->gauss->options->draws : 0, work->gauss->options->program->seed};
    return pid_gauss_solve(&table, &options, &solved->arena, &solved->result, error);
}

static void solve_all(struct work *work, enum pid_replicate_type type, double fraction, uint32_t count)
{
    struct gauss *gauss = work->gauss;
    struct pid_error error;
    size_t room = PER_WORKER * pid_workers_size(gauss->workers);
    char key[200];
    for (uint32_t done = 0, some; done < count; done += some) {
        some = count - done < room ? count - done : (uint32_t)room;
        work->first = (struct pid_replicate){type, done, fraction};
        if (pid_workers_run(gauss->workers, some, solve_one, work, &error)) {
            pid_error_prefix(&error, type == PID_REPLICATE_DATA ? "%s" : "%s: a %s replicate", pid_key_format(&work->group->key, key, sizeof key), pid_replicate_name(type));
            pid_program_fail(gauss->options->program, &error);
        }
        for (uint32_t i = 0; i < some; i++) {
            struct pid_replicate replicate = {type, done + i, fraction};
            gauss_write(gauss, &work->group->key, replicate, work->solved[i].samples, &work->solved[i].result, type == PID_REPLICATE_DATA ? work->group->kept : NULL);
        }
        pid_program_progress(gauss->options->program, "%s: %s %u of %u", pid_key_format(&work->group->key, key, sizeof key), pid_replicate_name(type), done + some, count);
    }
}

/* Each row is a cell of its own, so that draws are of rows. */
static void bind_rows(const struct gauss *gauss, struct group *group, struct pid_joint *cells)
{
    struct pid_error error;
    uint64_t shape = group->rows;
    gauss_must(gauss, pid_joint_init(cells, 1, &shape, group->rows, &error), &error);
    for (size_t r = 0; r < group->rows; r++) {
        cells->indices[r] = (uint32_t)r;
        cells->weights[r] = 1;
    }
    cells->total = (double)group->rows;
    cells->counts = true;
    gauss_must(gauss, pid_sample_bind(group->sample, cells, &error), &error);
}

void gauss_work(struct gauss *gauss, struct group *group)
{
    const struct options *options = gauss->options;
    struct work work = {.gauss = gauss, .group = group};
    struct pid_joint cells = {0};
    size_t room = PER_WORKER * pid_workers_size(gauss->workers);
    project(gauss, group);
    for (size_t v = 0; v < gauss->variables; v++) work.d += group->dims[v];
    work.rows = (struct pid_rows){gauss->variables, group->dims, (const float *const *)group->values, NULL};
    work.solved = gauss_array(gauss, room, sizeof *work.solved);
    if (group->sample) bind_rows(gauss, group, &cells);
    solve_all(&work, PID_REPLICATE_DATA, 1, 1);
    solve_all(&work, PID_REPLICATE_BOOTSTRAP, 1, options->bootstrap);
    solve_all(&work, PID_REPLICATE_PERMUTATION, 1, options->permute);
    for (size_t f = 0; f < options->fraction_count; f++)
        solve_all(&work, PID_REPLICATE_SUBSAMPLE, options->subsample[f].fraction, options->subsample[f].count);
    for (size_t i = 0; i < room; i++) pid_arena_release(&work.solved[i].arena);
    free(work.solved);
    pid_joint_release(&cells);
    pid_sample_free(group->sample);
    for (size_t v = 0; v < gauss->variables; v++) free(group->values[v]);
}
