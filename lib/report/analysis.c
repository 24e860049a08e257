#include "report/analysis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "statistics/statistics.h"

enum pid_status pid_report_note(struct pid_report_row *row, struct pid_error *error, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) return pid_error_set(error, PID_ERROR_MEMORY, "out of memory");
    void *notes = row->notes;
    if (pid_array_grow(&notes, &row->note_capacity, row->note_count + 1, sizeof *row->notes, error)) {
        free(text);
        return error->status;
    }
    row->notes = notes;
    row->notes[row->note_count++] = text;
    return PID_OK;
}

const struct pid_report_replicates *pid_report_replicates(const struct pid_report_row *row, enum pid_replicate_type type)
{
    for (size_t i = 0; i < row->replicate_count; i++)
        if (row->replicates[i].type == type) return &row->replicates[i];
    return NULL;
}

static double named(const struct pid_report *report, const struct pid_report_row *row, const char *kind, const char *name)
{
    ptrdiff_t column = pid_report_find_of(report, kind, name);
    return column < 0 ? NAN : pid_report_value(row, (size_t)column);
}

/* Subsamples that share no row, as many as fit, are a split of the rows; each set holds one or several. */
static size_t split_size(const struct pid_report_replicates *set) { return (size_t)fmax(1, floor(1 / set->fraction + 1e-9)); }

/* What is extrapolated: a column, or the difference of two. */
struct amount { const struct pid_report *report; size_t column; ptrdiff_t less; };

static double amount_of(const struct amount *amount, const double *values)
{
    return values[amount->column] - (amount->less < 0 ? 0 : values[amount->less]);
}

/* The mean over the replicates first .. first + count - 1 of a set. */
static double mean_of(const struct amount *amount, const struct pid_report_replicates *set, size_t first, size_t count)
{
    double sum = 0;
    for (size_t i = first; i < first + count; i++) sum += amount_of(amount, set->values + i * amount->report->estimated);
    return sum / (double)count;
}

/* Variance of the mean of one split between the splits of a set; NaN where it holds just one. */
static double split_variance(const struct amount *amount, const struct pid_report_replicates *set)
{
    double sum = 0, squares = 0;
    size_t size = split_size(set), splits = set->count / size;
    for (size_t s = 0; s < splits; s++) {
        double mean = mean_of(amount, set, s * size, size);
        sum += mean;
        squares += mean * mean;
    }
    return splits < 2 ? NAN : fmax(0, (squares - sum * sum / (double)splits) / (double)(splits - 1));
}

/* The data and the sets of subsamples of one row, as an extrapolation takes them. */
struct sizes {
    size_t count;
    double *samples, *weights;                   /* the data first */
    const struct pid_report_replicates **sets;   /* count - 1 */
};

static enum pid_status find_sizes(struct sizes *sizes, const struct pid_report_row *row, struct pid_error *error)
{
    size_t most = row->replicate_count + 1;
    *sizes = (struct sizes){.count = 1};
    if (!(sizes->samples = pid_array_new(most, sizeof(double), error)) || !(sizes->weights = pid_array_new(most, sizeof(double), error)) ||
        !(sizes->sets = pid_array_new(most, sizeof *sizes->sets, error)))
        return error->status;
    sizes->samples[0] = (double)row->samples;
    for (size_t i = 0; i < row->replicate_count; i++) {
        const struct pid_report_replicates *set = &row->replicates[i];
        if (set->type != PID_REPLICATE_SUBSAMPLE) continue;
        sizes->sets[sizes->count - 1] = set;
        sizes->samples[sizes->count++] = set->samples / (double)set->count;
    }
    return PID_OK;
}

/* The limit of an amount, and in *noise the standard deviation that comes with it: a correction is made of differences between
 * the data and their parts, which come out otherwise from one split to the next.  Where there is but one split, the
 * difference that the quadratic term makes stands for it. */
