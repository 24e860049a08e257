/* A sum that carries its own rounding error (Neumaier 1974): the result is as if summed in twice the precision. */
#ifndef PID_BASE_SUM_H
#define PID_BASE_SUM_H

#include <math.h>

struct pid_sum { double value, carry; };

static inline void pid_sum_add(struct pid_sum *sum, double x)
{
    double t = sum->value + x;
    sum->carry += fabs(sum->value) >= fabs(x) ? (sum->value - t) + x : (x - t) + sum->value;
    sum->value = t;
}

static inline double pid_sum_value(const struct pid_sum *sum)
{
    return sum->value + sum->carry;
}

#endif
