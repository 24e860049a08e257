#include "report/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"

const char *pid_report_unit(bool nats) { return nats ? "nats" : "bits"; }
double pid_report_scale(bool nats) { return nats ? M_LN2 : 1; }

ptrdiff_t pid_report_leader(const struct pid_report *report, const struct pid_report_row *row, double *share)
{
    ptrdiff_t leader = -1;
    *share = NAN;
    for (size_t s = 0; s < report->source_count; s++) {
        double value = pid_report_best(row, pid_report_column(report, PID_REPORT_SHARE, s));
        if (isnan(value) || (leader >= 0 && !(value > *share))) continue;
        leader = (ptrdiff_t)s;
        *share = value;
    }
    return leader;
}

void pid_report_write_sources(FILE *file, const struct pid_report *report, int escape, const char *conjunction)
{
    for (size_t s = 0; s < report->source_count; s++) {
        if (s) fprintf(file, s + 1 < report->source_count ? ", " : " %s ", conjunction);
        pid_escape_write(file, (enum pid_escape)escape, report->sources[s]);
    }
}

void pid_report_write_key(FILE *file, const struct pid_key *key, int escape)
{
    for (size_t i = 0; i < key->count; i++) {
        if (i) putc(' ', file);
        pid_escape_write(file, (enum pid_escape)escape, key->pairs[i].name);
        putc('=', file);
        if (key->pairs[i].text) pid_escape_write(file, (enum pid_escape)escape, key->pairs[i].text);
        else fprintf(file, "%" PRId64, key->pairs[i].integer);
    }
}

/* Which of the four kinds of information is the largest part, as a clause. */
static void write_largest(FILE *file, const struct pid_report *report, const struct pid_report_row *row, int escape)
{
    double total = pid_report_best(row, pid_report_column(report, PID_REPORT_TOTAL, 0)), largest = 0;
    size_t at = 0;
    for (size_t c = 0; c < report->estimated; c++) {
        enum pid_report_quantity quantity = report->columns[c].quantity;
        double value = pid_report_best(row, c);
        if (quantity > PID_REPORT_SYNERGY || !(value > largest)) continue;
        largest = value;
        at = c;
    }
    if (!(total > 0) || !(largest > 0)) return;
    fprintf(file, "; the largest part, %.0f %% of the total, ", 100 * largest / total);
    switch (report->columns[at].quantity) {
    case PID_REPORT_REDUNDANT: fputs("is told by each of them alone", file); break;
    case PID_REPORT_SYNERGY: fputs("shows only in both together", file); break;
    default:
        fputs("is told by ", file);
        pid_escape_write(file, (enum pid_escape)escape, report->sources[report->columns[at].source]);
        fputs(" only", file);
    }
}

static void write_row(FILE *file, const struct pid_report *report, const struct pid_report_row *row, int escape)
{
    double share, total = pid_report_best(row, pid_report_column(report, PID_REPORT_TOTAL, 0));
    ptrdiff_t leader = pid_report_leader(report, row, &share);
    if (row->key.count) {
        pid_report_write_key(file, &row->key, escape);
        fputs(": ", file);
    }
    if (!(total > 0)) {
        pid_report_write_sources(file, report, escape, "and");
        fputs(isnan(total) ? " have no known total" : " tell nothing", file);
    } else if (leader < 0) {
        fputs("no share, since no source tells anything that the others do not", file);
    } else if (share < 0.5 + 0.005 && report->source_count == 2) {
        pid_report_write_sources(file, report, escape, "and");
        fputs(" contribute alike", file);
    } else {
        pid_escape_write(file, (enum pid_escape)escape, report->sources[leader]);
        fprintf(file, " leads with %.1f %% of what only one source tells", 100 * share);
    }
    write_largest(file, report, row, escape);
    putc('.', file);
}

