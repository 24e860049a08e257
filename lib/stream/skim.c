#include "stream/skim.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/read.h"
#include "stream/decode.h"
#include "stream/reader.h"
#include "stream/scan.h"

enum { WINDOW_BYTES = 1 << 10 };

struct bin { size_t at; uint64_t place, bytes; }; /* its place in the file; in the copy it is one byte, at `at` */

struct pid_skim {
    int fd;
    const struct pid_header *header;
    size_t record_bytes_max;
    uint64_t next, records, rows;
    struct pid_trailer trailer;
    uint8_t window[WINDOW_BYTES];
    uint64_t window_place;
    size_t window_bytes;
    /* the record at hand, without what its binaries hold */
    uint8_t *copy;
    size_t copied, copy_room;
    struct bin *bins;
    size_t bin_count, bin_room;
    struct pid_arena arena;
    msgpack_unpacked unpacked;
    uint64_t places[PID_VARIABLES_MAX];
};

struct pid_skim *pid_skim_new(int fd, uint64_t offset, const struct pid_header *header, size_t record_bytes_max, struct pid_error *error)
{
    struct pid_skim *skim = pid_array_new(1, sizeof *skim, error);
    if (!skim) return NULL;
    skim->fd = fd;
    skim->next = offset;
    skim->header = header;
    skim->record_bytes_max = record_bytes_max ? record_bytes_max : PID_RECORD_BYTES_MAX;
    msgpack_unpacked_init(&skim->unpacked);
    return skim;
}

void pid_skim_free(struct pid_skim *skim)
{
    if (!skim) return;
    msgpack_unpacked_destroy(&skim->unpacked);
    pid_arena_release(&skim->arena);
    free(skim->copy);
    free(skim->bins);
    free(skim);
}

/* Up to PID_SCAN_HEAD_BYTES_MAX bytes at a place of the file; *have: how many, 0 at its end or where it cannot be read. */
static const uint8_t *look_at(struct pid_skim *skim, uint64_t place, size_t *have)
{
    uint64_t end = skim->window_place + skim->window_bytes;
    if (place < skim->window_place || place + PID_SCAN_HEAD_BYTES_MAX > end) {
        skim->window_place = place;
        if (!pid_read_at(skim->fd, place, skim->window, WINDOW_BYTES, &skim->window_bytes)) skim->window_bytes = 0;
    }
    size_t at = (size_t)(place - skim->window_place);
    *have = skim->window_bytes - at;
    return skim->window + at;
}

static uint8_t *more(struct pid_skim *skim, size_t bytes)
{
    struct pid_error error;
    if (pid_array_grow((void **)&skim->copy, &skim->copy_room, skim->copied + bytes, 1, &error)) return NULL;
    skim->copied += bytes;
    return skim->copy + skim->copied - bytes;
}

/* Copies a head and what it holds, of a binary neither: one of a single byte stands in its place. */
static bool copy_one(struct pid_skim *skim, const uint8_t *data, const struct pid_scan_head *head, uint64_t place)
{
    static const uint8_t stand_in[] = {0xc4, 1, 0};
    struct pid_error error;
    size_t got;
    uint8_t *to = more(skim, head->binary ? sizeof stand_in : head->bytes);
    if (!to) return false;
    memcpy(to, head->binary ? stand_in : data, head->binary ? sizeof stand_in : head->bytes);
    if (!head->binary)
        return !head->payload || ((to = more(skim, head->payload)) &&
                                  pid_read_at(skim->fd, place + head->bytes, to, head->payload, &got) && got == head->payload);
    if (pid_array_grow((void **)&skim->bins, &skim->bin_room, skim->bin_count + 1, sizeof *skim->bins, &error)) return false;
    skim->bins[skim->bin_count++] = (struct bin){skim->copied - 1, place + head->bytes, head->payload};
    return true;
}

/* The object at skim->next, into the copy; *bytes: its length in the file. */
static bool copy_object(struct pid_skim *skim, uint64_t *bytes)
{
    struct pid_scan_walk walk = {.open = {1}};
    enum pid_scan scan;
    uint64_t place = skim->next;
    skim->copied = skim->bin_count = 0;
    do {
        size_t have;
        struct pid_scan_head head;
        const uint8_t *data = look_at(skim, place, &have);
        if (pid_scan_head(data, have, &head) != PID_SCAN_WHOLE || head.payload > skim->record_bytes_max) return false;
        scan = pid_scan_step(&walk, &head);
        if ((scan != PID_SCAN_MORE && scan != PID_SCAN_WHOLE) || !copy_one(skim, data, &head, place)) return false;
        place += head.bytes + head.payload;
        if (place - skim->next > skim->record_bytes_max) return false;
    } while (scan == PID_SCAN_MORE);
    *bytes = place - skim->next;
    return true;
}

/* Gives the binaries of `data` their lengths back; only their sizes are looked at from here on. */
static bool restore_lengths(struct pid_skim *skim, const msgpack_object *object)
{
    const msgpack_object *data = pid_decode_field(object, "data");
    if (!data || data->type != MSGPACK_OBJECT_MAP) return false;
    for (size_t v = 0; v < skim->header->variable_count; v++) {
        const msgpack_object *found = pid_decode_field(data, skim->header->variables[v].name);
        if (!found || found->type != MSGPACK_OBJECT_BIN) return false;
        size_t b = 0;
        while (b < skim->bin_count && skim->copy + skim->bins[b].at != (const uint8_t *)found->via.bin.ptr) b++;
        if (b == skim->bin_count) return false;
        ((msgpack_object *)(uintptr_t)found)->via.bin.size = (uint32_t)skim->bins[b].bytes;
        skim->places[v] = skim->bins[b].place;
    }
    return true;
}

enum pid_skim_next pid_skim_next(struct pid_skim *skim, struct pid_skimmed *out)
{
    struct pid_error error;
    uint64_t bytes;
    size_t used = 0, have;
    if (!copy_object(skim, &bytes) ||
        msgpack_unpack_next(&skim->unpacked, (const char *)skim->copy, skim->copied, &used) != MSGPACK_UNPACK_SUCCESS || used != skim->copied)
        return PID_SKIM_UNFIT;
    const msgpack_object *object = &skim->unpacked.data;
    if (pid_decode_is_trailer(object)) {
        if (pid_decode_trailer(object, &skim->trailer, &error)) return PID_SKIM_UNFIT;
        look_at(skim, skim->next + bytes, &have);
        return skim->trailer.records == skim->records && skim->trailer.rows == skim->rows && !have ? PID_SKIM_END : PID_SKIM_UNFIT;
    }
    pid_arena_reset(&skim->arena);
    if (skim->header->kind != PID_KIND_SAMPLES || !restore_lengths(skim, object) ||
        pid_decode_record(object, skim->header, &skim->arena, PID_DECODE_SIZES, &out->record, &error))
        return PID_SKIM_UNFIT;
    out->offset = skim->next;
    out->bytes = bytes;
    out->places = skim->places;
    skim->next += bytes;
    skim->records++;
    skim->rows += out->record.batch.rows;
    return PID_SKIM_RECORD;
}

uint32_t pid_skim_checksum(const struct pid_skim *skim)
{
    return skim->trailer.crc32;
}
