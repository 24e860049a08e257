#include "report/html.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"
#include "report/figure.h"
#include "report/methods.h"
#include "report/samples.h"
#include "report/words.h"
#include "stream/show.h"

struct page {
    FILE *file;
    const struct pid_report *report;
    const struct pid_report_style *style;
};

static void put(const struct page *page, const char *text) { pid_escape_write(page->file, PID_ESCAPE_HTML, text); }

static void write_title(const struct page *page)
{
    fputs("What ", page->file);
    pid_report_write_sources(page->file, page->report, PID_ESCAPE_HTML, "and");
    fputs(" tell about ", page->file);
    put(page, page->report->target);
}

static void write_key(const struct page *page, bool shares)
{
    const struct pid_report *report = page->report;
    fputs("<ul class=\"key\">", page->file);
    for (size_t c = 0; c < report->estimated; c++) {
        enum pid_report_quantity quantity = report->columns[c].quantity;
        if (shares ? quantity != PID_REPORT_SHARE : quantity > PID_REPORT_SYNERGY) continue;
        fprintf(page->file, "<li><span class=\"%s\"></span>", pid_figure_class(report, c));
        if (quantity == PID_REPORT_REDUNDANT) fputs("redundant: each source tells it alone", page->file);
        else if (quantity == PID_REPORT_SYNERGY) fputs("synergy: shows only in all together", page->file);
        else if (quantity == PID_REPORT_REMAINDER) fputs("remainder: several sources tell it, each or only together", page->file);
        else {
            fputs(shares ? "" : "only ", page->file);
            put(page, report->sources[report->columns[c].source]);
        }
        fputs("</li>\n", page->file);
    }
    fputs("</ul>\n", page->file);
}

