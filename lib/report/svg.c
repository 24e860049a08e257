#include <math.h>

#include "report/escape.h"
#include "report/figure.h"
#include "report/format.h"
#include "report/words.h"

enum { MARGIN = 16, TITLE = 44, HEADING = 22, KEY_LINE = 20, ACROSS_MOST = 3 };

struct sheet {
    FILE *file;
    const struct pid_report *report;
    const struct pid_report_style *style;
    struct pid_report_groups groups;
    size_t across; /* panels beside each other */
    int width;
};

static void put_text(const struct sheet *sheet, int x, int y, const char *weight, const char *text)
{
    fprintf(sheet->file, "<text x=\"%d\" y=\"%d\"%s>", x, y, weight);
    pid_escape_write(sheet->file, PID_ESCAPE_HTML, text);
    fputs("</text>\n", sheet->file);
}

/* A coloured square and its meaning for each part or share; returns the height taken. */
static int write_key(const struct sheet *sheet, int y, bool shares)
{
    const struct pid_report *report = sheet->report;
    int lines = 0;
    for (size_t c = 0; c < report->estimated; c++) {
        enum pid_report_quantity quantity = report->columns[c].quantity;
        if (shares ? quantity != PID_REPORT_SHARE : quantity > PID_REPORT_SYNERGY) continue;
        int at = y + KEY_LINE * lines++;
        fprintf(sheet->file, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"11\" height=\"11\"/>", pid_figure_class(report, c), MARGIN, at);
        put_text(sheet, MARGIN + 18, at + 10, "", report->columns[c].name);
    }
    return KEY_LINE * lines;
}

static int write_panels(const struct sheet *sheet, int y, bool shares)
{
    const struct pid_report_groups *groups = &sheet->groups;
    double top = pid_figure_top(sheet->report, sheet->style->nats);
    for (size_t g = 0; g < groups->count; g++) {
        int x = MARGIN + (int)(g % sheet->across) * (PID_FIGURE_WIDTH + MARGIN), from = y + (int)(g / sheet->across) * (PID_FIGURE_HEIGHT + HEADING + MARGIN);
        struct pid_key key = pid_report_group_key(groups, sheet->report, g);
        fprintf(sheet->file, "<text x=\"%d\" y=\"%d\" font-weight=\"600\">", x, from + 14);
        pid_report_write_key(sheet->file, &key, PID_ESCAPE_HTML);
        fprintf(sheet->file, "</text>\n<g transform=\"translate(%d %d)\">\n", x, from + HEADING);
        if (shares) pid_figure_shares(sheet->file, sheet->report, groups, g);
        else pid_figure_parts(sheet->file, sheet->report, groups, g, top, sheet->style->nats);
        fputs("</g>\n", sheet->file);
    }
    return (int)((groups->count + sheet->across - 1) / sheet->across) * (PID_FIGURE_HEIGHT + HEADING + MARGIN);
}

static int key_lines(const struct pid_report *report, bool shares)
{
    return shares ? (int)report->source_count : (int)report->source_count + 2;
}

static void write_sheet(struct sheet *sheet)
{
    FILE *file = sheet->file;
    int rows = (int)((sheet->groups.count + sheet->across - 1) / sheet->across), height = TITLE + MARGIN;
    for (int shares = 0; shares <= 1; shares++)
        height += HEADING + KEY_LINE * key_lines(sheet->report, shares) + rows * (PID_FIGURE_HEIGHT + HEADING + MARGIN) + MARGIN;
    fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" color=\"#1b1f24\">\n<style>\n", sheet->width, height, sheet->width, height);
    pid_figure_write_style(file);
    fputs("</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", file);
    fprintf(file, "<text x=\"%d\" y=\"28\" style=\"font-size:16px\">What ", MARGIN);
    pid_report_write_sources(file, sheet->report, PID_ESCAPE_HTML, "and");
    fputs(" tell about ", file);
    pid_escape_write(file, PID_ESCAPE_HTML, sheet->report->target);
    fputs("</text>\n", file);
    int y = TITLE;
    for (int parts = 0; parts <= 1; parts++) {
        char heading[100];
        if (parts) snprintf(heading, sizeof heading, "Parts of the information, in %s", pid_report_unit(sheet->style->nats));
        else if (sheet->report->has_intervals) snprintf(heading, sizeof heading, "Shares, with intervals of %g %%", 100 * sheet->style->confidence);
        else snprintf(heading, sizeof heading, "Shares");
        put_text(sheet, MARGIN, y + 14, " style=\"font-size:13px\"", heading);
        y += HEADING;
        y += write_key(sheet, y, !parts);
        y += write_panels(sheet, y, !parts) + MARGIN;
    }
    fputs("</svg>\n", file);
}

enum pid_status pid_report_svg(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error)
{
    struct sheet sheet = {.file = file, .report = report, .style = style};
    enum pid_status status = pid_report_groups_init(&sheet.groups, report, NULL, error);
    sheet.across = sheet.groups.count > ACROSS_MOST ? ACROSS_MOST : sheet.groups.count ? sheet.groups.count : 1;
    sheet.width = MARGIN + (int)(sheet.across < 2 ? 2 : sheet.across) * (PID_FIGURE_WIDTH + MARGIN);
    if (!status) write_sheet(&sheet);
    pid_report_groups_release(&sheet.groups);
    return status;
}
