/* The side of the other process: opens, answers requests until there are none, and ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/apart_internal.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = true };
#elif defined(__has_feature)
enum { SANITIZED = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) };
#else
enum { SANITIZED = false };
#endif

bool pid_apart_send(int channel, const void *bytes, size_t size)
{
    for (const char *at = bytes; size > 0;) {
        ssize_t sent = send(channel, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool pid_apart_receive(int channel, void *bytes, size_t size)
{
    for (char *at = bytes; size > 0;) {
        ssize_t got = recv(channel, at, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

void pid_apart_progress(void)
{
    /* Its signal ends the process. */
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = PID_APART_SECONDS}, NULL);
}

/* The address space of the process as it began; 0 where that cannot be told. */
static uint64_t memory_at_first;

static uint64_t address_space(void)
{
    char text[64] = "";
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    return length > 0 ? strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

void pid_apart_memory(uint64_t bytes)
{
    struct rlimit limit;
    if (SANITIZED || !memory_at_first || getrlimit(RLIMIT_AS, &limit)) return;
    limit.rlim_cur = memory_at_first + bytes < limit.rlim_max ? memory_at_first + bytes : limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}

/* Nothing of the caller's is touched: not its files, not its messages, not what it removes when a signal comes. */
static void leave_the_caller_alone(int channel)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPIPE, SIGPROF};
    long most = sysconf(_SC_OPEN_MAX);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    for (int fd = 0; fd < (most > 0 && most < 1 << 16 ? most : 1 << 16); fd++)
        if (fd != channel) close(fd);
    /* 0, 1 and 2 stay taken, or a file of the library would be what is written to as standard error. */
    for (int fd = 0; fd < 3; fd++)
        if (fd != channel && open("/dev/null", O_RDWR) < 0) _exit(1);
}

static void send_reply(int channel, enum pid_status status, const struct pid_error *error, uint64_t bytes)
{
    struct pid_apart_reply reply = {.status = status, .bytes = bytes};
    if (status != PID_OK) memcpy(reply.message, error->message, sizeof reply.message);
    if (!pid_apart_send(channel, &reply, sizeof reply)) _exit(1);
}

static void send_all(int channel, const void *bytes, size_t size)
{
    if (!pid_apart_send(channel, bytes, size)) _exit(1);
}

static void send_names(int channel, const struct pid_names *names, enum pid_status status, const struct pid_error *error)
{
    send_reply(channel, status, error, names->count);
    for (size_t i = 0; status == PID_OK && i < names->count; i++) {
        uint64_t length = strlen(names->names[i]);
        send_all(channel, &length, sizeof length);
        send_all(channel, names->names[i], length);
    }
}

static void serve_rows(int channel, struct pid_array *array, const struct pid_apart_request *request)
{
    struct pid_error error;
    size_t values = (size_t)(request->count * array->width);
    float *rows = pid_array_new(values, sizeof *rows, &error);
    enum pid_status status = rows ? pid_array_rows(array, request->first, (size_t)request->count, rows, &error) : error.status;
    send_reply(channel, status, &error, values * sizeof *rows);
    if (status == PID_OK) send_all(channel, rows, values * sizeof *rows);
    free(rows);
}

/* The levels' texts, then the codes. */
static void serve_codes(int channel, struct pid_array *array, const struct pid_apart_request *request)
{
    struct pid_error error;
    struct pid_levels levels = {0};
    struct pid_names names = {0};
    size_t count = (size_t)request->count;
    uint32_t *codes = pid_array_new(count, sizeof *codes, &error);
    enum pid_status status = codes ? pid_array_codes(array, request->first, count, &levels, codes, &error) : error.status;
    for (uint32_t level = 0; level < levels.count && status == PID_OK; level++) {
        const char *text = pid_levels_text(&levels, level);
        status = pid_names_add(&names, text, strlen(text), &error);
    }
    send_names(channel, &names, status, &error);
    if (status == PID_OK) send_all(channel, codes, count * sizeof *codes);
    pid_names_release(&names);
    pid_levels_release(&levels);
    free(codes);
}

static void serve_integers(int channel, struct pid_array *array)
{
    struct pid_error error;
    int64_t *values = pid_array_new(array->rows, sizeof *values, &error);
    enum pid_status status = values ? array->methods->integers(array, values, &error) : error.status;
    send_reply(channel, status, &error, array->rows * sizeof *values);
    if (status == PID_OK) send_all(channel, values, array->rows * sizeof *values);
    free(values);
}

static void serve_array(int channel, const struct pid_apart *apart)
{
    struct pid_error error;
    struct pid_array *array = apart->open(apart->context, &error);
    send_reply(channel, array ? PID_OK : error.status, &error, sizeof *array);
    if (!array) return;
    send_all(channel, array, sizeof *array);
    for (struct pid_apart_request request; pid_apart_receive(channel, &request, sizeof request);) {
        pid_apart_progress();
        switch (request.what) {
        case PID_APART_ROWS: serve_rows(channel, array, &request); break;
        case PID_APART_CODES: serve_codes(channel, array, &request); break;
        case PID_APART_INTEGERS: serve_integers(channel, array); break;
        }
    }
}

void pid_apart_serve(int channel, const struct pid_apart *apart, bool names_only)
{
    leave_the_caller_alone(channel);
    memory_at_first = address_space();
    pid_apart_progress();
    if (names_only) {
        struct pid_error error;
        struct pid_names names = {0};
        enum pid_status status = apart->names(apart->context, &names, &error);
        send_names(channel, &names, status, &error);
    } else {
        serve_array(channel, apart);
    }
    _exit(0);
}
