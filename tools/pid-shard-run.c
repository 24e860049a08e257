/* pid-shard: one shard's command, and what it leaves. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "pid-shard.h"
#include "program/output.h"
#include "stream/reader.h"

/* Whether the bytes of `fd`, which is closed, are a whole stream and bear the shard's mark. */
static enum pid_status check_stream(const struct plan *plan, uint64_t shard, int fd, const char *name, enum pid_kind *kind, struct pid_error *error)
{
    struct pid_record record;
    struct pid_reader *reader = pid_reader_new(fd, name, plan->program->record_bytes_max, error);
    if (!reader) return error->status;
    struct pid_shard mark = pid_reader_header(reader)->shard, wanted = {plan->shards > 1 ? shard : 0, plan->shards > 1 ? plan->shards : 0};
    *kind = pid_reader_header(reader)->kind;
    pid_reader_leave_vectors(reader);
    enum pid_next next;
    while ((next = pid_reader_next(reader, &record, error)) == PID_NEXT_RECORD) continue;
    pid_reader_free(reader);
    if (next == PID_NEXT_ERROR) return error->status;
    if (mark.of == wanted.of && mark.index == wanted.index) return PID_OK;
    if (!mark.of)
        return pid_error_set(error, PID_ERROR_DATA, "%s: bears no mark of a shard: give the program that makes its rows --shard {shard}, or let pid-cat --shard {shard} set it", name);
    return pid_error_set(error, PID_ERROR_DATA, "%s: is marked as shard %" PRIu64 " of %" PRIu64, name, mark.index, mark.of);
}

enum part_state part_check(const struct plan *plan, uint64_t shard, enum pid_kind *kind, struct pid_error *error)
{
    char *path = plan_part(plan, shard);
    enum part_state state = PART_DAMAGED;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (!check_stream(plan, shard, fd, path, kind, error)) state = PART_WHOLE;
    } else if (errno == ENOENT) {
        state = PART_MISSING;
    } else {
        pid_error_errno(error, "%s", path);
    }
    free(path);
    return state;
}

/* Signals that end us are passed on to whom we wait for; those that our parent ignores are left alone. */
static void watched_signals(sigset_t *set)
{
    static const int deadly[] = {SIGTERM, SIGINT, SIGHUP};
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        struct sigaction action;
        if (sigaction(deadly[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) sigaddset(set, deadly[i]);
    }
}

/* Waits for the child with `watched` blocked; a deadly signal goes to `target` (a process, or minus a group) and, once the
 * child has ended, to ourselves. */
static int wait_child(pid_t child, pid_t target, const sigset_t *watched, const sigset_t *before)
{
    int status = 0, deadly = 0;
    while (waitpid(child, &status, WNOHANG) != child) {
        int number = sigwaitinfo(watched, NULL);
        if (number <= 0 || number == SIGCHLD) continue;
        deadly = number;
        kill(target, number);
    }
    sigprocmask(SIG_SETMASK, before, NULL);
    if (deadly) raise(deadly);
    return status;
}

static _Noreturn void exec_command(const struct plan *plan, uint64_t shard, int output, const sigset_t *before)
{
    char *folder = plan_folder(plan), *command = plan_command(plan, shard);
    int input = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGXFSZ, SIG_DFL); /* as it is for programs that know nothing of us */
    sigprocmask(SIG_SETMASK, before, NULL);
    if (input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 && chdir(folder) == 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    struct pid_error error;
    pid_error_errno(&error, "%s", folder); /* without control characters */
    fprintf(stderr, "%s: %s\n", plan->program->name, error.message);
    _exit(127);
}

static _Noreturn void fail_shard(const struct plan *plan, uint64_t shard, struct pid_error *error)
{
    pid_error_prefix(error, "shard %" PRIu64 " of %" PRIu64, shard, plan->shards);
    pid_program_fail(plan->program, error);
}

/* The command writes to the file that becomes the part, under no name or a temporary one, until it has been found good. */
static void run_one(const struct plan *plan, uint64_t shard)
{
    struct pid_error error;
    sigset_t watched, before;
    enum pid_kind kind;
    char *path = plan_part(plan, shard);
    struct pid_output *output = pid_output_open(plan->program, path, false);
    watched_signals(&watched);
    sigprocmask(SIG_BLOCK, &watched, &before);
    pid_t child = fork();
    if (child == 0) exec_command(plan, shard, pid_output_fd(output), &before);
    if (child < 0) {
        pid_error_errno(&error, "cannot start a process");
        fail_shard(plan, shard, &error);
    }
    setpgid(child, child); /* here and there: whoever comes first */
    int status = wait_child(child, -child, &watched, &before);
    if (status) {
        if (WIFSIGNALED(status)) pid_error_set(&error, PID_ERROR_SYSTEM, "the command was ended by signal %d", WTERMSIG(status));
        else pid_error_set(&error, PID_ERROR_DATA, "the command failed with exit status %d", WEXITSTATUS(status));
        fail_shard(plan, shard, &error);
    }
    int fd = fcntl(pid_output_fd(output), F_DUPFD_CLOEXEC, 3);
    if (fd < 0 || lseek(fd, 0, SEEK_SET)) {
        pid_error_errno(&error, "%s", path);
        fail_shard(plan, shard, &error);
    }
    if (check_stream(plan, shard, fd, "what the command wrote", &kind, &error)) fail_shard(plan, shard, &error);
    pid_output_finish(output);
    free(path);
}

bool part_run(const struct plan *plan, uint64_t shard)
{
    struct pid_error error;
    enum pid_kind kind;
    sigset_t watched, before;
    switch (part_check(plan, shard, &kind, &error)) {
    case PART_WHOLE:
        pid_program_note(plan->program, "shard %" PRIu64 " of %" PRIu64 " is there already", shard, plan->shards);
        return true;
    case PART_DAMAGED: pid_program_warn(plan->program, "shard %" PRIu64 " of %" PRIu64 " is made anew: %s", shard, plan->shards, error.message); break;
    case PART_MISSING: break;
    }
    signal(SIGCHLD, SIG_DFL);
    watched_signals(&watched);
    sigprocmask(SIG_BLOCK, &watched, &before);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        sigprocmask(SIG_SETMASK, &before, NULL);
        run_one(plan, shard);
        _exit(PID_EXIT_DONE);
    }
    if (child < 0) {
        pid_error_errno(&error, "cannot start a process");
        pid_program_fail(plan->program, &error);
    }
    int status = wait_child(child, child, &watched, &before);
    return WIFEXITED(status) && WEXITSTATUS(status) == PID_EXIT_DONE;
}
