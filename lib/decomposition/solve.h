/* What the solvers share: the limits, the best answer so far, the clock. */
#ifndef PID_DECOMPOSITION_SOLVE_H
#define PID_DECOMPOSITION_SOLVE_H

#include "decomposition/certificate.h"

struct pid_solve {
    const struct pid_problem *problem;
    const struct pid_decomposition_options *options;
    struct pid_arena *arena;
    struct pid_certificate certificate;
    struct pid_point upper_point; /* gave `upper` */
    struct pid_point lower_point; /* gave `lower`; feasible potentials; its pair is unused */
    struct pid_point begin;       /* where proportional fitting gave up */
    double lower, upper;          /* the best bounds so far, nats */
    double tolerance;             /* nats */
    double started;               /* by pid_solve_clock */
    uint64_t iterations;
};

enum pid_status pid_solve_init(struct pid_solve *solve, const struct pid_problem *problem, struct pid_arena *arena,
                               const struct pid_decomposition_options *options, struct pid_error *error) PID_MUST_CHECK;

/* Storage for a point, its pair left out unless wanted. */
enum pid_status pid_point_new(struct pid_point *point, const struct pid_problem *problem, struct pid_arena *arena, bool pair,
                              struct pid_error *error) PID_MUST_CHECK;

/* Seconds from an arbitrary start. */
double pid_solve_clock(void);

/* Certifies a point, keeps what is best, tells the progress; whether the tolerance is reached. */
bool pid_solve_certify(struct pid_solve *solve, const struct pid_point *point);

/* Whether a limit stops the solve now, and which: *status is set then. */
bool pid_solve_stopped(const struct pid_solve *solve, enum pid_decomposition_status *status);

/* The interior point method; *status is PID_STALLED where it got no further. */
enum pid_status pid_newton_run(struct pid_solve *solve, enum pid_decomposition_status *status, struct pid_error *error) PID_MUST_CHECK;

/* Bytes that it takes. */
double pid_newton_bytes(const struct pid_problem *problem);

/* Whether a step of it costs many sweeps of proportional fitting: it then begins where these left off, at solve->begin. */
bool pid_newton_is_large(const struct pid_problem *problem);

/* The point that so many sweeps of iterative proportional fitting reach; its arrays are the arena's. */
enum pid_status pid_ipfp_begin(struct pid_solve *solve, uint64_t sweeps, bool with_momentum, struct pid_point *point,
                               struct pid_error *error) PID_MUST_CHECK;

/* Iterative proportional fitting.  With `sweeps` not 0 it gives up after so many: *status is PID_STALLED and solve->begin set. */
enum pid_status pid_ipfp_solve(struct pid_solve *solve, uint64_t sweeps, enum pid_decomposition_status *status,
                               struct pid_error *error) PID_MUST_CHECK;

#endif
