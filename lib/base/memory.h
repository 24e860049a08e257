/* Allocation with overflow checks and an error that says how much was asked for. */
#ifndef PID_BASE_MEMORY_H
#define PID_BASE_MEMORY_H

#include <stddef.h>

#include "base/error.h"

/* The alignment of every block from pid_array_new and pid_array_grow: a cache line, and enough for any vector unit. */
enum { PID_ALIGNMENT_BYTES = 64 };

/* A zeroed array of `count` elements of `size` bytes, aligned to PID_ALIGNMENT_BYTES; freed by free().
 * NULL with PID_ERROR_MEMORY when it cannot be had or count * size overflows.  A count of 0 gives a valid block. */
void *pid_array_new(size_t count, size_t size, struct pid_error *error) PID_MUST_CHECK;

/* Makes *array (from pid_array_new, or NULL) hold at least `needed` elements of `size` bytes; *capacity is its present
 * room in elements and is updated.  Grows by half at least, so that appending is linear.  The content is kept; new
 * elements are not set.  On PID_ERROR_MEMORY the old array and capacity stay as they were. */
enum pid_status pid_array_grow(void **array, size_t *capacity, size_t needed, size_t size, struct pid_error *error) PID_MUST_CHECK;

/* The same for a buffer of bytes that never needs more than `most`: doubles, and from a quarter of that on takes all of it, so that the
 * old one and what is copied of it together stay below it. */
enum pid_status pid_buffer_grow(void **buffer, size_t *capacity, size_t needed, size_t most, struct pid_error *error) PID_MUST_CHECK;

/* A copy of `text`, freed by free(); NULL with PID_ERROR_MEMORY. */
char *pid_string_copy(const char *text, struct pid_error *error) PID_MUST_CHECK;

/* A copy of `length` bytes with a NUL behind them. */
char *pid_string_copy_n(const char *text, size_t length, struct pid_error *error) PID_MUST_CHECK;

/* As asprintf: a formatted string, freed by free(); NULL with PID_ERROR_MEMORY. */
char *pid_string_format(struct pid_error *error, const char *format, ...) PID_PRINTF(2, 3) PID_MUST_CHECK;

#endif
