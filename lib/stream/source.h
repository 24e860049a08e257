/* Bytes from a descriptor, inflated when they are gzip (one member or several), behind a window that can be looked
 * at before it is taken. */
#ifndef PID_STREAM_SOURCE_H
#define PID_STREAM_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pid_source;

/* Takes `fd` and closes it with pid_source_free, or at once on failure.  NULL with an error. */
struct pid_source *pid_source_new(int fd, struct pid_error *error) PID_MUST_CHECK;
void pid_source_free(struct pid_source *source); /* NULL is allowed */

/* Makes at least `wanted` bytes visible, fewer only at the end of the input: *bytes points to *have of them until the
 * next call.  Memory grows with the bytes that are really there, never ahead of them by more than a factor of two. */
enum pid_status pid_source_peek(struct pid_source *source, size_t wanted, const uint8_t **bytes, size_t *have,
                                struct pid_error *error) PID_MUST_CHECK;

/* Moves on by `count` bytes, all of which must be visible. */
void pid_source_take(struct pid_source *source, size_t count);

/* Bytes taken so far, after inflation. */
uint64_t pid_source_position(const struct pid_source *source);

/* Whether what has been looked at came from gzip. */
bool pid_source_is_gzip(const struct pid_source *source);

#endif
