/* Primal-dual interior point on the dual, with weights omega on the central path: a pair's r t goes to tau omega, so that symbols
 * of any probability are treated alike.  It starts at the sources being independent given Y, which has the right marginals; a
 * large table at where proportional fitting left off, which saves half of the steps. */
#include "decomposition/newton.h"

#include <math.h>
#include <string.h>

enum { DEFAULT_LIMIT = 150, PATIENCE = 12, CHUNKS_MOST = 16, CHUNK_PRODUCTS = 1 << 15, CERTIFY_EVERY = 10, NARROW_CELLS = 128 };
static const double LEAST_PART = 0.1, LEAST_COMPLEMENTARITY = 1e-14; /* of the tolerance; nats */
static const double START_SLACK = 1, RESTART_SLACK = 0.01; /* nats */
/* A pair's starting mass at least, of that of independent sources: a pair that fitting has all but given up must not hold the path
 * at the boundary.  Tables that need a restart want to stay near where they begin. */
static const double LARGE_LEAST = 0.1, RESTART_LEAST = 1e-6;
/* Sweeps before each restart, in turn without and with momentum. */
static const uint64_t restarts[] = {30, 30, 300, 300, 3000, 3000};
enum { RESTARTS = sizeof restarts / sizeof *restarts };

static const double LARGE = 20000; /* pairs times targets */

struct shape { const struct pid_side *e, *k; const struct pid_kernels *kernels; size_t rows, columns, blocks, largest_block; bool swapped; };

static struct shape shape_of(const struct pid_problem *problem)
{
    struct shape shape = {.swapped = problem->side[0].cells < problem->side[1].cells};
    shape.e = &problem->side[shape.swapped];
    shape.k = &problem->side[!shape.swapped];
    shape.kernels = shape.k->cells <= NARROW_CELLS ? pid_kernels_narrow(shape.k->symbols) : pid_kernels();
    shape.rows = shape.e->symbols;
    shape.columns = (shape.k->symbols + shape.kernels->lanes - 1) / shape.kernels->lanes * shape.kernels->lanes;
    for (size_t i = 0; i < shape.rows; i++) {
        size_t m = shape.e->start[i + 1] - shape.e->start[i];
        shape.blocks += m * m;
        if (m > shape.largest_block) shape.largest_block = m;
    }
    return shape;
}

double pid_newton_bytes(const struct pid_problem *problem)
{
    struct shape s = shape_of(problem);
    double m = (double)problem->targets, columns = (double)s.columns, cells = (double)s.k->cells;
    return pid_tiled_bytes(cells) + 8 * ((double)s.e->cells * (cells + 2 * columns + 140) + (double)s.blocks + 18 * (double)s.rows * columns
                                            + m * columns * (CHUNKS_MOST + m / 2 + 12));
}

bool pid_newton_is_large(const struct pid_problem *problem)
{
    return (double)problem->side[0].symbols * (double)problem->side[1].symbols * (double)problem->targets >= LARGE;
}

static size_t chunks_of(size_t rows, size_t products)
{
    size_t chunks = products / CHUNK_PRODUCTS;
    if (chunks > CHUNKS_MOST) chunks = CHUNKS_MOST;
    if (chunks > rows) chunks = rows;
    return chunks ? chunks : 1;
}

static enum pid_status take(struct pid_newton *n, const struct shape *shape, struct pid_arena *arena, struct pid_error *error)
{
    size_t ce = n->e->cells, ck = n->targets * n->columns, pairs = n->pairs, s = ce * n->columns;
    size_t largest = shape->largest_block + 16;
    n->worker_scratch_count = 3 * n->columns + largest * largest;
    if (pid_tiled_init(&n->schur, n->unknowns, n->kernels, arena, n->workers, error) ||
        !(n->block_start = pid_arena_array(arena, n->rows, sizeof(size_t), error)) ||
        !(n->by_target_start = pid_arena_array(arena, n->targets + 1, sizeof(size_t), error)) ||
        !(n->by_target = pid_arena_array(arena, ce, sizeof *n->by_target, error)) ||
        !(n->column_start = pid_arena_array(arena, n->targets + 1, sizeof(size_t), error)) ||
        !(n->column = pid_arena_array(arena, n->unknowns, sizeof(unsigned), error)))
        return error->status;
    size_t padded = n->schur.tiles * n->schur.edge;
    struct { double **array; size_t count; } wanted[] = {
        {&n->pk, ck}, {&n->ze, ce}, {&n->zk, ck}, {&n->g, pairs}, {&n->t, pairs}, {&n->r, pairs}, {&n->omega, pairs}, {&n->independent, pairs},
        {&n->excess, pairs}, {&n->inverse_r, pairs}, {&n->inverse_t, pairs}, {&n->s, s}, {&n->trial_s, s}, {&n->residual_e, ce}, {&n->residual_k, ck}, {&n->block, shape->blocks},
        {&n->v, ce * padded}, {&n->diagonals, n->targets * (n->targets + 1) / 2 * n->columns},
        {&n->affine.ze, ce}, {&n->affine.zk, ck}, {&n->affine.r, pairs}, {&n->affine.t, pairs},
        {&n->step.ze, ce}, {&n->step.zk, ck}, {&n->step.r, pairs}, {&n->step.t, pairs},
        {&n->trial.ze, ce}, {&n->trial.zk, ck}, {&n->trial.r, pairs}, {&n->trial_g, pairs},
        {&n->rhs_e, ce}, {&n->rhs_k, ck}, {&n->left_e, ce}, {&n->left_k, ck}, {&n->fix_e, ce}, {&n->fix_k, ck},
        {&n->cells_e, n->targets}, {&n->cells_k, padded}, {&n->x, pairs}, {&n->partial, n->chunks * ck},
        {&n->worker_scratch, pid_team_size(n->workers) * n->worker_scratch_count},
    };
    for (size_t a = 0; a < sizeof wanted / sizeof *wanted; a++)
        if (!(*wanted[a].array = pid_arena_array(arena, wanted[a].count, sizeof(double), error))) return error->status;
    return PID_OK;
}

