#include "clustering/seeding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

void pid_seeding_release(struct pid_seeding *s)
{
    pid_panels_release(&s->panels);
    free(s->norms);
    free(s->closest);
    free(s->scores);
    free(s->candidates);
    free(s->block_sums);
    free(s->squares);
    free(s->running);
    *s = (struct pid_seeding){0};
}

void pid_seeding_choose(size_t n, size_t count, uint64_t seed, uint64_t stream, uint64_t counter, size_t *chosen)
{
    size_t taken = 0;
    for (size_t i = 0; i < n && taken < count; i++)
        if (pid_random_below(seed, stream, counter + i, n - i) < count - taken) chosen[taken++] = i;
}

#define GROW(array, at, needed) pid_array_grow((void **)&s->array, &s->room[at], needed, sizeof *s->array, error)

static enum pid_status grow(struct pid_seeding *s, size_t n, size_t d, struct pid_error *error)
{
    if (GROW(norms, 0, n) || GROW(closest, 1, n) || GROW(scores, 2, n * PID_PANEL) || GROW(candidates, 3, PID_PANEL * d) ||
        GROW(block_sums, 4, pid_blocks(n, s->block_rows) * PID_PANEL) || GROW(running, 6, n))
        return error->status;
    return PID_OK;
}

static size_t block_end(const struct pid_seeding *s, size_t task)
{
    size_t end = (task + 1) * s->block_rows;
    return end < s->rows->n ? end : s->rows->n;
}

static float squared(const struct pid_seeding *s, size_t row, float score)
{
    float square = s->norms[row] - 2 * score;
    return square > 0 ? square : 0;
}

/* For each candidate the sum of squared distances that it would leave in this block. */
static enum pid_status try_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_seeding *s = context;
    (void)worker, (void)error;
    double left[PID_PANEL] = {0};
    for (size_t i = task * s->block_rows, end = block_end(s, task); i < end; i += PID_TILE_ROWS) {
        const float *tile[PID_TILE_ROWS];
        float scores[PID_TILE_ROWS * PID_PANEL] __attribute__((aligned(64)));
        size_t count = end - i < PID_TILE_ROWS ? end - i : PID_TILE_ROWS;
        for (size_t r = 0; r < count; r++) tile[r] = pid_rows_at(s->rows, i + r);
        pid_panels_scores(&s->panels, 0, tile, count, scores);
        memcpy(s->scores + i * PID_PANEL, scores, count * PID_PANEL * sizeof *scores);
        for (size_t r = 0; r < count; r++)
            for (size_t c = 0; c < s->tried; c++) {
                float square = squared(s, i + r, scores[r * PID_PANEL + c]);
                left[c] += square < s->closest[i + r] ? square : s->closest[i + r];
            }
    }
    memcpy(s->block_sums + task * PID_PANEL, left, sizeof left);
    return PID_OK;
}

/* The running sum of `closest`; its last, which is the whole. */
static double accumulate(struct pid_seeding *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->rows->n; i++) s->running[i] = sum += s->closest[i];
    return sum;
}

/* The first row at which the running sum passes `target` < its last, which is at a distance, since the sum grows there. */
static size_t row_at(const struct pid_seeding *s, double target)
{
    size_t low = 0, high = s->rows->n - 1;
    if (target >= s->running[high]) target = nextafter(s->running[high], 0);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->running[middle] > target) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* Few rows meet so often as candidates that all their distances are worth a table; so few are one block. */
enum { TABLE_ROWS = 192 };

/* squares[c * n + i]: from candidate row c to row i, what try_task would find. */
static enum pid_status tabulate(struct pid_seeding *s, struct pid_error *error)
{
    size_t n = s->rows->n;
    if (GROW(squares, 5, n * n) || pid_panels_pack(&s->panels, s->rows->values, n, s->rows->d, error)) return error->status;
    for (size_t i = 0; i < n; i += PID_TILE_ROWS) {
        const float *tile[PID_TILE_ROWS];
        float scores[PID_TILE_ROWS * PID_PANEL] __attribute__((aligned(64)));
        size_t count = n - i < PID_TILE_ROWS ? n - i : PID_TILE_ROWS;
        for (size_t r = 0; r < count; r++) tile[r] = pid_rows_at(s->rows, i + r);
        for (size_t panel = 0; panel < s->panels.panels; panel++) {
            size_t first = panel * PID_PANEL, lanes = n - first < PID_PANEL ? n - first : PID_PANEL;
            pid_panels_scores(&s->panels, panel, tile, count, scores);
            for (size_t c = 0; c < lanes; c++)
                for (size_t r = 0; r < count; r++) s->squares[(first + c) * n + i + r] = squared(s, i + r, scores[r * PID_PANEL + c]);
        }
    }
    return PID_OK;
}

