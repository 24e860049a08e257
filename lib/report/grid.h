/* A table of short texts that is printed aligned. */
#ifndef PID_REPORT_GRID_H
#define PID_REPORT_GRID_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct pid_grid {
    size_t columns, cells, capacity;
    char **texts; /* owned; row after row */
};

/* {.columns = n} is an empty grid of n columns. */
void pid_grid_release(struct pid_grid *grid);

/* The next cell, from left to right.  The text must be safe for a terminal already. */
enum pid_status pid_grid_add(struct pid_grid *grid, struct pid_error *error, const char *format, ...) PID_PRINTF(3, 4) PID_MUST_CHECK;
enum pid_status pid_grid_add_escaped(struct pid_grid *grid, const char *text, struct pid_error *error) PID_MUST_CHECK;

/* The width that each column needs, into widths[columns]. */
void pid_grid_widths(const struct pid_grid *grid, size_t *widths);

/* Prints row `row`; left[i] tells whether column i is set to the left, all others to the right. */
void pid_grid_print(FILE *file, const struct pid_grid *grid, size_t row, const size_t *widths, const bool *left);

#endif
