#include "report/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"
#include "report/grid.h"
#include "report/methods.h"
#include "report/layout.h"
#include "report/words.h"

enum { BAR = 24, LEGEND = 14 }; /* characters of a full bar; of a name in the legend */

struct text {
    FILE *file;
    const struct pid_report *report;
    const struct pid_report_style *style;
    struct pid_report_layout layout; /* of a table across a key */
    struct pid_grid grid;
    bool bars; /* the grid's last column holds them */
    struct pid_error *error;
};

/* What is shown: the estimated columns but mi, in the order redundant, unique:*, synergy, total, share:*. */
static bool is_shown(const struct pid_report_column *column) { return column->quantity != PID_REPORT_MI && column->quantity != PID_REPORT_TOGETHER; }

static char part_letter(const struct pid_report_column *column)
{
    switch (column->quantity) {
    case PID_REPORT_REDUNDANT: return 'R';
    case PID_REPORT_SYNERGY: return 'S';
    case PID_REPORT_REMAINDER: return '+';
    default: return (char)('1' + column->source % 9);
    }
}

static enum pid_status add_names(struct text *text)
{
    const struct pid_report *report = text->report;
    for (size_t k = 0; k < report->key_count; k++)
        if (pid_grid_add_escaped(&text->grid, report->keys[k], text->error)) return text->error->status;
    for (size_t c = 0; c < report->estimated; c++)
        if (is_shown(&report->columns[c]) && pid_grid_add_escaped(&text->grid, report->columns[c].name, text->error)) return text->error->status;
    if (pid_grid_add(&text->grid, text->error, "n") || pid_grid_add(&text->grid, text->error, "gap")) return text->error->status;
    return pid_grid_add(&text->grid, text->error, "parts of the total");
}

/* "0.3113" and what follows it. */
static enum pid_status add_amount(struct text *text, double value, int decimals, const char *after)
{
    if (isnan(value)) return pid_grid_add(&text->grid, text->error, ".");
    return pid_grid_add(&text->grid, text->error, "%.*f%s", decimals, pid_report_rounded(value, decimals), after);
}

/* A bar: R redundant, 1 2 ... unique to the first, second, ... source, S synergy.  In colours that differ also in
 * lightness where the terminal shows colours. */
static enum pid_status add_bar(struct text *text, const struct pid_report_row *row)
{
    static const char *const colors[] = {"37", "34", "33", "35", "36", "32"};
    const struct pid_report *report = text->report;
    char bar[1024];
    size_t used = 0, parts = 0;
    double sum = 0, before = 0;
    for (size_t c = 0; c < report->estimated; c++)
        if (report->columns[c].quantity <= PID_REPORT_SYNERGY) sum += fmax(0, pid_report_best(row, c));
    for (size_t c = 0; c < report->estimated && sum > 0; c++) {
        const struct pid_report_column *column = &report->columns[c];
        if (column->quantity > PID_REPORT_SYNERGY) continue;
        double after = before + fmax(0, pid_report_best(row, c)) / sum;
        long length = lround(after * BAR) - lround(before * BAR);
        char letter = part_letter(column);
        before = after;
        size_t color = parts++ % (sizeof colors / sizeof *colors);
        if (length <= 0 || used + (size_t)length + 16 > sizeof bar) continue;
        if (text->style->color) used += (size_t)snprintf(bar + used, sizeof bar - used, "\033[%sm", colors[color]);
        memset(bar + used, letter, (size_t)length);
        used += (size_t)length;
        if (text->style->color) used += (size_t)snprintf(bar + used, sizeof bar - used, "\033[0m");
    }
    bar[used] = '\0';
    return pid_grid_add(&text->grid, text->error, "%s", bar);
}

