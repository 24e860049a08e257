#include "clustering/lloyd.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clustering/lloyd_pass.h"
#include "clustering/lloyd_update.h"

enum { ROOM_CENTROIDS, ROOM_LABELS, ROOM_SIZES, ROOM_BEFORE, ROOM_NORMS, ROOM_UPPER, ROOM_LOWER, ROOM_SUMS, ROOM_PREVIOUS,
       ROOM_MOVED, ROOM_MOVED_PANEL, ROOM_BLOCK_SUMS, ROOM_ENTRIES, ROOM_STARTS, ROOM_PIECES, ROOM_PIECE_SUMS, ROOM_SCRATCH };

#define GROW(array, room_index, needed) \
    pid_array_grow((void **)&l->array, &l->room[room_index], needed, sizeof *l->array, error)

void pid_lloyd_release(struct pid_lloyd *l)
{
    pid_panels_release(&l->panels);
    void *arrays[] = {l->centroids, l->labels, l->sizes, l->before, l->norms, l->upper, l->lower, l->sums, l->previous,
                      l->moved, l->moved_panel, l->block_sums, l->entries, l->starts, l->pieces, l->piece_sums, l->scratch};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    *l = (struct pid_lloyd){0};
}

enum pid_status pid_lloyd_reserve(struct pid_lloyd *l, size_t k, size_t d, struct pid_error *error)
{
    return GROW(centroids, ROOM_CENTROIDS, k * d);
}

enum pid_status pid_lloyd_grow_pieces(struct pid_lloyd *l, size_t entries, size_t pieces, struct pid_error *error)
{
    if (GROW(entries, ROOM_ENTRIES, entries) || GROW(pieces, ROOM_PIECES, pieces) ||
        GROW(piece_sums, ROOM_PIECE_SUMS, pieces * l->d))
        return error->status;
    return PID_OK;
}

static enum pid_status grow_all(struct pid_lloyd *l, struct pid_error *error)
{
    size_t n = l->rows.n, k = l->k, d = l->d, workers = l->workers ? pid_workers_size(l->workers) : 1;
    l->scratch_bytes = pid_lloyd_pass_bytes(l);
    if (GROW(labels, ROOM_LABELS, n) || GROW(before, ROOM_BEFORE, n) || GROW(norms, ROOM_NORMS, n) ||
        GROW(sizes, ROOM_SIZES, k) || GROW(sums, ROOM_SUMS, k * d) || GROW(previous, ROOM_PREVIOUS, k * d) ||
        GROW(moved, ROOM_MOVED, k) || GROW(moved_panel, ROOM_MOVED_PANEL, k / PID_PANEL + 1) ||
        GROW(block_sums, ROOM_BLOCK_SUMS, 2 * pid_blocks(n, l->block_rows)) || GROW(starts, ROOM_STARTS, k + 1) ||
        GROW(scratch, ROOM_SCRATCH, workers * l->scratch_bytes))
        return error->status;
    return PID_OK;
}

static enum pid_status norms_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_lloyd *l = context;
    (void)worker, (void)error;
    size_t end = (task + 1) * l->block_rows < l->rows.n ? (task + 1) * l->block_rows : l->rows.n;
    for (size_t i = task * l->block_rows; i < end; i++) {
        const float *x = pid_rows_at(&l->rows, i);
        l->norms[i] = pid_dot(x, x, l->d);
    }
    return PID_OK;
}

static enum pid_status objective_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_lloyd *l = context;
    (void)worker, (void)error;
    size_t end = (task + 1) * l->block_rows < l->rows.n ? (task + 1) * l->block_rows : l->rows.n;
    double sum = 0;
    for (size_t i = task * l->block_rows; i < end; i++)
        sum += pid_distance_squared(pid_rows_at(&l->rows, i), l->centroids + l->labels[i] * l->d, l->d);
    l->block_sums[task] = sum;
    return PID_OK;
}

static double sum_blocks(const double *sums, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++) total += sums[i];
    return total;
}

/* Bounds are tried once the centroids have begun to settle; where they prove little, they rest for a while, longer each
 * time.  Narrow rows are scored faster than their bounds are kept. */
enum { BOUNDS_LEAST_COLUMNS = 24, BOUNDS_FIRST_PASS = 2 };

