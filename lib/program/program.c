#include "program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "program/internal.h"

/* A program started with a closed descriptor must not have an input or output file take its place.  The stand-in is
 * opened the wrong way round, so that using it is an error. */
static void open_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) _exit(PID_EXIT_FAILURE);
}

/* A reader that went away ends the program quietly, even where the parent ignored the signal.  A file that may not grow any more
 * (ulimit -f) is an error of the write, as a full disk is. */
static void set_signals(void)
{
    sigset_t set;
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void pid_program_start(struct pid_program *program, int argc, char **argv)
{
    struct pid_error error;
    open_standard_descriptors();
    set_signals();
    setlocale(LC_NUMERIC, "C");
    pid_outputs_watch_signals();
    program->state = pid_array_new(1, sizeof *program->state, &error);
    pid_program_must(program, program->state, &error);
    program->state->argc = argc;
    program->state->argv = argv;
    program->seed = program->default_seed;
    program->stage.program = pid_string_copy(program->name, &error);
    pid_program_must(program, program->stage.program, &error);
    program->stage.version = pid_string_copy(PACKAGE_VERSION, &error);
    pid_program_must(program, program->stage.version, &error);
}

static void erase_progress(const struct pid_program *program)
{
    if (!program->state || !program->state->progress_shown) return;
    program->state->progress_shown = false;
    fputs("\r\033[K", stderr);
}

PID_PRINTF(2, 0)
static void say(const struct pid_program *program, const char *format, va_list arguments)
{
    char text[PID_ERROR_MESSAGE_BYTES];
    vsnprintf(text, sizeof text, format, arguments);
    /* Names from data must not drive the terminal. */
    pid_utf8_clean(text);
    erase_progress(program);
    fprintf(stderr, "%s: %s\n", program->name, text);
}

void pid_program_warn(const struct pid_program *program, const char *format, ...)
{
    if (program->quiet) return;
    va_list arguments;
    va_start(arguments, format);
    say(program, format, arguments);
    va_end(arguments);
}

void pid_program_note(const struct pid_program *program, const char *format, ...)
{
    if (!program->verbosity) return;
    va_list arguments;
    va_start(arguments, format);
    say(program, format, arguments);
    va_end(arguments);
}

void pid_program_progress(const struct pid_program *program, const char *format, ...)
{
    enum { PER_SECOND = 5 };
    struct pid_program_state *state = program->state;
    if (!program->force_progress && (program->quiet || !isatty(STDERR_FILENO))) return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    if (seconds - state->progress_time < 1.0 / PER_SECOND) return;
    state->progress_time = seconds;
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pid_utf8_clean(text);
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r\033[K%s: %s", program->name, text);
        state->progress_shown = true;
    } else {
        fprintf(stderr, "%s: %s\n", program->name, text);
    }
    fflush(stderr);
}

void pid_program_fail(const struct pid_program *program, const struct pid_error *error)
{
    erase_progress(program);
    fprintf(stderr, "%s: %s\n", program->name, error->message);
    pid_outputs_discard();
    exit(PID_EXIT_FAILURE);
}

void pid_program_usage(const struct pid_program *program, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(program, format, arguments);
    va_end(arguments);
    fprintf(stderr, "Try '%s --help'.\n", program->name);
    pid_outputs_discard();
    exit(PID_EXIT_USAGE);
}

int pid_program_end(const struct pid_program *program)
{
    struct pid_error error;
    erase_progress(program);
    /* stdio first, then the descriptor itself: some file systems report a full disk only at close.  With --output nothing
     * was written there, and the file has its name already. */
    if (!program->output && (fflush(stdout) || ferror(stdout) || close(STDOUT_FILENO))) {
        pid_error_errno(&error, "standard output");
        pid_program_fail(program, &error);
    }
    pid_outputs_discard();
    for (size_t i = 0; i < program->stage.argument_count; i++) free(program->stage.arguments[i]);
    free(program->stage.arguments);
    free(program->stage.program);
    free(program->stage.version);
    free(program->state->letters);
    free(program->state->long_options);
    free(program->state);
    return PID_EXIT_DONE;
}

void pid_program_must(const struct pid_program *program, const void *pointer, const struct pid_error *error)
{
    if (!pointer) pid_program_fail(program, error);
}