static enum pid_status add_row(struct text *text, const struct pid_report_row *row)
{
    const struct pid_report *report = text->report;
    double scale = pid_report_scale(text->style->nats);
    for (size_t k = 0; k < report->key_count; k++) {
        const struct pid_key_pair *pair = pid_key_find(&row->key, report->keys[k]);
        enum pid_status status = !pair        ? pid_grid_add(&text->grid, text->error, ".")
                                 : pair->text ? pid_grid_add_escaped(&text->grid, pair->text, text->error)
                                              : pid_grid_add(&text->grid, text->error, "%" PRId64, pair->integer);
        if (status) return status;
    }
    for (size_t c = 0; c < report->estimated; c++) {
        const struct pid_report_column *column = &report->columns[c];
        bool share = column->quantity == PID_REPORT_SHARE;
        double value = pid_report_best(row, c) * (share ? 100 : scale);
        if (is_shown(column) && add_amount(text, value, share ? 1 : 4, share ? " %" : "")) return text->error->status;
    }
    ptrdiff_t gap = pid_report_find(report, "gap");
    if (row->samples ? pid_grid_add(&text->grid, text->error, "%" PRIu64, row->samples) : pid_grid_add(&text->grid, text->error, "exact"))
        return text->error->status;
    double width = gap < 0 ? NAN : pid_report_value(row, (size_t)gap) * scale;
    if (isnan(width) ? pid_grid_add(&text->grid, text->error, ".") : pid_grid_add(&text->grid, text->error, "%.0e", width)) return text->error->status;
    return add_bar(text, row);
}

/* Prints the grid with its first `left` columns set to the left, and empties it. */
static enum pid_status flush(struct text *text, size_t left)
{
    size_t *widths = pid_array_new(text->grid.columns, sizeof *widths, text->error);
    bool *sides = widths ? pid_array_new(text->grid.columns, sizeof *sides, text->error) : NULL;
    if (sides) {
        pid_grid_widths(&text->grid, widths);
        for (size_t c = 0; c < text->grid.columns; c++) sides[c] = c < left || (c + 1 == text->grid.columns && text->bars);
        for (size_t row = 0; row < text->grid.cells / text->grid.columns; row++) {
            pid_grid_print(text->file, &text->grid, row, widths, sides);
            putc('\n', text->file);
        }
    }
    enum pid_status status = sides ? PID_OK : text->error->status;
    free(sides);
    free(widths);
    pid_grid_release(&text->grid);
    return status;
}

static enum pid_status write_table(struct text *text)
{
    const struct pid_report *report = text->report;
    size_t shown = 0;
    for (size_t c = 0; c < report->estimated; c++) shown += is_shown(&report->columns[c]);
    text->grid.columns = report->key_count + shown + 3;
    if (add_names(text)) return text->error->status;
    for (size_t i = 0; i < report->row_count; i++)
        if (add_row(text, &report->rows[i])) return text->error->status;
    text->bars = true;
    return flush(text, report->key_count);
}

/* The two lines of names above a table across a key: its values, each over its block, and the columns' names. */
static enum pid_status add_cross_names(struct text *text, const struct pid_report_layout *layout)
{
    char value[200];
    for (size_t k = 0; k < layout->key_count; k++)
        if (pid_grid_add(&text->grid, text->error, "%s", "")) return text->error->status;
    for (size_t b = 0; b < layout->block_count; b++) {
        pid_report_key_text(layout->blocks[b], layout->across, value, sizeof value);
        if (pid_grid_add_escaped(&text->grid, value, text->error)) return text->error->status;
        for (size_t c = 1; c < layout->column_count; c++)
            if (pid_grid_add(&text->grid, text->error, "%s", "")) return text->error->status;
    }
    for (size_t k = 0; k < layout->key_count; k++)
        if (pid_grid_add_escaped(&text->grid, layout->keys[k], text->error)) return text->error->status;
    for (size_t c = 0; c < layout->block_count * layout->column_count; c++)
        if (pid_grid_add_escaped(&text->grid, text->report->columns[layout->columns[c % layout->column_count]].name, text->error))
            return text->error->status;
    return PID_OK;
}

static enum pid_status add_cross_line(struct text *text, const struct pid_report_layout *layout, size_t line)
{
    char value[200];
    for (size_t k = 0; k < layout->key_count; k++) {
        pid_report_key_text(pid_report_layout_first(layout, line), layout->keys[k], value, sizeof value);
        if (pid_grid_add_escaped(&text->grid, value, text->error)) return text->error->status;
    }
    for (size_t b = 0; b < layout->block_count; b++) {
        const struct pid_report_row *row = layout->rows[line * layout->block_count + b];
        for (size_t c = 0; c < layout->column_count; c++) {
            bool share = text->report->columns[layout->columns[c]].quantity == PID_REPORT_SHARE;
            double scale = share ? 100 : pid_report_scale(text->style->nats), amount = row ? pid_report_best(row, layout->columns[c]) * scale : NAN;
            if (add_amount(text, amount, share ? 1 : 4, share ? " %" : "")) return text->error->status;
        }
    }
    return PID_OK;
}

