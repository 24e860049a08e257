/* Memory that is given back all at once: for what is decoded from one record.  Not thread-safe. */
#ifndef PID_BASE_ARENA_H
#define PID_BASE_ARENA_H

#include <stddef.h>

#include "base/error.h"

struct pid_arena { struct pid_arena_block *blocks; };

/* {0} is an empty arena. */
void pid_arena_release(struct pid_arena *arena);

/* Gives everything back; one block as large as all that was used stays, so that a steady use allocates nothing. */
void pid_arena_reset(struct pid_arena *arena);

/* `count` elements of `size` bytes, aligned to PID_ALIGNMENT_BYTES, not zeroed; NULL with PID_ERROR_MEMORY. */
void *pid_arena_array(struct pid_arena *arena, size_t count, size_t size, struct pid_error *error) PID_MUST_CHECK;

/* A copy of `length` bytes with a NUL behind them. */
char *pid_arena_string(struct pid_arena *arena, const char *text, size_t length, struct pid_error *error) PID_MUST_CHECK;

#endif
