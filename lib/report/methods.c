#include "report/methods.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/escape.h"
#include "report/grid.h"
#include "report/words.h"

static const char *const SETTINGS[] = {"method", "k", "seed"};

static bool is_gauss(const struct pid_report_row *row)
{
    const struct pid_key_pair *pair = pid_key_find(&row->key, "method");
    return pair && pair->text && !strcmp(pair->text, "gauss");
}

static struct pid_key without_settings(const struct pid_report_row *row) { return pid_key_view(&row->key, SETTINGS, 3, false); }

/* A row of clusters, found by the hash of its key without the settings. */
struct found { uint64_t hash; size_t row; };

static int by_hash(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The first of those sorted whose hash is not below. */
static size_t first_of(const struct found *sorted, size_t count, uint64_t hash)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle].hash < hash) low = middle + 1;
        else high = middle;
    }
    return low;
}

static enum pid_status add_pairs(struct pid_report_pairs *pairs, size_t *room, const struct pid_report *report, size_t gauss, const struct found *clusters,
                                 size_t count, struct pid_error *error)
{
    struct pid_key wanted = without_settings(&report->rows[gauss]);
    uint64_t hash = pid_key_hash(&wanted);
    for (size_t i = first_of(clusters, count, hash); i < count && clusters[i].hash == hash; i++) {
        struct pid_key other = without_settings(&report->rows[clusters[i].row]);
        void *grown = pairs->pairs;
        if (!pid_key_equal(&wanted, &other)) continue;
        if (pid_array_grow(&grown, room, pairs->count + 1, sizeof *pairs->pairs, error)) return error->status;
        pairs->pairs = grown;
        pairs->pairs[pairs->count++] = (struct pid_report_pair){clusters[i].row, gauss};
    }
    return PID_OK;
}

enum pid_status pid_report_pairs_init(struct pid_report_pairs *pairs, const struct pid_report *report, struct pid_error *error)
{
    size_t room = 0, count = 0;
    *pairs = (struct pid_report_pairs){0};
    struct found *clusters = pid_array_new(report->row_count, sizeof *clusters, error);
    if (!clusters) return error->status;
    for (size_t i = 0; i < report->row_count; i++) {
        if (pid_key_find(&report->rows[i].key, "method")) continue;
        struct pid_key key = without_settings(&report->rows[i]);
        clusters[count++] = (struct found){pid_key_hash(&key), i};
    }
    qsort(clusters, count, sizeof *clusters, by_hash);
    enum pid_status status = PID_OK;
    for (size_t g = 0; g < report->row_count && !status; g++)
        if (is_gauss(&report->rows[g])) status = add_pairs(pairs, &room, report, g, clusters, count, error);
    free(clusters);
    return status;
}

int pid_report_agree(const struct pid_report *report, const struct pid_report_pair *pair)
{
    double share;
    ptrdiff_t one = pid_report_leader(report, &report->rows[pair->clusters], &share), other = pid_report_leader(report, &report->rows[pair->gauss], &share);
    return one < 0 || other < 0 ? 0 : one == other ? 1 : -1;
}

static void write_leader(FILE *file, const struct pid_report *report, size_t row, int escape)
{
    double share;
    ptrdiff_t leader = pid_report_leader(report, &report->rows[row], &share);
    pid_escape_write(file, (enum pid_escape)escape, report->sources[leader]);
    fprintf(file, " (%.0f %%%s)", 100 * share, pid_report_settled(report, &report->rows[row], leader) ? "" : ", not settled");
}

enum pid_status pid_report_write_agreement(FILE *file, const struct pid_report *report, int escape, const char *before, const char *after,
                                           struct pid_error *error)
{
    struct pid_report_pairs pairs;
    size_t agree = 0, differ = 0;
    enum pid_status status = pid_report_pairs_init(&pairs, report, error);
    for (size_t p = 0; !status && p < pairs.count; p++) {
        int verdict = pid_report_agree(report, &pairs.pairs[p]);
        agree += verdict > 0;
        differ += verdict < 0;
        if (verdict >= 0) continue;
        struct pid_key key = pid_key_view(&report->rows[pairs.pairs[p].clusters].key, NULL, 0, false);
        fputs(before, file);
        pid_report_write_key(file, &key, escape);
        fprintf(file, "%sTHE METHODS DISAGREE on which source leads: by clusters ", key.count ? ": " : "");
        write_leader(file, report, pairs.pairs[p].clusters, escape);
        fputs(", by Gaussians ", file);
        write_leader(file, report, pairs.pairs[p].gauss, escape);
        fprintf(file, ".%s", after);
    }
    if (!status && pairs.count)
        fprintf(file, "%sClusters and Gaussians agree on which source leads in %zu of %zu%s%s", before, agree, pairs.count,
                agree + differ < pairs.count ? "; in the others one of them has no share." : ".", after);
    free(pairs.pairs);
    return status;
}