/* The key with the most values (counted no further than 200), "" where none has two. */
static const char *widest_key(const struct pid_report *report)
{
    const char *widest = "";
    size_t most = 0;
    for (size_t k = 0; k < report->key_count; k++) {
        size_t values = 0;
        for (size_t i = 0; i < report->row_count; i++) {
            const struct pid_key_pair *pair = pid_key_find(&report->rows[i].key, report->keys[k]);
            bool seen = !pair;
            for (size_t j = 0; j < i && !seen && values < 200; j++) {
                const struct pid_key_pair *other = pid_key_find(&report->rows[j].key, report->keys[k]);
                seen = other && !other->text == !pair->text && (pair->text ? !strcmp(pair->text, other->text) : pair->integer == other->integer);
            }
            values += !seen;
        }
        if (values < most || values < 2) continue;
        most = values;
        widest = report->keys[k];
    }
    return widest;
}

struct leaders { size_t rows, none, *led; double *low, *high; };

static void write_leaders(FILE *file, const struct pid_report *report, const struct leaders *leaders, int escape)
{
    bool first = true;
    for (size_t s = 0; s < report->source_count; s++) {
        if (!leaders->led[s]) continue;
        fputs(first ? "" : ", ", file);
        first = false;
        pid_escape_write(file, (enum pid_escape)escape, report->sources[s]);
        fprintf(file, " leads in %zu of %zu rows (share %.0f to %.0f %%)", leaders->led[s], leaders->rows, 100 * leaders->low[s], 100 * leaders->high[s]);
    }
    if (leaders->none) fprintf(file, "%s%zu of %zu have no share", first ? "" : ", ", leaders->none, leaders->rows);
    putc('.', file);
}

static void count_leader(const struct pid_report *report, const struct pid_report_row *row, struct leaders *leaders)
{
    double share;
    ptrdiff_t leader = pid_report_leader(report, row, &share);
    leaders->rows++;
    if (leader < 0) {
        leaders->none++;
        return;
    }
    if (!leaders->led[leader]++) leaders->low[leader] = leaders->high[leader] = share;
    leaders->low[leader] = fmin(leaders->low[leader], share);
    leaders->high[leader] = fmax(leaders->high[leader], share);
}

static enum pid_status write_groups(FILE *file, const struct pid_report *report, int escape, const char *before, const char *after, struct pid_error *error)
{
    const char *widest = widest_key(report);
    size_t n = report->source_count;
    struct leaders leaders = {.led = pid_array_new(n, sizeof *leaders.led, error)};
    leaders.low = leaders.led ? pid_array_new(n, sizeof *leaders.low, error) : NULL;
    leaders.high = leaders.low ? pid_array_new(n, sizeof *leaders.high, error) : NULL;
    bool *done = leaders.high ? pid_array_new(report->row_count, sizeof *done, error) : NULL;
    for (size_t i = 0; done && i < report->row_count; i++) {
        if (done[i]) continue;
        struct pid_key group = pid_key_view(&report->rows[i].key, &widest, 1, false);
        leaders.rows = leaders.none = 0;
        for (size_t s = 0; s < n; s++) leaders.led[s] = 0;
        for (size_t j = i; j < report->row_count; j++) {
            struct pid_key other = pid_key_view(&report->rows[j].key, &widest, 1, false);
            if (done[j] || !pid_key_equal(&group, &other)) continue;
            done[j] = true;
            count_leader(report, &report->rows[j], &leaders);
        }
        fputs(before, file);
        pid_report_write_key(file, &group, escape);
        if (group.count) fputs(": ", file);
        write_leaders(file, report, &leaders, escape);
        fputs(after, file);
    }
    enum pid_status status = done ? PID_OK : error->status;
    free(done);
    free(leaders.high);
    free(leaders.low);
    free(leaders.led);
    return status;
}

enum pid_status pid_report_findings(FILE *file, const struct pid_report *report, int escape, const char *before, const char *after,
                                    struct pid_error *error)
{
    enum { EACH = 12 };
    if (report->row_count > EACH) return write_groups(file, report, escape, before, after, error);
    for (size_t i = 0; i < report->row_count; i++) {
        fputs(before, file);
        write_row(file, report, &report->rows[i], escape);
        fputs(after, file);
    }
    return PID_OK;
}
