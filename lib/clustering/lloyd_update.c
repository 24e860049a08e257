#include "clustering/lloyd_update.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { PIECE_ENTRIES = 1024 };

/* An entry is a row, with the lowest bit set where it leaves the cluster. */
static bool listed(const struct pid_lloyd *l, size_t row, bool full)
{
    return full || l->labels[row] != l->before[row];
}

static enum pid_status list_entries(struct pid_lloyd *l, bool full, struct pid_error *error)
{
    size_t n = l->rows.n, total = 0, *starts = l->starts;
    memset(starts, 0, (l->k + 1) * sizeof *starts);
    for (size_t i = 0; i < n; i++) {
        if (!listed(l, i, full)) continue;
        starts[l->labels[i]]++;
        if (!full) starts[l->before[i]]++;
    }
    size_t pieces = 0;
    for (size_t j = 0; j <= l->k; j++) {
        size_t count = starts[j];
        pieces += (count + PIECE_ENTRIES - 1) / PIECE_ENTRIES;
        starts[j] = total;
        total += count;
    }
    if (pid_lloyd_grow_pieces(l, total, pieces, error)) return error->status;
    for (size_t i = 0; i < n; i++) {
        if (!listed(l, i, full)) continue;
        l->entries[starts[l->labels[i]]++] = i << 1;
        if (!full) l->entries[starts[l->before[i]]++] = i << 1 | 1;
    }
    /* starts[j] is now the end of cluster j. */
    l->piece_count = 0;
    for (size_t j = 0, first = 0; j < l->k; first = starts[j++])
        for (size_t at = first; at < starts[j]; at += PIECE_ENTRIES)
            l->pieces[l->piece_count++] = (struct pid_lloyd_piece){
                (uint32_t)j, at, at + PIECE_ENTRIES < starts[j] ? at + PIECE_ENTRIES : starts[j]};
    return PID_OK;
}

static enum pid_status piece_task(void *context, size_t task, size_t worker, struct pid_error *error)
{
    struct pid_lloyd *l = context;
    (void)worker, (void)error;
    double *sums = l->piece_sums + task * l->d;
    memset(sums, 0, l->d * sizeof *sums);
    for (size_t at = l->pieces[task].first; at < l->pieces[task].last; at++)
        pid_row_accumulate(sums, pid_rows_at(&l->rows, l->entries[at] >> 1), l->entries[at] & 1 ? -1 : 1, l->d);
    return PID_OK;
}

struct farthest { double square; size_t row; };

/* The row farthest from its centroid among clusters that can spare one. */
static struct farthest find_farthest(const struct pid_lloyd *l)
{
    struct farthest farthest = {0, 0};
    for (size_t i = 0; i < l->rows.n; i++) {
        if (l->sizes[l->labels[i]] < 2) continue;
        double square = pid_distance_squared(pid_rows_at(&l->rows, i), l->centroids + l->labels[i] * l->d, l->d);
        if (square > farthest.square) farthest = (struct farthest){square, i};
    }
    return farthest;
}

/* A row's bounds hold for the label they were found with. */
static void forget_bounds(struct pid_lloyd *l, size_t row)
{
    if (!l->bounded) return;
    for (size_t p = 0; p < l->panels.panels; p++) l->lower[row * l->panels.panels + p] = 0;
}

/* Moves the farthest rows, one each, into the empty clusters; the centroids are still those of the labels. */
static void fill_empty(struct pid_lloyd *l)
{
    for (size_t j = 0; j < l->k; j++) {
        if (l->sizes[j]) continue;
        struct farthest farthest = find_farthest(l);
        if (farthest.square <= 0) return;
        const float *x = pid_rows_at(&l->rows, farthest.row);
        uint32_t from = l->labels[farthest.row];
        pid_row_accumulate(l->sums + from * l->d, x, -1, l->d);
        for (size_t i = 0; i < l->d; i++) l->sums[j * l->d + i] = x[i];
        l->sizes[from]--;
        l->sizes[j] = 1;
        l->labels[farthest.row] = (uint32_t)j;
        forget_bounds(l, farthest.row);
    }
}

enum pid_status pid_lloyd_update(struct pid_lloyd *l, bool full, double *gain, struct pid_error *error)
{
    size_t d = l->d, k = l->k, changed = 0;
    for (size_t i = 0; i < l->rows.n; i++) changed += l->labels[i] != l->before[i];
    full |= changed > l->rows.n / 2;
    if (list_entries(l, full, error)) return error->status;
    if (pid_tasks_run(l->workers, l->piece_count, piece_task, l, error)) return error->status;
    if (full) {
        memset(l->sums, 0, k * d * sizeof *l->sums);
        memset(l->sizes, 0, k * sizeof *l->sizes);
    }
    for (size_t p = 0; p < l->piece_count; p++) {
        double *to = l->sums + l->pieces[p].cluster * d;
        const double *from = l->piece_sums + p * d;
        for (size_t i = 0; i < d; i++) to[i] += from[i];
        for (size_t at = l->pieces[p].first; at < l->pieces[p].last; at++)
            l->sizes[l->pieces[p].cluster] += l->entries[at] & 1 ? (uint64_t)-1 : 1;
    }
    fill_empty(l);
    memcpy(l->previous, l->centroids, k * d * sizeof *l->centroids);
    memset(l->moved_panel, 0, (k / PID_PANEL + 1) * sizeof *l->moved_panel);
    *gain = 0;
    l->largest_norm = 0;
    for (size_t j = 0; j < k; j++) {
        double square = 0, norm = 0;
        for (size_t i = 0; i < d; i++) {
            float *c = l->centroids + j * d + i;
            if (l->sizes[j]) *c = (float)(l->sums[j * d + i] / (double)l->sizes[j]);
            double step = (double)*c - l->previous[j * d + i];
            square += step * step;
            norm += (double)*c * *c;
        }
        *gain += (double)l->sizes[j] * square;
        l->moved[j] = sqrt(square) * (1 + 1e-6);
        if (l->moved[j] > l->moved_panel[j / PID_PANEL]) l->moved_panel[j / PID_PANEL] = (float)l->moved[j] * (1 + 1e-6f);
        if (norm > l->largest_norm) l->largest_norm = (float)norm * (1 + 1e-6f);
    }
    return PID_OK;
}
