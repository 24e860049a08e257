/* Partial information decomposition of two sources about a target (Bertschinger, Rauh, Olbrich, Jost, Ay 2014,
 * "Quantifying unique information", doi:10.3390/e16042161), solved exactly and with a certificate.
 *
 * Sources X1, X2, target Y, P the given distribution.  Delta is the set of all distributions Q with Q(x1,y) = P(x1,y) and
 * Q(x2,y) = P(x2,y).  The union information is the least information that X1 and X2 together have about Y under such a Q,
 *
 *     union     = min over Q in Delta of I_Q(Y; X1 X2)
 *     redundant = I(Y;X1) + I(Y;X2) - union
 *     unique 1  = union - I(Y;X2)
 *     unique 2  = union - I(Y;X1)
 *     synergy   = I_P(Y; X1 X2) - union             and the four add up to I_P(Y; X1 X2).
 *
 * The minimum is a convex problem.  Every answer carries a lower and an upper bound of the union, from a dual feasible point
 * and from a Q that lies in Delta; both allow for rounding.  Their difference, the gap, bounds the error of each atom.
 *
 * All results are in bits.  The module takes plain arrays, works in the caller's thread and in the team it is lent, keeps no
 * global state and prints nothing.  It calls BLAS: a program that solves in several threads calls openblas_set_num_threads(1) first.
 * Results do not depend on anything but the table, the options and the processor's instruction set (a time limit apart); not on
 * the team. */
#ifndef PID_DECOMPOSITION_DECOMPOSITION_H
#define PID_DECOMPOSITION_DECOMPOSITION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/workers.h"

/* A joint table as a list of cells, borrowed for the time of the call.  Cells may repeat (they add up), come in any order and
 * need not be normalised; weights may be counts or probabilities of any scale.  A cell below PID_SMALLEST_P of the whole
 * counts as zero: a thousand million of them move no result by as much as a rounding. */
#define PID_SMALLEST_P 1e-28
struct pid_decomposition_table {
    size_t levels[3];       /* symbols of X1, X2, Y lie in 0 .. levels-1; at most 2^32 */
    size_t count;           /* cells */
    const uint32_t *cells;  /* count rows of `stride` symbols */
    size_t stride;
    size_t column[3];       /* where in a row X1, X2, Y stand */
    const double *weights;  /* count; finite, >= 0, at least one > 0; NULL where each row counts one */
};

enum pid_decomposition_solver {
    PID_SOLVER_AUTO,   /* by estimated cost and memory */
    PID_SOLVER_NEWTON, /* primal-dual interior point */
    PID_SOLVER_IPFP,   /* iterative proportional fitting, over-relaxed */
};

enum pid_decomposition_status {
    PID_CONVERGED,
    PID_ITERATION_LIMIT,
    PID_TIME_LIMIT,
    PID_STALLED,   /* no progress although nothing limited it */
    PID_CANCELLED,
};

struct pid_decomposition_progress {
    uint64_t iterations;
    double seconds;    /* since the solve began */
    double gap;        /* bits, the smallest proved so far; infinity before the first */
};

struct pid_decomposition_options {
    double tolerance;                     /* bits, >= 0: stop when the gap is not larger */
    enum pid_decomposition_solver solver;
    uint64_t max_iterations;              /* 0: the solver's own limit */
    double max_seconds;                   /* 0: none */
    double max_bytes;                     /* storage that `auto` may plan with; 0: 1 GiB */
    bool potentials;                      /* return lambda and mu */
    bool coupling;                        /* return Q */
    double coupling_threshold;            /* probabilities below are left out of Q's list; 0 lists all */
    /* Called now and then, at least once for each certificate; may be NULL. */
    void (*progress)(void *context, const struct pid_decomposition_progress *progress);
    void *progress_context;
    struct pid_workers *workers;          /* help with one large table; not in use otherwise; NULL: the caller's thread alone */
    const atomic_bool *cancel;            /* looked at once an iteration; may be NULL */
};

struct pid_decomposition_result {
    double redundant, unique[2], synergy; /* the atoms, from `united` */
    double total;                         /* I_P(Y; X1 X2) */
    double mi[2];                         /* I(Y;X1), I(Y;X2) */
    double entropy[3];                    /* H(X1), H(X2), H(Y) */
    double united;                        /* the union information that the atoms are computed from: the upper bound */
    double lower, upper;                  /* bounds of the union information */
    double gap;                           /* upper - lower >= 0: no atom is further than this from the truth */
    uint64_t iterations;
    enum pid_decomposition_solver solver; /* the one that gave the answer; never AUTO */
    bool fell_back;                       /* Newton was tried first and stalled */
    enum pid_decomposition_status status;
    double seconds;
    double scale;                         /* the weights' sum; weight / scale is the probability; may overflow to infinity */

    /* On request, borrowed from the solver until its next solve or its end; else NULL.
     * log2 of Q(y|x1,x2) is at most lambda(x1,y) + mu(x2,y), with equality where Q > 0 up to the gap (bits).
     * NaN where P(x,y) is zero. */
    const double *lambda;                 /* levels[0] x levels[2] */
    const double *mu;                     /* levels[1] x levels[2] */
    size_t coupling_count;
    const uint32_t *coupling_cells;       /* coupling_count x 3 */
    const double *coupling;               /* probabilities; their marginals are P's to rounding, less what was left out */
    double coupling_left_out;             /* the sum of the probabilities below the threshold */
};

/* Storage for solves, reusable over tables of any size; one for each thread. */
struct pid_decomposition;

struct pid_decomposition *pid_decomposition_new(struct pid_error *error) PID_MUST_CHECK;
void pid_decomposition_free(struct pid_decomposition *decomposition); /* NULL is allowed */

/* Tolerance 1e-9 bits, solver auto, no limits, nothing on request. */
void pid_decomposition_options_init(struct pid_decomposition_options *options);

/* Decomposes one table.  PID_OK with *result filled, whether or not the tolerance was reached (result->status tells);
 * PID_ERROR_DATA for a table that is empty or holds a negative, NaN or infinite weight or a symbol beyond its levels;
 * PID_ERROR_ARGUMENT for options out of range; PID_ERROR_MEMORY. */
enum pid_status pid_decomposition_solve(struct pid_decomposition *decomposition, const struct pid_decomposition_table *table,
                                        const struct pid_decomposition_options *options,
                                        struct pid_decomposition_result *result, struct pid_error *error) PID_MUST_CHECK;

/* "auto", "newton", "ipfp". */
const char *pid_decomposition_solver_name(enum pid_decomposition_solver solver);

/* "converged", "iteration-limit", "time-limit", "stalled", "cancelled". */
const char *pid_decomposition_status_name(enum pid_decomposition_status status);

#endif
