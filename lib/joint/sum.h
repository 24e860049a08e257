/* Compensated summation (Neumaier 1974): the error does not grow with the number of terms. */
#ifndef PID_JOINT_SUM_H
#define PID_JOINT_SUM_H

#include <math.h>

struct pid_sum { double high, low; };

static inline void pid_sum_add(struct pid_sum *sum, double term)
{
    double high = sum->high + term;
    sum->low += fabs(sum->high) >= fabs(term) ? (sum->high - high) + term : (term - high) + sum->high;
    sum->high = high;
}

static inline double pid_sum_value(const struct pid_sum *sum)
{
    return sum->high + sum->low;
}

#endif
