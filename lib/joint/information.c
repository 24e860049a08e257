#include "joint/information.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sum.h"

double pid_joint_entropy(const struct pid_joint *table)
{
    struct pid_sum sum = {0};
    for (size_t c = 0; c < table->cells; c++) {
        double p = table->weights[c] / table->total;
        if (p > 0) pid_sum_add(&sum, -p * log2(p));
    }
    return pid_sum_value(&sum);
}

enum pid_status pid_joint_entropy_of(const struct pid_joint *table, const size_t *wanted, size_t count, double *bits,
                                     struct pid_error *error)
{
    struct pid_joint part;
    enum pid_status status = pid_joint_project(table, wanted, count, &part, NULL, error);
    if (status != PID_OK) return status;
    *bits = pid_joint_entropy(&part);
    pid_joint_release(&part);
    return PID_OK;
}

/* The sum over the cells of both of p log2 (p / pa pb); in_a and in_b say which cells of a and b they lie in. */
static double divergence(const struct pid_joint *both, const struct pid_joint *a, const size_t *in_a, const struct pid_joint *b,
                         const size_t *in_b)
{
    struct pid_sum sum = {0};
    double total = both->total;
    for (size_t c = 0; c < both->cells; c++) {
        double w = both->weights[c], ratio = w / a->weights[in_a[c]] * (total / b->weights[in_b[c]]);
        pid_sum_add(&sum, w / total * log2(ratio));
    }
    return pid_sum_value(&sum);
}

enum pid_status pid_joint_information(const struct pid_joint *table, const size_t *a, size_t a_count, const size_t *b,
                                      size_t b_count, double *bits, struct pid_error *error)
{
    struct pid_joint both = {0}, part_a = {0}, part_b = {0};
    size_t *in_a = NULL, *in_b = NULL;
    size_t *all = pid_array_new(2 * (a_count + b_count), sizeof *all, error), *local = NULL;
    enum pid_status status = all ? PID_OK : error->status;
    if (all) {
        memcpy(all, a, a_count * sizeof *a);
        memcpy(all + a_count, b, b_count * sizeof *b);
        local = all + a_count + b_count;
        for (size_t v = 0; v < a_count + b_count; v++) local[v] = v;
        status = pid_joint_project(table, all, a_count + b_count, &both, NULL, error);
    }
    if (status == PID_OK) {
        in_a = pid_array_new(both.cells, sizeof *in_a, error);
        in_b = in_a ? pid_array_new(both.cells, sizeof *in_b, error) : NULL;
        status = in_b ? pid_joint_project(&both, local, a_count, &part_a, in_a, error) : error->status;
    }
    if (status == PID_OK) status = pid_joint_project(&both, local + a_count, b_count, &part_b, in_b, error);
    if (status == PID_OK) *bits = divergence(&both, &part_a, in_a, &part_b, in_b);
    pid_joint_release(&part_a);
    pid_joint_release(&part_b);
    pid_joint_release(&both);
    free(in_a);
    free(in_b);
    free(all);
    return status;
}
