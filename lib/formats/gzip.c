#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "formats/bytes.h"

enum { COMPRESSED_BYTES = 1 << 16 };

struct gzip {
    z_stream zlib;
    bool begun, inside; /* zlib is initialised; a gzip member is open */
    uint64_t offset;    /* of the next compressed byte in the file */
    unsigned char buffer[COMPRESSED_BYTES];
};

static enum pid_status corrupt(const struct pid_bytes *bytes, const struct gzip *gzip, const char *what, struct pid_error *error)
{
    return pid_error_set(error, PID_ERROR_DATA, "%s: gzip data before byte %llu: %s", bytes->file->name,
                         (unsigned long long)(gzip->offset - gzip->zlib.avail_in), what);
}

static enum pid_status refill(struct pid_bytes *bytes, struct gzip *gzip, struct pid_error *error)
{
    size_t got;
    enum pid_status status = pid_file_read(bytes->file, gzip->offset, gzip->buffer, COMPRESSED_BYTES, &got, error);
    if (status != PID_OK) return status;
    gzip->offset += got;
    gzip->zlib.next_in = gzip->buffer;
    gzip->zlib.avail_in = (uInt)got;
    return PID_OK;
}

static enum pid_status gzip_read(struct pid_bytes *bytes, void *buffer, size_t wanted, size_t *got, struct pid_error *error)
{
    struct gzip *gzip = bytes->state;
    uInt room = wanted < INT_MAX ? (uInt)wanted : INT_MAX;
    gzip->zlib.next_out = buffer;
    gzip->zlib.avail_out = room;
    while (gzip->zlib.avail_out == room) {
        if (gzip->zlib.avail_in == 0) {
            enum pid_status status = refill(bytes, gzip, error);
            if (status != PID_OK) return status;
            if (gzip->zlib.avail_in == 0) {
                if (gzip->inside) return corrupt(bytes, gzip, "ends early: it is cut; copy or write it again", error);
                break;
            }
        }
        gzip->inside = true;
        int result = inflate(&gzip->zlib, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            gzip->inside = false;
            inflateReset(&gzip->zlib);
        } else if (result == Z_MEM_ERROR) {
            return pid_error_set(error, PID_ERROR_MEMORY, "%s: cannot inflate it: out of memory", bytes->file->name);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return corrupt(bytes, gzip, gzip->zlib.msg ? gzip->zlib.msg : "corrupt", error);
        }
    }
    *got = room - gzip->zlib.avail_out;
    return PID_OK;
}

static enum pid_status gzip_restart(struct pid_bytes *bytes, struct pid_error *error)
{
    (void)error;
    struct gzip *gzip = bytes->state;
    inflateReset(&gzip->zlib);
    gzip->zlib.avail_in = 0;
    gzip->offset = 0;
    gzip->inside = false;
    return PID_OK;
}

static void gzip_free(struct pid_bytes *bytes)
{
    struct gzip *gzip = bytes->state;
    if (gzip && gzip->begun) inflateEnd(&gzip->zlib);
    free(gzip);
}

struct pid_bytes *pid_bytes_gzip(struct pid_files *files, struct pid_file *file, struct pid_error *error)
{
    static const struct pid_bytes_methods methods = {gzip_read, gzip_restart, gzip_free, false};
    struct pid_bytes *bytes = pid_bytes_new(files, file, error);
    if (!bytes) return NULL;
    bytes->methods = &methods;
    struct gzip *gzip = bytes->state = pid_array_new(1, sizeof *gzip, error);
    if (gzip && inflateInit2(&gzip->zlib, 15 + 16) == Z_OK) {
        gzip->begun = true;
        return bytes;
    }
    if (gzip) pid_error_set(error, PID_ERROR_MEMORY, "%s: cannot inflate it: out of memory", file->name);
    pid_bytes_free(bytes);
    return NULL;
}
