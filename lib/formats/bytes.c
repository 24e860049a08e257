#include "formats/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SKIP_BYTES = 1 << 16 };

struct pid_bytes *pid_bytes_new(struct pid_files *files, struct pid_file *file, struct pid_error *error)
{
    struct pid_bytes *bytes = pid_array_new(1, sizeof *bytes, error);
    char *name = bytes ? pid_string_copy(file->name, error) : NULL;
    if (!name) {
        free(bytes);
        pid_file_close(files, file);
        return NULL;
    }
    *bytes = (struct pid_bytes){.name = name, .size = PID_BYTES_UNKNOWN, .files = files, .file = file};
    return bytes;
}

void pid_bytes_free(struct pid_bytes *bytes)
{
    if (!bytes) return;
    if (bytes->methods && bytes->methods->free) bytes->methods->free(bytes);
    pid_file_close(bytes->files, bytes->file);
    free(bytes->name);
    free(bytes);
}

static enum pid_status plain_read(struct pid_bytes *bytes, void *buffer, size_t wanted, size_t *got, struct pid_error *error)
{
    return pid_file_read(bytes->file, bytes->at, buffer, wanted, got, error);
}

static enum pid_status plain_restart(struct pid_bytes *bytes, struct pid_error *error)
{
    (void)bytes, (void)error;
    return PID_OK;
}

struct pid_bytes *pid_bytes_plain(struct pid_files *files, struct pid_file *file, struct pid_error *error)
{
    static const struct pid_bytes_methods plain = {plain_read, plain_restart, NULL, true};
    struct pid_bytes *bytes = pid_bytes_new(files, file, error);
    if (!bytes) return NULL;
    bytes->methods = &plain;
    bytes->size = file->size;
    return bytes;
}

enum pid_status pid_bytes_read(struct pid_bytes *bytes, void *buffer, size_t wanted, size_t *got, struct pid_error *error)
{
    size_t done = 0;
    while (done < wanted) {
        size_t part;
        enum pid_status status = bytes->methods->read(bytes, (char *)buffer + done, wanted - done, &part, error);
        if (status != PID_OK) return status;
        if (part == 0) break;
        done += part;
        bytes->at += part;
    }
    *got = done;
    return PID_OK;
}

enum pid_status pid_bytes_read_all(struct pid_bytes *bytes, void *buffer, size_t wanted, struct pid_error *error)
{
    size_t got;
    enum pid_status status = pid_bytes_read(bytes, buffer, wanted, &got, error);
    if (status != PID_OK || got == wanted) return status;
    return pid_error_set(error, PID_ERROR_DATA, "%s: ends early, at byte %llu: it is cut; copy or write it again", bytes->name,
                         (unsigned long long)bytes->at);
}

enum pid_status pid_bytes_seek(struct pid_bytes *bytes, uint64_t at, struct pid_error *error)
{
    if (bytes->methods->seeks) {
        bytes->at = at;
        return PID_OK;
    }
    enum pid_status status = PID_OK;
    if (at < bytes->at) {
        status = bytes->methods->restart(bytes, error);
        bytes->at = 0;
    }
    char skipped[SKIP_BYTES];
    while (status == PID_OK && bytes->at < at) {
        uint64_t left = at - bytes->at;
        status = pid_bytes_read_all(bytes, skipped, left < SKIP_BYTES ? (size_t)left : SKIP_BYTES, error);
    }
    return status;
}

enum pid_status pid_bytes_expect_end(struct pid_bytes *bytes, struct pid_error *error)
{
    char more;
    size_t got;
    unsigned long long at = bytes->at;
    enum pid_status status = pid_bytes_read(bytes, &more, 1, &got, error);
    if (status != PID_OK || got == 0) return status;
    return pid_error_set(error, PID_ERROR_DATA, "%s: goes on after its last value, at byte %llu: it is not one array", bytes->name, at);
}