static void write_panel(const struct page *page, const struct pid_report_groups *groups, size_t group, bool shares, double top)
{
    struct pid_key key = pid_report_group_key(groups, page->report, group);
    fputs("<figure>", page->file);
    if (key.count) {
        fputs("<h3>", page->file);
        pid_report_write_key(page->file, &key, PID_ESCAPE_HTML);
        fputs("</h3>", page->file);
    }
    fprintf(page->file, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s ", PID_FIGURE_WIDTH, PID_FIGURE_HEIGHT, shares ? "Shares" : "Parts");
    pid_report_write_key(page->file, &key, PID_ESCAPE_HTML);
    fputs("; the numbers are in the table below\">\n", page->file);
    if (shares) pid_figure_shares(page->file, page->report, groups, group);
    else pid_figure_parts(page->file, page->report, groups, group, top, page->style->nats);
    fputs("</svg></figure>\n", page->file);
}

/* Shares and parts, a panel for each group along `axis` (NULL: the key with the most values). */
static enum pid_status write_figures(const struct page *page, const char *axis, struct pid_error *error)
{
    struct pid_report_groups groups;
    double top = pid_figure_top(page->report, page->style->nats);
    if (pid_report_groups_init(&groups, page->report, axis, error)) {
        pid_report_groups_release(&groups);
        return error->status;
    }
    for (int parts = 0; parts <= 1; parts++) {
        if (axis) {
            fputs(parts ? "<h2>Parts, over " : "<h2>Shares, over ", page->file);
            put(page, axis);
            fputs("</h2>\n", page->file);
        } else if (parts) fprintf(page->file, "<h2>What the information is made of, in %s</h2>\n", pid_report_unit(page->style->nats));
        else fputs("<h2>Who contributes: each source&#39;s share of what only one source tells</h2>\n", page->file);
        if (!parts && page->report->has_intervals)
            fprintf(page->file, "<p>The bands are intervals of %g&nbsp;%%.</p>\n", 100 * page->style->confidence);
        write_key(page, !parts);
        fputs("<div class=\"panels\">\n", page->file);
        for (size_t g = 0; g < groups.count; g++) write_panel(page, &groups, g, !parts, top);
        fputs("</div>\n", page->file);
    }
    pid_report_groups_release(&groups);
    return PID_OK;
}

static void write_notes(const struct page *page)
{
    const struct pid_report *report = page->report;
    size_t notes = 0;
    for (size_t i = 0; i < report->row_count; i++) notes += report->rows[i].note_count;
    if (!notes) return;
    fprintf(page->file, "<h2>To beware of</h2>\n<details class=\"warn\"%s><summary>%zu note%s</summary>\n<ul>\n", notes <= 8 ? " open" : "", notes, notes == 1 ? "" : "s");
    for (size_t i = 0; i < report->row_count; i++)
        for (size_t j = 0; j < report->rows[i].note_count; j++) {
            fputs("<li>", page->file);
            if (report->rows[i].key.count) {
                pid_report_write_key(page->file, &report->rows[i].key, PID_ESCAPE_HTML);
                fputs(": ", page->file);
            }
            put(page, report->rows[i].notes[j]);
            fputs("</li>\n", page->file);
        }
    fputs("</ul></details>\n", page->file);
}

static void write_cell(const struct page *page, const struct pid_report_row *row, size_t column)
{
    const struct pid_report_estimate *e = &row->estimates[column];
    bool share = page->report->columns[column].quantity == PID_REPORT_SHARE;
    double value = pid_report_best(row, column), scale = share ? 100 : pid_report_scale(page->style->nats);
    int digits = share ? 1 : 4;
    if (isnan(value)) {
        fputs("<td data-v=\"\">.</td>", page->file);
        return;
    }
    fprintf(page->file, "<td data-v=\"%.7g\">%.*f", value, digits, pid_report_rounded(value * scale, digits));
    if (!isnan(e->low)) fprintf(page->file, "<small>%.*f&ndash;%.*f</small>", digits, pid_report_rounded(e->low * scale, digits), digits,
                                pid_report_rounded(e->high * scale, digits));
    if (!isnan(e->p)) fprintf(page->file, "<small>p %.3g</small>", e->p);
    fputs("</td>", page->file);
}

static ptrdiff_t alphabet_column(const struct pid_report *report, size_t source)
{
    return pid_report_find_of(report, "alphabet", report->sources[source]);
}

static void write_row(const struct page *page, const struct pid_report_row *row)
{
    const struct pid_report *report = page->report;
    ptrdiff_t gap = pid_report_find(report, "gap");
    fputs("<tr>", page->file);
    for (size_t k = 0; k < report->key_count; k++) {
        const struct pid_key_pair *pair = pid_key_find(&row->key, report->keys[k]);
        char number[32];
        const char *text = pair && pair->text ? pair->text : pid_report_key_text(row, report->keys[k], number, sizeof number);
        fputs("<td class=\"k\" data-v=\"", page->file);
        put(page, text);
        fputs("\">", page->file);
        put(page, text);
        fputs("</td>", page->file);
    }
    for (size_t c = 0; c < report->estimated; c++)
        if (!report->columns[c].unknown) write_cell(page, row, c);
    for (size_t s = 0; s < report->source_count; s++) {
        ptrdiff_t column = alphabet_column(report, s);
        double alphabet = column < 0 ? NAN : pid_report_value(row, (size_t)column);
        if (column >= 0 && isnan(alphabet)) fputs("<td data-v=\"\">.</td>", page->file);
        else if (column >= 0) fprintf(page->file, "<td data-v=\"%.5g\">%.1f</td>", alphabet, alphabet);
    }
    fprintf(page->file, "<td data-v=\"%" PRIu64 "\">", row->samples);
    if (row->samples) fprintf(page->file, "%" PRIu64 "</td>", row->samples);
    else fputs("exact</td>", page->file);
    double width = gap < 0 ? NAN : pid_report_value(row, (size_t)gap) * pid_report_scale(page->style->nats);
    if (isnan(width)) fputs("<td data-v=\"\">.</td>", page->file);
    else fprintf(page->file, "<td data-v=\"%.3g\">%.0e</td>", width, width);
    fputs("<td class=\"k\" data-v=\"", page->file);
    put(page, row->status ? row->status : "");
    fputs("\">", page->file);
    put(page, row->status ? row->status : ".");
    fputs("</td></tr>\n", page->file);
}

static void write_table(const struct page *page)
{
    const struct pid_report *report = page->report;
    fprintf(page->file, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All rows\"><table class=\"sortable\"><thead><tr>");
    for (size_t k = 0; k < report->key_count; k++) {
        fputs("<th class=\"k\" scope=\"col\">", page->file);
        put(page, report->keys[k]);
        fputs("</th>", page->file);
    }
    for (size_t c = 0; c < report->estimated; c++) {
        if (report->columns[c].unknown) continue;
        fputs("<th scope=\"col\">", page->file);
        put(page, report->columns[c].name);
        fputs(report->columns[c].quantity == PID_REPORT_SHARE ? " %</th>" : "</th>", page->file);
    }
    for (size_t s = 0; s < report->source_count; s++) {
        if (alphabet_column(report, s) < 0) continue;
        fputs("<th scope=\"col\">alphabet:", page->file);
        put(page, report->sources[s]);
        fputs("</th>", page->file);
    }
    fputs("<th scope=\"col\">n</th><th scope=\"col\">gap</th><th class=\"k\" scope=\"col\">status</th></tr></thead>\n<tbody>\n", page->file);
    for (size_t i = 0; i < report->row_count; i++) write_row(page, &report->rows[i]);
    fputs("</tbody></table></div>\n", page->file);
}

/* The CSV inside the link itself, so that it can be had without a network and without scripts. */
static enum pid_status write_download(const struct page *page, struct pid_error *error)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *csv = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&csv, &length);
    enum pid_status status = memory ? pid_report_delimited(memory, page->report, page->style, true, error) : PID_OK;
    if (!memory || fclose(memory)) {
        free(csv);
        return pid_error_set(error, PID_ERROR_MEMORY, "out of memory");
    }
    fputs("<p class=\"screen\"><a download=\"decomposition.csv\" href=\"data:text/csv;base64,", page->file);
    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = 0;
        for (size_t j = 0; j < 3; j++) three = three << 8 | (i + j < length ? (unsigned char)csv[i + j] : 0);
        for (size_t j = 0; j < 4; j++) putc(i + j > length ? '=' : digits[three >> (18 - 6 * j) & 63], page->file);
    }
    fputs("\">Download as CSV</a>, with all digits and columns.</p>\n", page->file);
    free(csv);
    return status;
}

