/* Primal-dual interior point on the dual, predictor and corrector (Mehrotra 1992), with weights omega on the central path: a
 * pair's r t goes to tau omega, so that symbols of any probability are treated alike.  It starts at the sources being
 * independent given Y, which has the right marginals. */
#include "decomposition/newton.h"

#include <math.h>
#include <string.h>

enum { DEFAULT_LIMIT = 150, PATIENCE = 12, HALVINGS = 30, REPAIRS = 4 };
static const double SAFETY = 0.995;         /* part of the way to the boundary */
static const double NONLINEARITY_MOST = 1;  /* how far g may differ from its linear prediction in one step, nats */
static const double MARGINAL_FACTOR = 1.5;  /* how far one step may take a marginal from P's */
static const double SMALLEST_MARGINAL = 1e-300;
static const double LEAST_PART = 0.1, LEAST_COMPLEMENTARITY = 1e-14; /* of the tolerance; nats */
static const double START_SLACK = 1;

static enum pid_status take(struct pid_newton *n, struct pid_solve *solve, struct pid_point *point, struct pid_error *error)
{
    const struct pid_problem *problem = solve->problem;
    n->swapped = problem->side[0].cells < problem->side[1].cells;
    n->e = &problem->side[n->swapped];
    n->k = &problem->side[!n->swapped];
    n->targets = problem->targets;
    n->pairs = n->e->symbols * n->k->symbols;
    size_t ce = n->e->cells, ck = n->k->cells, pairs = n->pairs, blocks = 0;
    if (!(n->block_start = pid_arena_array(solve->arena, n->e->symbols, sizeof(size_t), error)) ||
        !(n->pinned = pid_arena_array(solve->arena, ck, sizeof(bool), error)) ||
        !(n->place = pid_arena_array(solve->arena, n->targets, sizeof(uint32_t), error)))
        return error->status;
    for (size_t i = 0; i < n->e->symbols; i++) {
        size_t m = n->e->start[i + 1] - n->e->start[i];
        n->block_start[i] = blocks;
        blocks += m * m;
    }
    struct { double **array; size_t count; } wanted[] = {
        {&n->ze, ce}, {&n->zk, ck}, {&n->g, pairs}, {&n->t, pairs}, {&n->r, pairs}, {&n->omega, pairs}, {&n->w, pairs},
        {&n->s, n->e->symbols * ck}, {&n->trial_s, n->e->symbols * ck}, {&n->residual_e, ce}, {&n->residual_k, ck},
        {&n->block, blocks}, {&n->v, ce * ck}, {&n->schur, ck * ck}, {&n->diagonal, ck},
        {&n->affine.ze, ce}, {&n->affine.zk, ck}, {&n->affine.r, pairs}, {&n->affine.t, pairs},
        {&n->step.ze, ce}, {&n->step.zk, ck}, {&n->step.r, pairs}, {&n->step.t, pairs},
        {&n->rhs_e, ce}, {&n->rhs_k, ck}, {&n->left_e, ce}, {&n->left_k, ck}, {&n->fix_e, ce}, {&n->fix_k, ck},
        {&n->x, pairs}, {&n->trial_r, pairs}, {&n->trial_g, pairs}, {&n->trial_ze, ce}, {&n->trial_zk, ck},
        {&n->spread, n->targets}, {&n->gather, n->targets}, {&point->lambda, problem->side[0].cells},
        {&point->mu, problem->side[1].cells}, {&point->pair, pairs},
    };
    for (size_t a = 0; a < sizeof wanted / sizeof *wanted; a++)
        if (!(*wanted[a].array = pid_arena_array(solve->arena, wanted[a].count, sizeof(double), error))) return error->status;
    return PID_OK;
}

/* The most probable cell of each target. */
static void choose_pins(struct pid_newton *n)
{
    for (size_t y = 0; y < n->targets; y++) n->place[y] = UINT32_MAX;
    for (size_t c = 0; c < n->k->cells; c++) {
        uint32_t *best = &n->place[n->k->target[c]];
        n->pinned[c] = false;
        if (*best == UINT32_MAX || n->k->p[c] > n->k->p[*best]) *best = (uint32_t)c;
    }
    for (size_t y = 0; y < n->targets; y++) n->pinned[n->place[y]] = true;
}

