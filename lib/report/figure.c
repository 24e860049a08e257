#include "report/figure.h"

#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/words.h"

/* The panel's plot area. */
enum { LEFT = 44, RIGHT = 8, TOP = 10, BOTTOM = 34, PLOT_W = PID_FIGURE_WIDTH - LEFT - RIGHT, PLOT_H = PID_FIGURE_HEIGHT - TOP - BOTTOM };

/* Okabe and Ito's colours, which differ for all kinds of colour vision, and in lightness. */
static const struct { const char *class, *color, *dashes; } colors[] = {
    {"c0", "#8a8f98", ""}, {"c1", "#0072b2", ""}, {"c2", "#e69f00", "6 3"}, {"c3", "#009e73", "2 3"},
    {"c4", "#d55e00", "8 2 2 2"}, {"c5", "#56b4e9", "1 2"}, {"cs", "#cc79a7", ""},
};

void pid_figure_write_style(FILE *file)
{
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++) {
        const char *class = colors[i].class, *color = colors[i].color;
        fprintf(file, ".%s{--c:%s}rect.%s,circle.%s,.band.%s{fill:%s}.line.%s{stroke:%s}", class, color, class, class, class, color, class, color);
        if (*colors[i].dashes) fprintf(file, ".line.%s{stroke-dasharray:%s}", class, colors[i].dashes);
        putc('\n', file);
    }
    fputs(".band{fill-opacity:.22;stroke:none}.line{fill:none;stroke-width:2}\n"
          ".grid{stroke:currentColor;stroke-opacity:.15}.axis{stroke:currentColor;stroke-opacity:.6}\n"
          "svg text{fill:currentColor;font-family:system-ui,sans-serif;font-size:11px}\n", file);
}

const char *pid_figure_color(const char *class)
{
    size_t i = 0;
    while (strcmp(colors[i].class, class)) i++;
    return colors[i].color;
}

const char *pid_figure_class(const struct pid_report *report, size_t column)
{
    static const char *const classes[] = {"c1", "c2", "c3", "c4", "c5"};
    switch (report->columns[column].quantity) {
    case PID_REPORT_REDUNDANT: case PID_REPORT_REMAINDER: return "c0";
    case PID_REPORT_SYNERGY: return "cs";
    default: return classes[report->columns[column].source % 5];
    }
}

double pid_figure_top(const struct pid_report *report, bool nats)
{
    double most = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        double sum = 0;
        for (size_t c = 0; c < report->estimated; c++) {
            double value = pid_report_best(&report->rows[i], c);
            if (report->columns[c].quantity <= PID_REPORT_SYNERGY && value > 0) sum += value;
        }
        most = fmax(most, sum);
    }
    if (!(most > 0)) return 1;
    /* The next of 1, 2, 5 x 10^n in the unit shown, in quarters. */
    double shown = most * pid_report_scale(nats), step = pow(10, floor(log10(shown)));
    static const double nice[] = {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10};
    size_t i = 0;
    while (i < 9 && nice[i] * step < shown * 0.9999) i++;
    return nice[i] * step / pid_report_scale(nats);
}

static double center(size_t i, size_t n) { return LEFT + PLOT_W * ((double)i + 0.5) / (double)n; }