static void write_certificates(const struct page *page)
{
    const struct pid_report *report = page->report;
    ptrdiff_t gap = pid_report_find(report, "gap");
    double widest = 0;
    size_t converged = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        if (gap >= 0) widest = fmax(widest, pid_report_value(&report->rows[i], (size_t)gap));
        converged += report->rows[i].status && !strcmp(report->rows[i].status, "converged");
    }
    double least = INFINITY, most = 0;
    ptrdiff_t steps = pid_report_find(report, "iterations");
    for (size_t i = 0; steps >= 0 && i < report->row_count; i++) {
        least = fmin(least, pid_report_value(&report->rows[i], (size_t)steps));
        most = fmax(most, pid_report_value(&report->rows[i], (size_t)steps));
    }
    fprintf(page->file, "<h2>How exact the numbers are</h2>\n<p>%zu of %zu decompositions reached the tolerance asked for", converged, report->row_count);
    if (most > least) fprintf(page->file, ", in %.0f to %.0f steps", least, most);
    else if (most > 0) fprintf(page->file, ", in %.0f steps", most);
    fprintf(page->file, ". "
            "No amount is further than %.1e %s from its exact value for the table that was counted (the widest certified gap). "
            "How far the table is from the world depends on the number of samples",
            widest * pid_report_scale(page->style->nats), pid_report_unit(page->style->nats));
    fputs(report->has_intervals ? ": that is what the intervals show.</p>\n" : "; replicates (pid-joint --bootstrap, --permute, --subsample) tell.</p>\n", page->file);
    if (report->has_corrected)
        fputs("<p>Amounts are shown with the bias of few samples taken off where that is known to help; the CSV holds them as counted, too.</p>\n", page->file);
}

enum pid_status pid_report_html(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error)
{
    struct page page = {file, report, style};
    pid_html_begin(file);
    write_title(&page);
    pid_html_begin_body(file);
    write_title(&page);
    fprintf(file, "</h1>\n<p>%zu decomposition%s, in %s.</p>\n<ul class=\"findings\">\n", report->row_count, report->row_count == 1 ? "" : "s", pid_report_unit(style->nats));
    if (pid_report_findings(file, report, PID_ESCAPE_HTML, "<li>", "</li>\n", error)) return error->status;
    fputs("</ul>\n", file);
    if (write_figures(&page, NULL, error)) return error->status;
    struct pid_report_groups groups;
    enum pid_status status = pid_report_groups_init(&groups, report, NULL, error);
    bool over_k = !status && strcmp(groups.axis, "k") && pid_report_key_values(report, "k") > 1;
    pid_report_groups_release(&groups);
    if (status || (over_k && write_figures(&page, "k", error))) return error->status;
    if (pid_report_methods_html(file, report, error)) return error->status;
    pid_report_samples_html(file, report);
    write_notes(&page);
    write_certificates(&page);
    fputs("<h2>All numbers</h2>\n<p>In small print: interval, and p, how often chance gives as much (of a share and of o-information: as far from its mean). alphabet: the effective number of symbols of a source, 2 to the power of its entropy.</p>\n", file);
    if (write_download(&page, error)) return error->status;
    write_table(&page);
    pid_html_history(file, &report->header);
    pid_html_end(file);
    return PID_OK;
}
