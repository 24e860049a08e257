/* Whether float32 numbers are finite, at the speed of memory. */
#ifndef PID_BASE_FINITE_H
#define PID_BASE_FINITE_H

#include <stddef.h>

/* The first of `count` rows of `width` float32, aligned to nothing, that holds a NaN or an infinity, or `count`. */
size_t pid_finite_first_bad(const void *rows, size_t count, size_t width);

#endif
