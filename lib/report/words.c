#include "report/words.h"

#include <inttypes.h>
#include <math.h>
#include "report/escape.h"
#include "report/group.h"
#include "report/methods.h"

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

bool pid_report_settled(const struct pid_report *report, const struct pid_report_row *row, ptrdiff_t leader)
{
    double low = row->estimates[pid_report_column(report, PID_REPORT_SHARE, (size_t)leader)].low;
    for (size_t s = 0; s < report->source_count; s++)
        if ((ptrdiff_t)s != leader && !(isnan(low) || low > row->estimates[pid_report_column(report, PID_REPORT_SHARE, s)].high)) return false;
    return true;
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
    case PID_REPORT_REMAINDER: fputs("is told by several of them, each alone or only together", file); break;
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
        const struct pid_report_estimate *e = &row->estimates[pid_report_column(report, PID_REPORT_SHARE, (size_t)leader)];
        bool settled = pid_report_settled(report, row, leader);
        if (!settled) fputs("which source leads is not settled, ", file);
        pid_escape_write(file, (enum pid_escape)escape, report->sources[leader]);
        fprintf(file, "%s %.1f %%", settled ? " leads with" : " has", 100 * share);
        if (!isnan(e->low)) fprintf(file, " (%.1f to %.1f)", 100 * e->low, 100 * e->high);
        fputs(" of what only one source tells", file);
    }
    write_largest(file, report, row, escape);
    putc('.', file);
}

/* A stretch of rows along the axis that one source leads. */
enum { NO_SHARE = -1, NOT_SETTLED = -2 };
struct stretch { ptrdiff_t leader; size_t first, last; double low, high; };

static size_t find_stretches(const struct pid_report *report, const struct pid_report_groups *groups, size_t group, struct stretch *stretches, size_t most)
{
    size_t count = 0;
    for (size_t i = groups->start[group]; i < groups->start[group + 1]; i++) {
        double share;
        const struct pid_report_row *row = &report->rows[groups->rows[i]];
        ptrdiff_t leader = pid_report_leader(report, row, &share);
        if (leader >= 0 && !pid_report_settled(report, row, leader)) leader = NOT_SETTLED;
        if (!count || stretches[count - 1].leader != leader) {
            if (count++ == most) break;
            stretches[count - 1] = (struct stretch){leader, i, i, share, share};
        }
        struct stretch *now = &stretches[count - 1];
        now->last = i;
        now->low = fmin(now->low, share);
        now->high = fmax(now->high, share);
    }
    return count;
}

static void write_stretch(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, const struct stretch *stretch, int escape)
{
    char first[200], last[200];
    pid_report_key_text(&report->rows[groups->rows[stretch->first]], groups->axis, first, sizeof first);
    pid_report_key_text(&report->rows[groups->rows[stretch->last]], groups->axis, last, sizeof last);
    if (stretch->leader == NO_SHARE) fputs("no share", file);
    else if (stretch->leader == NOT_SETTLED) fputs("not settled", file);
    else {
        pid_escape_write(file, (enum pid_escape)escape, report->sources[stretch->leader]);
        fputs(" leads", file);
    }
    fputs(" at ", file);
    pid_escape_write(file, (enum pid_escape)escape, groups->axis);
    putc(' ', file);
    pid_escape_write(file, (enum pid_escape)escape, first);
    if (stretch->first != stretch->last) {
        fputs(" to ", file);
        pid_escape_write(file, (enum pid_escape)escape, last);
    }
    if (stretch->leader >= 0) fprintf(file, " (share %.0f to %.0f %%)", 100 * stretch->low, 100 * stretch->high);
}

