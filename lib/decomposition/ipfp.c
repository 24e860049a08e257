/* min F(Q) over Delta is min over R of the divergence between Delta and R (x) 1 (Banerjee, Rauh, Montufar 2018, arXiv 1709.07487).
 * For a fixed R each slice of the best Q is A[i,y] R[i,j] B[j,y] (Sinkhorn), so that one sweep over all slices is two
 * matrix products and the outer step is a third:
 *
 *     A <- P1 ./ (R B)      B <- P2 ./ (R' A)      W <- A B'      R <- R .* W
 *
 * The outer step is one of mirror descent in log R; done at a point extrapolated along the last change (Nesterov's momentum) the
 * gap falls with the square of the number of steps instead of the number itself: on 256 x 256 x 100, 1e-4 bits after 300 steps
 * instead of 1,000 and more.  Storage: 4 K1 K2 + 3 M (K1 + K2). */
#include <math.h>
#include <string.h>

#include "decomposition/kernels.h"
#include "decomposition/products.h"
#include "decomposition/solve.h"

static const double MOMENTUM_MOST = 0.97;
static const double LEAST_LOG = -600; /* of R, so that a pair that is not in use can be taken up again */
/* Keeps a quotient finite where R has vanished from a whole row; such a point is not near a solution. */
static const double SMALLEST_SUM = 1e-290;
static const uint64_t FIRST_CERTIFICATE = 10, CERTIFICATE_GROWTH = 2, DEFAULT_LIMIT = 1000000; /* steps */
enum { PIECE = 8192 };                /* pairs */

struct ipfp {
    size_t k1, k2, m;
    struct pid_workers *workers;
    const struct pid_kernels *kernels;
    double *p1, *p2, *a, *b, *sum;    /* K x M; sum: the larger of the two */
    double *r, *w;                    /* K1 x K2 */
    double *log_r, *before;           /* log R after the last step, and after the one before it */
    double *turn;                     /* for each piece of pairs: whether the last step went back along the momentum */
    double momentum;
    uint64_t since;                   /* steps since the momentum was last given up */
    struct pid_point point;
};

static size_t pieces(const struct ipfp *s) { return (s->k1 * s->k2 + PIECE - 1) / PIECE; }

static enum pid_status take(struct ipfp *s, struct pid_arena *arena, const struct pid_problem *problem, struct pid_error *error)
{
    s->k1 = problem->side[0].symbols;
    s->k2 = problem->side[1].symbols;
    s->m = problem->targets;
    size_t n1 = s->k1 * s->m, n2 = s->k2 * s->m, pairs = s->k1 * s->k2;
    struct { double **array; size_t count; } wanted[] = {
        {&s->p1, n1}, {&s->p2, n2}, {&s->a, n1}, {&s->b, n2}, {&s->sum, n1 > n2 ? n1 : n2}, {&s->r, pairs}, {&s->w, pairs},
        {&s->log_r, pairs}, {&s->before, pairs}, {&s->turn, pieces(s)},
        {&s->point.lambda, problem->side[0].cells}, {&s->point.mu, problem->side[1].cells}, {&s->point.pair, pairs},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!(*wanted[i].array = pid_arena_array(arena, wanted[i].count, sizeof(double), error))) return error->status;
    return PID_OK;
}

static void start(struct ipfp *s, const struct pid_problem *problem)
{
    const struct pid_side *a = &problem->side[0], *b = &problem->side[1];
    pid_side_to_dense(a, s->m, a->p, 0, s->p1);
    pid_side_to_dense(b, s->m, b->p, 0, s->p2);
    for (size_t i = 0, n = 0; i < s->k1; i++)
        for (size_t j = 0; j < s->k2; j++, n++) {
            s->r[n] = a->marginal[i] * b->marginal[j];
            s->log_r[n] = s->before[n] = fmax(log(s->r[n]), LEAST_LOG);
        }
    for (size_t n = 0; n < s->k2 * s->m; n++) s->b[n] = s->p2[n] > 0;
    s->momentum = 0;
    s->since = 0;
}

static void divide(double *out, const double *p, const double *sum, size_t count)
{
    for (size_t n = 0; n < count; n++) out[n] = p[n] > 0 ? p[n] / (sum[n] > SMALLEST_SUM ? sum[n] : SMALLEST_SUM) : 0;
}

