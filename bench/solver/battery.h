/* Tables that a solver may stumble over, each a pure function of its number. */
#ifndef PID_BENCH_BATTERY_H
#define PID_BENCH_BATTERY_H

#include "decomposition/decomposition.h"

enum { BATTERY_LEVELS = 20, BATTERY_CELLS = BATTERY_LEVELS * BATTERY_LEVELS * BATTERY_LEVELS };

enum battery_kind {
    BATTERY_DIRICHLET_1, BATTERY_DIRICHLET_02, BATTERY_DIRICHLET_002, /* dense */
    BATTERY_SPARSE,        /* most cells zero */
    BATTERY_SAMPLES,       /* 24 to 5000 rows drawn from a Dirichlet table */
    BATTERY_DETERMINISTIC, /* Y a function of X1 and X2 */
    BATTERY_DEGENERATE,    /* X1 a function of Y, or X1 = X2, or a constant */
    BATTERY_EQUAL_ROWS,    /* symbols that say the same */
    BATTERY_NEAR_ROWS,     /* symbols that say nearly the same */
    BATTERY_TINY,          /* weights over hundreds of orders of magnitude */
    BATTERY_KINDS
};

struct battery_table {
    enum battery_kind kind;
    struct pid_decomposition_table table; /* points into this struct */
    uint32_t cells[BATTERY_CELLS][3];
    double weights[BATTERY_CELLS];
};

void battery_make(size_t number, struct battery_table *out);
const char *battery_name(enum battery_kind kind);

#endif