static double extrapolate(const struct amount *amount, const struct pid_report_row *row, const struct sizes *sizes, double *noise)
{
    double observed = pid_report_value(row, amount->column) - (amount->less < 0 ? 0 : pid_report_value(row, (size_t)amount->less)), limit = sizes->weights[0] * observed, variance = 0;
    size_t nearest = 0;
    for (size_t i = 1; i < sizes->count; i++) {
        const struct pid_report_replicates *set = sizes->sets[i - 1];
        limit += sizes->weights[i] * mean_of(amount, set, 0, set->count);
        variance += sizes->weights[i] * sizes->weights[i] * split_variance(amount, set);
        if (!nearest || sizes->samples[i] > sizes->samples[nearest]) nearest = i;
    }
    double two[2] = {sizes->samples[0], sizes->samples[nearest]}, weights[2];
    if (isnan(variance) && pid_statistics_extrapolation(two, 2, weights)) {
        const struct pid_report_replicates *set = sizes->sets[nearest - 1];
        variance = pow(limit - weights[0] * observed - weights[1] * mean_of(amount, set, 0, set->count), 2);
    }
    *noise = isnan(variance) ? 0 : sqrt(variance);
    return limit;
}

/* The union information, total - synergy, is extrapolated; the total is not, since as long as most cells of all variables
 * together are empty its curve says nothing about where it ends: Panzeri and Treves' estimate of its bias is taken off. */
static enum pid_status correct_synergy(const struct pid_report *report, struct pid_report_row *row, const struct sizes *sizes, struct pid_error *error)
{
    size_t s = pid_report_column(report, PID_REPORT_SYNERGY, 0), t = pid_report_column(report, PID_REPORT_TOTAL, 0);
    ptrdiff_t bias = pid_report_find(report, "bias:total");
    if (bias < 0 || isnan(pid_report_value(row, (size_t)bias)))
        return pid_report_note(row, error, "synergy and total are not corrected: the stream has no bias:total");
    struct amount united = {report, t, (ptrdiff_t)s};
    row->estimates[t].corrected = pid_report_value(row, t) - pid_report_value(row, (size_t)bias);
    row->estimates[s].corrected = row->estimates[t].corrected - extrapolate(&united, row, sizes, &row->estimates[s].noise);
    return PID_OK;
}

/* Of three sources and more the unique informations take all others as one source, whose table with the target is as empty as
 * that of all: nothing is known to help them. */
static bool is_extrapolated(const struct pid_report *report, size_t column)
{
    switch (report->columns[column].quantity) {
    case PID_REPORT_REDUNDANT: case PID_REPORT_MI: return true;
    case PID_REPORT_UNIQUE: return report->source_count == 2;
    default: return false;
    }
}

/* Whether the stream says by how much each value is too large, as pid-gauss does. */
static bool correct_by_stream(struct pid_report *report, struct pid_report_row *row)
{
    bool all = true, any = false;
    for (size_t c = 0; c < report->estimated; c++) {
        double bias = named(report, row, "bias", report->columns[c].name);
        bool known = !isnan(pid_report_value(row, c)) && report->columns[c].quantity != PID_REPORT_SHARE;
        any |= known;
        if (known && isnan(bias)) all = false;
    }
    if (!any || !all) return false;
    for (size_t c = 0; c < report->estimated; c++)
        if (report->columns[c].quantity != PID_REPORT_SHARE)
            row->estimates[c].corrected = pid_report_value(row, c) - named(report, row, "bias", report->columns[c].name);
    report->has_corrected = true;
    return true;
}

static enum pid_status correct(struct pid_report *report, struct pid_report_row *row, struct pid_error *error)
{
    struct sizes sizes;
    if (correct_by_stream(report, row)) return PID_OK;
    enum pid_status status = find_sizes(&sizes, row, error);
    if (!status && pid_statistics_extrapolation(sizes.samples, sizes.count, sizes.weights)) {
        report->has_corrected = true;
        for (size_t c = 0; c < report->estimated; c++) {
            struct amount amount = {report, c, -1};
            if (is_extrapolated(report, c)) row->estimates[c].corrected = extrapolate(&amount, row, &sizes, &row->estimates[c].noise);
        }
        if (report->source_count == 2) status = correct_synergy(report, row, &sizes, error);
        else status = pid_report_note(row, error, "of more than two sources only what each tells alone is corrected for few samples");
    }
    free(sizes.sets);
    free(sizes.weights);
    free(sizes.samples);
    return status;
}

/* A share of corrected parts; a part that came out below zero counts as nothing. */
static double share_of(const double *unique, size_t sources, size_t source)
{
    double sum = 0;
    for (size_t s = 0; s < sources; s++) sum += fmax(0, unique[s]);
    return sum > 0 ? fmax(0, unique[source]) / sum : NAN;
}

