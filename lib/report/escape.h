/* Names and notes come from data and may hold anything.  What is printed passes through here, so that a name can
 * neither steer a terminal, break a table, run as a spreadsheet's formula, nor become markup. */
#ifndef PID_REPORT_ESCAPE_H
#define PID_REPORT_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* What pid_utf8_steers becomes '?', except where a line says else. */
enum pid_escape {
    PID_ESCAPE_TERMINAL,
    PID_ESCAPE_TSV,      /* \t \n \r \\, other bytes of what steers \xHH */
    PID_ESCAPE_CSV,      /* quoted where needed, lines and tabs kept within; a text that a spreadsheet would take for a formula gets an apostrophe in front */
    PID_ESCAPE_MARKDOWN, /* each mark that could begin markup or an address gets a backslash */
    PID_ESCAPE_LATEX,    /* as it is in running text and at a table's edges; a character that TeX's fonts lack is still for its user to deal with */
    PID_ESCAPE_GNUPLOT,  /* within single quotes of a command */
    PID_ESCAPE_GNUPLOT_DATA, /* within double quotes of a line of data; a double quote becomes a single one */
    PID_ESCAPE_HTML,     /* also for SVG and for attributes in either kind of quotes */
};

void pid_escape_write(FILE *file, enum pid_escape escape, const char *text);

/* The same into a new string, freed by free(); NULL with PID_ERROR_MEMORY. */
char *pid_escape_new(enum pid_escape escape, const char *text, struct pid_error *error) PID_MUST_CHECK;

/* Columns a text takes on a terminal: combining marks none, East Asian wide characters and pictures two. */
size_t pid_escape_width(const char *text);

#endif
