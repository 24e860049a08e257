#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef FUZZ_IN_PROCESS

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sanitizer/allocator_interface.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#undef exit
#undef fopen
#undef fdopen
#undef fclose
#undef pthread_create

int main_pid_cat(int, char **), main_pid_joint(int, char **), main_pid_ipfp(int, char **), main_pid_report(int, char **), main_pid_kmeans(int, char **),
    main_pid_local(int, char **), main_pid_gauss(int, char **), main_pid_sample(int, char **), main_pid_synth(int, char **),
    main_pid_extract(int, char **), main_pid_shard(int, char **);
static const struct { const char *name; int (*main)(int, char **); } programs[] = {
    {"pid-cat", main_pid_cat}, {"pid-joint", main_pid_joint}, {"pid-ipfp", main_pid_ipfp}, {"pid-report", main_pid_report}, {"pid-kmeans", main_pid_kmeans},
    {"pid-local", main_pid_local}, {"pid-gauss", main_pid_gauss}, {"pid-sample", main_pid_sample}, {"pid-synth", main_pid_synth},
    {"pid-extract", main_pid_extract}, {"pid-shard", main_pid_shard}};

static jmp_buf end;
static pid_t own_process;
_Noreturn void fuzz_exit(int status)
{
    if (getpid() != own_process) _exit(status); /* a child, whose end is its own */
    longjmp(end, status + 1);
}

/* A thread would outlive a run that ends by exit(). */
int fuzz_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    (void)thread, (void)attributes, (void)start, (void)argument;
    return EAGAIN;
}

/* What is allocated and not freed: a hash table of addresses, emptied after each run. */
enum { SLOTS = 1 << 17 };
static const void *slots[SLOTS];
static size_t held;
static _Thread_local bool tracking;

static size_t slot_of(const void *address) { return (size_t)((uintptr_t)address * 0x9e3779b97f4a7c15u >> 47); }

static void on_malloc(const volatile void *address, size_t size)
{
    (void)size;
    if (!tracking || !address) return;
    if (++held > SLOTS / 2) abort();
    size_t at = slot_of((const void *)address);
    while (slots[at]) at = (at + 1) % SLOTS;
    slots[at] = (const void *)address;
}

static void on_free(const volatile void *address)
{
    if (!tracking || !address) return;
    size_t at = slot_of((const void *)address);
    while (slots[at] && slots[at] != address) at = (at + 1) % SLOTS;
    if (!slots[at]) return;
    held--;
    for (size_t next = (at + 1) % SLOTS; slots[next]; next = (next + 1) % SLOTS) { /* no hole in a chain */
        size_t home = slot_of(slots[next]);
        if ((next - home) % SLOTS < (next - at) % SLOTS) continue;
        slots[at] = slots[next];
        at = next;
    }
    slots[at] = NULL;
}

/* FILEs with a descriptor are in a list of the C library's: they are closed by it. */
enum { FILES = 64 };
static FILE *files[FILES];

static FILE *opened(FILE *file)
{
    for (size_t i = 0; file && i < FILES; i++)
        if (!files[i]) return files[i] = file;
    if (file) abort();
    return NULL;
}

FILE *fuzz_fopen(const char *path, const char *mode) { return opened(fopen(path, mode)); }
FILE *fuzz_fdopen(int fd, const char *mode) { return opened(fdopen(fd, mode)); }
int fuzz_fclose(FILE *file)
{
    for (size_t i = 0; i < FILES; i++)
        if (files[i] == file) files[i] = NULL;
    return fclose(file);
}

static void take_back(void)
{
    for (size_t i = 0; i < FILES; i++)
        if (files[i]) fuzz_fclose(files[i]);
    tracking = false;
    for (size_t i = 0; held && i < SLOTS; i++)
        if (slots[i]) {
            free((void *)slots[i]);
            slots[i] = NULL;
            held--;
        }
}

int fuzz_process(char **argv, int output, char message[FUZZ_MESSAGE_BYTES])
{
    static bool hooked;
    own_process = getpid();
    if (!hooked) {
        __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
        hooked = true;
    }
    int argc = 0, at = 0, first_free;
    while (argv[argc]) argc++;
    while (strcmp(programs[at].name, argv[0])) at++;
    first_free = fcntl(output, F_DUPFD, STDERR_FILENO + 1); /* what is opened from here on is the run's */
    if (first_free < 0 || close(first_free)) abort();
    dup2(output, STDOUT_FILENO);
    memset(message, 0, FUZZ_MESSAGE_BYTES);
    FILE *before = stderr, *messages = fmemopen(message, FUZZ_MESSAGE_BYTES - 1, "w");
    if (!messages || setvbuf(messages, NULL, _IONBF, 0)) abort(); /* a buffer would be taken back too early */
    stderr = messages;
    optind = 0;
    tracking = true;
    int ended = setjmp(end);
    if (!ended) fuzz_exit(programs[at].main(argc, argv));
    fflush(stdout);
    clearerr(stdout);
    take_back();
    stderr = before;
    fclose(messages);
    close_range((unsigned)first_free, ~0u, 0);
    return ended - 1;
}

#else

int fuzz_process(char **argv, int output, char message[FUZZ_MESSAGE_BYTES])
{
    int messages = memfd_create("messages", MFD_CLOEXEC), status;
    pid_t child = messages < 0 ? -1 : fork();
    if (child < 0) abort();
    if (!child) {
        if (dup2(output, STDOUT_FILENO) < 0 || dup2(messages, STDERR_FILENO) < 0) _exit(126);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child) abort();
    ssize_t length = pread(messages, message, FUZZ_MESSAGE_BYTES - 1, 0);
    message[length < 0 ? 0 : length] = '\0';
    close(messages);
    if (!WIFEXITED(status) || WEXITSTATUS(status) >= 126) {
        fprintf(stderr, "%s: ended with %x: %s\n", argv[0], (unsigned)status, message);
        abort();
    }
    return WEXITSTATUS(status);
}

#endif
