#include <math.h>

#include "report/escape.h"
#include "report/figure.h"
#include "report/format.h"
#include "report/group.h"
#include "report/words.h"
#include "stream/show.h"

struct script {
    FILE *file;
    const struct pid_report *report;
    const struct pid_report_style *style;
    struct pid_report_groups groups;
};

static bool is_drawn(const struct pid_report_column *column) { return column->quantity <= PID_REPORT_SYNERGY || column->quantity == PID_REPORT_SHARE; }

static void put_quoted(const struct script *script, const char *text)
{
    putc('\'', script->file);
    pid_escape_write(script->file, PID_ESCAPE_GNUPLOT, text);
    putc('\'', script->file);
}

static void put_number(const struct script *script, double value)
{
    putc('\t', script->file);
    if (isnan(value)) fputs("NaN", script->file);
    else pid_show_number(script->file, value);
}

/* The name in double quotes, so that no line can be the one that ends the data: what follows that is commands. */
static void write_data_line(const struct script *script, const struct pid_report_row *row)
{
    char value[200];
    pid_report_key_text(row, script->groups.axis, value, sizeof value);
    putc('"', script->file);
    pid_escape_write(script->file, PID_ESCAPE_GNUPLOT_DATA, *value ? value : "all");
    putc('"', script->file);
    for (size_t c = 0; c < script->report->estimated; c++) {
        const struct pid_report_column *column = &script->report->columns[c];
        double scale = column->quantity == PID_REPORT_SHARE ? 100 : pid_report_scale(script->style->nats);
        if (!is_drawn(column)) continue;
        put_number(script, pid_report_best(row, c) * scale);
        put_number(script, row->estimates[c].low * scale);
        put_number(script, row->estimates[c].high * scale);
    }
    putc('\n', script->file);
}

/* A block for each group, its key as title, separated as gnuplot's `index` wants it. */
static void write_data(const struct script *script)
{
    fprintf(script->file, "# columns of the data: %s", *script->groups.axis ? "" : "row");
    pid_escape_write(script->file, PID_ESCAPE_TSV, script->groups.axis);
    for (size_t c = 0; c < script->report->estimated; c++) {
        if (!is_drawn(&script->report->columns[c])) continue;
        for (int i = 0; i < 3; i++) {
            putc('\t', script->file);
            pid_escape_write(script->file, PID_ESCAPE_TSV, script->report->columns[c].name);
            fputs(i == 0 ? "" : i == 1 ? ":lo" : ":hi", script->file);
        }
    }
    fputs("\n$data << END_OF_DATA\n", script->file);
    for (size_t g = 0; g < script->groups.count; g++) {
        if (g) fputs("\n\n", script->file);
        for (size_t i = script->groups.start[g]; i < script->groups.start[g + 1]; i++)
            write_data_line(script, &script->report->rows[script->groups.rows[i]]);
    }
    fputs("END_OF_DATA\n", script->file);
}

static void put_title(const struct script *script, size_t group)
{
    struct pid_key key = pid_report_group_key(&script->groups, script->report, group);
    putc('\'', script->file);
    pid_report_write_key(script->file, &key, PID_ESCAPE_GNUPLOT);
    putc('\'', script->file);
}

/* The plots of one panel: bars in the order they are stacked, or lines with their intervals. */
static void write_plot(const struct script *script, size_t group, bool shares)
{
    const struct pid_report *report = script->report;
    size_t at = 2;
    const char *before = "plot ";
    bool ordered = script->groups.ordered;
    if (shares && !ordered) { /* draws nothing but the names below the middle of the bars */
        fprintf(script->file, "plot $data index %zu using 0:(NaN):xticlabels(1) notitle", group);
        before = ", \\\n     ";
    }
    for (size_t c = 0; c < report->estimated; c++) {
        const struct pid_report_column *column = &report->columns[c];
        const char *color = pid_figure_color(pid_figure_class(report, c));
        if (!is_drawn(column)) continue;
        if (shares == (column->quantity == PID_REPORT_SHARE)) {
            fputs(before, script->file);
            before = ", \\\n     ";
            if (shares && report->has_intervals && ordered)
                fprintf(script->file, "$data index %zu using 0:%zu:%zu with filledcurves fillcolor rgb '%s' fillstyle transparent solid 0.2 noborder notitle, \\\n     ", group, at + 1, at + 2, color);
            if (shares && ordered)
                fprintf(script->file, "$data index %zu using 0:%zu:xticlabels(1) with linespoints linewidth 2 pointtype %zu linecolor rgb '%s' title ", group, at, 2 * column->source + 5, color);
            else if (shares) /* beside each other, with bars where there are intervals */
                fprintf(script->file, "$data index %zu using ($0 + %g):%zu:(valid(%zu) ? column(%zu) : column(%zu)):(valid(%zu) ? column(%zu) : column(%zu)) with yerrorbars linewidth 2 pointtype %zu linecolor rgb '%s' title ",
                        group, 0.12 * ((double)column->source - (double)(report->source_count - 1) / 2), at, at + 1, at + 1, at, at + 2, at + 2, at, 2 * column->source + 5, color);
            else fprintf(script->file, "$data index %zu using (column(%zu) > 0 ? column(%zu) : 0):xticlabels(1) with histograms linecolor rgb '%s' title ", group, at, at, color);
            put_quoted(script, column->name);
        }
        at += 3;
    }
    putc('\n', script->file);
}

static void write_panels(const struct script *script, bool shares)
{
    FILE *file = script->file;
    fprintf(file, shares ? "\nset ylabel 'share, %%'\nset yrange [0:100]\nset offsets 0.5, 0.5, 0, 0\n"
                         : "\nset ylabel '%s'\nset yrange [0:%g]\nset offsets 0, 0, 0, 0\nset style data histograms\nset style histogram rowstacked\nset style fill solid 0.9 border -1\nset boxwidth 0.8\n",
            pid_report_unit(script->style->nats), pid_figure_top(script->report, script->style->nats) * pid_report_scale(script->style->nats));
    for (size_t g = 0; g < script->groups.count; g++) {
        fputs("set title ", file);
        put_title(script, g);
        putc('\n', file);
        write_plot(script, g, shares);
    }
}

enum pid_status pid_report_gnuplot(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error)
{
    struct script script = {.file = file, .report = report, .style = style};
    enum pid_status status = pid_report_groups_init(&script.groups, report, NULL, error);
    if (!status && report->row_count) {
        size_t panels = script.groups.count, across = panels < 3 ? panels : 3;
        fputs("# gnuplot 5: gnuplot -e \"set terminal pdfcairo size 18,12; set output 'figure.pdf'\" THIS-FILE\n", file);
        write_data(&script);
        fprintf(file, "set datafile separator '\\t'\nset datafile commentschars ''\nset termoption noenhanced\nset key outside below\nset xtics nomirror rotate\nset xlabel ");
        put_quoted(&script, script.groups.axis);
        fprintf(file, "\nset grid ytics\nset multiplot layout %zu,%zu\n", 2 * ((panels + across - 1) / across), across);
        write_panels(&script, true);
        for (size_t i = panels; i % across; i++) fputs("set multiplot next\n", file);
        write_panels(&script, false);
        fputs("unset multiplot\n", file);
    }
    pid_report_groups_release(&script.groups);
    return status;
}
