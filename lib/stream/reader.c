#include "stream/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/crc.h"
#include "base/memory.h"
#include "stream/decode.h"
#include "stream/ended.h"
#include "stream/scan.h"
#include "stream/source.h"

struct pid_reader {
    char *name;
    struct pid_source *source;
    size_t record_bytes_max;
    struct pid_header header;
    struct pid_arena arena;
    uint64_t records, rows;
    uint32_t crc;
    size_t pending;              /* bytes of the last record, not yet taken from the source, so that they can be copied */
    const uint8_t *bytes;        /* those bytes */
    uint32_t pending_crc;        /* and their CRC-32 */
    bool leave_vectors;
    enum pid_next state;         /* RECORD while reading; END and ERROR stick */
    struct pid_error error;
    /* `grouped`: the present key, and all that have come. */
    struct pid_key current;
    struct pid_ended ended;
};

/* Makes the next whole object visible.  *bytes is 0 at the end of the input. */
static enum pid_status next_object(struct pid_reader *reader, const uint8_t **data, size_t *bytes, struct pid_error *error)
{
    uint64_t wanted = 1;
    size_t have;
    for (;;) {
        if (pid_source_peek(reader->source, wanted, data, &have, error)) return error->status;
        *bytes = 0;
        if (have == 0) return PID_OK;
        if (have < wanted)
            return pid_error_set(error, PID_ERROR_DATA, "the stream is cut (%zu of at least %" PRIu64 " bytes)", have, wanted);
        enum pid_scan scan = pid_scan_object(*data, have, &wanted);
        if (scan == PID_SCAN_DEEP) return pid_error_set(error, PID_ERROR_DATA, "nested deeper than %d", PID_SCAN_DEPTH_MAX);
        if (scan == PID_SCAN_MANY) return pid_error_set(error, PID_ERROR_DATA, "more than %d elements", PID_SCAN_OBJECTS_MAX);
        if (scan == PID_SCAN_INVALID) return pid_error_set(error, PID_ERROR_DATA, "not msgpack");
        if (wanted > reader->record_bytes_max)
            return pid_error_set(error, PID_ERROR_DATA, "%" PRIu64 " bytes or more, above the limit of %zu (--max-record raises it)",
                                 wanted, reader->record_bytes_max);
        if (scan == PID_SCAN_WHOLE) {
            *bytes = wanted;
            return PID_OK;
        }
    }
}

/* *used: the bytes of the first object in data[bytes]. */
static enum pid_status unpack_first(msgpack_unpacked *unpacked, const uint8_t *data, size_t bytes, size_t *used, struct pid_error *error)
{
    *used = 0;
    msgpack_unpack_return result = msgpack_unpack_next(unpacked, (const char *)data, bytes, used);
    if (result == MSGPACK_UNPACK_NOMEM_ERROR) return pid_error_set(error, PID_ERROR_MEMORY, "out of memory");
    return result == MSGPACK_UNPACK_SUCCESS ? PID_OK : pid_error_set(error, PID_ERROR_DATA, "not msgpack");
}

static enum pid_status unpack(msgpack_unpacked *unpacked, const uint8_t *data, size_t bytes, struct pid_error *error)
{
    size_t used;
    if (unpack_first(unpacked, data, bytes, &used, error)) return error->status;
    return used == bytes ? PID_OK : pid_error_set(error, PID_ERROR_DATA, "not msgpack");
}

static enum pid_status read_header(struct pid_reader *reader, struct pid_error *error)
{
    const uint8_t *data;
    size_t bytes;
    if (next_object(reader, &data, &bytes, error)) return pid_error_prefix(error, "header");
    if (!bytes) return pid_error_set(error, PID_ERROR_DATA, "empty input: did the program before it fail?");
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    enum pid_status status = unpack(&unpacked, data, bytes, error);
    if (!status) status = pid_decode_header(&unpacked.data, &reader->header, error);
    msgpack_unpacked_destroy(&unpacked);
    if (status) return status;
    reader->crc = pid_crc32(0, data, bytes);
    pid_source_take(reader->source, bytes);
    return PID_OK;
}

struct pid_reader *pid_reader_new(int fd, const char *name, size_t record_bytes_max, struct pid_error *error)
{
    struct pid_reader *reader = pid_array_new(1, sizeof *reader, error);
    if (!reader) {
        close(fd);
        return NULL;
    }
    reader->record_bytes_max = record_bytes_max ? record_bytes_max : PID_RECORD_BYTES_MAX;
    reader->state = PID_NEXT_RECORD;
    reader->source = pid_source_new(fd, error);
    if (reader->source) reader->name = pid_string_copy(name, error);
    if (!reader->name || read_header(reader, error)) {
        pid_error_prefix(error, "%s", name);
        pid_reader_free(reader);
        return NULL;
    }
    return reader;
}

void pid_reader_free(struct pid_reader *reader)
{
    if (!reader) return;
    pid_key_release(&reader->current);
    pid_header_release(&reader->header);
    pid_arena_release(&reader->arena);
    pid_source_free(reader->source);
    pid_ended_release(&reader->ended);
    free(reader->name);
    free(reader);
}

