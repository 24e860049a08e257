#include "report/format.h"

#include <inttypes.h>
#include <math.h>

#include "report/escape.h"
#include "report/layout.h"
#include "report/words.h"

struct markdown {
    FILE *file;
    const struct pid_report *report;
    const struct pid_report_style *style;
    struct pid_report_layout layout;
};

static void put(const struct markdown *m, const char *text) { pid_escape_write(m->file, PID_ESCAPE_MARKDOWN, text); }

static void write_names(const struct markdown *m)
{
    const struct pid_report_layout *layout = &m->layout;
    char value[200];
    for (size_t k = 0; k < layout->key_count; k++) {
        fputs("| ", m->file);
        put(m, layout->keys[k]);
        putc(' ', m->file);
    }
    for (size_t b = 0; b < layout->block_count; b++)
        for (size_t c = 0; c < layout->column_count; c++) {
            const struct pid_report_column *column = &m->report->columns[layout->columns[c]];
            fputs("| ", m->file);
            if (*layout->across) {
                put(m, pid_report_key_text(layout->blocks[b], layout->across, value, sizeof value));
                fputs(", ", m->file);
            }
            put(m, column->name);
            fputs(column->quantity == PID_REPORT_SHARE ? " % " : " ", m->file);
        }
    fputs(*layout->across ? "|\n" : "| n |\n", m->file);
    for (size_t k = 0; k < layout->key_count; k++) fputs("|:---", m->file);
    for (size_t c = 0; c < layout->block_count * layout->column_count + !*layout->across; c++) fputs("|---:", m->file);
    fputs("|\n", m->file);
}

static void write_estimate(const struct markdown *m, const struct pid_report_row *row, size_t column)
{
    bool share = m->report->columns[column].quantity == PID_REPORT_SHARE;
    double scale = share ? 100 : pid_report_scale(m->style->nats), value = row ? pid_report_best(row, column) * scale : NAN;
    int digits = share ? 1 : 4;
    fputs("| ", m->file);
    if (isnan(value)) putc('.', m->file);
    else fprintf(m->file, "%.*f", digits, pid_report_rounded(value, digits));
    if (!isnan(value) && !isnan(row->estimates[column].low))
        fprintf(m->file, " (%.*f to %.*f)", digits, pid_report_rounded(row->estimates[column].low * scale, digits), digits,
                pid_report_rounded(row->estimates[column].high * scale, digits));
    putc(' ', m->file);
}

static void write_line(const struct markdown *m, size_t line)
{
    const struct pid_report_layout *layout = &m->layout;
    const struct pid_report_row *first = pid_report_layout_first(layout, line);
    char value[200];
    for (size_t k = 0; k < layout->key_count; k++) {
        fputs("| ", m->file);
        put(m, pid_report_key_text(first, layout->keys[k], value, sizeof value));
        putc(' ', m->file);
    }
    for (size_t b = 0; b < layout->block_count; b++)
        for (size_t c = 0; c < layout->column_count; c++) write_estimate(m, layout->rows[line * layout->block_count + b], layout->columns[c]);
    if (!*layout->across) {
        if (first->samples) fprintf(m->file, "| %" PRIu64 " ", first->samples);
        else fputs("| exact ", m->file);
    }
    fputs("|\n", m->file);
}

static void write_notes(const struct markdown *m)
{
    for (size_t i = 0; i < m->report->row_count; i++) {
        const struct pid_report_row *row = &m->report->rows[i];
        for (size_t j = 0; j < row->note_count; j++) {
            fputs("- note: ", m->file);
            pid_report_write_key(m->file, &row->key, PID_ESCAPE_MARKDOWN);
            fputs(row->key.count ? ": " : "", m->file);
            put(m, row->notes[j]);
            putc('\n', m->file);
        }
    }
}

enum pid_status pid_report_markdown(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error)
{
    struct markdown m = {.file = file, .report = report, .style = style};
    enum pid_status status = pid_report_layout_init(&m.layout, report, style->across, error);
    if (!status) {
        fputs("What ", file);
        pid_report_write_sources(file, report, PID_ESCAPE_MARKDOWN, "and");
        fputs(" tell about ", file);
        put(&m, report->target);
        fprintf(file, ", in %s", pid_report_unit(style->nats));
        if (report->has_intervals) fprintf(file, ", with intervals of %g %%", 100 * style->confidence);
        fputs(".\n\n", file);
        write_names(&m);
        for (size_t line = 0; line < m.layout.line_count; line++) write_line(&m, line);
        putc('\n', file);
        status = pid_report_findings(file, report, PID_ESCAPE_MARKDOWN, "- ", "\n", error);
        write_notes(&m);
    }
    pid_report_layout_release(&m.layout);
    return status;
}
