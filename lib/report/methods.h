/* Two answers about the same data side by side: that of clusters (pid-ipfp) and that of Gaussians (pid-gauss, key method=gauss). */
#ifndef PID_REPORT_METHODS_H
#define PID_REPORT_METHODS_H

#include <stdio.h>

#include "report/report.h"

/* Rows of the same keys but for method, k and seed. */
struct pid_report_pair { size_t clusters, gauss; };
struct pid_report_pairs { size_t count; struct pid_report_pair *pairs; };

/* Released by free(pairs->pairs). */
enum pid_status pid_report_pairs_init(struct pid_report_pairs *pairs, const struct pid_report *report, struct pid_error *error) PID_MUST_CHECK;

/* Whether the two name the same source as the one that leads: 1 they do, -1 they do not, 0 one of them has no share. */
int pid_report_agree(const struct pid_report *report, const struct pid_report_pair *pair);

/* A sentence on how many agree, and one on each pair that does not, each between `before` and `after`; nothing without pairs. */
enum pid_status pid_report_write_agreement(FILE *file, const struct pid_report *report, int escape, const char *before, const char *after,
                                           struct pid_error *error) PID_MUST_CHECK;

/* Both answers, line under line: shares, parts in per cent of the total, and whether they agree.  Nothing without pairs. */
enum pid_status pid_report_methods_text(FILE *file, const struct pid_report *report, struct pid_error *error) PID_MUST_CHECK;
enum pid_status pid_report_methods_html(FILE *file, const struct pid_report *report, struct pid_error *error) PID_MUST_CHECK;

#endif
