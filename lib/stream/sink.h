/* Bytes to a descriptor, gzip-compressed on request, with the checksum of what went in. */
#ifndef PID_STREAM_SINK_H
#define PID_STREAM_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pid_sink;

/* `fd` stays the caller's.  NULL with an error. */
struct pid_sink *pid_sink_new(int fd, bool gzip, struct pid_error *error) PID_MUST_CHECK;
void pid_sink_free(struct pid_sink *sink); /* drops what is buffered; NULL is allowed */

enum pid_status pid_sink_write(struct pid_sink *sink, const void *bytes, size_t count, struct pid_error *error) PID_MUST_CHECK;

/* The same for bytes whose CRC-32 is known already, which is most of the work. */
enum pid_status pid_sink_write_summed(struct pid_sink *sink, const void *bytes, size_t count, uint32_t crc, struct pid_error *error) PID_MUST_CHECK;

/* Writes what is buffered to the descriptor; `last` also ends the gzip data. */
enum pid_status pid_sink_flush(struct pid_sink *sink, bool last, struct pid_error *error) PID_MUST_CHECK;

/* CRC-32 (the one of gzip) of all bytes written so far, before compression. */
uint32_t pid_sink_crc32(const struct pid_sink *sink);

#endif
