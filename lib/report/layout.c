#include "report/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/group.h"

static enum pid_status set_keys(struct pid_report_layout *layout, const struct pid_report *report, struct pid_error *error)
{
    bool found = false;
    if (!(layout->keys = pid_array_new(report->key_count, sizeof *layout->keys, error))) return error->status;
    for (size_t k = 0; k < report->key_count; k++) {
        if (strcmp(report->keys[k], layout->across)) layout->keys[layout->key_count++] = report->keys[k];
        else found = true;
    }
    if (found || !*layout->across || !report->row_count) return PID_OK;
    return pid_error_set(error, PID_ERROR_ARGUMENT, "no decomposition has a key '%.200s'", layout->across);
}

struct value { struct pid_key key; const struct pid_report_row *row; };

static int by_value(const void *a, const void *b)
{
    return pid_key_compare(&((const struct value *)a)->key, &((const struct value *)b)->key);
}

/* The different values of `across`, in natural order. */
static enum pid_status set_blocks(struct pid_report_layout *layout, const struct pid_report *report, struct pid_error *error)
{
    struct value *values = pid_array_new(report->row_count + 1, sizeof *values, error);
    layout->blocks = values ? pid_array_new(report->row_count + 1, sizeof *layout->blocks, error) : NULL;
    for (size_t i = 0; layout->blocks && i < report->row_count; i++)
        values[i] = (struct value){pid_key_view(&report->rows[i].key, &layout->across, 1, true), &report->rows[i]};
    if (layout->blocks) {
        qsort(values, report->row_count, sizeof *values, by_value);
        for (size_t i = 0; i < report->row_count; i++)
            if (!i || by_value(&values[i], &values[i - 1])) layout->blocks[layout->block_count++] = values[i].row;
    }
    free(values);
    return layout->blocks ? PID_OK : error->status;
}

/* The blocks are in natural order. */
static size_t block_of(const struct pid_report_layout *layout, const struct pid_report_row *row)
{
    struct value mine = {pid_key_view(&row->key, &layout->across, 1, true), row};
    size_t low = 0, high = layout->block_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        struct value other = {pid_key_view(&layout->blocks[middle]->key, &layout->across, 1, true), layout->blocks[middle]};
        if (by_value(&mine, &other) < 0) high = middle;
        else low = middle;
    }
    return low;
}

static enum pid_status set_columns(struct pid_report_layout *layout, const struct pid_report *report, struct pid_error *error)
{
    if (!(layout->columns = pid_array_new(report->estimated, sizeof *layout->columns, error))) return error->status;
    for (size_t c = 0; c < report->estimated; c++)
        if (report->columns[c].quantity == PID_REPORT_SHARE) layout->columns[layout->column_count++] = c;
    for (size_t c = 0; c < report->estimated; c++)
        if (report->columns[c].quantity <= PID_REPORT_SYNERGY) layout->columns[layout->column_count++] = c;
    return PID_OK;
}

static enum pid_status set_lines(struct pid_report_layout *layout, const struct pid_report *report, struct pid_error *error)
{
    struct pid_report_groups groups;
    enum pid_status status = pid_report_groups_init(&groups, report, layout->across, error);
    if (!status) {
        layout->line_count = groups.count;
        layout->rows = pid_array_new(groups.count * layout->block_count + 1, sizeof *layout->rows, error);
        if (!layout->rows) status = error->status;
    }
    for (size_t g = 0; !status && g < groups.count; g++)
        for (size_t i = groups.start[g]; i < groups.start[g + 1]; i++) {
            const struct pid_report_row *row = &report->rows[groups.rows[i]];
            layout->rows[g * layout->block_count + (*layout->across ? block_of(layout, row) : 0)] = row;
        }
    pid_report_groups_release(&groups);
    return status;
}

enum pid_status pid_report_layout_init(struct pid_report_layout *layout, const struct pid_report *report, const char *across, struct pid_error *error)
{
    *layout = (struct pid_report_layout){.across = across ? across : ""};
    if (set_keys(layout, report, error) || set_columns(layout, report, error)) return error->status;
    if (*layout->across) {
        if (set_blocks(layout, report, error)) return error->status;
    } else layout->block_count = 1;
    return set_lines(layout, report, error);
}

void pid_report_layout_release(struct pid_report_layout *layout)
{
    free(layout->keys);
    free(layout->columns);
    free(layout->blocks);
    free(layout->rows);
    *layout = (struct pid_report_layout){0};
}

const struct pid_report_row *pid_report_layout_first(const struct pid_report_layout *layout, size_t line)
{
    const struct pid_report_row **rows = layout->rows + line * layout->block_count;
    while (!*rows) rows++;
    return *rows;
}