/* The cells of k by target, then symbol, without the most probable of each target. */
static void order_columns(struct pid_newton *n)
{
    size_t count = 0;
    for (size_t y = 0; y < n->targets; y++) {
        const double *p = n->pk + y * n->columns;
        size_t best = 0;
        for (size_t j = 1; j < n->columns; j++)
            if (p[j] > p[best]) best = j;
        n->column_start[y] = count;
        for (size_t j = 0; j < n->columns; j++)
            if (p[j] > 0 && j != best) n->column[count++] = (unsigned)j;
    }
    n->column_start[n->targets] = count;
}

static void order_by_target(struct pid_newton *n)
{
    size_t *start = n->by_target_start;
    memset(start, 0, (n->targets + 1) * sizeof *start);
    for (size_t c = 0; c < n->e->cells; c++) start[n->e->target[c]]++;
    for (size_t y = 1; y <= n->targets; y++) start[y] += start[y - 1]; /* the ends, which the next loop moves to the starts */
    for (size_t i = n->rows; i-- > 0;)
        for (size_t c = n->e->start[i]; c < n->e->start[i + 1]; c++) n->by_target[--start[n->e->target[c]]] = (struct pid_newton_cell){c, i};
}

/* The values of k's cells by (y, j); `rest` where there is none. */
static void spread(const struct pid_newton *n, const double *values, double rest, double *out)
{
    for (size_t l = 0; l < n->targets * n->columns; l++) out[l] = rest;
    for (size_t j = 0; j < n->k->symbols; j++)
        for (size_t c = n->k->start[j]; c < n->k->start[j + 1]; c++) out[n->k->target[c] * n->columns + j] = values[c];
}

enum pid_status pid_newton_init(struct pid_newton *n, struct pid_solve *solve, struct pid_error *error)
{
    struct shape shape = shape_of(solve->problem);
    *n = (struct pid_newton){.e = shape.e, .k = shape.k, .swapped = shape.swapped, .rows = shape.rows, .columns = shape.columns,
                             .targets = solve->problem->targets, .pairs = shape.rows * shape.columns, .kernels = shape.kernels,
                             .workers = solve->options->workers, .large = pid_newton_is_large(solve->problem),
                             .least = fmax(LEAST_PART * solve->tolerance, LEAST_COMPLEMENTARITY)};
    n->chunks = chunks_of(n->rows, n->e->cells * n->columns);
    n->unknowns = n->k->cells - n->targets;
    if (take(n, &shape, solve->arena, error) != PID_OK) return error->status;
    spread(n, n->k->p, 0, n->pk);
    order_columns(n);
    order_by_target(n);
    for (size_t i = 0, blocks = 0; i < n->rows; i++) {
        size_t m = n->e->start[i + 1] - n->e->start[i];
        n->block_start[i] = blocks;
        blocks += m * m;
    }
    return PID_OK;
}

/* Moves the potentials so that the largest g is -slack; t = -g. */
static void lower(struct pid_newton *n, double slack)
{
    double largest = -INFINITY;
    for (size_t p = 0; p < n->pairs; p++) largest = fmax(largest, n->g[p]);
    for (size_t c = 0; c < n->e->cells; c++) n->ze[c] -= largest + slack;
    for (size_t p = 0; p < n->pairs; p++) {
        n->g[p] -= largest + slack;
        n->t[p] = n->g[p] > -INFINITY ? -n->g[p] : 1;
    }
}

