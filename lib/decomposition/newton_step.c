/* One iteration: predictor and corrector (Mehrotra 1992), then centrality correctors (Gondzio 1996, doi:10.1007/BF00249643), each
 * a cheap solve with the same factors, as long as they lengthen the step. */
#include <math.h>
#include <string.h>

#include "decomposition/newton.h"

enum { HALVINGS = 30, REPAIRS = 4, REFINEMENTS = 1 };
static const double SAFETY = 0.995;         /* part of the way to the boundary */
static const double NONLINEARITY_MOST = 1;  /* how far g may differ from its linear prediction in one step, nats */
static const double MARGINAL_FACTOR = 1.5;  /* how far one step may take a marginal from P's */
static const double SMALLEST_MARGINAL = 1e-300;
/* Of the complementarity, where correctors are cheap beside the factorisation and make up for a bold goal. */
static const double BOLD_CENTRING_MOST = 0.3;
enum { CORRECTORS_LARGE = 8, CORRECTORS_SMALL = 2 };
/* Centrality: complementarities aimed at lie in [LOW, HIGH] of the goal, for a step longer by LONGER; a corrector that gains
 * less than ENOUGH of that ends them. */
static const double LOW = 0.1, HIGH = 10, LONGER = 0.3, ENOUGH = 0.01, LONG_ENOUGH = 0.95;

/* Solves for one direction.  Wanted: the marginals' residual already in rhs, g + t = -gamma, r t -> kappa. */
static void find_direction(struct pid_newton *n, const double *gamma, const double *kappa, int refinements, struct pid_newton_direction *d)
{
    n->kernels->aim(n->pairs, n->r, n->inverse_t, gamma, kappa, n->x);
    pid_newton_gather(n, n->s, n->x, n->rhs_e, n->rhs_k);
    pid_newton_solve_system(n, refinements, d->ze, d->zk);
    pid_newton_changes(n, d->ze, d->zk, d->t);
    n->kernels->complete(n->pairs, n->r, n->inverse_t, gamma, kappa, d->t, d->r);
}

/* The longest step, at most 1, that leaves 1 - part of every r and t. */
static double reach(const struct pid_newton *n, const struct pid_newton_direction *d, double part)
{
    double most = n->kernels->fall(n->pairs, n->inverse_r, d->r, part);
    return part / n->kernels->fall(n->pairs, n->inverse_t, d->t, most);
}

/* Moves the potential of each cell whose marginal is off by more than a factor, as Sinkhorn does; how many were moved.  Cells of
 * small share move alone, so that they need not hold up the others; what it does to large ones shows in g. */
static size_t repair(const double *wanted, const double *residual, size_t count, double *z)
{
    size_t moved = 0;
    for (size_t c = 0; c < count; c++) {
        if (!(wanted[c] > 0)) continue;
        double got = wanted[c] - residual[c];
        if (wanted[c] <= MARGINAL_FACTOR * got && got <= MARGINAL_FACTOR * wanted[c]) continue;
        z[c] += log(wanted[c] / fmax(got, SMALLEST_MARGINAL));
        moved++;
    }
    return moved;
}

