#include "clustering/lloyd_pass.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A worker's scratch for one block. */
struct scratch {
    const float **rows;     /* block_rows pointers */
    float *best;            /* the best score so far */
    uint32_t *from;         /* the panel it came from */
    unsigned char *wanted;  /* this row has panels to compute */
    float *margin;          /* u^2 + margin < l^2 proves that a panel holds nothing better */
    uint32_t *list;         /* rows that want the panel at hand */
};

size_t pid_lloyd_pass_bytes(const struct pid_lloyd *l)
{
    size_t row = sizeof(float *) + 2 * sizeof(float) + 2 * sizeof(uint32_t) + 1;
    return (l->block_rows * row + 63) / 64 * 64;
}

static struct scratch scratch_of(const struct pid_lloyd *l, size_t worker)
{
    struct scratch s;
    size_t b = l->block_rows;
    s.rows = (const float **)(void *)(l->scratch + worker * l->scratch_bytes);
    s.best = (float *)(s.rows + b);
    s.margin = s.best + b;
    s.from = (uint32_t *)(s.margin + b);
    s.list = s.from + b;
    s.wanted = (unsigned char *)(s.list + b);
    return s;
}

static size_t block_of(const struct pid_lloyd *l, size_t task, struct scratch *s)
{
    size_t first = task * l->block_rows, count = l->rows.n - first < l->block_rows ? l->rows.n - first : l->block_rows;
    for (size_t i = 0; i < count; i++) s->rows[i] = pid_rows_at(&l->rows, first + i);
    return count;
}

enum pid_status pid_lloyd_full_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_lloyd *l = context;
    (void)error;
    struct scratch s = scratch_of(l, worker);
    size_t first = task * l->block_rows, count = block_of(l, task, &s);
    pid_panels_best(&l->panels, s.rows, count, l->labels + first, s.best);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        float square = l->norms[first + i] - 2 * s.best[i];
        if (square > 0) sum += square;
    }
    l->block_sums[task] = sum;
    return PID_OK;
}

static float upper_distance(float square, float slack)
{
    square += slack;
    return square > 0 ? sqrtf(square) * (1 + 2 * FLT_EPSILON) : 0;
}

static float lower_distance(float square, float slack)
{
    square -= slack;
    return square > 0 ? sqrtf(square) * (1 - 2 * FLT_EPSILON) : 0;
}

/* Moves a row's bounds with the centroids; whether its label may have changed. */
static bool drift(struct pid_lloyd *l, size_t row, float margin)
{
    size_t panels = l->panels.panels;
    float *lower = l->lower + row * panels, least = INFINITY;
    for (size_t p = 0; p < panels; p++) {
        float bound = lower[p] - l->moved_panel[p];
        lower[p] = bound > 0 ? bound * (1 - FLT_EPSILON) : 0;
        if (lower[p] < least) least = lower[p];
    }
    uint32_t label = l->before[row];
    float upper = (l->upper[row] + (float)l->moved[label]) * (1 + FLT_EPSILON);
    if (upper * upper + margin >= least * least) {
        float square = pid_distance_squared(pid_rows_at(&l->rows, row), l->centroids + label * l->d, l->d);
        upper = upper_distance(square, l->error_scale * square);
    }
    l->upper[row] = upper;
    return !(upper * upper + margin < least * least);
}

/* The best, its place, and the second of one panel's scores. */
struct top { float best, second; uint32_t lane; };

static struct top top_two(const float *scores)
{
    float best = scores[0], second = -INFINITY;
    for (int lane = 1; lane < PID_PANEL; lane++) {
        float score = scores[lane], low = score < best ? score : best;
        best = score > best ? score : best;
        second = low > second ? low : second;
    }
    uint32_t lane = 0;
    while (lane < PID_PANEL - 1 && scores[lane] != best) lane++;
    return (struct top){best, second, lane};
}

