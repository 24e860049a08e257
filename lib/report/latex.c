#include "report/format.h"

#include <inttypes.h>
#include <math.h>

#include "report/escape.h"
#include "report/layout.h"
#include "report/words.h"

/* Lines that fit on a page; more become a longtable. */
enum { PAGE_LINES = 45 };

struct latex {
    FILE *file;
    const struct pid_report *report;
    const struct pid_report_style *style;
    struct pid_report_layout layout;
};

static void put(const struct latex *l, const char *text) { pid_escape_write(l->file, PID_ESCAPE_LATEX, text); }

static bool is_long(const struct latex *l) { return l->layout.line_count > PAGE_LINES; }

/* $U$ with the source's name as its index. */
static void write_name(const struct latex *l, size_t column)
{
    const struct pid_report_column *c = &l->report->columns[column];
    switch (c->quantity) {
    case PID_REPORT_REDUNDANT: fputs("$R$", l->file); return;
    case PID_REPORT_SYNERGY: fputs("$S$", l->file); return;
    case PID_REPORT_REMAINDER: fputs("$\\Delta$", l->file); return;
    case PID_REPORT_SHARE: fputs("$C$\\textsubscript{", l->file); break;
    default: fputs("$U$\\textsubscript{", l->file);
    }
    put(l, l->report->sources[c->source]);
    fputs("}", l->file);
}

static void write_caption(const struct latex *l)
{
    fputs("\\caption{What ", l->file);
    pid_report_write_sources(l->file, l->report, PID_ESCAPE_LATEX, "and");
    fputs(" tell about ", l->file);
    put(l, l->report->target);
    fprintf(l->file, ": contributions $C$ in per cent of what only one source tells; %s information in %s",
            l->report->source_count > 2 ? "unique ($U$) and remaining ($\\Delta$)" : "redundant ($R$), unique ($U$) and synergistic ($S$)",
            pid_report_unit(l->style->nats));
    if (l->report->has_intervals) fprintf(l->file, "; $\\pm$ half the %g\\,\\%% interval", 100 * l->style->confidence);
    fputs(".}\n", l->file);
}

/* The values of the key that the table runs across, each over its block. */
static void write_blocks(const struct latex *l)
{
    const struct pid_report_layout *layout = &l->layout;
    char value[200];
    for (size_t b = 0; b < layout->block_count; b++) {
        fprintf(l->file, "%s\\multicolumn{%zu}{c}{", b || layout->key_count ? " & " : "", layout->column_count);
        put(l, pid_report_key_text(layout->blocks[b], layout->across, value, sizeof value));
        putc('}', l->file);
    }
    fputs(" \\\\\n", l->file);
    for (size_t b = 0; b < layout->block_count; b++) {
        size_t from = layout->key_count + b * layout->column_count + 1;
        fprintf(l->file, "\\cmidrule(lr){%zu-%zu}", from, from + layout->column_count - 1);
    }
    putc('\n', l->file);
}

static void write_names(const struct latex *l)
{
    const struct pid_report_layout *layout = &l->layout;
    if (*layout->across) {
        for (size_t k = 1; k < layout->key_count; k++) fputs(" &", l->file);
        write_blocks(l);
    }
    for (size_t k = 0; k < layout->key_count; k++) {
        fputs(k ? " & " : "", l->file);
        put(l, layout->keys[k]);
    }
    for (size_t c = 0; c < layout->block_count * layout->column_count; c++) {
        fputs(c || layout->key_count ? " & " : "", l->file);
        write_name(l, layout->columns[c % layout->column_count]);
    }
    fputs(*layout->across ? " \\\\\n\\midrule\n" : " & $n$ \\\\\n\\midrule\n", l->file);
}

static void write_estimate(const struct latex *l, const struct pid_report_row *row, size_t column)
{
    bool share = l->report->columns[column].quantity == PID_REPORT_SHARE;
    double scale = share ? 100 : pid_report_scale(l->style->nats), value = row ? pid_report_best(row, column) * scale : NAN;
    int digits = share ? 1 : 3;
    if (isnan(value)) {
        fputs("--", l->file);
        return;
    }
    fprintf(l->file, "$%.*f", digits, pid_report_rounded(value, digits));
    const struct pid_report_estimate *e = &row->estimates[column];
    if (!isnan(e->low) && (share || !(is_long(l) || *l->layout.across))) fprintf(l->file, " \\pm %.*f", digits, (e->high - e->low) / 2 * scale);
    putc('$', l->file);
}

static void write_line(const struct latex *l, size_t line)
{
    const struct pid_report_layout *layout = &l->layout;
    const struct pid_report_row *first = pid_report_layout_first(layout, line);
    char value[200];
    for (size_t k = 0; k < layout->key_count; k++) {
        fputs(k ? " & " : "", l->file);
        put(l, pid_report_key_text(first, layout->keys[k], value, sizeof value));
    }
    for (size_t b = 0; b < layout->block_count; b++)
        for (size_t c = 0; c < layout->column_count; c++) {
            fputs(b || c || layout->key_count ? " & " : "", l->file);
            write_estimate(l, layout->rows[line * layout->block_count + b], layout->columns[c]);
        }
    if (!*layout->across) {
        if (first->samples) fprintf(l->file, " & %" PRIu64, first->samples);
        else fputs(" & exact", l->file);
    }
    fputs(" \\\\\n", l->file);
}

static void write_begin(const struct latex *l)
{
    const struct pid_report_layout *layout = &l->layout;
    fprintf(l->file, "%% In the preamble: \\usepackage{booktabs}\\usepackage{%s}\n", is_long(l) ? "longtable" : "graphicx");
    fputs(is_long(l) ? "{\\scriptsize\n\\setlength{\\tabcolsep}{2pt}\n\\begin{longtable}{" : "\\begin{table}\n\\centering\n", l->file);
    if (!is_long(l)) {
        write_caption(l);
        fputs("\\small\n\\setlength{\\tabcolsep}{4pt}\n\\setbox0=\\hbox{\\begin{tabular}{", l->file);
    }
    for (size_t k = 0; k < layout->key_count; k++) putc('l', l->file);
    for (size_t c = 0; c < layout->block_count * layout->column_count + !*layout->across; c++) putc('r', l->file);
    fputs("}\n", l->file);
    if (is_long(l)) {
        write_caption(l);
        fputs("\\\\\n", l->file);
    }
    fputs("\\toprule\n", l->file);
    write_names(l);
    if (is_long(l)) fputs("\\endhead\n", l->file);
}

enum pid_status pid_report_latex(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error)
{
    struct latex l = {.file = file, .report = report, .style = style};
    enum pid_status status = pid_report_layout_init(&l.layout, report, style->across, error);
    if (!status) {
        write_begin(&l);
        for (size_t line = 0; line < l.layout.line_count; line++) write_line(&l, line);
        fputs(is_long(&l) ? "\\bottomrule\n\\end{longtable}}\n" : "\\bottomrule\n\\end{tabular}}%\n\\ifdim\\wd0>\\linewidth\\resizebox{\\linewidth}{!}{\\box0}\\else\\box0\\fi\n\\end{table}\n", file);
    }
    pid_report_layout_release(&l.layout);
    return status;
}
