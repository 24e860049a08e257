#include "stream/ended.h"

#include <stdlib.h>

#include "base/memory.h"

enum { FIRST_ENTRIES = 64 };

void pid_ended_release(struct pid_ended *ended)
{
    free(ended->entries);
    *ended = (struct pid_ended){0};
}

/* The entry of the digest, or the free one where it belongs. */
static struct pid_ended_entry *find(struct pid_ended_entry *entries, size_t capacity, uint64_t digest)
{
    size_t at = digest & (capacity - 1);
    while (entries[at].bits && entries[at].digest != digest) at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static enum pid_status grow(struct pid_ended *ended, struct pid_error *error)
{
    size_t capacity = ended->capacity ? 2 * ended->capacity : FIRST_ENTRIES;
    struct pid_ended_entry *entries = pid_array_new(capacity, sizeof *entries, error);
    if (!entries) return error->status;
    for (size_t i = 0; i < ended->capacity; i++)
        if (ended->entries[i].bits) *find(entries, capacity, ended->entries[i].digest) = ended->entries[i];
    free(ended->entries);
    ended->entries = entries;
    ended->capacity = capacity;
    return PID_OK;
}

enum pid_status pid_ended_add(struct pid_ended *ended, const struct pid_key *key, bool *fresh, struct pid_error *error)
{
    unsigned bit;
    uint64_t digest = pid_key_digest(key, &bit), mask = (uint64_t)1 << bit;
    if (ended->count >= ended->capacity / 4 * 3 && grow(ended, error)) return error->status;
    struct pid_ended_entry *entry = find(ended->entries, ended->capacity, digest);
    *fresh = !(entry->bits & mask);
    ended->count += !entry->bits;
    entry->digest = digest;
    entry->bits |= mask;
    return PID_OK;
}
