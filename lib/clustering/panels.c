#include "clustering/panels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct pid_lanes {
    float score[PID_PANEL];
    int32_t panel[PID_PANEL];
} __attribute__((aligned(64)));

struct tile_kernels {
    void (*scores)(const float *const *row, size_t d, const float *panel, const float *offset, float *scores);
    void (*best)(const float *const *row, size_t d, const struct pid_panels *p, size_t first, size_t last, struct pid_lanes *lanes);
    void (*fold)(const struct pid_lanes *lanes, size_t count, uint32_t *labels, float *scores);
    float (*distance)(const float *x, const float *y, size_t d);
    float (*dot)(const float *x, const float *y, size_t d);
    void (*accumulate)(double *sums, const float *x, double sign, size_t d);
    float (*survey)(double *sums, const float *x, size_t d);
    double (*lesser)(const float *x, const float *y, size_t n);
    void (*centre)(float scale, const float *mean, const void *x, float *y, size_t d);
};

static const int32_t lane_numbers[PID_PANEL] __attribute__((aligned(64))) = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* The loops over a tile must be unrolled to live in registers.  GCC lowers vector types before it clones functions, so that
 * target_clones would compile wide vectors to scalar code; hence one inclusion for each instruction set. */
#if !defined __clang__
#pragma GCC push_options
#pragma GCC optimize("O3")
#endif

#define TILE_NAME(name) plain_##name
#define TILE_TARGET
#define VECTOR_FLOATS 4
#define GROUP_ROWS 2
#define GROUP_POINTERS(row) {(row)[0], (row)[1]}
#include "clustering/tile.inc"

#if defined PID_SIMD && defined __x86_64__
#define TILE_NAME(name) avx2_##name
#define TILE_TARGET __attribute__((target("avx2,fma")))
#define VECTOR_FLOATS 8
#define GROUP_ROWS 6
#define GROUP_POINTERS(row) {(row)[0], (row)[1], (row)[2], (row)[3], (row)[4], (row)[5]}
#include "clustering/tile.inc"
#endif

#if !defined __clang__
#pragma GCC pop_options
#endif

static const struct tile_kernels *kernels(void)
{
#if defined PID_SIMD && defined __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_kernels;
#endif
    return &plain_kernels;
}

void pid_panels_release(struct pid_panels *p)
{
    free(p->values);
    free(p->offsets);
    *p = (struct pid_panels){0};
}

/* Four lanes of a panel. */
enum { QUARTER = 4 };
typedef float quarter __attribute__((vector_size(4 * QUARTER), may_alias));

/* Rows first .. of k become columns of a panel; there are zeros for rows beyond k. */
static void pack_panel(const float *rows, size_t k, size_t d, size_t first, float *to)
{
    for (size_t lane = 0; lane < PID_PANEL; lane += QUARTER) {
        const float *row[QUARTER];
        for (size_t q = 0; q < QUARTER; q++) row[q] = first + lane + q < k ? rows + (first + lane + q) * d : NULL;
        if (row[QUARTER - 1])
            for (size_t i = 0; i < d; i++) *(quarter *)(to + i * PID_PANEL + lane) = (quarter){row[0][i], row[1][i], row[2][i], row[3][i]};
        else if (!row[0])
            for (size_t i = 0; i < d; i++) *(quarter *)(to + i * PID_PANEL + lane) = (quarter){0};
        else
            for (size_t i = 0; i < d; i++)
                for (size_t q = 0; q < QUARTER; q++) to[i * PID_PANEL + lane + q] = row[q] ? row[q][i] : 0;
    }
}

enum pid_status pid_panels_pack_linear(struct pid_panels *p, const float *rows, size_t k, size_t d, struct pid_error *error)
{
    size_t panels = (k + PID_PANEL - 1) / PID_PANEL;
    if (pid_array_grow((void **)&p->values, &p->values_room, panels * d * PID_PANEL, sizeof(float), error) ||
        pid_array_grow((void **)&p->offsets, &p->offsets_room, panels * PID_PANEL, sizeof(float), error))
        return error->status;
    p->k = k;
    p->d = d;
    p->panels = panels;
    memset(p->offsets, 0, panels * PID_PANEL * sizeof *p->offsets);
    for (size_t panel = 0; panel < panels; panel++) pack_panel(rows, k, d, panel * PID_PANEL, p->values + panel * PID_PANEL * d);
    return PID_OK;
}

