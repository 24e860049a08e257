/* What the numbers say, in sentences. */
#ifndef PID_REPORT_WORDS_H
#define PID_REPORT_WORDS_H

#include <stdio.h>

#include "report/report.h"

const char *pid_report_unit(bool nats);                 /* "bits", "nats" */
double pid_report_scale(bool nats);                     /* what a value in bits is multiplied by */

/* Which source has the largest share of the unique information, and that share; -1 where there is no share. */
ptrdiff_t pid_report_leader(const struct pid_report *report, const struct pid_report_row *row, double *share);

/* Whether the intervals, where there are any, leave no doubt that this source leads. */
bool pid_report_settled(const struct pid_report *report, const struct pid_report_row *row, ptrdiff_t leader);

/* What the rows say, each sentence between `before` and `after`: few rows each get their own; of more, those that differ
 * only in the key with the most values are told together.  Then, for the settings k and seed where they vary, whether the
 * source that leads stays the same; and whether clusters and Gaussians agree on it, where there are both. */
enum pid_status pid_report_findings(FILE *file, const struct pid_report *report, int escape, const char *before, const char *after,
                                    struct pid_error *error) PID_MUST_CHECK;

/* "A", "A and B", "A, B and C": the sources' names. */
void pid_report_write_sources(FILE *file, const struct pid_report *report, int escape, const char *conjunction);

/* "model=blip layer=3" escaped; nothing for an empty key. */
void pid_report_write_key(FILE *file, const struct pid_key *key, int escape);

#endif
