/* Lists of single samples that pid-local puts beside means of local values, as tables in a page. */
#ifndef PID_REPORT_SAMPLES_H
#define PID_REPORT_SAMPLES_H

#include <stdio.h>

#include "report/report.h"

/* Takes in the lists among a result's texts: "top:VALUE", "bottom:VALUE", tab-separated under a line of names. */
enum pid_status pid_report_take_samples(struct pid_report_row *row, const struct pid_result_record *result, struct pid_error *error) PID_MUST_CHECK;
void pid_report_release_samples(struct pid_report_row *row);

/* A section of a page; nothing where there are no lists. */
void pid_report_samples_html(FILE *file, const struct pid_report *report);

#endif