enum pid_status pid_panels_pack(struct pid_panels *p, const float *centroids, size_t k, size_t d, struct pid_error *error)
{
    if (pid_panels_pack_linear(p, centroids, k, d, error)) return error->status;
    for (size_t panel = 0; panel < p->panels; panel++) {
        /* All lanes at once: sums that wait for each other's additions would take longer than the packing. */
        double squares[PID_PANEL] = {0};
        const float *values = p->values + panel * PID_PANEL * d;
        for (size_t i = 0; i < d; i++)
            for (size_t lane = 0; lane < PID_PANEL; lane++) squares[lane] += (double)values[i * PID_PANEL + lane] * values[i * PID_PANEL + lane];
        for (size_t lane = 0; lane < PID_PANEL; lane++)
            p->offsets[panel * PID_PANEL + lane] = panel * PID_PANEL + lane < k ? (float)(-squares[lane] / 2) : -INFINITY;
    }
    return PID_OK;
}

static void fill_tile(const float *tile[PID_TILE_ROWS], const float *const *rows, size_t count)
{
    for (size_t r = 0; r < PID_TILE_ROWS; r++) tile[r] = rows[r < count ? r : count - 1];
}

enum { CACHE_ROWS = 16 * PID_TILE_ROWS, CACHE_FLOATS = 1 << 16, PANELS_FLOATS = 1 << 15 };

void pid_panels_best(const struct pid_panels *p, const float *const *rows, size_t count, uint32_t *labels, float *scores)
{
    const struct tile_kernels *kernel = kernels();
    struct pid_lanes lanes[CACHE_ROWS];
    /* Rows that stay in the second-level cache while all panels pass by; few panels stay there themselves. */
    size_t room = CACHE_FLOATS / p->d / PID_TILE_ROWS * PID_TILE_ROWS, step = p->panels;
    if (room < PID_TILE_ROWS) room = PID_TILE_ROWS;
    if (room > CACHE_ROWS) room = CACHE_ROWS;
    if (p->panels * PID_PANEL * p->d > PANELS_FLOATS) step = 1;
    for (size_t start = 0; start < count; start += room) {
        size_t n = count - start < room ? count - start : room;
        for (size_t i = 0; i < (n + PID_TILE_ROWS - 1) / PID_TILE_ROWS * PID_TILE_ROWS; i++)
            for (size_t lane = 0; lane < PID_PANEL; lane++) lanes[i].score[lane] = -INFINITY, lanes[i].panel[lane] = 0;
        for (size_t panel = 0; panel < p->panels; panel += step)
            for (size_t i = 0; i < n; i += PID_TILE_ROWS) {
                const float *tile[PID_TILE_ROWS];
                fill_tile(tile, rows + start + i, n - i);
                kernel->best(tile, p->d, p, panel, panel + step, lanes + i);
            }
        kernel->fold(lanes, n, labels + start, scores ? scores + start : NULL);
    }
}

void pid_panels_scores(const struct pid_panels *p, size_t panel, const float *const *rows, size_t count, float *scores)
{
    const float *tile[PID_TILE_ROWS];
    fill_tile(tile, rows, count);
    kernels()->scores(tile, p->d, p->values + panel * PID_PANEL * p->d, p->offsets + panel * PID_PANEL, scores);
}

float pid_distance_squared(const float *x, const float *y, size_t d)
{
    return kernels()->distance(x, y, d);
}

float pid_dot(const float *x, const float *y, size_t d)
{
    return kernels()->dot(x, y, d);
}

void pid_row_accumulate(double *sums, const float *x, double sign, size_t d)
{
    kernels()->accumulate(sums, x, sign, d);
}

float pid_row_survey(double *sums, const float *x, size_t d)
{
    return kernels()->survey(sums, x, d);
}

double pid_row_lesser(const float *x, const float *y, size_t n)
{
    return kernels()->lesser(x, y, n);
}

void pid_row_centre(float scale, const float *mean, const void *x, float *y, size_t d)
{
    kernels()->centre(scale, mean, x, y, d);
}
