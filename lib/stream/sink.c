#include "stream/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/crc.h"
#include "base/memory.h"

/* Level 1 keeps up with a pipe; float data hardly compress better at higher ones. */
enum { BUFFER_BYTES = 256 << 10, PIPE_BYTES = 1 << 20, GZIP_LEVEL = 1 };

struct pid_sink {
    int fd;
    bool gzip;
    uint8_t *buffer; /* plain bytes to be written, or compressed bytes */
    size_t used;
    uint32_t crc;
    z_stream deflate;
};

struct pid_sink *pid_sink_new(int fd, bool gzip, struct pid_error *error)
{
    struct pid_sink *sink = pid_array_new(1, sizeof *sink, error);
    if (!sink) return NULL;
    sink->fd = fd;
    sink->buffer = pid_array_new(BUFFER_BYTES, 1, error);
    if (sink->buffer && gzip) {
        /* The header that deflate writes by default holds no time and no name. */
        if (deflateInit2(&sink->deflate, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK) sink->gzip = true;
        else pid_error_set(error, PID_ERROR_MEMORY, "cannot start compressing: out of memory");
    }
    if (!sink->buffer || gzip != sink->gzip) {
        pid_sink_free(sink);
        return NULL;
    }
    fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
    return sink;
}

void pid_sink_free(struct pid_sink *sink)
{
    if (!sink) return;
    if (sink->gzip) deflateEnd(&sink->deflate);
    free(sink->buffer);
    free(sink);
}

static enum pid_status write_all(struct pid_sink *sink, const uint8_t *bytes, size_t count, struct pid_error *error)
{
    while (count) {
        ssize_t done = write(sink->fd, bytes, count);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return pid_error_errno(error, "write error");
        bytes += done;
        count -= (size_t)done;
    }
    return PID_OK;
}

static enum pid_status flush_buffer(struct pid_sink *sink, struct pid_error *error)
{
    size_t used = sink->used;
    sink->used = 0;
    return write_all(sink, sink->buffer, used, error);
}

static enum pid_status deflate_bytes(struct pid_sink *sink, const void *bytes, size_t count, int how, struct pid_error *error)
{
    z_stream *z = &sink->deflate;
    const uint8_t *at = bytes;
    int result;
    do {
        size_t piece = count < (1u << 30) ? count : 1u << 30;
        /* zlib's interface lacks the const that it keeps. */
        z->next_in = (Bytef *)(uintptr_t)at;
        z->avail_in = (uInt)piece;
        if (piece) at += piece; /* bytes may be NULL where there are none */
        count -= piece;
        do {
            if (sink->used == BUFFER_BYTES && flush_buffer(sink, error)) return error->status;
            z->next_out = sink->buffer + sink->used;
            z->avail_out = (uInt)(BUFFER_BYTES - sink->used);
            result = deflate(z, count ? Z_NO_FLUSH : how);
            sink->used = BUFFER_BYTES - z->avail_out;
        } while (z->avail_out == 0 && result != Z_STREAM_END);
    } while (count);
    return PID_OK;
}

static enum pid_status put(struct pid_sink *sink, const void *bytes, size_t count, struct pid_error *error)
{
    if (sink->gzip) return count ? deflate_bytes(sink, bytes, count, Z_NO_FLUSH, error) : PID_OK;
    bool large = count >= BUFFER_BYTES / 2;
    if ((large || count > BUFFER_BYTES - sink->used) && flush_buffer(sink, error)) return error->status;
    if (large) return write_all(sink, bytes, count, error);
    memcpy(sink->buffer + sink->used, bytes, count);
    sink->used += count;
    return PID_OK;
}

enum pid_status pid_sink_write(struct pid_sink *sink, const void *bytes, size_t count, struct pid_error *error)
{
    sink->crc = pid_crc32(sink->crc, bytes, count);
    return put(sink, bytes, count, error);
}

enum pid_status pid_sink_write_summed(struct pid_sink *sink, const void *bytes, size_t count, uint32_t crc, struct pid_error *error)
{
    sink->crc = (uint32_t)crc32_combine64(sink->crc, crc, (z_off64_t)count);
    return put(sink, bytes, count, error);
}

enum pid_status pid_sink_flush(struct pid_sink *sink, bool last, struct pid_error *error)
{
    if (sink->gzip && deflate_bytes(sink, NULL, 0, last ? Z_FINISH : Z_SYNC_FLUSH, error)) return error->status;
    return flush_buffer(sink, error);
}

uint32_t pid_sink_crc32(const struct pid_sink *sink)
{
    return sink->crc;
}
