/* From replicates to estimates, and the sentences that belong beside a row.
 *
 * Bootstrap replicates give intervals, permutations the null's mean and p-values, subsamples the corrected values.
 * What is done about bias was decided on distributions whose truth is known (doc/statistics.md): redundant, unique and each
 * source's information are extrapolated to infinitely many samples; from the total Panzeri and Treves' estimate of its bias is
 * taken off; synergy is that total less the extrapolated union information. */
#ifndef PID_REPORT_ANALYSIS_H
#define PID_REPORT_ANALYSIS_H

#include "report/report.h"

/* Fills row->estimates (allocated, one an estimated column) and adds notes. */
enum pid_status pid_report_analyse(struct pid_report *report, struct pid_report_row *row, double confidence, struct pid_error *error) PID_MUST_CHECK;

/* The row's replicates of a type (the first such set), NULL where there are none. */
const struct pid_report_replicates *pid_report_replicates(const struct pid_report_row *row, enum pid_replicate_type type);

/* Adds a note to a row. */
enum pid_status pid_report_note(struct pid_report_row *row, struct pid_error *error, const char *format, ...) PID_PRINTF(3, 4) PID_MUST_CHECK;

#endif
