/* Loops over all pairs: the rows of e in pieces, each with its own sums for k's side, added up in the pieces' order. */
#include <string.h>

#include "decomposition/newton.h"

enum work { EVALUATE, GATHER, CHANGES, MULTIPLY, SECOND_ORDER };

struct pass {
    struct pid_newton *n;
    enum work work;
    const double *ze, *zk, *s, *x, *dr;
    double *out_s, *out_pairs, *out_e, *out_k;
    double scale;
};

static void pass_row(const struct pass *p, size_t i, double *out_k, double *scratch)
{
    const struct pid_newton *n = p->n;
    const struct pid_kernels *k = n->kernels;
    size_t columns = n->columns, pair = i * columns, first = n->e->start[i], m = n->e->start[i + 1] - first;
    const unsigned *y = n->e->target + first;
    const double *s = p->s ? p->s + first * columns : NULL, *ze = p->ze ? p->ze + first : NULL;
    double *out_pairs = p->out_pairs ? p->out_pairs + pair : NULL, *out_e = p->out_e ? p->out_e + first : NULL;
    switch (p->work) {
    case EVALUATE: k->evaluate(m, y, columns, ze, p->zk, p->out_s + first * columns, out_pairs, scratch); break;
    case GATHER: k->gather(m, y, columns, s, p->x + pair, out_e, out_k); break;
    case CHANGES: k->changes(m, y, columns, s, ze, p->zk, out_pairs); break;
    case MULTIPLY: k->multiply(m, y, columns, s, n->r + pair, n->excess + pair, ze, p->zk, out_e, out_k, scratch); break;
    case SECOND_ORDER:
        k->second_order(m, y, columns, s, n->r + pair, ze, p->zk, p->dr + pair, p->scale, out_pairs, out_e, out_k, scratch);
        break;
    }
}

static void pass_task(void *context, size_t task, size_t worker)
{
    const struct pass *p = context;
    const struct pid_newton *n = p->n;
    size_t from = task * n->rows / n->chunks, to = (task + 1) * n->rows / n->chunks, size = n->targets * n->columns;
    double *out_k = n->chunks == 1 ? p->out_k : n->partial + task * size;
    if (p->out_k && n->chunks > 1) memset(out_k, 0, size * sizeof *out_k);
    for (size_t i = from; i < to; i++) pass_row(p, i, out_k, n->worker_scratch + worker * n->worker_scratch_count);
}

static void run(struct pass *p)
{
    const struct pid_newton *n = p->n;
    size_t size = n->targets * n->columns;
    pid_team_run(n->workers, n->chunks, pass_task, p);
    if (!p->out_k || n->chunks == 1) return;
    for (size_t c = 0; c < n->chunks; c++) {
        const double *part = n->partial + c * size;
        for (size_t l = 0; l < size; l++) p->out_k[l] += part[l];
    }
}

void pid_newton_evaluate(struct pid_newton *n, const double *ze, const double *zk, double *s, double *g)
{
    run(&(struct pass){.n = n, .work = EVALUATE, .ze = ze, .zk = zk, .out_s = s, .out_pairs = g});
}

void pid_newton_gather(struct pid_newton *n, const double *s, const double *x, double *out_e, double *out_k)
{
    run(&(struct pass){.n = n, .work = GATHER, .s = s, .x = x, .out_e = out_e, .out_k = out_k});
}

void pid_newton_residuals(struct pid_newton *n, const double *r, const double *s, double *out_e, double *out_k)
{
    memcpy(out_e, n->e->p, n->e->cells * sizeof *out_e);
    memcpy(out_k, n->pk, n->targets * n->columns * sizeof *out_k);
    pid_newton_gather(n, s, r, out_e, out_k);
}

void pid_newton_changes(struct pid_newton *n, const double *ze, const double *zk, double *out)
{
    run(&(struct pass){.n = n, .work = CHANGES, .s = n->s, .ze = ze, .zk = zk, .out_pairs = out});
}

void pid_newton_second_order(struct pid_newton *n, const struct pid_newton_direction *d, double scale, double *gamma, double *out_e,
                             double *out_k)
{
    run(&(struct pass){.n = n, .work = SECOND_ORDER, .s = n->s, .ze = d->ze, .zk = d->zk, .dr = d->r, .scale = scale, .out_pairs = gamma,
                       .out_e = out_e, .out_k = out_k});
}

void pid_newton_multiply(struct pid_newton *n, const double *ze, const double *zk, double *out_e, double *out_k)
{
    memset(out_e, 0, n->e->cells * sizeof *out_e);
    memset(out_k, 0, n->targets * n->columns * sizeof *out_k);
    run(&(struct pass){.n = n, .work = MULTIPLY, .s = n->s, .ze = ze, .zk = zk, .out_e = out_e, .out_k = out_k});
}