static enum pid_status try_candidates(struct pid_seeding *s, struct pid_workers *workers, double *left, struct pid_error *error)
{
    size_t n = s->rows->n, d = s->rows->d, blocks = pid_blocks(n, s->block_rows);
    if (s->tabulated) {
        for (size_t c = 0; c < s->tried; c++) s->block_sums[c] = pid_row_lesser(s->squares + s->candidate_rows[c] * n, s->closest, n);
    } else {
        for (size_t c = 0; c < s->tried; c++)
            memcpy(s->candidates + c * d, pid_rows_at(s->rows, s->candidate_rows[c]), d * sizeof *s->candidates);
        if (pid_panels_pack(&s->panels, s->candidates, s->tried, d, error) || pid_tasks_run(workers, blocks, try_task, s, error))
            return error->status;
    }
    s->chosen = 0;
    for (size_t c = 0; c < s->tried; c++) {
        double sum = 0;
        for (size_t b = 0; b < blocks; b++) sum += s->block_sums[b * PID_PANEL + c];
        if (c == 0 || sum < *left) {
            *left = sum;
            s->chosen = c;
        }
    }
    /* A row that was chosen is at distance 0 whatever rounding says, so that no row is chosen twice. */
    size_t chosen = s->candidate_rows[s->chosen];
    s->closest[chosen] = 0;
    for (size_t i = 0; i < n; i++) {
        float square = s->tabulated ? s->squares[chosen * n + i] : squared(s, i, s->scores[i * PID_PANEL + s->chosen]);
        if (square < s->closest[i]) s->closest[i] = square;
    }
    return PID_OK;
}

enum pid_status pid_seeding_rows(struct pid_seeding *s, const struct pid_rows *rows, struct pid_error *error)
{
    s->rows = rows;
    s->block_rows = pid_block_rows(rows->d);
    if (grow(s, rows->n, rows->d, error)) return error->status;
    for (size_t i = 0; i < rows->n; i++) {
        const float *x = pid_rows_at(rows, i);
        s->norms[i] = pid_dot(x, x, rows->d);
    }
    s->tabulated = !rows->index && rows->n <= TABLE_ROWS;
    return s->tabulated ? tabulate(s, error) : PID_OK;
}

enum pid_status pid_seeding_plusplus(struct pid_seeding *s, struct pid_workers *workers, size_t k, uint64_t seed, uint64_t stream,
                                     uint64_t counter, float *centroids, struct pid_error *error)
{
    size_t n = s->rows->n, d = s->rows->d;
    for (size_t i = 0; i < n; i++) s->closest[i] = INFINITY;
    size_t tries = 2 + (size_t)log((double)k);
    if (tries > PID_PANEL) tries = PID_PANEL;
    double left = 0;
    for (size_t j = 0; j < k; j++) {
        if (j > 0 && left <= 0) {
            memcpy(centroids + j * d, centroids, d * sizeof *centroids);
            continue;
        }
        s->tried = j == 0 ? 1 : tries;
        for (size_t c = 0; c < s->tried; c++) {
            uint64_t draw = counter + j * PID_PANEL + c;
            s->candidate_rows[c] = j == 0 ? pid_random_below(seed, stream, draw, n)
                                          : row_at(s, pid_random_uniform(seed, stream, draw) * left);
        }
        if (try_candidates(s, workers, &left, error)) return error->status;
        memcpy(centroids + j * d, pid_rows_at(s->rows, s->candidate_rows[s->chosen]), d * sizeof *centroids);
        left = accumulate(s);
    }
    return PID_OK;
}