struct plan { bool allowed, warm; uint32_t rest, next_rest; };

static bool plan_bounds(struct plan *plan, uint32_t pass)
{
    if (!plan->allowed || pass < BOUNDS_FIRST_PASS) return false;
    if (plan->rest) return plan->rest--, false;
    return true;
}

static void plan_review(struct plan *plan, bool bounded, double scored)
{
    if (!bounded) {
        plan->warm = false;
    } else if (plan->warm && scored > 0.8) {
        plan->warm = false;
        plan->rest = plan->next_rest;
        plan->next_rest *= 2;
    } else {
        plan->warm = true;
    }
}

static enum pid_status one_pass(struct pid_lloyd *l, struct plan *plan, uint32_t pass, double *work, struct pid_error *error)
{
    uint32_t *swap = l->before;
    l->before = l->labels;
    l->labels = swap;
    size_t room = l->room[ROOM_BEFORE];
    l->room[ROOM_BEFORE] = l->room[ROOM_LABELS];
    l->room[ROOM_LABELS] = room;
    if (pid_panels_pack(&l->panels, l->centroids, l->k, l->d, error)) return error->status;
    bool bounded = plan_bounds(plan, pass);
    if (bounded && (GROW(upper, ROOM_UPPER, l->rows.n) || GROW(lower, ROOM_LOWER, l->rows.n * l->panels.panels)))
        return error->status;
    l->bounded = bounded;
    l->all_scores = !plan->warm;
    size_t blocks = pid_blocks(l->rows.n, l->block_rows);
    if (pid_tasks_run(l->workers, blocks, bounded ? pid_lloyd_bounded_task : pid_lloyd_full_task, l, error)) return error->status;
    double part = bounded ? sum_blocks(l->block_sums + blocks, blocks) / ((double)l->rows.n * (double)l->panels.panels) : 1;
    *work += part;
    plan_review(plan, bounded, part);
    return PID_OK;
}

static bool labels_changed(const struct pid_lloyd *l)
{
    return memcmp(l->labels, l->before, l->rows.n * sizeof *l->labels) != 0;
}

enum pid_status pid_lloyd_run(struct pid_lloyd *l, struct pid_workers *workers, const struct pid_rows *rows, size_t k,
                              uint32_t most, double tolerance, bool bounds, struct pid_error *error)
{
    l->workers = workers;
    l->rows = *rows;
    l->k = k;
    l->d = rows->d;
    l->block_rows = pid_block_rows(l->d);
    if (grow_all(l, error)) return error->status;
    size_t blocks = pid_blocks(rows->n, l->block_rows);
    if (pid_tasks_run(workers, blocks, norms_task, l, error)) return error->status;
    /* The classical bound for a sum of d + 1 products in order, twice for good measure. */
    l->error_scale = (float)(2 * ((double)l->d + 8) * FLT_EPSILON / 2);
    struct plan plan = {bounds && l->d >= BOUNDS_LEAST_COLUMNS && k > 1, false, 0, 2};
    double work = 0, first_objective = 0;
    bool fresh = false; /* the labels are those of the present centroids */
    l->iterations = 0;
    l->converged = false;
    for (uint32_t pass = 0; !fresh; pass++) {
        if (one_pass(l, &plan, pass, &work, error)) return error->status;
        l->scored = work / (pass + 1);
        if (pass == 0) first_objective = sum_blocks(l->block_sums, blocks);
        fresh = l->converged || l->iterations == most;
        if (pass > 0 && !labels_changed(l)) fresh = l->converged = true;
        double gain = 0;
        if (!fresh && pid_lloyd_update(l, pass == 0, &gain, error)) return error->status;
        if (!fresh) l->iterations++;
        if (!fresh && gain <= tolerance * first_objective) l->converged = true;
    }
    if (pid_tasks_run(workers, blocks, objective_task, l, error)) return error->status;
    l->objective = sum_blocks(l->block_sums, blocks);
    l->empty = 0;
    memset(l->sizes, 0, k * sizeof *l->sizes);
    for (size_t i = 0; i < rows->n; i++) l->sizes[l->labels[i]]++;
    for (size_t j = 0; j < k; j++) l->empty += l->sizes[j] == 0;
    return PID_OK;
}