static void logs(const struct pid_side *side, const double *target_p, double *z)
{
    for (size_t i = 0; i < side->symbols; i++)
        for (size_t c = side->start[i]; c < side->start[i + 1]; c++)
            z[c] = log(side->p[c] / side->marginal[i]) - (target_p ? log(target_p[side->target[c]]) : 0);
}

static void start(struct pid_newton *n, const double *target_p)
{
    double largest = -INFINITY;
    choose_pins(n);
    logs(n->e, NULL, n->ze);
    logs(n->k, target_p, n->zk);
    pid_newton_evaluate(n, n->ze, n->zk, n->s, n->g);
    for (size_t p = 0; p < n->pairs; p++) largest = fmax(largest, n->g[p]);
    for (size_t c = 0; c < n->e->cells; c++) n->ze[c] -= largest + START_SLACK;
    for (size_t i = 0, p = 0; i < n->e->symbols; i++)
        for (size_t j = 0; j < n->k->symbols; j++, p++) {
            bool shared = n->g[p] > -INFINITY;
            n->omega[p] = n->r[p] = shared ? n->e->marginal[i] * n->k->marginal[j] * exp(n->g[p]) : 0;
            n->g[p] -= largest + START_SLACK;
            n->t[p] = shared ? -n->g[p] : 1;
        }
}

/* What is missing of the marginals when the pairs have the masses r. */
static void residuals(const struct pid_newton *n, const double *r, const double *s, double *out_e, double *out_k)
{
    const struct pid_side *e = n->e, *k = n->k;
    memcpy(out_k, k->p, k->cells * sizeof *out_k);
    for (size_t i = 0; i < e->symbols; i++) {
        const double *row = s + i * k->cells;
        memset(n->gather, 0, n->targets * sizeof *n->gather);
        for (size_t j = 0; j < k->symbols; j++) {
            double mass = r[i * k->symbols + j];
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) {
                out_k[c] -= mass * row[c];
                n->gather[k->target[c]] += mass * row[c];
            }
        }
        for (size_t c = e->start[i]; c < e->start[i + 1]; c++) out_e[c] = e->p[c] - n->gather[e->target[c]];
    }
}

/* Subtracts sum over pairs of x s from (rhs_e, rhs_k), and sets change = s'(ze, zk): the two ways to go between pairs and
 * cells.  x or change may be NULL. */
static void gather_pairs(const struct pid_newton *n, const double *x, double *rhs_e, double *rhs_k)
{
    const struct pid_side *e = n->e, *k = n->k;
    for (size_t i = 0; i < e->symbols; i++) {
        const double *row = n->s + i * k->cells;
        memset(n->gather, 0, n->targets * sizeof *n->gather);
        for (size_t j = 0; j < k->symbols; j++) {
            double value = x[i * k->symbols + j];
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) {
                rhs_k[c] -= value * row[c];
                n->gather[k->target[c]] += value * row[c];
            }
        }
        for (size_t c = e->start[i]; c < e->start[i + 1]; c++) rhs_e[c] -= n->gather[e->target[c]];
    }
}

static void spread(const struct pid_newton *n, size_t i, const double *values)
{
    memset(n->spread, 0, n->targets * sizeof *n->spread);
    for (size_t c = n->e->start[i]; c < n->e->start[i + 1]; c++) n->spread[n->e->target[c]] = values[c];
}

/* The linear change of g. */
static void changes(const struct pid_newton *n, const double *ze, const double *zk, double *out)
{
    const struct pid_side *k = n->k;
    for (size_t i = 0; i < n->e->symbols; i++) {
        const double *row = n->s + i * k->cells;
        spread(n, i, ze);
        for (size_t j = 0; j < k->symbols; j++) {
            double sum = 0;
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) sum += row[c] * (n->spread[k->target[c]] + zk[c]);
            out[i * k->symbols + j] = sum;
        }
    }
}

/* Solves for one direction.  Wanted: the marginals' residual already in rhs, g + t = -gamma, r t -> kappa. */
static void find_direction(struct pid_newton *n, const double *gamma, const double *kappa, struct pid_newton_direction *d)
{
    for (size_t p = 0; p < n->pairs; p++) n->x[p] = n->r[p] > 0 ? (kappa[p] - n->r[p] * gamma[p]) / n->t[p] : 0;
    gather_pairs(n, n->x, n->rhs_e, n->rhs_k);
    pid_newton_solve_system(n, d->ze, d->zk);
    changes(n, d->ze, d->zk, d->t);
    for (size_t p = 0; p < n->pairs; p++) {
        if (!(n->r[p] > 0)) {
            d->t[p] = d->r[p] = 0;
            continue;
        }
        d->t[p] = gamma[p] - d->t[p];
        d->r[p] = (kappa[p] - n->r[p] * d->t[p]) / n->t[p];
    }
}

