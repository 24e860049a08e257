#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/bytes.h"

enum { COPY_BYTES = 1 << 18 };

static int descriptor_of(const struct pid_bytes *bytes)
{
    return *(const int *)bytes->state;
}

static enum pid_status copy_read(struct pid_bytes *bytes, void *buffer, size_t wanted, size_t *got, struct pid_error *error)
{
    enum pid_status status = pid_file_read_descriptor(descriptor_of(bytes), bytes->at, buffer, wanted, got, error);
    return status == PID_OK ? status : pid_error_prefix(error, "%s", bytes->name);
}

static enum pid_status copy_restart(struct pid_bytes *bytes, struct pid_error *error)
{
    (void)bytes, (void)error;
    return PID_OK;
}

static void copy_free(struct pid_bytes *bytes)
{
    close(descriptor_of(bytes));
    free(bytes->state);
}

static enum pid_status copy_bytes(struct pid_bytes *bytes, int descriptor, struct pid_error *error)
{
    char *buffer = pid_array_new(COPY_BYTES, 1, error);
    if (!buffer) return error->status;
    size_t got = 1;
    enum pid_status status = pid_bytes_seek(bytes, 0, error);
    while (status == PID_OK && got > 0) {
        status = pid_bytes_read(bytes, buffer, COPY_BYTES, &got, error);
        if (status == PID_OK) status = pid_file_write(descriptor, buffer, got, error);
    }
    free(buffer);
    return status;
}

enum pid_status pid_bytes_settle(struct pid_bytes *bytes, struct pid_error *error)
{
    static const struct pid_bytes_methods copied = {copy_read, copy_restart, copy_free, true};
    if (bytes->methods->seeks) return PID_OK;
    int *state = pid_array_new(1, sizeof *state, error);
    if (!state) return error->status;
    *state = pid_file_temporary(error);
    enum pid_status status = *state < 0 ? error->status : copy_bytes(bytes, *state, error);
    if (status != PID_OK) {
        if (*state >= 0) close(*state);
        free(state);
        return status;
    }
    if (bytes->methods->free) bytes->methods->free(bytes);
    bytes->methods = &copied;
    bytes->state = state;
    bytes->size = bytes->at;
    return PID_OK;
}
