/* A finished report in the formats that pid-report writes.  All return PID_ERROR_MEMORY at most; whether the file could
 * be written is for the caller to check. */
#ifndef PID_REPORT_FORMAT_H
#define PID_REPORT_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

struct pid_report_style {
    bool nats;         /* informations in nats, not bits */
    bool color;        /* terminal colours in text */
    double confidence; /* that the intervals were made with */
    const char *across; /* key whose values stand side by side in text, markdown and latex; NULL: none */
};

/* For people: aligned, with bars, what the columns mean, what the numbers say, and the notes. */
enum pid_status pid_report_text(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error) PID_MUST_CHECK;

/* A table of GitHub's kind, the findings and the notes as lists. */
enum pid_status pid_report_markdown(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error) PID_MUST_CHECK;

/* A table for the package booktabs, ready to paste: contributions in per cent and atoms, each with half its interval. */
enum pid_status pid_report_latex(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error) PID_MUST_CHECK;

/* One line a key under a line of names; numbers read back exactly, "." where undefined.  `csv` separates by commas. */
enum pid_status pid_report_delimited(FILE *file, const struct pid_report *report, const struct pid_report_style *style, bool csv, struct pid_error *error) PID_MUST_CHECK;

/* One object: units, sources, target, history, rows with estimates and notes. */
enum pid_status pid_report_json(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error) PID_MUST_CHECK;

/* The page's figures as one SVG file. */
enum pid_status pid_report_svg(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error) PID_MUST_CHECK;

/* The same figures as a gnuplot script with its data inside; terminal and output are for its user to set. */
enum pid_status pid_report_gnuplot(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error) PID_MUST_CHECK;

/* One self-contained page: findings, figures, notes, the table, the history.  Whole without network and scripts. */
enum pid_status pid_report_html(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error) PID_MUST_CHECK;

#endif
