/* Figures of a report as SVG. */
#ifndef PID_REPORT_FIGURE_H
#define PID_REPORT_FIGURE_H

#include "report/format.h"
#include "report/group.h"

/* The colours, as a style sheet for light and dark: classes c0 (redundant), c1 ... (unique to each source), cs (synergy). */
void pid_figure_write_style(FILE *file);

/* The class of a column's colour: redundant, unique:NAME, synergy, share:NAME. */
const char *pid_figure_class(const struct pid_report *report, size_t column);

/* The colour of a class, as #rrggbb. */
const char *pid_figure_color(const char *class);

enum { PID_FIGURE_WIDTH = 360, PID_FIGURE_HEIGHT = 220 };

/* Each writes the marks of one panel, for one group of rows along the axis, within a PID_FIGURE_WIDTH x PID_FIGURE_HEIGHT
 * box.  `top` is the end of the scale in bits, the same for all panels. */
void pid_figure_parts(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, double top, bool nats);
void pid_figure_shares(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group);

/* The end of the scale that fits all rows' parts: in bits. */
double pid_figure_top(const struct pid_report *report, bool nats);

#endif
