/* Looks through the samples of a plain regular file without reading its vectors, to know which rows there are before any is read.
 *
 *     struct pid_skim *skim = pid_skim_new(fd, begin, header, 0, &error);
 *     while (pid_skim_next(skim, &record) == PID_SKIM_RECORD) ...
 *
 * Says nothing about what is wrong: where something is, a reader will tell.  What it tells holds once the bytes have been read and their
 * checksum is that of the trailer. */
#ifndef PID_STREAM_SKIM_H
#define PID_STREAM_SKIM_H

#include <stdint.h>

#include "stream/header.h"
#include "stream/record.h"

struct pid_skim;

/* Skims from byte `offset` of `fd`, where a record begins, with positions of its own (pread); both are borrowed.
 * `record_bytes_max` 0 means the default.  NULL with an error: no memory. */
struct pid_skim *pid_skim_new(int fd, uint64_t offset, const struct pid_header *header, size_t record_bytes_max, struct pid_error *error) PID_MUST_CHECK;
void pid_skim_free(struct pid_skim *skim); /* NULL is allowed */

struct pid_skimmed {
    uint64_t offset;          /* in the file, */
    size_t bytes;             /* and how long it is */
    struct pid_record record; /* without values and codes, and `bytes` of columns is of no use; until the next call */
    const uint64_t *places;   /* one a variable: where in the file its column begins */
};

enum pid_skim_next {
    PID_SKIM_RECORD,
    PID_SKIM_END,    /* a trailer whose counts are those of the records, and nothing after it */
    PID_SKIM_UNFIT,  /* anything else */
};
enum pid_skim_next pid_skim_next(struct pid_skim *skim, struct pid_skimmed *record);

/* After PID_SKIM_END: what the trailer says is the CRC-32 of header and records. */
uint32_t pid_skim_checksum(const struct pid_skim *skim);

#endif
