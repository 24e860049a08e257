#include "stream/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

enum { FIRST_WINDOW_BYTES = 256 << 10, READ_BYTES = 128 << 10, PIPE_BYTES = 1 << 20 };

struct pid_source {
    int fd;
    bool opened, gzip, end; /* opened: the first bytes were seen and the format is known */
    uint8_t *window;
    size_t capacity, start, stop; /* bytes start .. stop of the window are visible */
    uint64_t position;
    /* gzip only */
    z_stream inflate;
    bool inflating; /* inside a member */
    uint8_t *packed;
    uint64_t packed_position; /* compressed bytes read */
};

struct pid_source *pid_source_new(int fd, struct pid_error *error)
{
    struct pid_source *source = pid_array_new(1, sizeof *source, error);
    if (!source) {
        close(fd);
        return NULL;
    }
    source->fd = fd;
    void *window = NULL;
    if (pid_array_grow(&window, &source->capacity, FIRST_WINDOW_BYTES, 1, error)) {
        pid_source_free(source);
        return NULL;
    }
    source->window = window;
    /* Fewer, larger pieces through a pipe; a refusal does not matter. */
    fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return source;
}

void pid_source_free(struct pid_source *source)
{
    if (!source) return;
    if (source->gzip) inflateEnd(&source->inflate);
    free(source->packed);
    free(source->window);
    close(source->fd);
    free(source);
}

static enum pid_status read_some(struct pid_source *source, void *into, size_t room, size_t *got, struct pid_error *error)
{
    ssize_t count;
    do count = read(source->fd, into, room);
    while (count < 0 && errno == EINTR);
    if (count < 0) return pid_error_errno(error, "read error");
    *got = (size_t)count;
    return PID_OK;
}

/* Refills the compressed input; leaves avail_in 0 at the end of the file. */
static enum pid_status read_packed(struct pid_source *source, struct pid_error *error)
{
    size_t got;
    if (read_some(source, source->packed, READ_BYTES, &got, error)) return error->status;
    source->inflate.next_in = source->packed;
    source->inflate.avail_in = (uInt)got;
    source->packed_position += got;
    return PID_OK;
}

static enum pid_status inflate_some(struct pid_source *source, size_t room, size_t *got, struct pid_error *error)
{
    z_stream *z = &source->inflate;
    *got = 0;
    if (room > READ_BYTES) room = READ_BYTES;
    z->next_out = source->window + source->stop;
    z->avail_out = (uInt)room;
    while (z->avail_out == room) {
        if (z->avail_in == 0 && read_packed(source, error)) return error->status;
        if (z->avail_in == 0) {
            if (source->inflating) return pid_error_set(error, PID_ERROR_DATA, "the gzip data end early");
            return PID_OK;
        }
        if (!source->inflating) {
            if (z->next_in[0] != 0x1f) return pid_error_set(error, PID_ERROR_DATA, "bytes after the end of the gzip data");
            if (inflateReset(z) != Z_OK) return pid_error_set(error, PID_ERROR_DATA, "cannot start inflating");
            source->inflating = true;
        }
        int result = inflate(z, Z_NO_FLUSH);
        if (result == Z_STREAM_END) source->inflating = false;
        else if (result == Z_MEM_ERROR) return pid_error_set(error, PID_ERROR_MEMORY, "cannot inflate: out of memory");
        else if (result != Z_OK)
            return pid_error_set(error, PID_ERROR_DATA, "the gzip data are corrupt before compressed byte %" PRIu64,
                                 source->packed_position - z->avail_in);
    }
    *got = room - z->avail_out;
    return PID_OK;
}

/* Looks at the first bytes to tell gzip from plain. */
static enum pid_status open_format(struct pid_source *source, struct pid_error *error)
{
    while (source->stop < 2 && !source->end) {
        size_t got;
        if (read_some(source, source->window + source->stop, READ_BYTES, &got, error)) return error->status;
        source->stop += got;
        source->end = got == 0;
    }
    source->opened = true;
    if (source->stop < 2 || source->window[0] != 0x1f || source->window[1] != 0x8b) return PID_OK;
    if (!(source->packed = pid_array_new(READ_BYTES, 1, error))) return error->status;
    if (inflateInit2(&source->inflate, 15 + 16) != Z_OK) return pid_error_set(error, PID_ERROR_MEMORY, "cannot start inflating: out of memory");
    source->gzip = source->inflating = true;
    memcpy(source->packed, source->window, source->stop);
    source->inflate.next_in = source->packed;
    source->inflate.avail_in = (uInt)source->stop;
    source->packed_position = source->stop;
    source->stop = 0;
    return PID_OK;
}

static enum pid_status make_room(struct pid_source *source, size_t wanted, struct pid_error *error)
{
    size_t have = source->stop - source->start;
    if (source->start && (source->capacity - source->start < wanted || source->stop == source->capacity)) {
        memmove(source->window, source->window + source->start, have);
        source->start = 0;
        source->stop = have;
    }
    if (source->stop < source->capacity) return PID_OK;
    void *window = source->window;
    size_t larger = 2 * source->capacity;
    enum pid_status status = pid_array_grow(&window, &source->capacity, larger < wanted + READ_BYTES ? larger : wanted + READ_BYTES, 1, error);
    source->window = window;
    return status;
}

enum pid_status pid_source_peek(struct pid_source *source, size_t wanted, const uint8_t **bytes, size_t *have, struct pid_error *error)
{
    if (!source->opened && open_format(source, error)) return error->status;
    while (source->stop - source->start < wanted && !source->end) {
        if (make_room(source, wanted, error)) return error->status;
        size_t missing = wanted - (source->stop - source->start), room = source->capacity - source->stop, got;
        /* Reading little beyond what is wanted keeps the later move of the rest cheap. */
        size_t most = missing > READ_BYTES ? missing : READ_BYTES;
        if (room > most) room = most;
        if (source->gzip ? inflate_some(source, room, &got, error) : read_some(source, source->window + source->stop, room, &got, error))
            return error->status;
        source->stop += got;
        source->end = got == 0;
    }
    *bytes = source->window + source->start;
    *have = source->stop - source->start;
    return PID_OK;
}

void pid_source_take(struct pid_source *source, size_t count)
{
    source->start += count;
    source->position += count;
    if (source->start == source->stop) source->start = source->stop = 0;
}

uint64_t pid_source_position(const struct pid_source *source)
{
    return source->position;
}

bool pid_source_is_gzip(const struct pid_source *source)
{
    return source->gzip;
}
