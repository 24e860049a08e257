#include "joint/bias.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many symbols `samples` draws are expected to show when `unseen` more than those seen can occur.  Equal counts, of which
 * there are many, stand beside each other and are taken together. */
static double expected(const double *counts, size_t seen, double samples, double unseen)
{
    double total = samples + (double)seen, sum = 0;
    double each = -expm1(log(samples / total) / samples); /* the probability of one unseen symbol */
    for (size_t from = 0, to; from < seen; from = to) {
        for (to = from; to < seen && counts[to] == counts[from]; to++) continue;
        double p = fmax(0, 1 - unseen * each) * (counts[from] + 1) / total;
        sum -= (double)(to - from) * expm1(samples * log1p(-p));
    }
    return sum - unseen * expm1(samples * log1p(-each));
}

double pid_joint_possible_symbols(double *counts, size_t seen, double most)
{
    double samples = 0, missed = 0, unseen = 0;
    qsort(counts, seen, sizeof *counts, ascending);
    for (size_t i = 0; i < seen; i++) samples += counts[i];
    for (size_t i = 0; i < seen; i++) missed += exp(samples * log1p(-counts[i] / samples));
    /* unseen symbols are added as long as that brings what is expected nearer to what was seen */
    for (double distance = missed, nearer; (double)seen + unseen < most; distance = nearer, unseen++) {
        nearer = fabs((double)seen - expected(counts, seen, samples, unseen + 1));
        if (!(nearer < distance)) break;
    }
    return (double)seen + unseen;
}

/* Sum of R_b - 1 over the values of the first b_count variables of a table in canonical order. */
static double conditional_symbols(const struct pid_joint *table, size_t b_count, double *counts, double most)
{
    double sum = 0;
    for (size_t from = 0, to; from < table->cells; from = to) {
        for (to = from; to < table->cells && !memcmp(pid_joint_cell(table, from), pid_joint_cell(table, to), b_count * sizeof(uint32_t)); to++)
            counts[to - from] = table->weights[to];
        sum += pid_joint_possible_symbols(counts, to - from, most) - 1;
    }
    return sum;
}

enum pid_status pid_joint_information_bias(const struct pid_joint *table, const size_t *a, size_t a_count, const size_t *b,
                                           size_t b_count, double *bits, struct pid_error *error)
{
    struct pid_joint both = {0}, alone = {0};
    if (!table->counts || !(table->total > 0)) return pid_error_set(error, PID_ERROR_ARGUMENT, "bias: the table does not hold counts");
    size_t *wanted = pid_array_new(a_count + b_count, sizeof *wanted, error);
    if (!wanted) return error->status;
    memcpy(wanted, b, b_count * sizeof *b);
    memcpy(wanted + b_count, a, a_count * sizeof *a);
    enum pid_status status = pid_joint_project(table, wanted, a_count + b_count, &both, NULL, error);
    if (!status) status = pid_joint_project(table, a, a_count, &alone, NULL, error);
    double *counts = status ? NULL : pid_array_new(both.cells, sizeof *counts, error);
    if (counts) {
        double cells = (double)alone.cells, sum = conditional_symbols(&both, b_count, counts, cells);
        sum -= cells - 1;
        *bits = sum / (2 * table->total * M_LN2);
    } else if (!status) status = error->status;
    free(counts);
    free(wanted);
    pid_joint_release(&alone);
    pid_joint_release(&both);
    return status;
}
