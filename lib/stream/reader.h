/* Reads a stream, plain or gzip-compressed, from a pipe or a file, in memory bounded by the largest record.
 *
 *     struct pid_reader *reader = pid_reader_new(fd, "labels.mp", 0, &error);
 *     for (;;) switch (pid_reader_next(reader, &record, &error)) {
 *         case PID_NEXT_RECORD: ...; continue;
 *         case PID_NEXT_END:    the stream was whole: its counts and checksum agree; ...
 *         case PID_NEXT_ERROR:  nothing read so far is an answer; ...
 *     }
 *
 * Until PID_NEXT_END has been seen the records are a part of something that may have failed upstream: programs that
 * reduce must not print before it. */
#ifndef PID_STREAM_READER_H
#define PID_STREAM_READER_H

#include <stdbool.h>

#include "base/arena.h"
#include "stream/header.h"
#include "stream/record.h"

enum { PID_RECORD_BYTES_MAX = 64 << 20 }; /* default limit of one record */

struct pid_reader;

/* Reads the header from `fd`, which is closed by pid_reader_free in every case (also when this fails).  `name` is
 * for messages ("standard input").  `record_bytes_max` 0 means the default.  NULL with the error: cut, not a stream,
 * a newer version, an unknown kind. */
struct pid_reader *pid_reader_new(int fd, const char *name, size_t record_bytes_max, struct pid_error *error) PID_MUST_CHECK;
void pid_reader_free(struct pid_reader *reader); /* NULL is allowed */

/* The header: borrowed, valid until pid_reader_free. */
const struct pid_header *pid_reader_header(const struct pid_reader *reader);

const char *pid_reader_name(const struct pid_reader *reader);

enum pid_next { PID_NEXT_RECORD, PID_NEXT_END, PID_NEXT_ERROR };

/* The next record, checked against the header: sizes, codes and cells in range, weights finite and not negative, the
 * order promised by `grouped`.  END only when the trailer agrees with what was read and nothing follows it.  The first
 * error sticks, as does END.  `record` is borrowed until the next call. */
enum pid_next pid_reader_next(struct pid_reader *reader, struct pid_record *record, struct pid_error *error) PID_MUST_CHECK;

/* Number of the record that was read last, from 1, for messages. */
uint64_t pid_reader_record_number(const struct pid_reader *reader);

/* After PID_NEXT_END: the CRC-32 in the trailer, which stands for the whole stream. */
uint32_t pid_reader_checksum(const struct pid_reader *reader);

/* The bytes of the record that was read last (one msgpack map) and their CRC-32, for copying a record as it stands. */
const void *pid_reader_record_bytes(const struct pid_reader *reader, size_t *bytes, uint32_t *crc);

/* Where those bytes begin in what the descriptor gave, counted from where the reader began; false if that is compressed. */
bool pid_reader_record_place(const struct pid_reader *reader, uint64_t *offset);

/* The first record in bytes[length], which some reader gave by pid_reader_record_bytes; `header` is that reader's.  *used: how long
 * it is.  `record` is borrowed from `arena`, which is reset, and from bytes; without `vectors` as pid_reader_leave_vectors tells. */
enum pid_status pid_record_decode(const void *bytes, size_t length, const struct pid_header *header, bool vectors, struct pid_arena *arena,
                                  size_t *used, struct pid_record *record, struct pid_error *error) PID_MUST_CHECK;

/* For callers that look at no vectors, or copy them themselves: sizes are still checked, but `values` stays NULL and nothing is
 * copied; `bytes` tells where they lie. */
void pid_reader_leave_vectors(struct pid_reader *reader);

#endif
