#include "program/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "program/internal.h"

struct pid_output {
    const struct pid_program *program;
    int fd;
    char *path;      /* where the file will appear; NULL: standard output or a device, written directly */
    char *temporary; /* its present name; NULL while it has none (O_TMPFILE) */
    char *name;      /* for messages */
    struct pid_output *next;
};

/* Outputs that are not finished, for the signal handler; changed only with the signals blocked. */
static struct pid_output *unfinished;
static const int deadly_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGXCPU};

static void block_signals(sigset_t *saved)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof deadly_signals / sizeof *deadly_signals; i++) sigaddset(&set, deadly_signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, saved);
}

static void unblock_signals(const sigset_t *saved)
{
    pthread_sigmask(SIG_SETMASK, saved, NULL);
}

void pid_outputs_discard(void)
{
    for (; unfinished; unfinished = unfinished->next)
        if (unfinished->temporary) unlink(unfinished->temporary);
}

static void on_signal(int number)
{
    pid_outputs_discard();
    signal(number, SIG_DFL);
    raise(number);
}

void pid_outputs_watch_signals(void)
{
    for (size_t i = 0; i < sizeof deadly_signals / sizeof *deadly_signals; i++) {
        struct sigaction action = {.sa_handler = on_signal}, old;
        /* A signal that the parent had ignored (nohup) stays ignored. */
        if (sigaction(deadly_signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(deadly_signals[i], &action, NULL);
    }
}

static _Noreturn void fail_errno(const struct pid_output *output)
{
    struct pid_error error;
    pid_error_errno(&error, "%s", output->name);
    pid_program_fail(output->program, &error);
}

/* A name beside `path` that no other process uses: .NAME.PID.tmp.  A file of that name is left over from a process
 * of the same number that was killed, and may go. */
static char *temporary_name(const struct pid_output *output, struct pid_error *error)
{
    const char *slash = strrchr(output->path, '/');
    int folder = slash ? (int)(slash + 1 - output->path) : 0;
    char host[HOST_NAME_MAX + 1] = "";
    gethostname(host, sizeof host - 1); /* shards of one run may be written from several machines */
    return pid_string_format(error, "%.*s.%s.%s.%ld.tmp", folder, output->path, output->path + folder, host, (long)getpid());
}

static mode_t file_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* The path without links; of a file that is not there yet, its folder's and its name. */
static char *resolved(const char *name, struct pid_error *error)
{
    char *path = realpath(name, NULL);
    if (path) return path;
    char *copy = pid_string_copy(name, error);
    if (!copy) return NULL;
    const char *slash = strrchr(name, '/');
    char *folder = realpath(dirname(copy), NULL);
    path = folder ? pid_string_format(error, "%s/%s", folder, slash ? slash + 1 : name) : pid_string_copy(name, error);
    free(folder);
    free(copy);
    return path;
}

static void open_file(struct pid_output *output)
{
    struct pid_error error;
    struct stat status;
    bool there = stat(output->name, &status) == 0;
    char *path = there ? realpath(output->name, NULL) : NULL;
    bool named = path != NULL;
    free(path);
    /* A device, a pipe or a file that has lost its name (/dev/stdout may be one) is written directly; a symbolic link is
     * followed, so that it goes on to point to the file. */
    if (there && (!S_ISREG(status.st_mode) || !named)) {
        if (S_ISDIR(status.st_mode)) {
            errno = EISDIR;
            fail_errno(output);
        }
        output->fd = open(output->name, O_WRONLY | O_TRUNC | O_CLOEXEC);
        if (output->fd < 0) fail_errno(output);
        return;
    }
    output->path = resolved(output->name, &error);
    pid_program_must(output->program, output->path, &error);
    for (const struct pid_output *other = unfinished; other; other = other->next)
        if (other != output && other->path && !strcmp(other->path, output->path))
            pid_program_usage(output->program, "'%s' and '%s' are one file: two outputs cannot go there", other->name, output->name);
    char *folder = pid_string_copy(output->path, &error);
    pid_program_must(output->program, folder, &error);
    output->fd = open(dirname(folder), O_TMPFILE | O_RDWR | O_CLOEXEC, file_mode());
    free(folder);
    if (output->fd >= 0) return;
    /* Some file systems (NFS, overlays) know no unnamed files. */
    char *temporary = temporary_name(output, &error);
    pid_program_must(output->program, temporary, &error);
    unlink(temporary);
    sigset_t saved;
    block_signals(&saved);
    output->fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (output->fd >= 0) output->temporary = temporary;
    unblock_signals(&saved);
    if (output->fd < 0) fail_errno(output);
}

struct pid_output *pid_output_open(const struct pid_program *program, const char *path, bool binary)
{
    struct pid_error error;
    struct pid_output *output = pid_array_new(1, sizeof *output, &error);
    pid_program_must(program, output, &error);
    output->program = program;
    output->name = pid_string_copy(path ? path : "standard output", &error);
    pid_program_must(program, output->name, &error);
    sigset_t saved;
    block_signals(&saved);
    output->next = unfinished;
    unfinished = output;
    unblock_signals(&saved);
    if (path) open_file(output);
    else output->fd = STDOUT_FILENO;
    if (binary && isatty(output->fd))
        pid_program_usage(program, "a stream is binary and not written to a terminal: use a pipe, -o FILE, or pid-cat -f json");
    return output;
}

int pid_output_fd(const struct pid_output *output) { return output->fd; }
const char *pid_output_name(const struct pid_output *output) { return output->name; }

/* All that may fail before the file appears: it is synced and closed; an unnamed one gets its temporary name. */
static void settle(struct pid_output *output)
{
    struct pid_error error;
    if (output->path && fsync(output->fd)) fail_errno(output);
    if (output->path && !output->temporary) {
        char descriptor[64], *temporary = temporary_name(output, &error);
        pid_program_must(output->program, temporary, &error);
        snprintf(descriptor, sizeof descriptor, "/proc/self/fd/%d", output->fd);
        unlink(temporary);
        if (linkat(AT_FDCWD, descriptor, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW)) fail_errno(output);
        output->temporary = temporary;
    }
    if (output->fd != STDOUT_FILENO && close(output->fd)) fail_errno(output);
}

/* Renames the file, in one step that never shows half of it. */
static void publish(struct pid_output *output)
{
    if (output->path && rename(output->temporary, output->path)) fail_errno(output);
    for (struct pid_output **at = &unfinished; *at; at = &(*at)->next)
        if (*at == output) {
            *at = output->next;
            break;
        }
    free(output->temporary);
    free(output->path);
    free(output->name);
    free(output);
}

static void finish_all(struct pid_output *const *outputs, size_t count)
{
    sigset_t saved;
    block_signals(&saved);
    for (size_t i = 0; i < count; i++) settle(outputs[i]);
    for (size_t i = 0; i < count; i++) publish(outputs[i]);
    unblock_signals(&saved);
}

void pid_output_finish(struct pid_output *output)
{
    finish_all(&output, 1);
}

static void open_stream(struct pid_stream_output *stream, const struct pid_program *program, const struct pid_header *header, const char *path)
{
    struct pid_error error;
    stream->program = program;
    stream->output = pid_output_open(program, path, true);
    stream->writer = pid_writer_new(stream->output->fd, stream->output->name, header, program->gzip, &error);
    pid_program_must(program, stream->writer, &error);
}

void pid_stream_output_open_path(struct pid_stream_output *stream, const struct pid_program *program, const struct pid_header *header,
                                 const char *path)
{
    struct pid_error error;
    struct pid_header with_stage;
    if (pid_header_copy(&with_stage, header, &error) || pid_header_add_stage(&with_stage, &program->stage, &error)) pid_program_fail(program, &error);
    open_stream(stream, program, &with_stage, path);
    pid_header_release(&with_stage);
}

void pid_stream_output_open_unchanged(struct pid_stream_output *stream, const struct pid_program *program, const struct pid_header *header)
{
    open_stream(stream, program, header, program->output);
}

void pid_stream_output_open(struct pid_stream_output *stream, const struct pid_program *program, const struct pid_header *header)
{
    pid_stream_output_open_path(stream, program, header, program->output);
}

void pid_stream_output_record(struct pid_stream_output *stream, const struct pid_record *record)
{
    struct pid_error error;
    if (pid_writer_record(stream->writer, record, &error)) pid_program_fail(stream->program, &error);
}

void pid_stream_outputs_finish(struct pid_stream_output *const *streams, size_t count)
{
    struct pid_error error;
    struct pid_output *outputs[PID_STREAM_OUTPUTS_MAX];
    for (size_t i = 0; i < count; i++) {
        if (pid_writer_finish(streams[i]->writer, &error)) pid_program_fail(streams[i]->program, &error);
        outputs[i] = streams[i]->output;
    }
    finish_all(outputs, count);
}

void pid_stream_output_finish(struct pid_stream_output *stream)
{
    pid_stream_outputs_finish(&stream, 1);
}

FILE *pid_text_output_open(const struct pid_program *program, struct pid_output **output)
{
    struct pid_error error;
    *output = pid_output_open(program, program->output, false);
    /* A descriptor of its own, so that closing the FILE leaves the output's open for the sync. */
    int fd = fcntl((*output)->fd, F_DUPFD_CLOEXEC, 3), mode = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    FILE *file = mode < 0 || (mode & O_ACCMODE) == O_RDONLY ? NULL : fdopen(fd, "w");
    if (!file) {
        if (mode >= 0 && (mode & O_ACCMODE) == O_RDONLY) errno = EBADF; /* what stands in for a closed one, or is only for reading */
        pid_error_errno(&error, "%s", (*output)->name);
        pid_program_fail(program, &error);
    }
    return file;
}

void pid_text_output_finish(const struct pid_program *program, FILE *file, struct pid_output *output)
{
    struct pid_error error;
    int failed = ferror(file);
    if (fclose(file) || failed) {
        pid_error_errno(&error, "%s", output->name);
        pid_program_fail(program, &error);
    }
    pid_output_finish(output);
}
