/* The rows behind a table, kept compactly, so that versions of the table can be drawn from them: bootstrap replicates and
 * subsamples.  What becomes of a row depends on (seed, number of the replicate, number of the row) alone, or, where rows are
 * bound into clusters, on (seed, replicate, cluster): so any division of the rows into parts, tables of which are added up
 * afterwards, gives the same replicate.
 *
 * Bootstrap: each row counts Poisson(1) times.  The multinomial counts of the ordinary bootstrap (Efron 1979) would bind all rows
 * together.  Given its total, a Poisson replicate is an ordinary one of that many draws; the total varies by its square root,
 * which changes a plug-in information by a smaller order than the interval's width (Praestgaard, Wellner 1993,
 * doi:10.1214/aop/1176989011; Hanley, MacGibbon 2006, doi:10.1016/j.cmpb.2006.04.006; Chamandy et al. 2012). */
#ifndef PID_JOINT_SAMPLE_H
#define PID_JOINT_SAMPLE_H

#include "joint/table.h"

struct pid_sample;

/* NULL with an error.  `shape` as for pid_counter_new; with `clustered`, rows added in one call stay together. */
struct pid_sample *pid_sample_new(size_t variables, const uint64_t *shape, bool clustered, struct pid_error *error) PID_MUST_CHECK;
void pid_sample_free(struct pid_sample *sample); /* NULL is allowed */

/* Adds the rows numbered first .. first + rows - 1 of the part of the data that `part` stands for (0, or a hash of what tells
 * this part's row 7 from another's), or, of a clustered sample, rows of the cluster that `part` stands for.  The label of variable v
 * in row r is columns[v][r], below the shape. */
enum pid_status pid_sample_add(struct pid_sample *sample, const uint32_t *const *columns, size_t rows, uint64_t first,
                               uint64_t part, struct pid_error *error) PID_MUST_CHECK;

/* To be called once, when all rows are there, with the table of all of them, which is borrowed until the sample is freed.
 * PID_ERROR_DATA where two rows have one number: their draws would not be independent. */
enum pid_status pid_sample_bind(struct pid_sample *sample, const struct pid_joint *table, struct pid_error *error) PID_MUST_CHECK;

/* Bootstrap replicate `index`, of the shape of the table bound to; it may be empty where rows or clusters are few. */
enum pid_status pid_sample_bootstrap(const struct pid_sample *sample, uint64_t seed, uint32_t index, struct pid_joint *table,
                                     struct pid_error *error) PID_MUST_CHECK;

/* How many subsamples of that fraction, in (0, 1], share no row: floor(1 / fraction). */
uint32_t pid_subsample_series(double fraction);

/* Subsample `index` of `fraction`, in (0, 1], of the rows.  Each row draws one number u in [0, 1) for a series of
 * pid_subsample_series subsamples, which take the rows of u in [0, f), [f, 2f), ..: they share no row, and those of a half and a
 * quarter are nested.  The next series draws anew. */
enum pid_status pid_sample_subsample(const struct pid_sample *sample, uint64_t seed, double fraction, uint32_t index,
                                     struct pid_joint *table, struct pid_error *error) PID_MUST_CHECK;

#endif
