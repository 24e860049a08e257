/* How much too large a mutual information is that was counted from few samples (Panzeri and Treves, Network 7 (1996) 87,
 * doi:10.1088/0954-898X/7/1/006; Panzeri, Senatore, Montemurro, Petersen 2007, doi:10.1152/jn.00559.2007). */
#ifndef PID_JOINT_BIAS_H
#define PID_JOINT_BIAS_H

#include "joint/table.h"

/* How many symbols can occur, from `seen` to `most`, where `seen` occurred with these counts (each > 0): symbols are
 * added one by one while the number expected to show in so many draws, the seen ones having the posterior mean of one pseudocount
 * each, comes nearer to `seen`.  Sorts `counts`. */
double pid_joint_possible_symbols(double *counts, size_t seen, double most);

/* The expected excess of the plug-in I(A; B) over its true value in bits, from a table of counts:
 * (sum over b of (R_b - 1) - (R - 1)) / (2 N ln 2), R_b being the cells of A that can occur with b and R those that occurred at all, which bound each R_b.
 * PID_ERROR_ARGUMENT for a table that does not hold counts. */
enum pid_status pid_joint_information_bias(const struct pid_joint *table, const size_t *a, size_t a_count, const size_t *b,
                                           size_t b_count, double *bits, struct pid_error *error) PID_MUST_CHECK;

#endif
