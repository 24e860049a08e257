/* How a printed table is laid out: a line for each row of the report, or, across a key, a line for all rows that differ in
 * that key only, with a block of columns for each of its values (models x datasets, as papers have it). */
#ifndef PID_REPORT_LAYOUT_H
#define PID_REPORT_LAYOUT_H

#include "report/report.h"

struct pid_report_layout {
    size_t key_count;
    const char **keys;                 /* names that label the lines, borrowed from the report */
    size_t block_count;                /* at least 1 where there are rows */
    const struct pid_report_row **blocks; /* a row that has the block's value of `across` */
    const char *across;                /* "" without */
    size_t column_count;
    size_t *columns;                   /* of a block: the shares, redundant, unique, synergy; indices in report->columns */
    size_t line_count;
    const struct pid_report_row **rows; /* line_count x block_count; NULL where a line has no such row */
};

/* `across` NULL: no key.  PID_ERROR_ARGUMENT where the rows have no such key.  Released also after an error. */
enum pid_status pid_report_layout_init(struct pid_report_layout *layout, const struct pid_report *report, const char *across,
                                       struct pid_error *error) PID_MUST_CHECK;
void pid_report_layout_release(struct pid_report_layout *layout);

/* The first row of a line, whose keys label it. */
const struct pid_report_row *pid_report_layout_first(const struct pid_report_layout *layout, size_t line);

#endif
