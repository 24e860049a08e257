#include "stream/shard.h"

#include <string.h>

#include "tap.h"

static struct pid_error error;

/* The shards of any number of rows follow each other and leave nothing out. */
static void test_rows(void)
{
    static const uint64_t rows[] = {0, 1, 5, 64, 2866, 1000000007, UINT64_MAX};
    static const uint64_t parts[] = {2, 7, 64, PID_SHARDS_MAX};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
            uint64_t at = 0, first, end, largest = 0, smallest = UINT64_MAX;
            bool joined = true;
            for (uint64_t k = 0; k < parts[p]; k++, at = end) {
                pid_shard_rows(&(struct pid_shard){k, parts[p]}, rows[r], &first, &end);
                joined &= first == at && end >= first;
                if (end - first > largest) largest = end - first;
                if (end - first < smallest) smallest = end - first;
            }
            tap_ok(joined && at == rows[r] && largest - smallest <= 1, "%llu rows in %llu shards", (unsigned long long)rows[r], (unsigned long long)parts[p]);
        }
    uint64_t first, end;
    pid_shard_rows(&(struct pid_shard){0}, 17, &first, &end);
    tap_ok(first == 0 && end == 17, "no shard is all rows");
}

static void test_set(void)
{
    struct pid_shards shards = {0};
    tap_ok(!pid_shards_check(&shards, &error), "streams that are no shards are whole");
    for (uint64_t k = 0; k < 9; k++)
        if (k != 2 && k != 5 && k != 6) tap_ok(!pid_shards_add(&shards, &(struct pid_shard){k, 9}, &error), "shard %d is new", (int)k);
    tap_ok(pid_shards_check(&shards, &error) == PID_ERROR_DATA && !strcmp(error.message, "3 of 9 shards are missing: 2,5-6"), "the missing are named: %s", error.message);
    tap_ok(pid_shards_add(&shards, &(struct pid_shard){3, 9}, &error) == PID_ERROR_DATA && strstr(error.message, "twice"), "doubled: %s", error.message);
    tap_ok(pid_shards_add(&shards, &(struct pid_shard){3, 8}, &error) == PID_ERROR_DATA, "of another number: %s", error.message);
    tap_ok(pid_shards_add(&shards, &(struct pid_shard){0}, &error) == PID_ERROR_DATA, "a whole among shards: %s", error.message);
    for (uint64_t k = 2; k < 7; k += k == 2 ? 3 : 1) tap_ok(!pid_shards_add(&shards, &(struct pid_shard){k, 9}, &error), "shard %d comes late", (int)k);
    tap_ok(!pid_shards_check(&shards, &error), "now all are there");
    pid_shards_release(&shards);
    tap_ok(!pid_shards_add(&shards, &(struct pid_shard){0}, &error) && !pid_shards_add(&shards, &(struct pid_shard){0}, &error), "wholes may be many");
    tap_ok(pid_shards_add(&shards, &(struct pid_shard){3, 9}, &error) == PID_ERROR_DATA, "a shard among wholes: %s", error.message);
    pid_shards_release(&shards);
}

/* A list that does not fit says so and stays inside its text. */
static void test_list(void)
{
    unsigned char seen[200];
    char text[64];
    for (size_t i = 0; i < sizeof seen; i++) seen[i] = i % 2 != 0;
    memset(text, 'x', sizeof text);
    tap_ok(pid_shards_missing(seen, sizeof seen, text, 20) == 100 && !strcmp(text, "0,2,4,6,8,10,12,..."), "a long list: %s", text);
    tap_ok(text[20] == 'x', "nothing is written behind the text");
    memset(seen, 1, sizeof seen);
    tap_ok(!pid_shards_missing(seen, sizeof seen, text, sizeof text) && !*text, "nothing is missing");
    memset(seen, 0, sizeof seen);
    tap_ok(pid_shards_missing(seen, sizeof seen, text, sizeof text) == 200 && !strcmp(text, "0-199"), "everything is missing: %s", text);
}

int main(void)
{
    test_rows();
    test_set();
    test_list();
    return tap_done();
}
