#include "stream/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void pid_shard_rows(const struct pid_shard *shard, uint64_t rows, uint64_t *first, uint64_t *end)
{
    *first = 0;
    *end = rows;
    if (!shard->of) return;
    *first = (uint64_t)((unsigned __int128)rows * shard->index / shard->of);
    *end = (uint64_t)((unsigned __int128)rows * (shard->index + 1) / shard->of);
}

void pid_shards_release(struct pid_shards *shards)
{
    free(shards->seen);
    *shards = (struct pid_shards){0};
}

enum pid_status pid_shards_add(struct pid_shards *shards, const struct pid_shard *shard, struct pid_error *error)
{
    if (!shards->streams++) {
        shards->of = shard->of;
        if (!(shards->seen = pid_array_new(shard->of, 1, error))) return error->status;
    } else if (!shard->of != !shards->of) {
        return pid_error_set(error, PID_ERROR_DATA, shard->of ? "is one of %" PRIu64 " shards, the first stream is whole"
                                                             : "is whole, the first stream one of %" PRIu64 " shards", shard->of + shards->of);
    } else if (shard->of != shards->of) {
        return pid_error_set(error, PID_ERROR_DATA, "is one of %" PRIu64 " shards, the first stream one of %" PRIu64, shard->of, shards->of);
    }
    if (!shard->of) return PID_OK;
    if (shards->seen[shard->index]) return pid_error_set(error, PID_ERROR_DATA, "shard %" PRIu64 " of %" PRIu64 " is there twice", shard->index, shard->of);
    shards->seen[shard->index] = 1;
    return PID_OK;
}

uint64_t pid_shards_missing(const unsigned char *seen, uint64_t of, char *text, size_t bytes)
{
    static const char more[] = ",...";
    uint64_t count = 0;
    size_t used = 0;
    text[0] = 0;
    for (uint64_t first = 0, end; first < of; first = end + 1) {
        while (first < of && seen[first]) first++;
        for (end = first; end < of && !seen[end];) end++;
        if (first == end) break;
        count += end - first;
        char item[48];
        int length = end - first > 1 ? snprintf(item, sizeof item, "%s%" PRIu64 "-%" PRIu64, used ? "," : "", first, end - 1)
                                     : snprintf(item, sizeof item, "%s%" PRIu64, used ? "," : "", first);
        if (used + (size_t)length + sizeof more > bytes) {
            /* Once one item does not fit, none after it is shown. */
            if (used < bytes) memcpy(text + used, more, sizeof more);
            used = bytes;
            continue;
        }
        memcpy(text + used, item, (size_t)length + 1);
        used += (size_t)length;
    }
    return count;
}

enum pid_status pid_shards_check(const struct pid_shards *shards, struct pid_error *error)
{
    char list[400];
    uint64_t missing = pid_shards_missing(shards->seen, shards->of, list, sizeof list);
    if (!missing) return PID_OK;
    return pid_error_set(error, PID_ERROR_DATA, "%" PRIu64 " of %" PRIu64 " shards %s missing: %s", missing, shards->of, missing == 1 ? "is" : "are", list);
}