/* Holds the stream to its promise that a key which has ended does not come again. */
static enum pid_status check_grouped(struct pid_reader *reader, const struct pid_key *key, struct pid_error *error)
{
    bool fresh;
    char text[200];
    if (reader->records && pid_key_equal(key, &reader->current)) return PID_OK;
    if (pid_ended_add(&reader->ended, key, &fresh, error)) return error->status;
    if (!fresh)
        return pid_error_set(error, PID_ERROR_DATA, "key %s comes again after other keys, though the header says grouped",
                             pid_key_format(key, text, sizeof text));
    pid_key_release(&reader->current);
    return pid_key_copy(&reader->current, key, error);
}

static enum pid_status check_trailer(struct pid_reader *reader, const msgpack_object *object, size_t bytes, struct pid_error *error)
{
    struct pid_trailer trailer;
    const uint8_t *data;
    size_t have;
    if (pid_decode_trailer(object, &trailer, error)) return error->status;
    if (trailer.records != reader->records)
        return pid_error_set(error, PID_ERROR_DATA, "trailer: %" PRIu64 " records were written, %" PRIu64 " are here", trailer.records, reader->records);
    if (trailer.rows != reader->rows)
        return pid_error_set(error, PID_ERROR_DATA, "trailer: %" PRIu64 " rows were written, %" PRIu64 " are here", trailer.rows, reader->rows);
    if (trailer.crc32 != reader->crc) return pid_error_set(error, PID_ERROR_DATA, "the checksum is wrong: the stream was altered");
    pid_source_take(reader->source, bytes);
    if (pid_source_peek(reader->source, 1, &data, &have, error)) return error->status;
    if (have) return pid_error_set(error, PID_ERROR_DATA, "bytes after the trailer (pid-cat joins streams, cat does not)");
    return PID_OK;
}

static enum pid_status read_object(struct pid_reader *reader, msgpack_unpacked *unpacked, struct pid_record *record, struct pid_error *error)
{
    const uint8_t *data;
    size_t bytes;
    pid_source_take(reader->source, reader->pending);
    reader->pending = 0;
    uint64_t at = pid_source_position(reader->source);
    if (next_object(reader, &data, &bytes, error)) goto in_record;
    if (!bytes)
        return pid_error_set(error, PID_ERROR_DATA, "stream ends early after record %" PRIu64 ", without its trailer: the program before it failed or was cut off",
                             reader->records);
    if (unpack(unpacked, data, bytes, error)) goto in_record;
    if (pid_decode_is_trailer(&unpacked->data)) {
        if (check_trailer(reader, &unpacked->data, bytes, error)) return error->status;
        reader->state = PID_NEXT_END;
        return PID_OK;
    }
    pid_arena_reset(&reader->arena);
    if (pid_decode_record(&unpacked->data, &reader->header, &reader->arena, reader->leave_vectors ? PID_DECODE_CODES : PID_DECODE_ALL, record, error)) goto in_record;
    if (reader->header.grouped && check_grouped(reader, &record->key, error)) goto in_record;
    reader->records++;
    if (reader->header.kind == PID_KIND_SAMPLES || reader->header.kind == PID_KIND_LABELS) reader->rows += record->batch.rows;
    reader->bytes = data;
    reader->pending = bytes;
    reader->pending_crc = pid_crc32(0, data, bytes);
    reader->crc = (uint32_t)crc32_combine64(reader->crc, reader->pending_crc, (z_off64_t)bytes);
    return PID_OK;
in_record:
    return pid_error_prefix(error, "record %" PRIu64 " (byte %" PRIu64 ")", reader->records + 1, at);
}

enum pid_next pid_reader_next(struct pid_reader *reader, struct pid_record *record, struct pid_error *error)
{
    if (reader->state == PID_NEXT_ERROR) *error = reader->error;
    if (reader->state != PID_NEXT_RECORD) return reader->state;
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    enum pid_status status = read_object(reader, &unpacked, record, error);
    msgpack_unpacked_destroy(&unpacked);
    if (status) {
        pid_error_prefix(error, "%s", reader->name);
        reader->error = *error;
        reader->state = PID_NEXT_ERROR;
    }
    return reader->state;
}

const struct pid_header *pid_reader_header(const struct pid_reader *reader) { return &reader->header; }
const char *pid_reader_name(const struct pid_reader *reader) { return reader->name; }
uint64_t pid_reader_record_number(const struct pid_reader *reader) { return reader->records; }

void pid_reader_leave_vectors(struct pid_reader *reader)
{
    reader->leave_vectors = true;
}

uint32_t pid_reader_checksum(const struct pid_reader *reader) { return reader->crc; }

const void *pid_reader_record_bytes(const struct pid_reader *reader, size_t *bytes, uint32_t *crc)
{
    *bytes = reader->pending;
    *crc = reader->pending_crc;
    return reader->bytes;
}

bool pid_reader_record_place(const struct pid_reader *reader, uint64_t *offset)
{
    *offset = pid_source_position(reader->source);
    return !pid_source_is_gzip(reader->source);
}

enum pid_status pid_record_decode(const void *bytes, size_t length, const struct pid_header *header, bool vectors, struct pid_arena *arena,
                                  size_t *used, struct pid_record *record, struct pid_error *error)
{
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    pid_arena_reset(arena);
    enum pid_status status = unpack_first(&unpacked, bytes, length, used, error);
    if (!status) status = pid_decode_record(&unpacked.data, header, arena, vectors ? PID_DECODE_ALL : PID_DECODE_CODES, record, error);
    msgpack_unpacked_destroy(&unpacked);
    return status;
}