static void undefine_shares(const struct pid_report *report, struct pid_report_row *row)
{
    for (size_t s = 0; s < report->source_count; s++) {
        struct pid_report_estimate *share = &row->estimates[pid_report_column(report, PID_REPORT_SHARE, s)];
        share->value = share->corrected = share->low = share->high = NAN;
    }
}

static enum pid_status correct_shares(const struct pid_report *report, struct pid_report_row *row, struct pid_error *error)
{
    double unique[PID_VARIABLES_MAX];
    bool defined = true;
    for (size_t s = 0; s < report->source_count; s++) unique[s] = row->estimates[pid_report_column(report, PID_REPORT_UNIQUE, s)].corrected;
    for (size_t s = 0; s < report->source_count; s++) {
        struct pid_report_estimate *share = &row->estimates[pid_report_column(report, PID_REPORT_SHARE, s)];
        bool known = !isnan(share->value);
        for (size_t o = 0; o < report->source_count; o++) known &= !isnan(unique[o]);
        if (known) share->corrected = share_of(unique, report->source_count, s);
        if (known && isnan(share->corrected)) defined = false;
    }
    if (defined) return PID_OK;
    undefine_shares(report, row);
    return pid_report_note(row, error, "share undefined: nothing remains of the unique informations when their bias is taken off");
}

/* The replicates' spread around their own mean, set around the estimate: their mean carries the bias once more.  A corrected
 * estimate has the noise of its correction besides, by which the spread is widened. */
static void shift_replicates(const struct pid_report *report, const struct pid_report_row *row, const struct pid_report_replicates *set, double *shifted)
{
    size_t n = report->estimated;
    for (size_t c = 0; c < n; c++) {
        double mean = pid_statistics_mean(set->values + c, set->count, n), best = pid_report_best(row, c), variance = 0;
        for (size_t b = 0; b < set->count; b++) variance += pow(set->values[b * n + c] - mean, 2) / (double)set->count;
        double wider = variance > 0 ? sqrt(1 + pow(row->estimates[c].noise, 2) / variance) : 1;
        for (size_t b = 0; b < set->count; b++) shifted[b * n + c] = best + wider * (set->values[b * n + c] - mean);
    }
    double unique[PID_VARIABLES_MAX];
    for (size_t b = 0; b < set->count; b++) {
        for (size_t s = 0; s < report->source_count; s++) unique[s] = shifted[b * n + pid_report_column(report, PID_REPORT_UNIQUE, s)];
        for (size_t s = 0; s < report->source_count; s++)
            shifted[b * n + pid_report_column(report, PID_REPORT_SHARE, s)] = share_of(unique, report->source_count, s);
    }
}

static enum pid_status set_intervals(struct pid_report *report, struct pid_report_row *row, double confidence, struct pid_error *error)
{
    const struct pid_report_replicates *set = pid_report_replicates(row, PID_REPLICATE_BOOTSTRAP);
    size_t n = report->estimated;
    if (!set) return PID_OK;
    double *shifted = pid_array_new(set->count * n, sizeof *shifted, error);
    double *sorted = shifted ? pid_array_new(set->count, sizeof *sorted, error) : NULL;
    if (!sorted) {
        free(shifted);
        return error->status;
    }
    shift_replicates(report, row, set, shifted);
    for (size_t c = 0; c < n; c++) {
        struct pid_report_estimate *estimate = &row->estimates[c];
        if (isnan(pid_report_best(row, c))) continue;
        size_t known = pid_statistics_sort(shifted + c, set->count, n, sorted);
        estimate->low = pid_statistics_quantile(sorted, known, (1 - confidence) / 2);
        estimate->high = pid_statistics_quantile(sorted, known, (1 + confidence) / 2);
    }
    free(sorted);
    free(shifted);
    report->has_intervals = true;
    if (set->count + 1 < 2 / (1 - confidence))
        return pid_report_note(row, error, "%zu bootstrap replicates are too few for intervals of %g %%: the ends are the extremes seen", set->count, 100 * confidence);
    return PID_OK;
}

