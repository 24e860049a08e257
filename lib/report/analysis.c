#include "report/analysis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum pid_status pid_report_note(struct pid_report_row *row, struct pid_error *error, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) return pid_error_set(error, PID_ERROR_MEMORY, "out of memory");
    void *notes = row->notes;
    if (pid_array_grow(&notes, &row->note_capacity, row->note_count + 1, sizeof *row->notes, error)) {
        free(text);
        return error->status;
    }
    row->notes = notes;
    row->notes[row->note_count++] = text;
    return PID_OK;
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A replicate that is counted twice would make intervals and p-values too small. */
static enum pid_status check_replicates(const struct pid_report_row *row, struct pid_error *error)
{
    char key[200];
    if (!row->found)
        return pid_error_set(error, PID_ERROR_DATA, "%s: there are replicates but no decomposition of the data themselves",
                             pid_key_format(&row->key, key, sizeof key));
    for (size_t i = 0; i < row->replicate_count; i++) {
        struct pid_report_replicates *set = &row->replicates[i];
        qsort(set->indices, set->count, sizeof *set->indices, by_index);
        for (size_t j = 1; j < set->count; j++)
            if (set->indices[j] == set->indices[j - 1])
                return pid_error_set(error, PID_ERROR_DATA, "%s: %s %u is there twice", pid_key_format(&row->key, key, sizeof key),
                                     pid_replicate_name(set->type), (unsigned)set->indices[j]);
    }
    return PID_OK;
}

enum pid_status pid_report_finish(struct pid_report *report, double confidence, struct pid_error *error)
{
    (void)confidence;
    for (size_t i = 0; i < report->row_count; i++) {
        struct pid_report_row *row = &report->rows[i];
        if (check_replicates(row, error)) return error->status;
        if (!(row->estimates = pid_array_new(report->estimated, sizeof *row->estimates, error))) return error->status;
        for (size_t c = 0; c < report->estimated; c++)
            row->estimates[c] = (struct pid_report_estimate){pid_report_value(row, c), NAN, NAN, NAN, NAN, NAN};
    }
    return PID_OK;
}
