/* Any number of sources about a target.
 *
 * What source i tells that all others together do not is well defined for any number of sources: its unique information in the
 * decomposition of two sources, X_i and the others merged into one.  These unique informations add up to at most the total,
 * since that of i given all others is no larger than I(Y; X_i | X_1 .. X_i-1), and those add up to it.  What remains is told by
 * several sources, redundantly or only together; how, the decompositions of every pair of sources tell, and the O-information,
 *
 *     O = (m - 2) H(V) + sum_j H(V_j) - H(V without V_j)     over the m variables V, the sources and the target
 *
 * (Rosas, Mediano, Gastpar, Jensen 2019, doi:10.1103/PhysRevE.100.032305): positive where redundancy prevails, negative where
 * synergy does; with two sources it is redundant - synergy. */
#ifndef PID_DECOMPOSITION_SOURCES_H
#define PID_DECOMPOSITION_SOURCES_H

#include "base/arena.h"
#include "decomposition/decomposition.h"

/* As struct pid_decomposition_table, with `sources` >= 2 sources. */
struct pid_sources_table {
    size_t sources;
    const size_t *levels;  /* sources + 1: of the sources, then of the target */
    const size_t *column;  /* sources + 1: where in a row they stand */
    size_t count;
    const uint32_t *cells; /* count rows of `stride` symbols */
    size_t stride;
    const double *weights; /* count, or NULL */
};

/* The potentials of one source and all others merged (see struct pid_decomposition_result), those of the others by the cells of
 * their margin with the target. */
struct pid_sources_potentials {
    const double *own;      /* levels of the source x levels of the target; NaN where they do not occur together */
    size_t count;           /* combinations of the others and the target that occur */
    const uint32_t *others; /* count x sources: the levels of the other sources, in their order, then the target's; sorted */
    const double *rest;     /* count; NaN where the combination has no weight */
};

/* Of one source and all others merged, or of two sources alone.  Bits. */
struct pid_sources_part { double redundant, unique[2], synergy, mi[2], gap; };

struct pid_sources_result {
    size_t sources;
    struct pid_sources_part *rest;  /* sources: unique[0], mi[0] are of source i, unique[1], mi[1] of the others together */
    struct pid_sources_part *pairs; /* sources (sources - 1) / 2: (0,1), (0,2), .. (1,2), .. */
    double total, remainder;        /* I(Y; all), and what is left of it when all unique[0] are taken off */
    struct pid_sources_potentials *potentials; /* sources; on request, of more than two sources; else NULL */
    double *entropy;                /* sources + 1 */
    double o_information;
    double gap;                     /* the largest: no part above is further from the truth */
    uint64_t iterations;            /* of all solves */
    enum pid_decomposition_solver solver; /* ipfp if any answer is of it */
    bool fell_back;
    enum pid_decomposition_status status; /* converged if all are, else that of the first that is not */
};

/* The index of a pair a < b in `pairs`. */
static inline size_t pid_sources_pair(size_t sources, size_t a, size_t b)
{
    return a * (2 * sources - a - 1) / 2 + b - a - 1;
}

/* Decomposes a table; arrays of the result come from `arena`.  options->coupling is passed over.  With two
 * sources there is one solve, and its answer is that of pid_decomposition_solve to the bit (which has the potentials of two).  Errors as there. */
enum pid_status pid_sources_solve(struct pid_decomposition *solver, const struct pid_sources_table *table,
                                  const struct pid_decomposition_options *options, struct pid_arena *arena,
                                  struct pid_sources_result *result, struct pid_error *error) PID_MUST_CHECK;

#endif
