/* Preloaded into a program under test, makes one of its calls go wrong:
 *
 *     PID_FAULT=write:3:ENOSPC PID_FAULT_LOG=log LD_PRELOAD=faults.so pid-joint labels.mp
 *
 * The third call of write() fails.  In place of an error's name, `short` makes a read or write do a single byte, `change` makes a
 * read give another byte than is there, and `count` lets every call pass.  When the fault has struck, a line is appended to the log, so that a driver can raise
 * the number until a run passes untouched; with `count` the log gets the number of calls at exit.
 *
 * Only calls made by the program and the libraries that work for it are counted: not those of the C library and the
 * loader themselves, nor those of the BLAS, which ends the process where it gets no memory and is not ours to mend. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static char target[32];
static long nth;
static int fault_errno;
static bool is_short, is_change, is_count;
static const char *log_path;
static bool active; /* after this library's constructor: what happens before main is the loader's */
static long calls;

static const struct {
    const char *name;
    int value;
} errors[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EINTR", EINTR}, {"ENOMEM", ENOMEM}, {"EACCES", EACCES}, {"EMFILE", EMFILE}, {"EAGAIN", EAGAIN}, {"EPERM", EPERM}};

static void note(const char *text)
{
    if (!log_path) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return;
    if (syscall(SYS_write, fd, text, strlen(text)) < 0) abort();
    syscall(SYS_close, fd);
}

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("PID_FAULT"), *colon;
    log_path = getenv("PID_FAULT_LOG");
    if (!text || !(colon = strchr(text, ':')) || (size_t)(colon - text) >= sizeof target) return;
    memcpy(target, text, (size_t)(colon - text));
    char *end;
    nth = strtol(colon + 1, &end, 10);
    const char *how = *end == ':' ? end + 1 : "";
    is_short = !strcmp(how, "short");
    is_change = !strcmp(how, "change");
    is_count = !strcmp(how, "count");
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (!strcmp(how, errors[i].name)) fault_errno = errors[i].value;
    if (!is_short && !is_change && !is_count && !fault_errno) abort();
    active = true;
}

__attribute__((destructor)) static void finish(void)
{
    if (!active || !is_count) return;
    char line[32];
    active = false;
    snprintf(line, sizeof line, "%ld\n", calls);
    note(line);
}

static bool counted_caller(const void *address)
{
    static const char *const others[] = {"/libc.so", "/ld-linux", "/libopenblas", "/libgfortran", "/libgomp", "/libgcc_s", "/faults.so"};
    Dl_info info;
    if (!dladdr(address, &info) || !info.dli_fname) return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strstr(info.dli_fname, others[i])) return false;
    return true;
}

/* Whether this call is the one that goes wrong; then errno is set. */
static bool strikes(const char *name, const void *caller)
{
    if (!active || strcmp(name, target) || !counted_caller(caller)) return false;
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) != nth || is_count) return false;
    char line[64];
    snprintf(line, sizeof line, "%s %ld\n", name, nth);
    note(line);
    errno = fault_errno;
    return true;
}
#define STRIKES(name) strikes(name, __builtin_return_address(0))

void *malloc(size_t size) { return STRIKES("malloc") ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return STRIKES("calloc") ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return STRIKES("realloc") ? NULL : __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { return STRIKES("aligned_alloc") ? NULL : __libc_memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size)
{
    if (STRIKES("aligned_alloc")) return ENOMEM;
    return (*result = __libc_memalign(alignment, size)) ? 0 : ENOMEM;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (STRIKES("mmap")) return MAP_FAILED;
    return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset); /* NOLINT */
}
void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset) __attribute__((alias("mmap")));

/* A read that went wrong in the way asked for; `got` with all that was wanted. */
static ssize_t spoilt(void *buffer, ssize_t got)
{
    if (is_change && got > 0) ((char *)buffer)[got - 1] ^= 1;
    return got;
}

ssize_t read(int fd, void *buffer, size_t size)
{
    if (!STRIKES("read")) return syscall(SYS_read, fd, buffer, size);
    if (!is_short && !is_change) return -1;
    return spoilt(buffer, syscall(SYS_read, fd, buffer, is_short && size ? 1 : size));
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
    if (!STRIKES("read")) return syscall(SYS_pread64, fd, buffer, size, offset);
    if (!is_short && !is_change) return -1;
    return spoilt(buffer, syscall(SYS_pread64, fd, buffer, is_short && size ? 1 : size, offset));
}
ssize_t pread64(int fd, void *buffer, size_t size, off_t offset) __attribute__((alias("pread")));

ssize_t write(int fd, const void *buffer, size_t size)
{
    if (STRIKES("write")) {
        if (!is_short) return -1;
        size = size ? 1 : 0;
    }
    return syscall(SYS_write, fd, buffer, size);
}

static int open_at(int folder, const char *path, int flags, va_list arguments)
{
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    if (STRIKES("open")) return -1;
    va_list arguments;
    va_start(arguments, flags);
    int fd = open_at(AT_FDCWD, path, flags, arguments);
    va_end(arguments);
    return fd;
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

/* What open() becomes under _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) { return STRIKES("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));

int openat(int folder, const char *path, int flags, ...)
{
    if (STRIKES("open")) return -1;
    va_list arguments;
    va_start(arguments, flags);
    int fd = open_at(folder, path, flags, arguments);
    va_end(arguments);
    return fd;
}
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));

int fsync(int fd) { return STRIKES("fsync") ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return STRIKES("fsync") ? -1 : (int)syscall(SYS_fdatasync, fd); }
int rename(const char *from, const char *to) { return STRIKES("rename") ? -1 : (int)syscall(SYS_rename, from, to); }
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    return STRIKES("rename") ? -1 : (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}
int ftruncate(int fd, off_t length) { return STRIKES("ftruncate") ? -1 : (int)syscall(SYS_ftruncate, fd, length); }

/* As the kernel does it: the descriptor is gone also where close reports an error. */
int close(int fd)
{
    bool struck = STRIKES("close");
    int saved = errno, result = (int)syscall(SYS_close, fd);
    if (!struck) return result;
    errno = saved;
    return -1;
}

/* Those of the C library that have no system call of their own. */
#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

FILE *fopen(const char *path, const char *mode)
{
    if (STRIKES("open")) return NULL;
    return NEXT(FILE *(*)(const char *, const char *), "fopen")(path, mode);
}
FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

FILE *fdopen(int fd, const char *mode)
{
    if (STRIKES("open")) return NULL;
    return NEXT(FILE *(*)(int, const char *), "fdopen")(fd, mode);
}

int mkstemp(char *pattern)
{
    if (STRIKES("open")) return -1;
    return NEXT(int (*)(char *), "mkstemp")(pattern);
}

int fflush(FILE *file)
{
    if (STRIKES("fflush")) return EOF;
    return NEXT(int (*)(FILE *), "fflush")(file);
}

int fclose(FILE *file)
{
    bool struck = STRIKES("close");
    int saved = errno, result = NEXT(int (*)(FILE *), "fclose")(file);
    if (!struck) return result;
    errno = saved;
    return EOF;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    if (STRIKES("pthread_create")) return fault_errno;
    return NEXT(int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *), "pthread_create")(thread, attributes, run, argument);
}

char *strdup(const char *text)
{
    if (STRIKES("malloc")) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = __libc_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}
