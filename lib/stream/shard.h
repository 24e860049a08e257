/* A data set in parts that are worked on apart: shard `index` of `of`, counted from 0.  Shard k of N holds the rows
 * k R / N up to, but without, (k + 1) R / N of the R rows of each key (rounded down), so that it may be empty. */
#ifndef PID_STREAM_SHARD_H
#define PID_STREAM_SHARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { PID_SHARDS_MAX = 1000000 };

struct pid_shard {
    uint64_t index;
    uint64_t of; /* 0: not a shard but the whole; never 1 in a stream */
};

/* The rows *first .. *end - 1 of `rows` that belong to the shard; all of them for {0}. */
void pid_shard_rows(const struct pid_shard *shard, uint64_t rows, uint64_t *first, uint64_t *end);

/* Which shards of a set have been seen; {0} is an empty set. */
struct pid_shards {
    uint64_t of;         /* as said by the first; 0: the streams are no shards */
    size_t streams;      /* added so far */
    unsigned char *seen; /* `of` flags */
};
void pid_shards_release(struct pid_shards *shards);

/* PID_ERROR_DATA: a shard of another number, one that is there already, a whole among shards or a shard among wholes. */
enum pid_status pid_shards_add(struct pid_shards *shards, const struct pid_shard *shard, struct pid_error *error) PID_MUST_CHECK;

/* PID_OK when all have been seen (or there are no shards); otherwise the error names the missing: "2, 5-9". */
enum pid_status pid_shards_check(const struct pid_shards *shards, struct pid_error *error) PID_MUST_CHECK;

/* The shards whose flag in `seen` is 0, as "2,5-9", to `text`; a list that does not fit ends in "...".
 * Returns how many they are. */
uint64_t pid_shards_missing(const unsigned char *seen, uint64_t of, char *text, size_t bytes);

#endif