/* The longest step, at most 1, that keeps x + step d >= (1 - part) x. */
static double longest(const double *x, const double *d, size_t count, double part)
{
    double step = 1;
    for (size_t p = 0; p < count; p++)
        if (x[p] > 0 && part * x[p] < step * -d[p]) step = part * x[p] / -d[p];
    return step;
}

/* Adds what the predictor's step leaves out of second order: in g (gamma) and in the marginals (rhs). */
static void second_order(struct pid_newton *n, const struct pid_newton_direction *d, double scale, double *gamma)
{
    const struct pid_side *e = n->e, *k = n->k;
    for (size_t i = 0; i < e->symbols; i++) {
        const double *row = n->s + i * k->cells;
        spread(n, i, d->ze);
        memset(n->gather, 0, n->targets * sizeof *n->gather);
        for (size_t j = 0; j < k->symbols; j++) {
            size_t p = i * k->symbols + j;
            double mean = 0, square = 0, r = n->r[p], dr = d->r[p];
            if (!(r > 0)) continue;
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) mean += row[c] * (n->spread[k->target[c]] + d->zk[c]);
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) {
                double z = n->spread[k->target[c]] + d->zk[c] - mean;
                square += row[c] * z * z;
            }
            gamma[p] -= 0.5 * scale * square;
            for (size_t c = k->start[j]; c < k->start[j + 1]; c++) {
                double z = fmax(-1, fmin(1, n->spread[k->target[c]] + d->zk[c] - mean));
                double value = scale * row[c] * (dr * z + 0.5 * r * (z * z - square));
                n->rhs_k[c] -= value;
                n->gather[k->target[c]] += value;
            }
        }
        for (size_t c = e->start[i]; c < e->start[i + 1]; c++) n->rhs_e[c] -= n->gather[e->target[c]];
    }
}

/* Moves the potential of each cell whose marginal is off by more than a factor, as Sinkhorn does; how many were moved.  Cells of
 * small share move alone, so that they need not hold up the others; what it does to large ones shows in g. */
static size_t repair(const struct pid_side *side, const double *residual, double *z)
{
    size_t moved = 0;
    for (size_t c = 0; c < side->cells; c++) {
        double got = side->p[c] - residual[c], ratio = side->p[c] / fmax(got, SMALLEST_MARGINAL);
        if (ratio <= MARGINAL_FACTOR && ratio >= 1 / MARGINAL_FACTOR) continue;
        z[c] += log(ratio);
        moved++;
    }
    return moved;
}

/* Evaluates a step; whether g goes about as predicted. */
static bool try_step(struct pid_newton *n, double step, const double *change)
{
    const struct pid_newton_direction *d = &n->step;
    for (size_t c = 0; c < n->e->cells; c++) n->trial_ze[c] = n->ze[c] + step * d->ze[c];
    for (size_t c = 0; c < n->k->cells; c++) n->trial_zk[c] = n->zk[c] + step * d->zk[c];
    for (size_t p = 0; p < n->pairs; p++) n->trial_r[p] = n->r[p] + step * d->r[p];
    pid_newton_evaluate(n, n->trial_ze, n->trial_zk, n->trial_s, n->trial_g);
    for (int round = 0; round < REPAIRS; round++) {
        residuals(n, n->trial_r, n->trial_s, n->residual_e, n->residual_k);
        if (!repair(n->e, n->residual_e, n->trial_ze) && !repair(n->k, n->residual_k, n->trial_zk)) break;
        pid_newton_evaluate(n, n->trial_ze, n->trial_zk, n->trial_s, n->trial_g);
    }
    for (size_t p = 0; p < n->pairs; p++)
        if (n->r[p] > 0 && !(fabs(n->trial_g[p] - n->g[p] - step * change[p]) <= NONLINEARITY_MOST)) return false;
    return true;
}

static void swap(double **a, double **b)
{
    double *c = *a;
    *a = *b;
    *b = c;
}

