/* Decimal numbers from tables: as pid_number_real, but an order of magnitude faster for short ones. */
#ifndef PID_FORMATS_DECIMAL_H
#define PID_FORMATS_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/* The whole of text[length] (with a NUL behind it) as a finite number, blanks around it ignored.  Correctly rounded. */
bool pid_decimal_parse(const char *text, size_t length, double *value);

/* Whether a text that pid_decimal_parse takes is written as an integer: a sign and digits alone. */
bool pid_decimal_is_integer(const char *text);

#endif