static enum pid_status write_cross(struct text *text)
{
    const struct pid_report_layout *layout = &text->layout;
    text->grid.columns = layout->key_count + layout->block_count * layout->column_count;
    if (!text->grid.columns) return PID_OK;
    if (add_cross_names(text, layout)) return text->error->status;
    for (size_t line = 0; line < layout->line_count; line++)
        if (add_cross_line(text, layout, line)) return text->error->status;
    return flush(text, layout->key_count);
}

static enum pid_status add_estimate(struct text *text, const struct pid_report_row *row, size_t c)
{
    const struct pid_report *report = text->report;
    const struct pid_report_estimate *e = &row->estimates[c];
    bool share = report->columns[c].quantity == PID_REPORT_SHARE;
    double scale = share ? 1 : pid_report_scale(text->style->nats);
    if (pid_grid_add(&text->grid, text->error, " ") || pid_grid_add_escaped(&text->grid, report->columns[c].name, text->error) ||
        add_amount(text, e->value * scale, 4, "") || (report->has_corrected && add_amount(text, e->corrected * scale, 4, "")))
        return text->error->status;
    if (report->has_intervals && (add_amount(text, e->low * scale, 4, "") || add_amount(text, e->high * scale, 4, ""))) return text->error->status;
    if (report->has_null && (add_amount(text, e->null * scale, 4, "") || add_amount(text, e->p, 4, ""))) return text->error->status;
    return PID_OK;
}

/* What three sources and more tell together, a block for each row: a line for each source with all others, and for every two. */
static enum pid_status write_together(struct text *text)
{
    enum { EACH = 12 };
    const struct pid_report *report = text->report;
    double scale = pid_report_scale(text->style->nats);
    if (report->source_count <= 2 || report->row_count > EACH) return PID_OK;
    text->bars = false;
    for (size_t i = 0; i < report->row_count; i++) {
        const struct pid_report_row *row = &report->rows[i];
        putc('\n', text->file);
        if (row->key.count) {
            pid_report_write_key(text->file, &row->key, PID_ESCAPE_TERMINAL);
            putc('\n', text->file);
        }
        text->grid.columns = 4;
        static const char *const heads[] = {" ", "together", "redundant", "synergy"};
        for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
            if (pid_grid_add(&text->grid, text->error, "%s", heads[h])) return text->error->status;
        /* The columns come in twos, redundant:NAMES and synergy:NAMES; o-information is the last. */
        for (size_t c = 0; c + 1 < report->estimated; c++) {
            if (report->columns[c].quantity != PID_REPORT_TOGETHER) continue;
            if (report->columns[c].unknown && report->columns[c + 1].unknown) {
                c++;
                continue;
            }
            const char *names = strchr(report->columns[c].name, ':') + 1;
            char *with_others = strcmp(names, report->sources[report->columns[c].source]) ? NULL : pid_string_format(text->error, "%s with all others", names);
            enum pid_status status = pid_grid_add(&text->grid, text->error, " ");
            if (!status) status = pid_grid_add_escaped(&text->grid, with_others ? with_others : names, text->error);
            free(with_others);
            if (status || add_amount(text, pid_report_best(row, c) * scale, 4, "") || add_amount(text, pid_report_best(row, c + 1) * scale, 4, ""))
                return text->error->status;
            c++;
        }
        if (flush(text, 2)) return text->error->status;
        double o = pid_report_best(row, report->estimated - 1) * scale;
        if (!isnan(o)) fprintf(text->file, "O-information %.4f: %s prevails\n", o, o < 0 ? "synergy" : "redundancy");
    }
    return PID_OK;
}