/* Shortens the step until it is sound, and takes it. */
static void advance(struct pid_newton *n, double step)
{
    changes(n, n->step.ze, n->step.zk, n->x);
    for (int halving = 0; !try_step(n, step, n->x) && halving < HALVINGS; halving++) step *= 0.5;
    swap(&n->ze, &n->trial_ze);
    swap(&n->zk, &n->trial_zk);
    swap(&n->s, &n->trial_s);
    swap(&n->g, &n->trial_g);
    for (size_t p = 0; p < n->pairs; p++) {
        n->r[p] += step * n->step.r[p];
        n->t[p] += step * n->step.t[p];
    }
}

static double complementarity(const struct pid_newton *n)
{
    double sum = 0;
    for (size_t p = 0; p < n->pairs; p++) sum += n->r[p] * n->t[p];
    return sum;
}

/* One predictor and corrector; false where the matrix cannot be factorised.  The complementarity is not sent below `least`:
 * slacks that vanish in the rounding of g spoil the matrix, and the marginals then. */
static bool iterate(struct pid_newton *n, double least)
{
    double *gamma = n->trial_g, *r = n->r, *t = n->t;
    double *target = n->affine.r; /* kappa of the predictor */
    if (!pid_newton_factorise(n)) return false;
    residuals(n, r, n->s, n->residual_e, n->residual_k);
    double now = complementarity(n);
    memcpy(n->rhs_e, n->residual_e, n->e->cells * sizeof(double));
    memcpy(n->rhs_k, n->residual_k, n->k->cells * sizeof(double));
    for (size_t p = 0; p < n->pairs; p++) {
        gamma[p] = r[p] > 0 ? -(n->g[p] + t[p]) : 0;
        target[p] = -r[p] * t[p];
    }
    find_direction(n, gamma, target, &n->affine);
    double reach = fmin(longest(r, n->affine.r, n->pairs, 1), longest(t, n->affine.t, n->pairs, 1)), then = 0;
    for (size_t p = 0; p < n->pairs; p++) then += (r[p] + reach * n->affine.r[p]) * (t[p] + reach * n->affine.t[p]) * (r[p] > 0);
    double ratio = fmax(0, then / now), centring = fmin(1, ratio * ratio * ratio);

    memcpy(n->rhs_e, n->residual_e, n->e->cells * sizeof(double));
    memcpy(n->rhs_k, n->residual_k, n->k->cells * sizeof(double));
    second_order(n, &n->affine, reach * reach, gamma);
    for (size_t p = 0; p < n->pairs; p++)
        n->step.r[p] = fmax(centring * now, least) * n->omega[p] - r[p] * t[p] - reach * reach * n->affine.r[p] * n->affine.t[p];
    find_direction(n, gamma, n->step.r, &n->step);
    advance(n, fmin(longest(r, n->step.r, n->pairs, SAFETY), longest(t, n->step.t, n->pairs, SAFETY)));
    return true;
}

static bool certify(struct pid_newton *n, struct pid_solve *solve, struct pid_point *point)
{
    size_t ne = n->e->symbols, nk = n->k->symbols;
    memcpy(n->swapped ? point->mu : point->lambda, n->ze, n->e->cells * sizeof(double));
    memcpy(n->swapped ? point->lambda : point->mu, n->zk, n->k->cells * sizeof(double));
    for (size_t i = 0; i < ne; i++)
        for (size_t j = 0; j < nk; j++) point->pair[n->swapped ? j * ne + i : i * nk + j] = n->r[i * nk + j];
    return pid_solve_certify(solve, point);
}

enum pid_status pid_newton_run(struct pid_solve *solve, enum pid_decomposition_status *status, struct pid_error *error)
{
    struct pid_newton n;
    struct pid_point point;
    if (take(&n, solve, &point, error) != PID_OK) return error->status;
    start(&n, solve->problem->target_p);
    double best = INFINITY, least = fmax(LEAST_PART * solve->tolerance, LEAST_COMPLEMENTARITY);
    int since = 0;
    *status = PID_STALLED;
    for (uint64_t step = 0; step < DEFAULT_LIMIT && since < PATIENCE; step++) {
        bool stopped = pid_solve_stopped(solve, status), close = complementarity(&n) <= solve->tolerance;
        if (stopped || close || step % 10 == 9) {
            if (certify(&n, solve, &point)) {
                *status = PID_CONVERGED;
                return PID_OK;
            }
            if (close && solve->upper - solve->lower >= best) since++;
            else since = 0;
            best = solve->upper - solve->lower;
        }
        if (stopped) return PID_OK;
        if (!iterate(&n, least)) break;
        solve->iterations++;
    }
    return PID_OK;
}
