/* min F(Q) over Delta is min over R of the divergence between Delta and R (x) 1 (Banerjee, Rauh, Montufar 2018, arXiv 1709.07487).
 * For a fixed R each slice of the best Q is A[i,y] R[i,j] B[j,y] (Sinkhorn), so that one sweep over all slices is two
 * matrix products and the outer step is a third:
 *
 *     A <- P1 ./ (R B)      B <- P2 ./ (R' A)      W <- A B'      R <- R .* W^omega
 *
 * omega = 1 is the plain method; 1.9 is about twice as fast; 2 and above diverge.  Storage: K1 K2 + 3 M (K1 + K2). */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "decomposition/solve.h"

static const double RELAXATION = 1.9;
/* Keeps a quotient finite where R has vanished from a whole row; such a point is not near a solution. */
static const double SMALLEST_SUM = 1e-290;
static const double GROWTH = 1.3;        /* of the steps between two certificates */
static const uint64_t FIRST_CERTIFICATE = 10, DEFAULT_LIMIT = 1000000;

struct ipfp {
    size_t k1, k2, m;
    double *p1, *p2, *a, *b, *sum; /* K x M; sum: the larger of the two */
    double *r, *w;                 /* K1 x K2 */
    struct pid_point point;
};

static enum pid_status take(struct ipfp *s, struct pid_arena *arena, const struct pid_problem *problem, struct pid_error *error)
{
    s->k1 = problem->side[0].symbols;
    s->k2 = problem->side[1].symbols;
    s->m = problem->targets;
    size_t n1 = s->k1 * s->m, n2 = s->k2 * s->m, pairs = s->k1 * s->k2;
    struct { double **array; size_t count; } wanted[] = {
        {&s->p1, n1}, {&s->p2, n2}, {&s->a, n1}, {&s->b, n2}, {&s->sum, n1 > n2 ? n1 : n2}, {&s->r, pairs}, {&s->w, pairs},
        {&s->point.lambda, problem->side[0].cells}, {&s->point.mu, problem->side[1].cells}, {&s->point.pair, pairs},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!(*wanted[i].array = pid_arena_array(arena, wanted[i].count, sizeof(double), error))) return error->status;
    return PID_OK;
}

static void to_dense(const struct pid_side *side, size_t targets, const double *values, double *dense)
{
    memset(dense, 0, side->symbols * targets * sizeof *dense);
    for (size_t i = 0; i < side->symbols; i++)
        for (size_t k = side->start[i]; k < side->start[i + 1]; k++) dense[i * targets + side->target[k]] = values[k];
}

static void start(struct ipfp *s, const struct pid_problem *problem)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    to_dense(a, s->m, a->p, s->p1);
    to_dense(b, s->m, b->p, s->p2);
    for (size_t i = 0; i < s->k1; i++)
        for (size_t j = 0; j < s->k2; j++) s->r[i * s->k2 + j] = a->marginal[i] * b->marginal[j];
    for (size_t n = 0; n < s->k2 * s->m; n++) s->b[n] = s->p2[n] > 0;
}

static void divide(double *out, const double *p, const double *sum, size_t count)
{
    for (size_t n = 0; n < count; n++) out[n] = p[n] > 0 ? p[n] / fmax(sum[n], SMALLEST_SUM) : 0;
}

static void sweep(struct ipfp *s)
{
    int k1 = (int)s->k1, k2 = (int)s->k2, m = (int)s->m;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, k1, m, k2, 1, s->r, k2, s->b, m, 0, s->sum, m);
    divide(s->a, s->p1, s->sum, s->k1 * s->m);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k2, m, k1, 1, s->r, k2, s->a, m, 0, s->sum, m);
    divide(s->b, s->p2, s->sum, s->k2 * s->m);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, k1, k2, m, 1, s->a, m, s->b, m, 0, s->w, k2);
}

static void reweight(struct ipfp *s, double omega)
{
    for (size_t n = 0; n < s->k1 * s->k2; n++) s->r[n] *= s->w[n] > 0 ? pow(s->w[n], omega) : 0;
}

/* A.y c, B.y / c for each target changes nothing but keeps both in the middle of the range of doubles. */
static void balance(struct ipfp *s)
{
    for (size_t y = 0; y < s->m; y++) {
        double a = 0, b = 0;
        for (size_t i = 0; i < s->k1; i++) a = fmax(a, s->a[i * s->m + y]);
        for (size_t j = 0; j < s->k2; j++) b = fmax(b, s->b[j * s->m + y]);
        double c = sqrt(b / a);
        if (!(c > 0) || isinf(c)) continue;
        for (size_t i = 0; i < s->k1; i++) s->a[i * s->m + y] *= c;
        for (size_t j = 0; j < s->k2; j++) s->b[j * s->m + y] /= c;
    }
}

static void potentials(const struct pid_side *side, size_t targets, const double *dense, double *out)
{
    for (size_t i = 0; i < side->symbols; i++)
        for (size_t k = side->start[i]; k < side->start[i + 1]; k++) out[k] = log(dense[i * targets + side->target[k]]);
}

/* To be called between sweep and reweight. */
static void set_point(struct ipfp *s, const struct pid_problem *problem)
{
    balance(s);
    potentials(&problem->side[0], s->m, s->a, s->point.lambda);
    potentials(&problem->side[1], s->m, s->b, s->point.mu);
    for (size_t n = 0; n < s->k1 * s->k2; n++) s->point.pair[n] = s->r[n] * s->w[n];
}

static bool certify(struct ipfp *s, struct pid_solve *solve)
{
    set_point(s, solve->problem);
    return pid_solve_certify(solve, &s->point);
}

enum pid_status pid_ipfp_begin(struct pid_solve *solve, uint64_t sweeps, struct pid_point *point, struct pid_error *error)
{
    struct ipfp s;
    if (take(&s, solve->arena, solve->problem, error) != PID_OK) return error->status;
    start(&s, solve->problem);
    for (uint64_t n = 0; n < sweeps; n++) {
        if (n > 0) reweight(&s, 1);
        sweep(&s);
    }
    set_point(&s, solve->problem);
    *point = s.point;
    return PID_OK;
}

enum pid_status pid_ipfp_solve(struct pid_solve *solve, enum pid_decomposition_status *status, struct pid_error *error)
{
    struct ipfp s;
    if (take(&s, solve->arena, solve->problem, error) != PID_OK) return error->status;
    start(&s, solve->problem);
    uint64_t limit = solve->options->max_iterations ? UINT64_MAX : solve->iterations + DEFAULT_LIMIT;
    uint64_t next = solve->iterations + FIRST_CERTIFICATE, step = FIRST_CERTIFICATE;
    for (;;) {
        sweep(&s);
        solve->iterations++;
        bool stopped = pid_solve_stopped(solve, status);
        if (!stopped && solve->iterations >= limit) {
            *status = PID_ITERATION_LIMIT;
            stopped = true;
        }
        if (stopped || solve->iterations >= next) {
            if (certify(&s, solve)) {
                *status = PID_CONVERGED;
                return PID_OK;
            }
            step = (uint64_t)((double)step * GROWTH) + 1;
            next = solve->iterations + step;
        }
        if (stopped) return PID_OK;
        reweight(&s, RELAXATION);
    }
}
