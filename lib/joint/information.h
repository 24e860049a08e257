/* Entropies and mutual informations of joint tables, in bits, by their definitions (plug-in, no bias correction).
 * Sums are compensated; the relative error is a few units of the last place of the largest term. */
#ifndef PID_JOINT_INFORMATION_H
#define PID_JOINT_INFORMATION_H

#include "joint/table.h"

/* H of all the variables of the table, in bits; 0 for an empty table. */
double pid_joint_entropy(const struct pid_joint *table);

/* H of the variables wanted[0 .. count-1]. */
enum pid_status pid_joint_entropy_of(const struct pid_joint *table, const size_t *wanted, size_t count, double *bits,
                                     struct pid_error *error) PID_MUST_CHECK;

/* I(A; B) = sum p(a, b) log2 (p(a, b) / p(a) p(b)) between two disjoint sets of variables, each not empty. */
enum pid_status pid_joint_information(const struct pid_joint *table, const size_t *a, size_t a_count, const size_t *b,
                                      size_t b_count, double *bits, struct pid_error *error) PID_MUST_CHECK;

#endif
