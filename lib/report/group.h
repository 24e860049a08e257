/* Rows that differ in one key only, the axis (layer, say), belong together: they are told and drawn as one. */
#ifndef PID_REPORT_GROUP_H
#define PID_REPORT_GROUP_H

#include "report/report.h"

struct pid_report_groups {
    const char *axis; /* name of the key; "" where every row is its own group.  Borrowed from the report */
    bool ordered;     /* the axis' values are numbers, so that a line from one to the next means something */
    size_t count;
    size_t *start;    /* count + 1: where each group begins in rows */
    size_t *rows;     /* all rows, group by group in the order they were met, along the axis in natural order */
};

/* `axis` NULL takes, of the keys with more than one value, one whose values are all numbers (layers, clusters) before one of
   names (models), since only along numbers does a line mean something; then the one with the most values.  Released by pid_report_groups_release, also after an error. */
enum pid_status pid_report_groups_init(struct pid_report_groups *groups, const struct pid_report *report, const char *axis,
                                       struct pid_error *error) PID_MUST_CHECK;
void pid_report_groups_release(struct pid_report_groups *groups);

/* How many different values a key has, counted no further than 200. */
size_t pid_report_key_values(const struct pid_report *report, const char *name);

/* The key that all rows of a group have in common. */
struct pid_key pid_report_group_key(const struct pid_report_groups *groups, const struct pid_report *report, size_t group);

#endif