/* What the replicates say: a block for each row. */
static enum pid_status write_estimates(struct text *text)
{
    const struct pid_report *report = text->report;
    if (!report->has_corrected && !report->has_intervals && !report->has_null) return PID_OK;
    text->bars = false;
    for (size_t i = 0; i < report->row_count; i++) {
        putc('\n', text->file);
        if (report->rows[i].key.count) {
            pid_report_write_key(text->file, &report->rows[i].key, PID_ESCAPE_TERMINAL);
            putc('\n', text->file);
        }
        text->grid.columns = 3u + report->has_corrected + 2u * report->has_intervals + 2u * report->has_null;
        static const char *const names[] = {"", "", "as counted", "corrected", "from", "to", "by chance", "p"};
        bool wanted[] = {true, true, true, report->has_corrected, report->has_intervals, report->has_intervals, report->has_null, report->has_null};
        for (size_t c = 0; c < sizeof names / sizeof *names; c++)
            if (wanted[c] && pid_grid_add(&text->grid, text->error, "%s", names[c])) return text->error->status;
        for (size_t c = 0; c < report->estimated; c++)
            if (!report->columns[c].unknown && add_estimate(text, &report->rows[i], c)) return text->error->status;
        if (flush(text, 2)) return text->error->status;
    }
    putc('\n', text->file);
    if (report->has_corrected) fputs("corrected  with the bias of few samples taken off; the table above shows these. A part below 0 is noise around nothing\n", text->file);
    if (report->has_intervals) fprintf(text->file, "from, to   interval of %g %%, from the bootstrap\n", 100 * text->style->confidence);
    if (report->has_null)
        fprintf(text->file, "by chance  mean when the target is permuted; p: how often chance gives as much, of a share%s as far from that mean\n",
                report->source_count > 2 ? " and o-information" : "");
    return PID_OK;
}

static void write_meaning(const struct text *text, const char *kind, const char *name, const char *meaning)
{
    size_t width = strlen(kind) + pid_escape_width(name);
    fputs(kind, text->file);
    pid_escape_write(text->file, PID_ESCAPE_TERMINAL, name);
    fprintf(text->file, "%*s  %s", width < LEGEND ? (int)(LEGEND - width) : 0, "", meaning);
}

static void write_legend(const struct text *text)
{
    FILE *file = text->file;
    putc('\n', file);
    bool many = text->report->source_count > 2;
    if (!many) write_meaning(text, "redundant", "", "what each source tells alone (R in the bar)\n");
    for (size_t s = 0; s < text->report->source_count; s++) {
        write_meaning(text, "unique:", text->report->sources[s], many ? "what this source tells and all others together do not " : "what only this source tells ");
        fprintf(file, "(%zu)\n", s % 9 + 1);
    }
    if (many) write_meaning(text, "remainder", "", "what several sources tell, each alone or only together (+)\n");
    else write_meaning(text, "synergy", "", "what shows only when the sources are seen together (S)\n");
    write_meaning(text, "total", "", "what the sources tell together, the sum of these, in ");
    fprintf(file, "%s\n", pid_report_unit(text->style->nats));
    write_meaning(text, "share:NAME", "", "the source's part of what only one source tells; . where there is none to divide\n");
    write_meaning(text, "n", "", "samples that were counted\n");
    write_meaning(text, "gap", "", "no amount is further than this from its exact value for the table that was given\n");
}

static void write_notes(const struct text *text)
{
    for (size_t i = 0; i < text->report->row_count; i++) {
        const struct pid_report_row *row = &text->report->rows[i];
        for (size_t j = 0; j < row->note_count; j++) {
            fputs("note: ", text->file);
            if (row->key.count) {
                pid_report_write_key(text->file, &row->key, PID_ESCAPE_TERMINAL);
                fputs(": ", text->file);
            }
            pid_escape_write(text->file, PID_ESCAPE_TERMINAL, row->notes[j]);
            putc('\n', text->file);
        }
    }
}

static enum pid_status write_text(struct text *text)
{
    FILE *file = text->file;
    const struct pid_report *report = text->report;
    fputs("What ", file);
    pid_report_write_sources(file, report, PID_ESCAPE_TERMINAL, "and");
    fputs(" tell about ", file);
    pid_escape_write(file, PID_ESCAPE_TERMINAL, report->target);
    fprintf(file, ", in %s\n\n", pid_report_unit(text->style->nats));
    if (text->style->across ? write_cross(text) : write_table(text)) return text->error->status;
    write_legend(text);
    if (write_together(text) || pid_report_methods_text(file, report, text->error) || write_estimates(text)) return text->error->status;
    if (report->row_count) putc('\n', file);
    if (pid_report_findings(file, report, PID_ESCAPE_TERMINAL, "", "\n", text->error)) return text->error->status;
    write_notes(text);
    return PID_OK;
}

enum pid_status pid_report_text(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error)
{
    struct text text = {.file = file, .report = report, .style = style, .error = error};
    enum pid_status status = style->across ? pid_report_layout_init(&text.layout, report, style->across, error) : PID_OK;
    if (!status) status = write_text(&text);
    pid_grid_release(&text.grid);
    pid_report_layout_release(&text.layout);
    return status;
}
