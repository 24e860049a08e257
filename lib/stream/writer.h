/* Writes a stream.  It ends in one of two ways: pid_writer_finish, called only when the program's own input was whole,
 * writes the trailer; pid_writer_abandon never does, so that what was written so far is no answer to anybody. */
#ifndef PID_STREAM_WRITER_H
#define PID_STREAM_WRITER_H

#include <stdbool.h>

#include "stream/header.h"
#include "stream/record.h"

/* Programs aim at batches of about this many bytes: what is read, checked and summed stays in a near cache. */
enum { PID_BATCH_BYTES = 1 << 18 };

struct pid_writer;

/* Writes the header to `fd`, which stays the caller's.  `header` is copied.  `name` is for messages.  NULL with an error. */
struct pid_writer *pid_writer_new(int fd, const char *name, const struct pid_header *header, bool gzip,
                                  struct pid_error *error) PID_MUST_CHECK;

/* One record of the header's kind.  Codes and cells are not checked again; readers do.  PID_ERROR_DATA where an array of it has
 * 4 GiB or more, which the format cannot hold.  After an error the writer can only be abandoned. */
enum pid_status pid_writer_record(struct pid_writer *writer, const struct pid_record *record, struct pid_error *error) PID_MUST_CHECK;

/* A record of `rows` rows (0 where the kind has none) as pid_reader_record_bytes gave it. */
enum pid_status pid_writer_bytes(struct pid_writer *writer, const void *bytes, size_t length, uint32_t crc, uint64_t rows,
                                 struct pid_error *error) PID_MUST_CHECK;

/* Writes what is buffered, so that a reader sees the records so far. */
enum pid_status pid_writer_flush(struct pid_writer *writer, struct pid_error *error) PID_MUST_CHECK;

/* Writes trailer and buffer; frees the writer in every case. */
enum pid_status pid_writer_finish(struct pid_writer *writer, struct pid_error *error) PID_MUST_CHECK;

/* Frees the writer without a trailer; NULL is allowed. */
void pid_writer_abandon(struct pid_writer *writer);

#endif
