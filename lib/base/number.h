/* Numbers from text, strictly: the whole text must be one number inside the range.  Empty text, spaces, trailing
 * characters, hexadecimal, NaN and infinity are refused.  Each returns whether *value was set. */
#ifndef PID_BASE_NUMBER_H
#define PID_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

bool pid_number_unsigned(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *value);
bool pid_number_integer(const char *text, int64_t minimum, int64_t maximum, int64_t *value);

/* A decimal number, finite and in [minimum, maximum].  Needs LC_NUMERIC to be "C", which the programs' start-up sees to. */
bool pid_number_real(const char *text, double minimum, double maximum, double *value);

/* A size in bytes: digits with an optional K, M, G or T (powers of 1024) behind them. */
bool pid_number_bytes(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *value);

#endif
