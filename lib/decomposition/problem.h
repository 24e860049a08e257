/* A table made ready for the solvers: normalised, counted per source and target, symbols of zero probability dropped,
 * symbols of a source that say the same about the target merged.  All logarithms natural from here on. */
#ifndef PID_DECOMPOSITION_PROBLEM_H
#define PID_DECOMPOSITION_PROBLEM_H

#include "base/arena.h"
#include "decomposition/decomposition.h"

/* One source's table with the target as found: the cells with P > 0 by ascending (symbol, target). */
struct pid_pair_table {
    size_t count;
    uint32_t *symbol;  /* as in the input */
    uint32_t *target;  /* an index into target_symbol */
    double *p;
    uint32_t *reduced; /* the cell of struct pid_side that it went into */
};

/* The same after merging: a sparse matrix by rows.  Row s holds the cells start[s] .. start[s+1]-1. */
struct pid_side {
    size_t symbols, cells;
    size_t *start;    /* symbols + 1 */
    uint32_t *target; /* cells; ascending in a row */
    double *p;        /* cells */
    double *marginal; /* symbols */
    struct pid_pair_table full;
};

struct pid_problem {
    struct pid_side side[2];
    size_t targets;
    uint32_t *target_symbol;  /* targets; as in the input, ascending */
    double *target_p;         /* targets */
    double mi[2], entropy[3]; /* nats */
    double total;             /* I_P(Y; X1 X2), nats */
    double scale;             /* the weights' sum; infinity where it overflows */
};

/* The values of a side's cells by (symbol, target), without gaps; `rest` where there is no cell. */
void pid_side_to_dense(const struct pid_side *side, size_t targets, const double *values, double rest, double *dense);

/* Fills *problem with arrays from the arena.  Errors as pid_decomposition_solve. */
enum pid_status pid_problem_init(struct pid_problem *problem, struct pid_arena *arena,
                                 const struct pid_decomposition_table *table, struct pid_error *error) PID_MUST_CHECK;

/* Fills side->symbols ... marginal and full.reduced from side->full.
 *
 * Rows with equal conditionals P(y|x) are one sufficient statistic and are merged; the union does not change.  "Equal" is
 * up to e = 2^-29 in each entry: expanding a Q of the merged table to the rows then moves its information by less than e^2
 * (a divergence between conditionals that differ by e), far below rounding. */
enum pid_status pid_side_reduce(struct pid_side *side, struct pid_arena *arena, struct pid_error *error) PID_MUST_CHECK;

#endif
