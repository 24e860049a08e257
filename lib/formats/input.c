#include "formats/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { COPY_BYTES = 1 << 17 };

int pid_input_temporary(struct pid_error *error)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/tmp";
    char *path = pid_string_format(error, "%s/pid-XXXXXX", folder);
    if (!path) return -1;
    int descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor < 0) pid_error_errno(error, "cannot make a temporary file in '%s' (set TMPDIR)", folder);
    else unlink(path);
    free(path);
    return descriptor;
}

enum pid_status pid_input_write(int descriptor, const void *bytes, size_t count, struct pid_error *error)
{
    for (size_t done = 0; done < count;) {
        ssize_t written = write(descriptor, (const char *)bytes + done, count - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return pid_error_errno(error, "cannot copy it to a temporary file (set TMPDIR)");
        done += (size_t)written;
    }
    return PID_OK;
}

/* Replaces a descriptor that cannot be read twice by a copy of what it still gives. */
static enum pid_status copy_to_temporary(struct pid_input *input, struct pid_error *error)
{
    int copy = pid_input_temporary(error);
    if (copy < 0) return error->status;
    enum pid_status status = PID_OK;
    char *buffer = pid_array_new(COPY_BYTES, 1, error);
    if (!buffer) status = error->status;
    while (status == PID_OK) {
        ssize_t count = read(input->descriptor, buffer, COPY_BYTES);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) status = pid_error_errno(error, "cannot read it");
        if (count <= 0) break;
        status = pid_input_write(copy, buffer, (size_t)count, error);
        input->size += (uint64_t)count;
    }
    free(buffer);
    if (input->descriptor != STDIN_FILENO) close(input->descriptor);
    input->descriptor = copy;
    input->copied = true;
    return status;
}

static enum pid_status open_descriptor(struct pid_input *input, struct pid_error *error)
{
    struct stat about;
    bool standard = !strcmp(input->path, "-");
    input->descriptor = standard ? STDIN_FILENO : open(input->path, O_RDONLY | O_CLOEXEC);
    if (input->descriptor < 0 || fstat(input->descriptor, &about) < 0) return pid_error_errno(error, "cannot open it");
    if (S_ISDIR(about.st_mode)) return pid_error_set(error, PID_ERROR_SYSTEM, "is a directory");
    /* Standard input may be a file that is read from its middle: copied as well. */
    if (standard || !S_ISREG(about.st_mode)) return copy_to_temporary(input, error);
    input->size = (uint64_t)about.st_size;
    return PID_OK;
}

static void input_free(struct pid_input *input)
{
    if (input->descriptor > STDIN_FILENO) close(input->descriptor);
    free(input->path);
    free(input);
}

struct pid_input *pid_input_open(struct pid_inputs *inputs, const char *path, struct pid_error *error)
{
    for (struct pid_input *input = inputs->first; input; input = input->next)
        if (!strcmp(input->path, path)) {
            input->users++;
            return input;
        }
    struct pid_input *input = pid_array_new(1, sizeof *input, error);
    if (!input) return NULL;
    input->descriptor = -1;
    input->path = pid_string_copy(path, error);
    input->name = !strcmp(path, "-") ? "standard input" : input->path;
    if (!input->path || open_descriptor(input, error) != PID_OK) {
        if (input->path) pid_error_prefix(error, "%s", input->name);
        input_free(input);
        return NULL;
    }
    input->users = 1;
    input->next = inputs->first;
    inputs->first = input;
    return input;
}

void pid_input_close(struct pid_inputs *inputs, struct pid_input *input)
{
    if (!input || --input->users > 0 || input->copied) return;
    struct pid_input **link = &inputs->first;
    while (*link != input) link = &(*link)->next;
    *link = input->next;
    input_free(input);
}

void pid_inputs_release(struct pid_inputs *inputs)
{
    while (inputs->first) {
        struct pid_input *next = inputs->first->next;
        input_free(inputs->first);
        inputs->first = next;
    }
}

enum pid_status pid_input_read_descriptor(int descriptor, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                                          struct pid_error *error)
{
    size_t done = 0;
    while (done < wanted) {
        ssize_t count = pread(descriptor, (char *)buffer + done, wanted - done, (off_t)(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return pid_error_errno(error, "cannot read at byte %llu", (unsigned long long)(offset + done));
        if (count == 0) break;
        done += (size_t)count;
    }
    *got = done;
    return PID_OK;
}

enum pid_status pid_input_read(const struct pid_input *input, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                               struct pid_error *error)
{
    enum pid_status status = pid_input_read_descriptor(input->descriptor, offset, buffer, wanted, got, error);
    return status == PID_OK ? status : pid_error_prefix(error, "%s", input->name);
}