/* One answer's cells, as texts: keys, method, shares, parts in per cent, verdict. */
static enum pid_status add_row(struct pid_grid *grid, const struct pid_report *report, const struct pid_report_pair *pair, bool gauss, struct pid_error *error)
{
    const struct pid_report_row *row = &report->rows[gauss ? pair->gauss : pair->clusters];
    double total = pid_report_best(row, pid_report_column(report, PID_REPORT_TOTAL, 0));
    static const char *const verdicts[] = {"DISAGREE", "no share", "agree"};
    for (size_t k = 0; k < report->key_count; k++) {
        const struct pid_key_pair *value = pid_key_find(&row->key, report->keys[k]);
        if (!strcmp(report->keys[k], "method")) continue;
        if (!value ? pid_grid_add(grid, error, ".") : value->text ? pid_grid_add_escaped(grid, value->text, error) : pid_grid_add(grid, error, "%" PRId64, value->integer))
            return error->status;
    }
    if (pid_grid_add(grid, error, "%s", gauss ? "gauss" : "clusters")) return error->status;
    for (int parts = 0; parts < 2; parts++)
        for (size_t c = 0; c < report->estimated; c++) {
            enum pid_report_quantity quantity = report->columns[c].quantity;
            double value = 100 * pid_report_best(row, c) / (parts ? total : 1);
            if (parts ? quantity > PID_REPORT_SYNERGY : quantity != PID_REPORT_SHARE) continue;
            if (isnan(value) ? pid_grid_add(grid, error, ".") : pid_grid_add(grid, error, "%.1f %%", value)) return error->status;
        }
    return pid_grid_add(grid, error, "%s", gauss ? verdicts[pid_report_agree(report, pair) + 1] : "");
}

static enum pid_status fill(struct pid_grid *grid, const struct pid_report *report, const struct pid_report_pairs *pairs, struct pid_error *error)
{
    size_t columns = 2;
    for (size_t k = 0; k < report->key_count; k++) columns += strcmp(report->keys[k], "method") != 0;
    for (size_t c = 0; c < report->estimated; c++) columns += report->columns[c].quantity <= PID_REPORT_SYNERGY || report->columns[c].quantity == PID_REPORT_SHARE;
    *grid = (struct pid_grid){.columns = columns};
    for (size_t k = 0; k < report->key_count; k++)
        if (strcmp(report->keys[k], "method") && pid_grid_add_escaped(grid, report->keys[k], error)) return error->status;
    if (pid_grid_add(grid, error, "by")) return error->status;
    for (int parts = 0; parts < 2; parts++)
        for (size_t c = 0; c < report->estimated; c++) {
            enum pid_report_quantity quantity = report->columns[c].quantity;
            if (parts ? quantity > PID_REPORT_SYNERGY : quantity != PID_REPORT_SHARE) continue;
            if (pid_grid_add_escaped(grid, report->columns[c].name, error)) return error->status;
        }
    if (pid_grid_add(grid, error, "which leads")) return error->status;
    for (size_t p = 0; p < pairs->count; p++)
        if (add_row(grid, report, &pairs->pairs[p], false, error) || add_row(grid, report, &pairs->pairs[p], true, error)) return error->status;
    return PID_OK;
}

static enum pid_status print(FILE *file, const struct pid_grid *grid, size_t left, struct pid_error *error)
{
    size_t *widths = pid_array_new(grid->columns, sizeof *widths, error);
    bool *sides = widths ? pid_array_new(grid->columns, sizeof *sides, error) : NULL;
    if (sides) {
        pid_grid_widths(grid, widths);
        for (size_t c = 0; c < grid->columns; c++) sides[c] = c < left || c + 1 == grid->columns;
        fputs("\nBoth answers: shares of what only one source tells, and parts in per cent of each answer's own total\n", file);
        for (size_t row = 0; row < grid->cells / grid->columns; row++) {
            pid_grid_print(file, grid, row, widths, sides);
            putc('\n', file);
        }
    }
    enum pid_status status = sides ? PID_OK : error->status;
    free(sides);
    free(widths);
    return status;
}

static void print_html(FILE *file, const struct pid_grid *grid, size_t left)
{
    fputs("<h2>With and without clusters</h2>\n<p>Shares of what only one source tells, and parts in per cent of each answer&#39;s own total.</p>\n"
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Both answers\"><table>\n", file);
    for (size_t row = 0; row < grid->cells / grid->columns; row++) {
        fputs(row ? "<tr>" : "<thead><tr>", file);
        for (size_t c = 0; c < grid->columns; c++) {
            fprintf(file, "<%s%s>", row ? "td" : "th scope=\"col\"", c < left || c + 1 == grid->columns ? " class=\"k\"" : "");
            pid_escape_write(file, PID_ESCAPE_HTML, grid->texts[row * grid->columns + c]);
            fputs(row ? "</td>" : "</th>", file);
        }
        fputs(row ? "</tr>\n" : "</tr></thead><tbody>\n", file);
    }
    fputs("</tbody></table></div>\n", file);
}

static enum pid_status write(FILE *file, const struct pid_report *report, bool html, struct pid_error *error)
{
    struct pid_report_pairs pairs;
    struct pid_grid grid = {0};
    enum pid_status status = pid_report_pairs_init(&pairs, report, error);
    if (!status && pairs.count) status = fill(&grid, report, &pairs, error);
    size_t left = 1;
    for (size_t k = 0; k < report->key_count; k++) left += strcmp(report->keys[k], "method") != 0;
    if (!status && pairs.count && html) print_html(file, &grid, left);
    else if (!status && pairs.count) status = print(file, &grid, left, error);
    pid_grid_release(&grid);
    free(pairs.pairs);
    return status;
}

enum pid_status pid_report_methods_text(FILE *file, const struct pid_report *report, struct pid_error *error) { return write(file, report, false, error); }
enum pid_status pid_report_methods_html(FILE *file, const struct pid_report *report, struct pid_error *error) { return write(file, report, true, error); }