/* How many rows of the group each source leads. */
static void write_counts(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, int escape)
{
    size_t rows = groups->start[group + 1] - groups->start[group], without = rows, open = 0;
    double share;
    for (size_t i = groups->start[group]; i < groups->start[group + 1]; i++) {
        const struct pid_report_row *row = &report->rows[groups->rows[i]];
        ptrdiff_t leader = pid_report_leader(report, row, &share);
        open += leader >= 0 && !pid_report_settled(report, row, leader);
    }
    for (size_t s = 0; s < report->source_count; s++) {
        size_t led = 0;
        double low = INFINITY, high = 0;
        for (size_t i = groups->start[group]; i < groups->start[group + 1]; i++) {
            const struct pid_report_row *row = &report->rows[groups->rows[i]];
            if (pid_report_leader(report, row, &share) != (ptrdiff_t)s || !pid_report_settled(report, row, (ptrdiff_t)s)) continue;
            led++;
            low = fmin(low, share);
            high = fmax(high, share);
        }
        if (!led) continue;
        fputs(without == rows ? "" : ", ", file);
        without -= led;
        pid_escape_write(file, (enum pid_escape)escape, report->sources[s]);
        fprintf(file, " leads in %zu of %zu rows (share %.0f to %.0f %%)", led, rows, 100 * low, 100 * high);
    }
    if (open) fprintf(file, "%s%zu not settled", without == rows ? "" : ", ", open);
    if (without > open) fprintf(file, "%s%zu without a share", without == rows && !open ? "" : ", ", without - open);
}

static void write_group(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, int escape)
{
    enum { MOST = 5 };
    struct stretch stretches[MOST];
    struct pid_key key = pid_report_group_key(groups, report, group);
    size_t count = find_stretches(report, groups, group, stretches, MOST);
    pid_report_write_key(file, &key, escape);
    if (key.count) fputs(": ", file);
    if (count > MOST) write_counts(file, report, groups, group, escape);
    for (size_t i = 0; count <= MOST && i < count; i++) {
        fputs(i ? "; " : "", file);
        write_stretch(file, report, groups, &stretches[i], escape);
    }
    putc('.', file);
}

static void write_stable(FILE *file, const struct pid_report *report, const struct pid_report_groups *groups, size_t group, int escape)
{
    enum { MOST = 200 };
    struct stretch stretches[MOST];
    struct pid_key key = pid_report_group_key(groups, report, group);
    size_t count = find_stretches(report, groups, group, stretches, MOST);
    ptrdiff_t leader = NO_SHARE;
    bool changes = false;
    for (size_t i = 0; i < count && i < MOST; i++) {
        if (stretches[i].leader < 0) continue;
        changes |= leader >= 0 && stretches[i].leader != leader;
        leader = stretches[i].leader;
    }
    pid_report_write_key(file, &key, escape);
    fprintf(file, "%s%s over %s: ", key.count ? ": " : "", changes ? "NOT STABLE" : count > 1 ? "not settled" : "stable", groups->axis);
    if (changes) fputs("which source leads changes with it.", file);
    else if (count > 1) fputs("which source leads shows at some of its values only.", file);
    else {
        write_stretch(file, report, groups, &stretches[0], escape);
        putc('.', file);
    }
}

/* Whether what a user would conclude, which source leads, holds for every value of a setting. */
static enum pid_status write_stability(FILE *file, const struct pid_report *report, const char *setting, int escape, const char *before,
                                       const char *after, struct pid_error *error)
{
    struct pid_report_groups groups;
    enum pid_status status = pid_report_groups_init(&groups, report, setting, error);
    for (size_t g = 0; !status && g < groups.count; g++) {
        if (groups.start[g + 1] - groups.start[g] < 2) continue;
        fputs(before, file);
        write_stable(file, report, &groups, g, escape);
        fputs(after, file);
    }
    pid_report_groups_release(&groups);
    return status;
}

enum pid_status pid_report_findings(FILE *file, const struct pid_report *report, int escape, const char *before, const char *after,
                                    struct pid_error *error)
{
    enum { EACH = 12 };
    static const char *const settings[] = {"k", "seed", "pca"};
    struct pid_report_groups groups;
    enum pid_status status = pid_report_groups_init(&groups, report, report->row_count > EACH ? NULL : "", error);
    for (size_t g = 0; !status && g < groups.count; g++) {
        fputs(before, file);
        if (*groups.axis) write_group(file, report, &groups, g, escape);
        else write_row(file, report, &report->rows[groups.rows[g]], escape);
        fputs(after, file);
    }
    pid_report_groups_release(&groups);
    for (size_t i = 0; !status && i < sizeof settings / sizeof *settings; i++)
        if (pid_report_key_values(report, settings[i]) > 1) status = write_stability(file, report, settings[i], escape, before, after, error);
    if (!status) status = pid_report_write_agreement(file, report, escape, before, after, error);
    return status;
}
