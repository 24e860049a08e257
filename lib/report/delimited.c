#include "report/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"
#include "report/words.h"
#include "stream/show.h"

struct delimited { FILE *file; bool csv, started; };

static void separate(struct delimited *out)
{
    if (out->started) putc(out->csv ? ',' : '\t', out->file);
    out->started = true;
}

static void end_line(struct delimited *out)
{
    putc('\n', out->file);
    out->started = false;
}

static void put_text(struct delimited *out, const char *text)
{
    separate(out);
    pid_escape_write(out->file, out->csv ? PID_ESCAPE_CSV : PID_ESCAPE_TSV, text);
}

static void put_number(struct delimited *out, double value)
{
    separate(out);
    if (isnan(value)) putc('.', out->file);
    else pid_show_number(out->file, value);
}

static enum pid_status put_name(struct delimited *out, const char *name, const char *suffix, struct pid_error *error)
{
    char *full = pid_string_format(error, "%s%s", name, suffix);
    if (!full) return error->status;
    put_text(out, full);
    free(full);
    return PID_OK;
}

/* The order of the columns that are not estimated: these first, then those the stream brings besides. */
static ptrdiff_t gap_column(const struct pid_report *report) { return pid_report_find(report, "gap"); }
static ptrdiff_t iterations_column(const struct pid_report *report) { return pid_report_find(report, "iterations"); }

static bool is_extra(const struct pid_report *report, size_t column)
{
    return column >= report->estimated && (ptrdiff_t)column != gap_column(report) && (ptrdiff_t)column != iterations_column(report);
}

static enum pid_status put_column_names(struct delimited *out, const struct pid_report *report, struct pid_error *error)
{
    for (size_t k = 0; k < report->key_count; k++) put_text(out, report->keys[k]);
    for (size_t c = 0; c < report->estimated; c++) put_text(out, report->columns[c].name);
    static const char *const fixed[] = {"n", "gap", "solver", "iterations", "status", "unit"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) put_text(out, fixed[i]);
    for (size_t c = report->estimated; c < report->column_count; c++)
        if (is_extra(report, c)) put_text(out, report->columns[c].name);
    for (size_t c = 0; c < report->estimated; c++) {
        const char *name = report->columns[c].name;
        if (report->has_intervals && (put_name(out, name, ":lo", error) || put_name(out, name, ":hi", error))) return error->status;
        if (report->has_null && (put_name(out, name, ":p", error) || put_name(out, name, ":null", error))) return error->status;
        if (report->has_corrected && put_name(out, name, ":corrected", error)) return error->status;
    }
    end_line(out);
    return PID_OK;
}

static double scaled(const struct pid_report *report, size_t column, double value, bool nats)
{
    return pid_report_has_unit(&report->columns[column]) ? value * pid_report_scale(nats) : value;
}

static double named_value(const struct pid_report *report, const struct pid_report_row *row, ptrdiff_t column, bool nats)
{
    return column < 0 ? NAN : scaled(report, (size_t)column, pid_report_value(row, (size_t)column), nats);
}

static void put_row(struct delimited *out, const struct pid_report *report, const struct pid_report_row *row, bool nats)
{
    for (size_t k = 0; k < report->key_count; k++) {
        const struct pid_key_pair *pair = pid_key_find(&row->key, report->keys[k]);
        if (pair && pair->text) put_text(out, pair->text);
        else {
            separate(out);
            if (pair) fprintf(out->file, "%" PRId64, pair->integer);
            else putc('.', out->file);
        }
    }
    for (size_t c = 0; c < report->estimated; c++) put_number(out, scaled(report, c, row->estimates[c].value, nats));
    separate(out);
    fprintf(out->file, "%" PRIu64, row->samples);
    put_number(out, named_value(report, row, gap_column(report), nats));
    put_text(out, row->solver ? row->solver : ".");
    put_number(out, named_value(report, row, iterations_column(report), nats));
    put_text(out, row->status ? row->status : ".");
    put_text(out, pid_report_unit(nats));
    for (size_t c = report->estimated; c < report->column_count; c++)
        if (is_extra(report, c)) put_number(out, scaled(report, c, pid_report_value(row, c), nats));
    for (size_t c = 0; c < report->estimated; c++) {
        const struct pid_report_estimate *e = &row->estimates[c];
        if (report->has_intervals) put_number(out, scaled(report, c, e->low, nats)), put_number(out, scaled(report, c, e->high, nats));
        if (report->has_null) put_number(out, e->p), put_number(out, scaled(report, c, e->null, nats));
        if (report->has_corrected) put_number(out, scaled(report, c, e->corrected, nats));
    }
    end_line(out);
}

enum pid_status pid_report_delimited(FILE *file, const struct pid_report *report, const struct pid_report_style *style, bool csv,
                                     struct pid_error *error)
{
    struct delimited out = {file, csv, false};
    if (put_column_names(&out, report, error)) return error->status;
    for (size_t i = 0; i < report->row_count; i++) put_row(&out, report, &report->rows[i], style->nats);
    return PID_OK;
}