static void sweep(struct ipfp *s)
{
    pid_products(s->workers, s->k1, s->m, s->k2, s->r, false, s->b, false, s->sum);
    divide(s->a, s->p1, s->sum, s->k1 * s->m);
    pid_products(s->workers, s->k2, s->m, s->k1, s->r, true, s->a, false, s->sum);
    divide(s->b, s->p2, s->sum, s->k2 * s->m);
    pid_products(s->workers, s->k1, s->k2, s->m, s->a, false, s->b, true, s->w);
}

/* log R of one piece: the step from where W was found, and what it says of the momentum. */
static void step_task(void *context, size_t task, size_t worker)
{
    struct ipfp *s = context;
    size_t pairs = s->k1 * s->k2, from = task * PIECE, to = from + PIECE < pairs ? from + PIECE : pairs;
    (void)worker;
    s->turn[task] = s->kernels->step(to - from, s->w + from, s->r + from, s->momentum, LEAST_LOG, s->log_r + from, s->before + from);
}

/* R of one piece, extrapolated. */
static void extrapolate_task(void *context, size_t task, size_t worker)
{
    struct ipfp *s = context;
    size_t pairs = s->k1 * s->k2, from = task * PIECE, to = from + PIECE < pairs ? from + PIECE : pairs;
    (void)worker;
    s->kernels->extrapolate(to - from, s->momentum, s->log_r + from, s->before + from, s->r + from);
}

/* To be called after sweep; without momentum, R <- R .* W. */
static void reweight(struct ipfp *s, bool with_momentum)
{
    double turn = 0;
    pid_team_run(s->workers, pieces(s), step_task, s);
    for (size_t n = 0; n < pieces(s); n++) turn += s->turn[n];
    s->since = turn > 0 ? 0 : s->since + 1; /* O'Donoghue, Candes 2015: the step went against the momentum */
    s->momentum = with_momentum ? fmin(MOMENTUM_MOST, (double)s->since / (double)(s->since + 3)) : 0;
    pid_team_run(s->workers, pieces(s), extrapolate_task, s);
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

/* What the gap of a certificate would hardly be below: shifting the rows alone costs as much. */
static double least_gap(const struct ipfp *s, const struct pid_problem *problem)
{
    double sum = 0;
    for (size_t i = 0; i < s->k1; i++) {
        double largest = 0;
        for (size_t j = 0; j < s->k2; j++) largest = s->w[i * s->k2 + j] > largest ? s->w[i * s->k2 + j] : largest;
        sum += problem->side[0].marginal[i] * log(largest);
    }
    return sum;
}

enum pid_status pid_ipfp_begin(struct pid_solve *solve, uint64_t sweeps, bool with_momentum, struct pid_point *point,
                               struct pid_error *error)
{
    struct ipfp s = {.workers = solve->options->workers, .kernels = pid_kernels()};
    if (take(&s, solve->arena, solve->problem, error) != PID_OK) return error->status;
    start(&s, solve->problem);
    for (uint64_t n = 0; n < sweeps; n++) {
        if (n > 0) reweight(&s, with_momentum);
        sweep(&s);
    }
    set_point(&s, solve->problem);
    *point = s.point;
    return PID_OK;
}

enum pid_status pid_ipfp_solve(struct pid_solve *solve, uint64_t sweeps, enum pid_decomposition_status *status, struct pid_error *error)
{
    struct ipfp s = {.workers = solve->options->workers, .kernels = pid_kernels()};
    if (take(&s, solve->arena, solve->problem, error) != PID_OK) return error->status;
    start(&s, solve->problem);
    uint64_t limit = solve->options->max_iterations ? UINT64_MAX : solve->iterations + DEFAULT_LIMIT;
    uint64_t next = sweeps ? UINT64_MAX : FIRST_CERTIFICATE;
    for (uint64_t done = 1;; done++) {
        sweep(&s);
        solve->iterations++;
        bool stopped = pid_solve_stopped(solve, status);
        if (!stopped && (solve->iterations >= limit || done == sweeps)) {
            *status = done == sweeps ? PID_STALLED : PID_ITERATION_LIMIT;
            stopped = true;
        }
        if (stopped || done >= next || least_gap(&s, solve->problem) <= solve->tolerance) {
            if (certify(&s, solve)) {
                *status = PID_CONVERGED;
                return PID_OK;
            }
            if (done >= next) next = CERTIFICATE_GROWTH * done;
        }
        if (stopped) {
            solve->begin = s.point;
            return PID_OK;
        }
        reweight(&s, true);
    }
}
