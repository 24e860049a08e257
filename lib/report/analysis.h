/* From replicates to estimates, and the sentences that belong beside a row. */
#ifndef PID_REPORT_ANALYSIS_H
#define PID_REPORT_ANALYSIS_H

#include "report/report.h"

/* Adds a note to a row. */
enum pid_status pid_report_note(struct pid_report_row *row, struct pid_error *error, const char *format, ...) PID_PRINTF(3, 4) PID_MUST_CHECK;

#endif
