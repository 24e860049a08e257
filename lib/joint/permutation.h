/* Tables as they would be if the target had nothing to do with the sources: its values dealt out anew to the rows.  Only the
 * counts matter to that: the table of a permutation is a draw from all tables with the same numbers of rows for each combination
 * of sources and for each target (Fisher 1935; Patefield 1981, doi:10.2307/2346669).  So permutations are made from a table, not
 * from rows, and those of a merged table are those of the whole data. */
#ifndef PID_JOINT_PERMUTATION_H
#define PID_JOINT_PERMUTATION_H

#include "joint/table.h"

struct pid_permutation;

/* Prepares permutations of a table of counts whose variables are `sources` sources, `strata` variables within whose levels the
 * target is permuted (0: anywhere), and at least one target.  The table is borrowed until this is freed.  NULL with an error. */
struct pid_permutation *pid_permutation_new(const struct pid_joint *table, size_t sources, size_t strata, struct pid_error *error) PID_MUST_CHECK;
void pid_permutation_free(struct pid_permutation *permutation); /* NULL is allowed */

/* Permutation `index`: a table of the sources and targets, without the strata.  Depends on (table, seed, index) alone; may be called from
 * several threads. */
enum pid_status pid_permutation_draw(const struct pid_permutation *permutation, uint64_t seed, uint32_t index, struct pid_joint *drawn,
                                     struct pid_error *error) PID_MUST_CHECK;

#endif