static void write_axes(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, double top, const char *suffix)
{
    size_t first = groups->start[group], n = groups->start[group + 1] - first;
    for (int tick = 0; tick <= 4; tick++) {
        double y = TOP + PLOT_H * (1 - tick / 4.0);
        fprintf(file, "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g%s</text>\n",
                tick ? "grid" : "axis", LEFT, LEFT + PLOT_W, y, y, LEFT - 5, y + 4, top * tick / 4, suffix);
    }
    if (!*groups->axis) return;
    size_t width = 1;
    char value[200];
    for (size_t i = 0; i < n; i++) {
        pid_report_key_text(&report->rows[groups->rows[first + i]], groups->axis, value, sizeof value);
        if (strlen(value) > width) width = strlen(value);
    }
    size_t step = (size_t)ceil((double)(n * (width + 1) * 7) / PLOT_W);
    if (!step) step = 1;
    for (size_t i = 0; i < n; i += step) {
        fprintf(file, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", center(i, n), TOP + PLOT_H + 14);
        pid_escape_write(file, PID_ESCAPE_HTML, pid_report_key_text(&report->rows[groups->rows[first + i]], groups->axis, value, sizeof value));
        fputs("</text>", file);
    }
    fprintf(file, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", LEFT + PLOT_W / 2, PID_FIGURE_HEIGHT - 4);
    pid_escape_write(file, PID_ESCAPE_HTML, groups->axis);
    fputs("</text>\n", file);
}

void pid_figure_parts(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, double top, bool nats)
{
    double scale = pid_report_scale(nats);
    size_t first = groups->start[group], n = groups->start[group + 1] - first;
    double width = fmin(60, 0.84 * PLOT_W / (double)n);
    write_axes(file, report, groups, group, top * scale, "");
    for (size_t i = 0; i < n; i++) {
        const struct pid_report_row *row = &report->rows[groups->rows[first + i]];
        double below = 0;
        char where[200];
        pid_report_key_text(row, groups->axis, where, sizeof where);
        for (size_t c = 0; c < report->estimated; c++) {
            double value = pid_report_best(row, c);
            if (report->columns[c].quantity > PID_REPORT_SYNERGY || !(value > 0)) continue;
            double y = TOP + PLOT_H * (1 - (below + value) / top), height = PLOT_H * value / top;
            below += value;
            if (height < 0.05) continue;
            fprintf(file, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>", pid_figure_class(report, c),
                    center(i, n) - width / 2, y, width, fmax(0.1, height - 0.6));
            pid_escape_write(file, PID_ESCAPE_HTML, where);
            fputs(*where ? ": " : "", file);
            pid_escape_write(file, PID_ESCAPE_HTML, report->columns[c].name);
            fprintf(file, " %.4f %s</title></rect>\n", value * scale, pid_report_unit(nats));
        }
    }
}

static double share_height(double share) { return TOP + PLOT_H * (1 - fmin(1, fmax(0, share))); }

static const struct pid_report_estimate *share_at(const struct pid_report *report, const struct pid_report_groups *groups, size_t at, size_t column)
{
    return &report->rows[groups->rows[at]].estimates[column];
}

static void write_whisker(FILE *file, const struct pid_report_estimate *e, double x, const char *class)
{
    if (!isnan(e->low)) fprintf(file, "<line class=\"line %s\" style=\"stroke-dasharray:none\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", class, x, x, share_height(e->low), share_height(e->high));
}

static void write_band(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, size_t column, const char *class)
{
    size_t first = groups->start[group], n = groups->start[group + 1] - first;
    for (size_t i = 0, end; i < n; i = end > i ? end : i + 1) {
        for (end = i; end < n && !isnan(share_at(report, groups, first + end, column)->low); end++) continue;
        if (end - i == 1) write_whisker(file, share_at(report, groups, first + i, column), center(i, n), class);
        if (end - i < 2) continue;
        fprintf(file, "<path class=\"band %s\" d=\"M", class);
        for (size_t j = i; j < end; j++) fprintf(file, "%.1f %.1f ", center(j, n), share_height(share_at(report, groups, first + j, column)->low));
        for (size_t j = end; j-- > i;) fprintf(file, "%.1f %.1f ", center(j, n), share_height(share_at(report, groups, first + j, column)->high));
        fputs("z\"/>\n", file);
    }
}

static void write_line(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, size_t column, const char *class)
{
    size_t first = groups->start[group], n = groups->start[group + 1] - first;
    bool pen = false;
    fprintf(file, "<path class=\"line %s\" d=\"", class);
    for (size_t i = 0; i < n; i++) {
        double share = pid_report_best(&report->rows[groups->rows[first + i]], column);
        if (!isnan(share)) fprintf(file, "%c%.1f %.1f", pen ? 'L' : 'M', center(i, n), share_height(share));
        pen = !isnan(share);
    }
    fputs("\"/>\n", file);
}

static void write_point(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, const struct pid_report_row *row,
                        size_t column, double x)
{
    const struct pid_report_estimate *e = &row->estimates[column];
    double share = pid_report_best(row, column);
    char where[200];
    if (isnan(share)) return;
    fprintf(file, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>", pid_figure_class(report, column), x, share_height(share));
    pid_escape_write(file, PID_ESCAPE_HTML, pid_report_key_text(row, groups->axis, where, sizeof where));
    fputs(*where ? ": " : "", file);
    pid_escape_write(file, PID_ESCAPE_HTML, report->sources[report->columns[column].source]);
    fprintf(file, " %.1f %%", 100 * share);
    if (!isnan(e->low)) fprintf(file, " (%.1f to %.1f)", 100 * e->low, 100 * e->high);
    fputs("</title></circle>\n", file);
}

void pid_figure_shares(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group)
{
    size_t first = groups->start[group], n = groups->start[group + 1] - first;
    bool ordered = groups->ordered;
    double step = fmin(12, 0.8 * PLOT_W / (double)(n * report->source_count));
    write_axes(file, report, groups, group, 100, "%");
    for (size_t s = 0; s < report->source_count; s++) {
        size_t column = pid_report_column(report, PID_REPORT_SHARE, s);
        const char *class = pid_figure_class(report, column);
        double aside = ordered ? 0 : step * ((double)s - (double)(report->source_count - 1) / 2);
        if (ordered) {
            write_band(file, report, groups, group, column, class);
            write_line(file, report, groups, group, column, class);
        }
        for (size_t i = 0; i < n; i++) {
            const struct pid_report_row *row = &report->rows[groups->rows[first + i]];
            if (!ordered) write_whisker(file, &row->estimates[column], center(i, n) + aside, class);
            write_point(file, report, groups, row, column, center(i, n) + aside);
        }
    }
}
