#include "report/format.h"

#include <inttypes.h>
#include <math.h>

#include "report/words.h"
#include "stream/show.h"

static void put_number(FILE *file, double value)
{
    if (isfinite(value)) pid_show_number(file, value);
    else fputs("null", file);
}

static void put_text(FILE *file, const char *text)
{
    if (text) pid_show_json_text(file, text);
    else fputs("null", file);
}

static void put_estimate(FILE *file, const struct pid_report *report, const struct pid_report_estimate *e, double scale)
{
    fputs("{\"value\":", file);
    put_number(file, e->value * scale);
    if (report->has_corrected) fputs(",\"corrected\":", file), put_number(file, e->corrected * scale);
    if (report->has_intervals) {
        fputs(",\"lo\":", file);
        put_number(file, e->low * scale);
        fputs(",\"hi\":", file);
        put_number(file, e->high * scale);
    }
    if (report->has_null) {
        fputs(",\"null\":", file);
        put_number(file, e->null * scale);
        fputs(",\"p\":", file);
        put_number(file, e->p);
    }
    putc('}', file);
}

static void put_row(FILE *file, const struct pid_report *report, const struct pid_report_row *row, bool nats)
{
    fputs("{\"key\":{", file);
    for (size_t i = 0; i < row->key.count; i++) {
        if (i) putc(',', file);
        put_text(file, row->key.pairs[i].name);
        putc(':', file);
        if (row->key.pairs[i].text) put_text(file, row->key.pairs[i].text);
        else fprintf(file, "%" PRId64, row->key.pairs[i].integer);
    }
    fprintf(file, "},\"n\":%" PRIu64 ",\"solver\":", row->samples);
    put_text(file, row->solver);
    fputs(",\"status\":", file);
    put_text(file, row->status);
    fputs(",\"estimates\":{", file);
    for (size_t c = 0; c < report->column_count; c++) {
        double scale = pid_report_has_unit(&report->columns[c]) ? pid_report_scale(nats) : 1;
        if (c == report->estimated) fputs("},\"values\":{", file);
        else if (c) putc(',', file);
        put_text(file, report->columns[c].name);
        putc(':', file);
        if (c < report->estimated) put_estimate(file, report, &row->estimates[c], scale);
        else put_number(file, pid_report_value(row, c) * scale);
    }
    fputs("},\"notes\":[", file);
    for (size_t i = 0; i < row->note_count; i++) {
        if (i) putc(',', file);
        put_text(file, row->notes[i]);
    }
    fputs("]}", file);
}

enum pid_status pid_report_json(FILE *file, const struct pid_report *report, const struct pid_report_style *style, struct pid_error *error)
{
    (void)error;
    fprintf(file, "{\"unit\":\"%s\",\n\"confidence\":", pid_report_unit(style->nats));
    put_number(file, style->confidence);
    fputs(",\n\"sources\":[", file);
    for (size_t s = 0; s < report->source_count; s++) {
        if (s) putc(',', file);
        put_text(file, report->sources[s]);
    }
    fputs("],\n\"target\":", file);
    put_text(file, report->target);
    fputs(",\n", file);
    fputs("\"history\":", file);
    pid_show_history_json(file, &report->header);
    fputs(",\n", file);
    fputs("\"rows\":[", file);
    for (size_t i = 0; i < report->row_count; i++) {
        fputs(i ? ",\n" : "\n", file);
        put_row(file, report, &report->rows[i], style->nats);
    }
    fputs("\n]}\n", file);
    return PID_OK;
}