/* Evaluates a step; whether g goes about as predicted. */
static bool try_step(struct pid_newton *n, double step, const double *change)
{
    const struct pid_newton_direction *d = &n->step;
    size_t ce = n->e->cells, ck = n->targets * n->columns;
    for (size_t c = 0; c < ce; c++) n->trial.ze[c] = n->ze[c] + step * d->ze[c];
    for (size_t c = 0; c < ck; c++) n->trial.zk[c] = n->zk[c] + step * d->zk[c];
    for (size_t p = 0; p < n->pairs; p++) n->trial.r[p] = n->r[p] + step * d->r[p];
    pid_newton_evaluate(n, n->trial.ze, n->trial.zk, n->trial_s, n->trial_g);
    for (int round = 0;; round++) {
        pid_newton_residuals(n, n->trial.r, n->trial_s, n->residual_e, n->residual_k);
        if (round == REPAIRS) break;
        if (!repair(n->e->p, n->residual_e, ce, n->trial.ze) && !repair(n->pk, n->residual_k, ck, n->trial.zk)) break;
        pid_newton_evaluate(n, n->trial.ze, n->trial.zk, n->trial_s, n->trial_g);
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
    pid_newton_changes(n, n->step.ze, n->step.zk, n->x);
    for (int halving = 0; !try_step(n, step, n->x) && halving < HALVINGS; halving++) step *= 0.5;
    swap(&n->ze, &n->trial.ze);
    swap(&n->zk, &n->trial.zk);
    swap(&n->s, &n->trial_s);
    swap(&n->g, &n->trial_g);
    for (size_t p = 0; p < n->pairs; p++) {
        n->r[p] += step * n->step.r[p];
        n->t[p] += step * n->step.t[p];
    }
}

double pid_newton_complementarity(const struct pid_newton *n)
{
    return n->kernels->complementarity(n->pairs, n->r, n->r, n->t, n->t, 0);
}

static void set_rhs(struct pid_newton *n, const double *e, const double *k)
{
    size_t ce = n->e->cells, ck = n->targets * n->columns;
    if (e) memcpy(n->rhs_e, e, ce * sizeof *e);
    else memset(n->rhs_e, 0, ce * sizeof *n->rhs_e);
    if (k) memcpy(n->rhs_k, k, ck * sizeof *k);
    else memset(n->rhs_k, 0, ck * sizeof *n->rhs_k);
}

/* Adds correctors to the step while they lengthen it. */
static void correct(struct pid_newton *n, double goal)
{
    double *gamma = n->trial_g, *kappa = n->trial.r, length = reach(n, &n->step, SAFETY);
    size_t most = n->large ? CORRECTORS_LARGE : CORRECTORS_SMALL;
    memset(gamma, 0, n->pairs * sizeof *gamma);
    for (size_t used = 0; used < most && length < LONG_ENOUGH; used++) {
        double wanted = fmin(1, length + LONGER);
        for (size_t p = 0; p < n->pairs; p++) {
            double v = (n->r[p] + wanted * n->step.r[p]) * (n->t[p] + wanted * n->step.t[p]), m = goal * n->omega[p];
            kappa[p] = v < LOW * m ? LOW * m - v : v > HIGH * m ? fmax(HIGH * m - v, -HIGH * m) : 0;
        }
        set_rhs(n, NULL, NULL);
        struct pid_newton_direction *d = &n->affine, other;
        find_direction(n, gamma, kappa, 0, d);
        for (size_t c = 0; c < n->e->cells; c++) d->ze[c] += n->step.ze[c];
        for (size_t c = 0; c < n->targets * n->columns; c++) d->zk[c] += n->step.zk[c];
        for (size_t p = 0; p < n->pairs; p++) {
            d->r[p] += n->step.r[p];
            d->t[p] += n->step.t[p];
        }
        double longer = reach(n, d, SAFETY);
        if (!(longer >= length + ENOUGH)) break;
        other = n->step;
        n->step = *d;
        *d = other;
        length = longer;
    }
}

bool pid_newton_iterate(struct pid_newton *n)
{
    double *gamma = n->trial_g, *kappa = n->trial.r, *r = n->r, *t = n->t;
    if (!pid_newton_factorise(n)) return false;
    pid_newton_residuals(n, r, n->s, n->residual_e, n->residual_k);
    double now = pid_newton_complementarity(n);
    set_rhs(n, n->residual_e, n->residual_k);
    for (size_t p = 0; p < n->pairs; p++) {
        gamma[p] = r[p] > 0 ? -(n->g[p] + t[p]) : 0;
        kappa[p] = -r[p] * t[p];
    }
    find_direction(n, gamma, kappa, 0, &n->affine);
    double length = reach(n, &n->affine, 1);
    double then = n->kernels->complementarity(n->pairs, r, n->affine.r, t, n->affine.t, length);
    double ratio = fmax(0, then / now), centring = fmin(n->large ? BOLD_CENTRING_MOST : 1, ratio * ratio * ratio);
    double goal = fmax(centring * now, n->least);

    set_rhs(n, n->residual_e, n->residual_k);
    pid_newton_second_order(n, &n->affine, length * length, gamma, n->rhs_e, n->rhs_k);
    for (size_t p = 0; p < n->pairs; p++)
        kappa[p] = goal * n->omega[p] - r[p] * t[p] - length * length * n->affine.r[p] * n->affine.t[p];
    find_direction(n, gamma, kappa, REFINEMENTS, &n->step);
    correct(n, goal);
    advance(n, reach(n, &n->step, SAFETY));
    return true;
}
