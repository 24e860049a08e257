#include "report/grid.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/escape.h"

void pid_grid_release(struct pid_grid *grid)
{
    for (size_t i = 0; i < grid->cells; i++) free(grid->texts[i]);
    free(grid->texts);
    *grid = (struct pid_grid){0};
}

static enum pid_status take(struct pid_grid *grid, char *text, struct pid_error *error)
{
    void *texts = grid->texts;
    if (!text) return pid_error_set(error, PID_ERROR_MEMORY, "out of memory");
    if (pid_array_grow(&texts, &grid->capacity, grid->cells + 1, sizeof *grid->texts, error)) {
        free(text);
        return error->status;
    }
    grid->texts = texts;
    grid->texts[grid->cells++] = text;
    return PID_OK;
}

enum pid_status pid_grid_add(struct pid_grid *grid, struct pid_error *error, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) text = NULL;
    va_end(arguments);
    return take(grid, text, error);
}

enum pid_status pid_grid_add_escaped(struct pid_grid *grid, const char *text, struct pid_error *error)
{
    return take(grid, pid_escape_new(PID_ESCAPE_TERMINAL, text, error), error);
}

void pid_grid_widths(const struct pid_grid *grid, size_t *widths)
{
    for (size_t c = 0; c < grid->columns; c++) widths[c] = 0;
    for (size_t i = 0; i < grid->cells; i++) {
        size_t width = pid_escape_width(grid->texts[i]);
        if (width > widths[i % grid->columns]) widths[i % grid->columns] = width;
    }
}

void pid_grid_print(FILE *file, const struct pid_grid *grid, size_t row, const size_t *widths, const bool *left)
{
    for (size_t c = 0; c < grid->columns; c++) {
        const char *text = grid->texts[row * grid->columns + c];
        int padding = (int)(widths[c] - pid_escape_width(text));
        if (c) fputs("  ", file);
        if (!left[c]) fprintf(file, "%*s", padding, "");
        fputs(text, file);
        if (left[c] && c + 1 < grid->columns) fprintf(file, "%*s", padding, "");
    }
}
