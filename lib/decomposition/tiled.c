#include "decomposition/tiled.h"

#include <cblas.h>
#include <string.h>

/* A tile's edge at most; edges are multiples of STEP, that of a single tile of STEP_ALONE (kernels.h: invert, factor).  Rows are PADDING apart, as a power of two between them would
 * put a column into few cache lines. */
enum { EDGE = 256, STEP = 16, STEP_ALONE = 8, PADDING = 8 };

/* Up to which the kernel's square is faster than BLAS's, whose calls cost more than small products. */
enum { EDGE_OWN = 128 };

struct shape { size_t tiles, edge; };

static struct shape shape_of(size_t order)
{
    size_t tiles = (order + EDGE - 1) / EDGE, edge = tiles ? (order + tiles - 1) / tiles : 0, step = tiles > 1 ? STEP : STEP_ALONE;
    return (struct shape){tiles, (edge + step - 1) / step * step};
}

static size_t tile_count(size_t tiles) { return tiles * (tiles + 1) / 2; }

double pid_tiled_bytes(double order)
{
    double edge = order < EDGE ? order + STEP : EDGE, tiles = 1 + order / edge;
    return 8 * edge * (edge + PADDING) * (tiles * (tiles + 1) / 2 + tiles + 1);
}

enum pid_status pid_tiled_init(struct pid_tiled *c, size_t order, const struct pid_kernels *kernels, struct pid_arena *arena,
                               struct pid_workers *workers, struct pid_error *error)
{
    struct shape shape = shape_of(order);
    *c = (struct pid_tiled){.order = order, .edge = shape.edge, .stride = shape.edge + PADDING, .tiles = shape.tiles, .workers = workers, .kernels = kernels};
    size_t area = c->edge * c->stride;
    if (!(c->upper = pid_arena_array(arena, tile_count(c->tiles) * area, sizeof(double), error)) ||
        !(c->inverse = pid_arena_array(arena, c->tiles * area, sizeof(double), error)) ||
        !(c->scratch = pid_arena_array(arena, pid_team_size(workers) * area, sizeof(double), error)))
        return error->status;
    return PID_OK;
}

void pid_tiled_clear(struct pid_tiled *c)
{
    memset(c->upper, 0, tile_count(c->tiles) * c->edge * c->stride * sizeof *c->upper);
    for (size_t i = c->order; i < c->tiles * c->edge; i++) *pid_tiled_at(c, i, i) = 1;
}

/* out = beta out + alpha a' b, where a and b are rows x edge with rows `stride` apart. */
static void product(const struct pid_tiled *c, size_t rows, double alpha, const double *a, const double *b, size_t stride, double beta, double *out)
{
    int edge = (int)c->edge;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, edge, edge, (int)rows, alpha, a, (int)stride, b, (int)stride, beta, out, (int)c->stride);
}

/* The n-th pair a <= b of numbers from `first` to tiles - 1, by rows. */
static void unpair(size_t n, size_t first, size_t tiles, size_t *a, size_t *b)
{
    *a = first;
    for (size_t row = tiles - first; n >= row; row--, (*a)++) n -= row;
    *b = *a + n;
}

static void square_task(void *context, size_t task, size_t worker)
{
    struct pid_tiled *c = context;
    size_t a, b, panel = c->left_rows * c->edge;
    int edge = (int)c->edge;
    (void)worker;
    unpair(task, 0, c->tiles, &a, &b);
    if (a == b) cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, edge, (int)c->left_rows, -1, c->left + a * panel, edge, 1, pid_tiled_tile(c, a, a), (int)c->stride);
    else product(c, c->left_rows, -1, c->left + a * panel, c->left + b * panel, c->edge, 1, pid_tiled_tile(c, a, b));
}

void pid_tiled_subtract_square(struct pid_tiled *c, size_t rows, const double *left)
{
    if (c->tiles == 1 && c->edge <= EDGE_OWN) {
        c->kernels->square(rows, c->edge, left, c->edge, c->upper, c->stride);
        return;
    }
    c->left = left;
    c->left_rows = rows;
    pid_team_run(c->workers, tile_count(c->tiles), square_task, c);
}

/* Tile (step, step + 1 + task) becomes U's. */
static void panel_task(void *context, size_t task, size_t worker)
{
    struct pid_tiled *c = context;
    size_t a = c->step, area = c->edge * c->stride;
    double *copy = c->scratch + worker * area, *at = pid_tiled_tile(c, a, a + 1 + task);
    memcpy(copy, at, area * sizeof *copy);
    product(c, c->edge, 1, c->inverse + a * area, copy, c->stride, 0, at);
}

static void update_task(void *context, size_t task, size_t worker)
{
    struct pid_tiled *c = context;
    size_t a, b, k = c->step;
    (void)worker;
    unpair(task, k + 1, c->tiles, &a, &b);
    product(c, c->edge, -1, pid_tiled_tile(c, k, a), pid_tiled_tile(c, k, b), c->stride, 1, pid_tiled_tile(c, a, b));
}

bool pid_tiled_factor(struct pid_tiled *c)
{
    for (size_t k = 0; k < c->tiles; k++) {
        size_t rest = c->tiles - k - 1;
        if (!c->kernels->factor(c->edge, pid_tiled_tile(c, k, k), c->stride)) return false;
        if (c->tiles > 1) c->kernels->invert(c->edge, pid_tiled_tile(c, k, k), c->stride, c->inverse + k * c->edge * c->stride);
        c->step = k;
        pid_team_run(c->workers, rest, panel_task, c);
        pid_team_run(c->workers, tile_count(rest), update_task, c);
    }
    return true;
}

void pid_tiled_solve(const struct pid_tiled *c, double *x)
{
    size_t edge = c->edge, stride = c->stride, area = edge * stride;
    double *y = c->scratch;
    if (c->tiles == 1) {
        c->kernels->substitute(edge, c->upper, stride, x);
        return;
    }
    for (size_t a = 0; a < c->tiles; a++) { /* U' y = x */
        double *at = x + a * edge;
        memset(y, 0, edge * sizeof *y);
        c->kernels->subtract_transposed(edge, edge, c->inverse + a * area, stride, at, y);
        for (size_t i = 0; i < edge; i++) at[i] = -y[i];
        for (size_t b = a + 1; b < c->tiles; b++) c->kernels->subtract_transposed(edge, edge, pid_tiled_tile(c, a, b), stride, at, x + b * edge);
    }
    for (size_t a = c->tiles; a-- > 0;) { /* U x = y */
        double *at = x + a * edge;
        for (size_t b = a + 1; b < c->tiles; b++) c->kernels->subtract(edge, edge, pid_tiled_tile(c, a, b), stride, x + b * edge, at);
        memset(y, 0, edge * sizeof *y);
        c->kernels->subtract(edge, edge, c->inverse + a * area, stride, at, y);
        for (size_t i = 0; i < edge; i++) at[i] = -y[i];
    }
}
