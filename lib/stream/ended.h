/* The keys of a grouped stream that have come: each may come once.  Numbers that follow each other (layer=0, layer=1, ...) share
 * an entry by the 64, so that such keys take less than a byte each; others take up to 43 bytes. */
#ifndef PID_STREAM_ENDED_H
#define PID_STREAM_ENDED_H

#include <stdbool.h>

#include "stream/key.h"

struct pid_ended_entry { uint64_t digest, bits; }; /* bits 0: free */

/* {0} is the empty set. */
struct pid_ended {
    struct pid_ended_entry *entries; /* a hash table, at most three quarters used; capacity is a power of two */
    size_t count, capacity;
};

void pid_ended_release(struct pid_ended *ended);

/* Adds the key; *fresh tells that it was not there.  Two keys are taken for one about once in 2^65 / keys^2 streams. */
enum pid_status pid_ended_add(struct pid_ended *ended, const struct pid_key *key, bool *fresh, struct pid_error *error) PID_MUST_CHECK;

#endif