/* Takes one panel's scores into a row's label and bounds.  A panel's bound leaves the row's own centroid out: once a better
 * one comes from another panel, the former best bounds its own panel. */
static void merge(struct pid_lloyd *l, struct scratch *s, size_t i, size_t row, uint32_t panel, const float *scores)
{
    float *lower = l->lower + row * l->panels.panels;
    struct top top = top_two(scores);
    float norm = l->norms[row], slack = s->margin[i] / 4;
    if (s->from[i] == UINT32_MAX || top.best > s->best[i]) {
        if (s->from[i] != UINT32_MAX) lower[s->from[i]] = lower_distance(norm - 2 * s->best[i], slack);
        s->best[i] = top.best;
        s->from[i] = panel;
        l->labels[row] = panel * PID_PANEL + top.lane;
        lower[panel] = lower_distance(norm - 2 * top.second, slack);
    } else {
        lower[panel] = lower_distance(norm - 2 * top.best, slack);
    }
}

static size_t score_panel(struct pid_lloyd *l, struct scratch *s, size_t first, uint32_t panel, size_t listed)
{
    float scores[PID_TILE_ROWS * PID_PANEL] __attribute__((aligned(64)));
    for (size_t at = 0; at < listed; at += PID_TILE_ROWS) {
        const float *tile[PID_TILE_ROWS];
        size_t count = listed - at < PID_TILE_ROWS ? listed - at : PID_TILE_ROWS;
        for (size_t r = 0; r < count; r++) tile[r] = s->rows[s->list[at + r]];
        pid_panels_scores(&l->panels, panel, tile, count, scores);
        for (size_t r = 0; r < count; r++) {
            uint32_t i = s->list[at + r];
            merge(l, s, i, first + i, panel, scores + r * PID_PANEL);
        }
    }
    return listed;
}

/* The rows from..to-1 of a block, few enough to stay in a cache while all panels pass by. */
static size_t bounded_part(struct pid_lloyd *l, struct scratch *s, size_t first, size_t from, size_t to)
{
    size_t panels = l->panels.panels, scored = 0;
    for (size_t i = from; i < to; i++) {
        size_t row = first + i;
        s->margin[i] = 4 * l->error_scale * (l->norms[row] + l->largest_norm);
        s->from[i] = UINT32_MAX;
        s->wanted[i] = l->all_scores || drift(l, row, s->margin[i]);
        l->labels[row] = l->before[row];
        if (l->all_scores) l->upper[row] = INFINITY;
    }
    for (uint32_t panel = 0; panel < panels; panel++) {
        size_t listed = 0;
        for (size_t i = from; i < to; i++) {
            if (!s->wanted[i]) continue;
            size_t row = first + i;
            float upper = l->upper[row], lower = l->all_scores ? 0 : l->lower[row * panels + panel];
            /* The own panel is computed too, so that equal scores meet in the same arithmetic. */
            bool may_hold = !(upper * upper + s->margin[i] < lower * lower) || l->before[row] / PID_PANEL == panel;
            if (may_hold) s->list[listed++] = (uint32_t)i;
        }
        scored += score_panel(l, s, first, panel, listed);
    }
    for (size_t i = from; i < to; i++)
        if (s->wanted[i]) l->upper[first + i] = upper_distance(l->norms[first + i] - 2 * s->best[i], s->margin[i] / 4);
    return scored;
}

enum pid_status pid_lloyd_bounded_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_lloyd *l = context;
    (void)error;
    struct scratch s = scratch_of(l, worker);
    size_t first = task * l->block_rows, count = block_of(l, task, &s), scored = 0, step = ((size_t)1 << 16) / l->d;
    if (step < 16 * PID_TILE_ROWS) step = 16 * PID_TILE_ROWS;
    for (size_t from = 0; from < count; from += step)
        scored += bounded_part(l, &s, first, from, from + step < count ? from + step : count);
    l->block_sums[pid_blocks(l->rows.n, l->block_rows) + task] = (double)scored;
    return PID_OK;
}