static enum pid_status compare_with_null(struct pid_report *report, struct pid_report_row *row, double confidence, struct pid_error *error)
{
    const struct pid_report_replicates *set = pid_report_replicates(row, PID_REPLICATE_PERMUTATION);
    size_t n = report->estimated;
    if (!set) return PID_OK;
    report->has_null = true;
    for (size_t c = 0; c < n; c++) {
        struct pid_report_estimate *estimate = &row->estimates[c];
        estimate->null = pid_statistics_mean(set->values + c, set->count, n);
        estimate->p = report->columns[c].either ? pid_statistics_p_value_two_sided(estimate->value, set->values + c, set->count, n)
                                                : pid_statistics_p_value(estimate->value, set->values + c, set->count, n);
    }
    double *sums = pid_array_new(set->count, sizeof *sums, error), observed = 0;
    if (!sums) return error->status;
    for (size_t s = 0; s < report->source_count; s++) {
        size_t c = pid_report_column(report, PID_REPORT_UNIQUE, s);
        observed += pid_report_value(row, c);
        for (size_t b = 0; b < set->count; b++) sums[b] += set->values[b * n + c];
    }
    double p = pid_statistics_p_value(observed, sums, set->count, 1);
    free(sums);
    if (!(p > 1 - confidence)) return PID_OK;
    undefine_shares(report, row);
    return pid_report_note(row, error, "share undefined: what only one source tells is not above what chance gives (p = %.3g)", p);
}

/* In the known cases the bias of R and U is below a tenth of them from about 20 samples a cell of the larger of the
 * pairwise tables; for S 20 a cell of both sources' table is a floor. */
static enum pid_status advise(const struct pid_report *report, struct pid_report_row *row, struct pid_error *error)
{
    enum { A_CELL = 20 };
    double target = named(report, row, "cells", report->target), widest = 0, narrowest = INFINITY, all = 1;
    for (size_t s = 0; s < report->source_count; s++) {
        double symbols = named(report, row, "cells", report->sources[s]);
        widest = fmax(widest, symbols);
        narrowest = fmin(narrowest, symbols);
        all *= symbols;
    }
    if (report->source_count > 2) widest = all / narrowest; /* the others merged are one source */
    double pairs = A_CELL * widest * target, n = (double)row->samples;
    all *= A_CELL;
    if (!row->samples || isnan(all) || isnan(target) || !(n < fmax(pairs, all))) return PID_OK;
    if (report->source_count > 2)
        return pid_report_note(row, error, "%.0f samples are few for so many symbols of several sources: about %.0f would do for unique, at least %.0f for the remainder", n, pairs, all);
    if (n < pairs)
        return pid_report_note(row, error, "%.0f samples are few for so many symbols: about %.0f would do for redundant and unique, at least %.0f for synergy", n, pairs, all);
    return pid_report_note(row, error, "%.0f samples may be too few for synergy, which carries most of the bias: at least %.0f would be needed", n, all);
}

/* On noise the source with more, or more even, symbols gets the larger share. */
static enum pid_status compare_alphabets(const struct pid_report *report, struct pid_report_row *row, struct pid_error *error)
{
    size_t least = 0, most = 0;
    double alphabet[PID_VARIABLES_MAX];
    for (size_t s = 0; s < report->source_count; s++) {
        alphabet[s] = named(report, row, "alphabet", report->sources[s]);
        if (isnan(alphabet[s])) return PID_OK;
        if (alphabet[s] < alphabet[least]) least = s;
        if (alphabet[s] > alphabet[most]) most = s;
    }
    if (!row->samples || !report->source_count || !(alphabet[most] > 2 * alphabet[least])) return PID_OK;
    return pid_report_note(row, error, "the effective alphabets are uneven, %s %.1f symbols, %s %.1f: noise alone would give %s the larger share; permutations tell whether this is more",
                           report->sources[most], alphabet[most], report->sources[least], alphabet[least], report->sources[most]);
}

enum pid_status pid_report_analyse(struct pid_report *report, struct pid_report_row *row, double confidence, struct pid_error *error)
{
    if (!(row->estimates = pid_array_new(report->estimated, sizeof *row->estimates, error))) return error->status;
    for (size_t c = 0; c < report->estimated; c++)
        row->estimates[c] = (struct pid_report_estimate){.value = pid_report_value(row, c), .corrected = NAN, .low = NAN, .high = NAN, .null = NAN, .p = NAN};
    if (correct(report, row, error) || correct_shares(report, row, error)) return error->status;
    if (set_intervals(report, row, confidence, error) || compare_with_null(report, row, confidence, error)) return error->status;
    return advise(report, row, error) ? error->status : compare_alphabets(report, row, error);
}