static void start(struct pid_newton *n, const double *target_p)
{
    for (size_t i = 0; i < n->rows; i++)
        for (size_t c = n->e->start[i]; c < n->e->start[i + 1]; c++) n->ze[c] = log(n->e->p[c] / n->e->marginal[i]);
    for (size_t y = 0; y < n->targets; y++)
        for (size_t j = 0; j < n->columns; j++) {
            double p = n->pk[y * n->columns + j];
            n->zk[y * n->columns + j] = p > 0 ? log(p / n->k->marginal[j] / target_p[y]) : -INFINITY;
        }
    pid_newton_evaluate(n, n->ze, n->zk, n->s, n->g);
    for (size_t i = 0, p = 0; i < n->rows; i++)
        for (size_t j = 0; j < n->columns; j++, p++)
            n->independent[p] = n->omega[p] = n->r[p] = n->g[p] > -INFINITY ? n->e->marginal[i] * n->k->marginal[j] * exp(n->g[p]) : 0;
    lower(n, START_SLACK);
}

/* Begins at a point that proportional fitting has come to, each pair where it is on the central path. */
static void start_at(struct pid_newton *n, const struct pid_point *at, double least)
{
    double sum = 0;
    memcpy(n->ze, n->swapped ? at->mu : at->lambda, n->e->cells * sizeof *n->ze);
    spread(n, n->swapped ? at->lambda : at->mu, -INFINITY, n->zk);
    pid_newton_evaluate(n, n->ze, n->zk, n->s, n->g);
    lower(n, RESTART_SLACK);
    for (size_t i = 0, p = 0; i < n->rows; i++)
        for (size_t j = 0; j < n->columns; j++, p++) {
            bool shared = n->g[p] > -INFINITY;
            double mass = shared ? at->pair[n->swapped ? j * n->rows + i : i * n->k->symbols + j] : 0, floor = least * n->independent[p];
            n->r[p] = shared ? fmax(mass, floor) : 0;
            sum += n->omega[p] = n->r[p] * n->t[p];
        }
    for (size_t p = 0; p < n->pairs; p++) n->omega[p] /= sum;
}

static bool certify(struct pid_newton *n, struct pid_solve *solve, struct pid_point *point)
{
    double *of_k = n->swapped ? point->lambda : point->mu;
    memcpy(n->swapped ? point->mu : point->lambda, n->ze, n->e->cells * sizeof *n->ze);
    for (size_t j = 0; j < n->k->symbols; j++)
        for (size_t c = n->k->start[j]; c < n->k->start[j + 1]; c++) of_k[c] = n->zk[n->k->target[c] * n->columns + j];
    for (size_t i = 0; i < n->rows; i++)
        for (size_t j = 0; j < n->k->symbols; j++) point->pair[n->swapped ? j * n->rows + i : i * n->k->symbols + j] = n->r[i * n->columns + j];
    return pid_solve_certify(solve, point);
}

/* Whether the solve ends here, converged or stopped. */
static bool follow_path(struct pid_newton *n, struct pid_solve *solve, struct pid_point *point, enum pid_decomposition_status *status)
{
    double best = INFINITY;
    int since = 0;
    *status = PID_STALLED;
    for (uint64_t step = 0; step < DEFAULT_LIMIT && since < PATIENCE; step++) {
        bool stopped = pid_solve_stopped(solve, status), close = pid_newton_complementarity(n) <= solve->tolerance;
        if (stopped || close || step % CERTIFY_EVERY == CERTIFY_EVERY - 1) {
            if (certify(n, solve, point)) {
                *status = PID_CONVERGED;
                return true;
            }
            if (close && solve->upper - solve->lower >= best) since++;
            else since = 0;
            best = solve->upper - solve->lower;
        }
        if (stopped) return true;
        if (!pid_newton_iterate(n)) break;
        solve->iterations++;
    }
    return false;
}

enum pid_status pid_newton_run(struct pid_solve *solve, enum pid_decomposition_status *status, struct pid_error *error)
{
    struct pid_newton n;
    struct pid_point point;
    if (pid_newton_init(&n, solve, error) != PID_OK || pid_point_new(&point, solve->problem, solve->arena, true, error) != PID_OK)
        return error->status;
    start(&n, solve->problem->target_p);
    if (solve->begin.pair) start_at(&n, &solve->begin, LARGE_LEAST);
    /* Some tables of few cells lead the path into a corner where the matrix cannot be factorised: begin anew elsewhere. */
    for (size_t attempt = 0;; attempt++) {
        struct pid_point anew;
        if (follow_path(&n, solve, &point, status) || attempt == RESTARTS) return PID_OK;
        if (pid_ipfp_begin(solve, restarts[attempt], attempt % 2, &anew, error) != PID_OK) return error->status;
        start_at(&n, &anew, RESTART_LEAST);
    }
}
