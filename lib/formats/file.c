#include "formats/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read.h"

enum { COPY_BYTES = 1 << 17 };

int pid_file_temporary(struct pid_error *error)
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

enum pid_status pid_file_write(int descriptor, const void *bytes, size_t count, struct pid_error *error)
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
static enum pid_status copy_to_temporary(struct pid_file *file, struct pid_error *error)
{
    int copy = pid_file_temporary(error);
    if (copy < 0) return error->status;
    enum pid_status status = PID_OK;
    char *buffer = pid_array_new(COPY_BYTES, 1, error);
    if (!buffer) status = error->status;
    while (status == PID_OK) {
        ssize_t count = read(file->descriptor, buffer, COPY_BYTES);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) status = pid_error_errno(error, "cannot read it");
        if (count <= 0) break;
        status = pid_file_write(copy, buffer, (size_t)count, error);
        file->size += (uint64_t)count;
    }
    free(buffer);
    if (file->descriptor != STDIN_FILENO) close(file->descriptor);
    file->descriptor = copy;
    file->copied = true;
    return status;
}

static enum pid_status open_descriptor(struct pid_file *file, struct pid_error *error)
{
    struct stat about;
    bool standard = !strcmp(file->path, "-");
    file->descriptor = standard ? STDIN_FILENO : open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->descriptor < 0 || fstat(file->descriptor, &about) < 0) return pid_error_errno(error, "cannot open it");
    if (S_ISDIR(about.st_mode)) return pid_error_set(error, PID_ERROR_SYSTEM, "is a directory");
    /* Standard file may be a file that is read from its middle: copied as well. */
    if (standard || !S_ISREG(about.st_mode)) return copy_to_temporary(file, error);
    file->size = (uint64_t)about.st_size;
    return PID_OK;
}

static void input_free(struct pid_file *file)
{
    if (file->descriptor > STDIN_FILENO) close(file->descriptor);
    free(file->path);
    free(file);
}

struct pid_file *pid_file_open(struct pid_files *files, const char *path, struct pid_error *error)
{
    for (struct pid_file *file = files->first; file; file = file->next)
        if (!strcmp(file->path, path)) {
            file->users++;
            return file;
        }
    struct pid_file *file = pid_array_new(1, sizeof *file, error);
    if (!file) return NULL;
    file->descriptor = -1;
    file->path = pid_string_copy(path, error);
    file->name = !strcmp(path, "-") ? "standard input" : file->path;
    if (!file->path || open_descriptor(file, error) != PID_OK) {
        if (file->path) pid_error_prefix(error, "%s", file->name);
        input_free(file);
        return NULL;
    }
    file->users = 1;
    file->next = files->first;
    files->first = file;
    return file;
}

void pid_file_close(struct pid_files *files, struct pid_file *file)
{
    if (!file || --file->users > 0 || file->copied) return;
    struct pid_file **link = &files->first;
    while (*link != file) link = &(*link)->next;
    *link = file->next;
    input_free(file);
}

void pid_files_release(struct pid_files *files)
{
    while (files->first) {
        struct pid_file *next = files->first->next;
        input_free(files->first);
        files->first = next;
    }
}

enum pid_status pid_file_read_descriptor(int descriptor, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                                          struct pid_error *error)
{
    if (pid_read_at(descriptor, offset, buffer, wanted, got)) return PID_OK;
    return pid_error_errno(error, "cannot read at byte %llu", (unsigned long long)(offset + *got));
}

enum pid_status pid_file_read(const struct pid_file *file, uint64_t offset, void *buffer, size_t wanted, size_t *got,
                               struct pid_error *error)
{
    enum pid_status status = pid_file_read_descriptor(file->descriptor, offset, buffer, wanted, got, error);
    return status == PID_OK ? status : pid_error_prefix(error, "%s", file->name);
}
